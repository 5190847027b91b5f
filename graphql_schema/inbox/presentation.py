"""How messages are written for their reader."""

from uuid import UUID

from strawberry.dataloader import DataLoader

from backend.booking.values import AppointmentId
from backend.inbox.service import InboxUpdate as InboxUpdateValue
from graphql_schema.booking.presentation import SlotWriter
from graphql_schema.context import Context
from graphql_schema.inbox.types import InboxUpdate, Notification, NotificationKind, NotificationSeverity
from graphql_schema.node import Node, encode_id
from identity.access import Action, require_signed_in
from notifications.inbox import InboxItem


class NotificationWriter:
    """Writes the messages of one answer; what they are about is read in one call, and only if asked for."""

    def __init__(self, context: Context) -> None:
        """Write for the signed-in person, in their language."""
        self._context = context
        self._subjects: DataLoader[UUID, Node | None] = DataLoader(load_fn=self._load_subjects)

    def notification(self, item: InboxItem) -> Notification:
        """Write a message with the version of the text it was made with."""
        text = item.written_in(self._context.language)
        return Notification(
            id=encode_id("Notification", item.id),
            kind=NotificationKind(item.kind.value),
            severity=NotificationSeverity(item.severity.value),
            title=text.title,
            body=text.body,
            created_at=item.created_at,
            seen_at=item.seen_at,
            subject_id=item.subject_id,
            subjects=self._subjects,
        )

    def inbox_update(self, update: InboxUpdateValue) -> InboxUpdate:
        """Write the state of an inbox."""
        latest = self.notification(update.latest) if update.latest else None
        return InboxUpdate(unread_count=update.unread_count, latest=latest)

    async def _load_subjects(self, ids: list[UUID]) -> list[Node | None]:
        """Return the things in the order of `ids`; every kind of message so far is about an appointment."""
        actor = require_signed_in(self._context.principal, Action.READ_APPOINTMENTS)
        wanted = [AppointmentId(uuid) for uuid in ids]
        found = await self._context.services.appointments.by_ids(actor, person_id=actor.person_id, ids=wanted)
        writer = SlotWriter(self._context.language)
        return [writer.appointment(found[uuid]) if uuid in found else None for uuid in wanted]
