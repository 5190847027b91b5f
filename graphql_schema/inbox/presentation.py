"""How messages are written for their reader."""

from functools import partial
from uuid import UUID

from strawberry.dataloader import DataLoader

from backend.booking.values import AppointmentId
from backend.inbox.service import InboxUpdate as InboxUpdateValue
from graphql_schema.booking.appointment_presentation import AppointmentWriter
from graphql_schema.context import Context
from graphql_schema.enums import by_value
from graphql_schema.inbox.types import InboxUpdate, Notification, NotificationKind, NotificationSeverity
from graphql_schema.node import Node, encode_id
from identity.principal import PersonId
from notifications.inbox import InboxItem

_KINDS, _SEVERITIES = by_value(NotificationKind), by_value(NotificationSeverity)


class NotificationWriter:
    """Writes the messages of one answer; what they are about is read in one call, and only if asked for."""

    def __init__(self, context: Context, person_id: PersonId) -> None:
        """Write the messages of `person_id`, in the language of whoever reads."""
        self._context = context
        self._subjects: DataLoader[UUID, Node | None] = DataLoader(load_fn=partial(_load_subjects, context, person_id))

    def notification(self, item: InboxItem) -> Notification:
        """Write a message with the version of the text it was made with."""
        text = item.written_in(self._context.language)
        return Notification(
            id=encode_id("Notification", item.id),
            kind=_KINDS[item.kind],
            severity=_SEVERITIES[item.severity],
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


async def _load_subjects(context: Context, person_id: PersonId, ids: list[UUID]) -> list[Node | None]:
    """Return the things in the order of `ids`; every kind of message so far is about an appointment."""
    wanted = [AppointmentId(uuid) for uuid in ids]
    found = await context.services.appointments.by_ids(context.principal, person_id=person_id, ids=wanted)
    writer = AppointmentWriter(context)
    return [writer.appointment(found[uuid]) if uuid in found else None for uuid in wanted]
