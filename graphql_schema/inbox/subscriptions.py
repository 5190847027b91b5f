"""Following the inbox."""

from collections.abc import AsyncGenerator
from contextlib import aclosing

import strawberry

from graphql_schema.context import Info
from graphql_schema.fields import subscription
from graphql_schema.inbox.presentation import NotificationWriter
from graphql_schema.inbox.types import InboxUpdate
from identity.access import Action, require_signed_in


@strawberry.type(description="What can be followed of the inbox.")
class InboxSubscriptions:
    """Joined into the root of subscriptions."""

    @subscription(
        description="The state of the own inbox, at once and after each change; it ends when the access token does."
    )
    async def inbox_changed(self, info: Info) -> AsyncGenerator[InboxUpdate | None, None]:
        """Follow the own inbox."""
        actor = require_signed_in(info.context.principal, Action.READ_INBOX)
        async with aclosing(info.context.services.inbox.watch(actor, actor.person_id)) as updates:
            async for update in updates:
                yield NotificationWriter(info.context, actor.person_id).inbox_update(update)
