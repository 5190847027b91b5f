"""Queues for releases, and places in them, as clients see them."""

from enum import Enum

import strawberry

from graphql_schema.booking.types import BookingChannel, Clinic, Doctor, Slot, Specialty
from graphql_schema.errors import UserError
from graphql_schema.scalars import DateTime

_WHY = "Why; empty when all went well."
_NOW = "The place as it stands now; null when refused."


@strawberry.enum(description="Where somebody stands in a queue. All but QUEUED and TURN are final.")
class ReleaseQueuePlaceState(Enum):
    """State."""

    QUEUED = strawberry.enum_value(
        "queued", description="Takes part: in the draw at the release, and from then on at a place that never changes."
    )
    TURN = strawberry.enum_value(
        "turn", description="May hold one of `slots` by `holdSlot`, until `turnUntil`, through `channel`."
    )
    USED = strawberry.enum_value("used", description="Has held a slot; the rest is as with every hold.")
    MISSED = strawberry.enum_value("missed", description="Held nothing during the turn; can join again, at the end.")
    LEFT = strawberry.enum_value(
        "left",
        description="Gave the place up, or has an appointment of the specialty by now; can join again, at the end.",
    )
    OVER = strawberry.enum_value("over", description="The queue has ended, and nothing was left.")


@strawberry.type(description="What a doctor gives out from one instant on, to those who queue for it.")
class ReleaseQueue:
    """Queue."""

    post_id: strawberry.ID = strawberry.field(description="With `releasedAt`, what `joinReleaseQueue` takes.")
    released_at: DateTime = strawberry.field(description="When it begins to be given out, and the order is drawn.")
    opens_at: DateTime = strawberry.field(description="From when on one can join.")
    ends_at: DateTime = strawberry.field(description="When the queue ends at the latest.")
    is_over: bool = strawberry.field(description="The queue has ended: what is left is held without a turn.")
    doctor: Doctor = strawberry.field(description="Who.")
    clinic: Clinic = strawberry.field(description="Where.")
    specialty: Specialty = strawberry.field(description="As what.")
    slots: int = strawberry.field(description="How many times there are.")
    free_slots: int = strawberry.field(description="How many of them nobody keeps now.")
    participants: int = strawberry.field(description="How many have a turn, or may get one.")


@strawberry.type(description="A place in the queue for a release.")
class ReleaseQueuePlace:
    """Place."""

    id: strawberry.ID = strawberry.field(description="What `leaveReleaseQueue` takes; opaque.")
    state: ReleaseQueuePlaceState = strawberry.field(description="Where it stands, by the clock of this moment.")
    ahead: int | None = strawberry.field(
        description="How many get a turn before, or have one now. Null before the draw, and where the place is final."
    )
    turn_until: DateTime | None = strawberry.field(description="When the turn ends; null without one.")
    slots: list[Slot] = strawberry.field(
        description="What the person can hold now, by start; empty without a turn. Others may take some meanwhile."
    )
    refresh_after_seconds: int | None = strawberry.field(
        description="When to ask again, unless a message comes first: spread, so that phones do not ask in step. Null "
        "where nothing changes any more."
    )
    server_time: DateTime = strawberry.field(description="Now, to count down to `releasedAt` and `turnUntil` by.")
    released_at: DateTime = strawberry.field(
        description="When the times begin to be given out, and the order is drawn."
    )
    ends_at: DateTime = strawberry.field(description="When the queue ends at the latest.")
    participants: int = strawberry.field(
        description="How many have a turn, or may get one; 0 where the place is final."
    )
    free_slots: int = strawberry.field(
        description="How many times of the release nobody keeps now; 0 where the place is final."
    )
    doctor: Doctor = strawberry.field(description="With whom.")
    clinic: Clinic = strawberry.field(description="Where.")
    specialty: Specialty = strawberry.field(description="Of which specialty.")
    channel: BookingChannel = strawberry.field(description="Through which door.")
    referral_id: strawberry.ID | None = strawberry.field(description="By which referral, where one was named.")
    joined_at: DateTime = strawberry.field(description="When the person joined.")
    ended_at: DateTime | None = strawberry.field(description="When it became final.")


@strawberry.type(description="What came of joining a queue.")
class JoinReleaseQueuePayload:
    """The place, or why there is none."""

    place: ReleaseQueuePlace | None = strawberry.field(default=None, description=_NOW)
    errors: list[UserError] = strawberry.field(default_factory=list, description=_WHY)


@strawberry.type(description="What came of leaving a queue.")
class LeaveReleaseQueuePayload:
    """The place, or why it stands."""

    place: ReleaseQueuePlace | None = strawberry.field(default=None, description=_NOW)
    errors: list[UserError] = strawberry.field(default_factory=list, description=_WHY)
