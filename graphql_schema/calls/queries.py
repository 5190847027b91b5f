"""Reading the operator's call."""

import strawberry

from graphql_schema.calls.types import Call, to_call
from graphql_schema.context import Info
from graphql_schema.fields import field


@strawberry.type(description="Reading about calls of 122.")
class CallQueries:
    """Joined into the root of reading."""

    @field(description="The open call of the signed-in operator's session; null when there is none.")
    async def current_call(self, info: Info) -> Call | None:
        """Return the open call."""
        call = await info.context.services.calls.current(info.context.principal)
        return to_call(call) if call else None
