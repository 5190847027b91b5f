"""Reading one's own requests to be called back."""

import strawberry

from graphql_schema.call_backs.presentation import to_call_back
from graphql_schema.call_backs.types import CallBack
from graphql_schema.context import Info
from graphql_schema.fields import field
from identity.principal import PersonId


@strawberry.type(description="When the person is to be called back.")
class CallBacksOfViewer:
    """Joined into the viewer."""

    person_id: strawberry.Private[PersonId]

    @field(
        description="The person's open requests to be called back, their own and those of clinics that "
        "cancelled, and those of the last week; the last one first."
    )
    async def call_backs(self, info: Info) -> list[CallBack] | None:
        """Return the own requests."""
        context = info.context
        found = await context.services.call_backs.shown(context.principal, person_id=self.person_id)
        return [to_call_back(one, context.clock()) for one in found]
