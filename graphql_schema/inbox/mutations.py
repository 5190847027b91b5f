"""Changing the inbox."""

from types import MappingProxyType
from typing import Annotated
from uuid import UUID

import strawberry

from backend.errors import NotFound
from graphql_schema.context import Context, Info
from graphql_schema.errors import REFUSALS, user_errors
from graphql_schema.fields import mutation
from graphql_schema.inbox.inputs import AcknowledgementInput, AcknowledgeNotificationsInput, MarkNotificationsSeenInput
from graphql_schema.inbox.presentation import NotificationWriter
from graphql_schema.inbox.types import AcknowledgeNotificationsPayload, MarkNotificationsSeenPayload
from graphql_schema.node import decode_id
from graphql_schema.people import person_of
from identity.access import signed_in
from notifications.delivery_tables import ReceiptKind

_FIELDS = MappingProxyType({"NOT_FOUND": "ids", "TOO_MANY_NOTIFICATIONS": "ids"})


@strawberry.type(description="Changes of the inbox.")
class InboxMutations:
    """Joined into the root of changes."""

    @mutation(description="Note that the person has seen messages: all of them, or none if one is unknown.")
    async def mark_notifications_seen(
        self,
        info: Info,
        input: Annotated[  # noqa: A002 # the one argument's public name
            MarkNotificationsSeenInput, strawberry.argument(description="Which messages.")
        ],
    ) -> MarkNotificationsSeenPayload | None:
        """Mark messages and return them as they are now."""
        try:
            return await _mark_seen(info.context, input)
        except REFUSALS as refusal:
            return MarkNotificationsSeenPayload(errors=user_errors(info.context, refusal, _FIELDS))

    @mutation(
        description="Tell what has become of messages on this phone, in the background too. Whatever is known of it is "
        "kept; ids of others are unknown just as those that never were."
    )
    async def acknowledge_notifications(
        self,
        info: Info,
        input: Annotated[  # noqa: A002 # the one argument's public name
            AcknowledgeNotificationsInput, strawberry.argument(description="What has become of which.")
        ],
    ) -> AcknowledgeNotificationsPayload | None:
        """Keep what a phone tells."""
        try:
            return await _acknowledge(info.context, input)
        except REFUSALS as refusal:
            return AcknowledgeNotificationsPayload(
                errors=user_errors(info.context, refusal, {"TOO_MANY_NOTIFICATIONS": "items"})
            )


async def _acknowledge(context: Context, given: AcknowledgeNotificationsInput) -> AcknowledgeNotificationsPayload:
    uuids = {item.notification_id: _uuid_of(item) for item in given.items}
    told = [
        (uuid, ReceiptKind(str(item.kind.value)))
        for item in given.items
        if (uuid := uuids[item.notification_id]) is not None
    ]
    outcome = await context.services.acknowledgements.acknowledge(
        context.principal, told, idempotency_key=given.idempotency_key
    )
    context.mark_replay(replayed=outcome.replayed)
    unknown = {None, *outcome.value.unknown}
    return AcknowledgeNotificationsPayload(
        unread_count=outcome.value.unread_count,
        unknown_ids=[global_id for global_id, uuid in uuids.items() if uuid in unknown],
    )


def _uuid_of(item: AcknowledgementInput) -> UUID | None:
    """Read an id; a malformed one is unknown (S36)."""
    try:
        return decode_id(item.notification_id, "Notification")
    except NotFound:
        return None


async def _mark_seen(context: Context, given: MarkNotificationsSeenInput) -> MarkNotificationsSeenPayload:
    actor = signed_in(context.principal)
    person_id = person_of(actor, given.person_id)
    ids = list(dict.fromkeys(decode_id(global_id, "Notification") for global_id in given.ids))
    inbox = context.services.inbox
    outcome = await inbox.mark_seen(actor, person_id, ids, idempotency_key=given.idempotency_key)
    context.mark_replay(replayed=outcome.replayed)
    items = await inbox.find_marked(actor, person_id, ids)
    writer = NotificationWriter(context, person_id)
    notifications = [writer.notification(items[uuid]) for uuid in ids if uuid in items]
    return MarkNotificationsSeenPayload(notifications=notifications, unread_count=outcome.value)
