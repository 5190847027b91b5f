"""Changing the inbox."""

from types import MappingProxyType
from typing import Annotated

import strawberry

from graphql_schema.context import Context, Info
from graphql_schema.errors import REFUSALS, user_errors
from graphql_schema.fields import mutation
from graphql_schema.inbox.inputs import MarkNotificationsSeenInput
from graphql_schema.inbox.presentation import NotificationWriter
from graphql_schema.inbox.types import MarkNotificationsSeenPayload
from graphql_schema.node import decode_id
from graphql_schema.people import person_of
from identity.access import signed_in

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
