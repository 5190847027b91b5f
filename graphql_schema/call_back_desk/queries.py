"""Reading the operators' list."""

from typing import Annotated

import strawberry

from backend.call_backs.values import Position
from graphql_schema.call_back_desk.presentation import to_listed, to_taken
from graphql_schema.call_back_desk.types import ListedCallBack, TakenCallBack
from graphql_schema.connections import Connection, connect, decode_place, encode_place, page_size
from graphql_schema.context import Info
from graphql_schema.fields import field


@strawberry.type(description="The list of people whom 122 is to call back.")
class CallBackDeskQueries:
    """Joined into the root of reading."""

    @field(
        description="Who is to be called back, for operators of 122: whoever has been due longest first, then the "
        "oldest. It says of nobody who they are; `takeCallBack` does, of the next one."
    )
    async def call_back_list(
        self,
        info: Info,
        first: Annotated[int | None, strawberry.argument(description="How many: 20 by default, 100 at most.")] = None,
        after: Annotated[str | None, strawberry.argument(description="`endCursor` of the page before.")] = None,
    ) -> Connection[ListedCallBack] | None:
        """Return a page of the list."""
        context = info.context
        page = await context.services.call_back_desk.page(
            context.principal,
            limit=page_size(first),
            after=Position(*decode_place(after)) if after is not None else None,
        )
        now = context.clock()
        return connect(
            [to_listed(one, now) for one in page.items],
            write_cursor=lambda place: encode_place(page.items[place].due_at, page.items[place].id),
            has_next=page.has_next,
        )

    @field(description="What the operator's session has taken and not settled; null where nothing is kept for it.")
    async def taken_call_back(self, info: Info) -> TakenCallBack | None:
        """Return what is taken."""
        taken = await info.context.services.call_back_desk.taken(info.context.principal)
        return to_taken(taken) if taken else None
