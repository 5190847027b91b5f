"""Following the inbox."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Annotated

import strawberry

from graphql_schema.context import Info
from graphql_schema.fields import subscription
from graphql_schema.inbox.presentation import NotificationWriter
from graphql_schema.inbox.types import InboxUpdate
from graphql_schema.people import person_of
from identity.access import signed_in


@strawberry.type(description="What can be followed of the inbox.")
class InboxSubscriptions:
    """Joined into the root of subscriptions."""

    @subscription(
        description="The state of an inbox, at once and after each change. It ends when the access token does, and "
        "with ACCESS_REFUSED at the next change once the right to read it is gone."
    )
    async def inbox_changed(
        self,
        info: Info,
        person_id: Annotated[
            strawberry.ID | None,
            strawberry.argument(description="Whose: a child's or a ward's; the own one when left out."),
        ] = None,
    ) -> AsyncGenerator[InboxUpdate | None, None]:
        """Follow an inbox."""
        actor = signed_in(info.context.principal)
        person = person_of(actor, person_id)
        async with aclosing(info.context.services.inbox.watch(actor, person)) as updates:
            async for update in updates:
                yield NotificationWriter(info.context, person).inbox_update(update)
