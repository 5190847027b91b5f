"""Feeds of calendars as clients see them."""

from enum import Enum

import strawberry

from graphql_schema.errors import UserError
from graphql_schema.scalars import URL, DateTime


@strawberry.enum(description="How much a calendar tells; whoever sees the person's calendar sees it, too.")
class CalendarDetail(Enum):
    """Detail."""

    FULL = strawberry.enum_value("full", description="The clinic, its address, the doctor and the specialty, too.")
    PLAIN = strawberry.enum_value("plain", description="The time of an appointment alone.")


@strawberry.type(
    description="A feed that a calendar follows. It stays when the person signs out, and ends when it is revoked."
)
class CalendarFeed:
    """Feed."""

    detail: CalendarDetail = strawberry.field(description="How much it tells.")
    created_at: DateTime = strawberry.field(description="When its address was made.")
    last_read_at: DateTime | None = strawberry.field(
        description="When a calendar last read it, to the hour; null when none has."
    )


@strawberry.type(description="What came of opening a feed.")
class CreateCalendarFeedPayload:
    """A feed, or why there is none."""

    feed: CalendarFeed | None = strawberry.field(default=None, description="The feed; null when refused.")
    url: URL | None = strawberry.field(
        default=None,
        description="Its address, shown this once: whoever has it reads the feed. Null in a repeated answer: open "
        "another one.",
    )
    errors: list[UserError] = strawberry.field(default_factory=list, description="Why; empty when all went well.")


@strawberry.type(description="What came of changing a feed.")
class ChangeCalendarFeedPayload:
    """The feed, or why it is as it was."""

    feed: CalendarFeed | None = strawberry.field(
        default=None, description="The feed as it stands now; null when refused."
    )
    errors: list[UserError] = strawberry.field(default_factory=list, description="Why; empty when all went well.")


@strawberry.type(description="What came of revoking a feed.")
class RevokeCalendarFeedPayload:
    """It is revoked, or `errors` says why not."""

    revoked_at: DateTime | None = strawberry.field(
        default=None, description="When the address became worth nothing, at the latest; null when refused."
    )
    errors: list[UserError] = strawberry.field(default_factory=list, description="Why; empty when all went well.")
