"""Reading feeds of calendars."""

import strawberry

from backend.calendars import values
from graphql_schema.calendars.types import CalendarDetail, CalendarFeed
from graphql_schema.context import Info
from graphql_schema.fields import field
from identity.principal import PersonId


@strawberry.type(description="The calendar that follows the person's appointments.")
class CalendarOfViewer:
    """Joined into the viewer."""

    person_id: strawberry.Private[PersonId]

    @field(
        description="The feed of the person's appointments that the signed-in one has, without its address; null for "
        "none."
    )
    async def calendar_feed(self, info: Info) -> CalendarFeed | None:
        """Return the feed."""
        found = await info.context.services.calendar_feeds.get(info.context.principal, self.person_id)
        return None if found is None else to_feed(found)


def to_feed(feed: values.Feed) -> CalendarFeed:
    """Write a feed."""
    return CalendarFeed(
        detail=CalendarDetail(feed.detail.value), created_at=feed.created_at, last_read_at=feed.last_read_at
    )
