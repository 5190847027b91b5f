"""Reading preferences."""

import strawberry

from graphql_schema.context import Info
from graphql_schema.fields import field
from graphql_schema.preferences.presentation import to_preferences
from graphql_schema.preferences.types import NotificationPreferences
from identity.principal import PersonId


@strawberry.type(description="What the person wants to be told.")
class PreferencesOfViewer:
    """Joined into the viewer."""

    person_id: strawberry.Private[PersonId]

    @field(description="What the person wants to be told, over which channel and when not.")
    async def notification_preferences(self, info: Info) -> NotificationPreferences | None:
        """Return the preferences."""
        context = info.context
        found = await context.services.preferences.get(context.principal, self.person_id)
        return to_preferences(found, context.language)
