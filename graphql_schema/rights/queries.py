"""Reading how copies and erasure stand."""

import strawberry

from graphql_schema.context import Info
from graphql_schema.fields import field
from graphql_schema.rights.presentation import to_erasure, to_export, to_item
from graphql_schema.rights.types import DataExport, Erasure, ErasureItem
from identity.principal import PersonId


@strawberry.type(description="What a person may ask about their own data.")
class RightsOfViewer:
    """Joined into the viewer."""

    person_id: strawberry.Private[PersonId]

    @field(description="The copies of the person's data that the signed-in one asked for, latest first; 20 at most.")
    async def exports(self, info: Info) -> list[DataExport] | None:
        """Return the copies."""
        context = info.context
        found = await context.services.exports.list_exports(context.principal, self.person_id)
        return [to_export(export) for export in found]

    @field(description="The latest request for erasure; null when there was none.")
    async def erasure(self, info: Info) -> Erasure | None:
        """Return the request."""
        context = info.context
        found = await context.services.erasures.newest(context.principal, self.person_id)
        return None if found is None else to_erasure(context, found)

    @field(description="What an erasure would take and leave now, and under which law; nothing is changed by looking.")
    async def erasure_plan(self, info: Info) -> list[ErasureItem] | None:
        """Return the plan."""
        context = info.context
        items = await context.services.erasures.plan(context.principal, self.person_id)
        return [to_item(item, context.language) for item in items]
