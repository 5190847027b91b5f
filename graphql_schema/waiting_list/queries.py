"""Reading where one waits."""

import strawberry

from graphql_schema.context import Info
from graphql_schema.fields import field
from graphql_schema.waiting_list.presentation import to_entry
from graphql_schema.waiting_list.types import WaitingListEntry
from identity.principal import PersonId


@strawberry.type(description="Where the person waits for a slot.")
class WaitingListOfViewer:
    """Joined into the viewer."""

    person_id: strawberry.Private[PersonId]

    @field(description="Where the person waits, and what ended in the last seven days; the last joined first.")
    async def waiting_list(self, info: Info) -> list[WaitingListEntry] | None:
        """Return the own entries."""
        context = info.context
        found = await context.services.waiting_list.entries(context.principal, person_id=self.person_id)
        return [to_entry(one, context) for one in found]
