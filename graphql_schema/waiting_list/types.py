"""Places in the waiting list as clients see them; days and hours are by the clinic's own clock."""

from enum import Enum

import strawberry

from graphql_schema.booking.appointment_types import SlotHold
from graphql_schema.booking.profile_types import Weekday
from graphql_schema.booking.types import BookingChannel, Clinic, Doctor, Specialty
from graphql_schema.errors import UserError
from graphql_schema.scalars import Date, DateTime

_WHY = "Why; empty when all went well."
_NOW = "The entry as it stands now; null when refused."


@strawberry.enum(description="Where somebody stands who waits. EXPIRED, BOOKED and CANCELLED are final.")
class WaitingListEntryState(Enum):
    """State."""

    WAITING = strawberry.enum_value("waiting", description="Waits for a slot.")
    OFFERED = strawberry.enum_value("offered", description="A slot is kept for the person: see `offer`.")
    PAUSED = strawberry.enum_value(
        "paused",
        description="Is offered nothing and keeps the place: the person asked for it, or did not answer two offers in "
        "a row.",
    )
    BOOKED = strawberry.enum_value("booked", description="An offer was booked.")
    EXPIRED = strawberry.enum_value("expired", description="The last day is over.")
    CANCELLED = strawberry.enum_value("cancelled", description="The place was given up.")


@strawberry.type(description="A slot that has become free and is kept for the person.")
class WaitingListOffer:
    """Offer."""

    hold: SlotHold = strawberry.field(
        description="The slot, until when it is kept, and the id that `bookAppointment` takes: booking it is accepting."
    )
    offered_at: DateTime = strawberry.field(description="When it was offered.")


@strawberry.type(description="A place in the waiting list of a specialty.")
class WaitingListEntry:
    """Entry."""

    id: strawberry.ID = strawberry.field(description="What the mutations of the list take; opaque.")
    state: WaitingListEntryState = strawberry.field(description="Where it stands, by the clock of this moment.")
    ahead: int | None = strawberry.field(
        description="How many people joined earlier, can be offered a slot now, and wish for one that this person "
        "wishes for too: of a clinic, a doctor, a day and an hour of both. Null where it is final."
    )
    offer: WaitingListOffer | None = strawberry.field(description="What is kept for the person now.")
    specialty: Specialty = strawberry.field(description="Of which specialty.")
    clinics: list[Clinic] = strawberry.field(description="In which clinics, by name.")
    doctor: Doctor | None = strawberry.field(description="With which doctor; null for any.")
    first_day: Date = strawberry.field(description="From which day, by the clinic's calendar.")
    last_day: Date = strawberry.field(description="To which day, inclusive; the place ends with it.")
    hours_from: str | None = strawberry.field(description="Beginning at this time of the day or later, as 17:00.")
    hours_until: str | None = strawberry.field(description="Beginning before this time of the day, as 20:00.")
    weekdays: list[Weekday] = strawberry.field(description="On which days of the week; all seven when not narrowed.")
    channel: BookingChannel = strawberry.field(description="Through which door.")
    referral_id: strawberry.ID | None = strawberry.field(description="By which referral, where one was named.")
    joined_at: DateTime = strawberry.field(description="Since when the person waits.")
    ended_at: DateTime | None = strawberry.field(description="When it was booked, given up or over.")


@strawberry.type(description="What came of joining a waiting list.")
class JoinWaitingListPayload:
    """The entry, or why there is none."""

    entry: WaitingListEntry | None = strawberry.field(default=None, description=_NOW)
    errors: list[UserError] = strawberry.field(default_factory=list, description=_WHY)


@strawberry.type(description="What came of pausing.")
class PauseWaitingListEntryPayload:
    """The entry, or why it was not paused."""

    entry: WaitingListEntry | None = strawberry.field(default=None, description=_NOW)
    errors: list[UserError] = strawberry.field(default_factory=list, description=_WHY)


@strawberry.type(description="What came of going on after a pause.")
class ResumeWaitingListEntryPayload:
    """The entry, or why it does not go on."""

    entry: WaitingListEntry | None = strawberry.field(default=None, description=_NOW)
    errors: list[UserError] = strawberry.field(default_factory=list, description=_WHY)


@strawberry.type(description="What came of giving a place up.")
class LeaveWaitingListPayload:
    """The entry, or why it stands."""

    entry: WaitingListEntry | None = strawberry.field(default=None, description=_NOW)
    errors: list[UserError] = strawberry.field(default_factory=list, description=_WHY)


@strawberry.type(description="What came of declining an offer.")
class DeclineWaitingListOfferPayload:
    """The entry, or why nothing was declined."""

    entry: WaitingListEntry | None = strawberry.field(default=None, description=_NOW)
    errors: list[UserError] = strawberry.field(default_factory=list, description=_WHY)
