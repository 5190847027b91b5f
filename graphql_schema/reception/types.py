"""Schedules as the desk of a clinic sees them."""

import strawberry

from graphql_schema.booking.types import BookingChannel, Clinic, Doctor, Specialty
from graphql_schema.errors import UserError
from graphql_schema.scalars import Date, DateTime

_WHY = "Why; empty when all went well."


@strawberry.type(description="A doctor's place of work at a clinic of the desk's own organisation.")
class DeskPost:
    """Post."""

    id: strawberry.ID = strawberry.field(description="Global id.")
    room: str | None = strawberry.field(description="The room, where known.")
    clinic: Clinic = strawberry.field(description="Where.")
    doctor: Doctor = strawberry.field(description="Who.")
    specialty: Specialty = strawberry.field(description="As what.")
    releases_by_queue: bool = strawberry.field(
        description="Whether people queue for what is given out from a later instant on."
    )


@strawberry.type(description="How much of one reception a channel gives out at most.")
class ScheduleQuota:
    """Share of a channel."""

    channel: BookingChannel = strawberry.field(description="Through which door.")
    most: int = strawberry.field(description="How many slots at most.")


@strawberry.type(description="How a post receives on one weekday; times are of the clinic's clock.")
class ScheduleTemplate:
    """Template."""

    id: strawberry.ID = strawberry.field(description="Global id.")
    weekday: int = strawberry.field(description="1 is Monday, 7 is Sunday.")
    opens: str = strawberry.field(description="When reception begins, as 08:30.")
    closes: str = strawberry.field(description="When it ends, as 12:00.")
    slot_minutes: int = strawberry.field(description="Length of each slot.")
    channels: list[BookingChannel] = strawberry.field(description="Through which doors its slots are given out.")
    quotas: list[ScheduleQuota] = strawberry.field(description="Shares of channels; one without may give out all.")
    release_days_before: int | None = strawberry.field(
        description="So many days before theirs the slots begin to be given out; null from the start."
    )
    release_at: str | None = strawberry.field(description="At which time of that day, as 07:30.")
    valid_from: Date = strawberry.field(description="The first day.")
    valid_to: Date | None = strawberry.field(description="The last day; null for no end.")


@strawberry.type(description="What publishing would make of one reception.")
class PlannedReception:
    """Preview."""

    day: Date = strawberry.field(description="The day, by the clinic's calendar.")
    opens: str = strawberry.field(description="When it begins, by the clinic's clock.")
    closes: str = strawberry.field(description="When it ends.")
    released_at: DateTime | None = strawberry.field(description="From when on it is given out; null from the start.")
    new_slots: list[DateTime] = strawberry.field(description="When each new slot begins.")
    there: int = strawberry.field(description="How many slots are there already; they stay as they are.")
    overlapping: int = strawberry.field(description="How many are left out: the doctor has another slot at that time.")


@strawberry.type(description="What publishing made.")
class SchedulePublication:
    """Publication."""

    receptions: int = strawberry.field(description="Of how many receptions.")
    made: int = strawberry.field(description="How many slots are new.")
    there: int = strawberry.field(description="How many were there already.")
    overlapping: int = strawberry.field(description="How many were left out.")


@strawberry.type(description="What closing a reception did.")
class ReceptionClosure:
    """Closure."""

    withdrawn: int = strawberry.field(description="How many free slots are given out no more.")
    claimed: int = strawberry.field(description="How many stay, because people hold or have booked them.")


@strawberry.type(description="What came of adding a template.")
class AddScheduleTemplatePayload:
    """The template's id, or why there is none."""

    template_id: strawberry.ID | None = strawberry.field(default=None, description="Global id; null when refused.")
    errors: list[UserError] = strawberry.field(default_factory=list, description=_WHY)


@strawberry.type(description="What came of ending a template.")
class EndScheduleTemplatePayload:
    """The template's id, or why it goes on."""

    template_id: strawberry.ID | None = strawberry.field(default=None, description="Global id; null when refused.")
    errors: list[UserError] = strawberry.field(default_factory=list, description=_WHY)


@strawberry.type(description="What came of publishing days.")
class PublishSchedulePayload:
    """The publication, or why there is none."""

    publication: SchedulePublication | None = strawberry.field(default=None, description="Null when refused.")
    errors: list[UserError] = strawberry.field(default_factory=list, description=_WHY)


@strawberry.type(description="What came of closing a reception.")
class CloseReceptionPayload:
    """The closure, or why there is none."""

    closure: ReceptionClosure | None = strawberry.field(default=None, description="Null when refused.")
    errors: list[UserError] = strawberry.field(default_factory=list, description=_WHY)


@strawberry.type(description="What came of switching the queue of a post.")
class SetReleaseQueuePayload:
    """The post, or why nothing was switched."""

    post_id: strawberry.ID | None = strawberry.field(default=None, description="Of which post; null when refused.")
    errors: list[UserError] = strawberry.field(default_factory=list, description=_WHY)
