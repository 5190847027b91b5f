"""What clients send about feeds of calendars."""

from uuid import UUID

import strawberry

from graphql_schema.calendars.types import CalendarDetail

_PERSON = "Whose appointments: the global id of a person; the signed-in one's when left out."
_KEY = "Made by the client for this intention; repeating it returns the first outcome."


@strawberry.input(description="What a new feed tells.")
class CreateCalendarFeedInput:
    """The input of `createCalendarFeed`."""

    detail: CalendarDetail = strawberry.field(
        default=CalendarDetail.PLAIN, description="How much; the time alone unless the person wants more."
    )
    person_id: strawberry.ID | None = strawberry.field(default=None, description=_PERSON)
    idempotency_key: UUID = strawberry.field(description=_KEY)


@strawberry.input(description="What the feed tells from now on.")
class ChangeCalendarFeedInput:
    """The input of `changeCalendarFeed`."""

    detail: CalendarDetail = strawberry.field(description="How much.")
    person_id: strawberry.ID | None = strawberry.field(default=None, description=_PERSON)
    idempotency_key: UUID = strawberry.field(description=_KEY)


@strawberry.input(description="Which feed is to end.")
class RevokeCalendarFeedInput:
    """The input of `revokeCalendarFeed`."""

    person_id: strawberry.ID | None = strawberry.field(default=None, description=_PERSON)
    idempotency_key: UUID = strawberry.field(description=_KEY)
