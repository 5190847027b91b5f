"""What clients send about waiting."""

from uuid import UUID

import strawberry

from graphql_schema.booking.profile_types import Weekday
from graphql_schema.booking.types import BookingChannel
from graphql_schema.scalars import Date

_PERSON = "For whom: the global id of a person; the signed-in one when left out."
_KEY = "Made by the client for this intention; repeating it returns the first outcome."
_ENTRY = "Id of the entry that `viewer.waitingList` gave."


@strawberry.input(description="For what to wait; what is left out does not narrow it.")
class JoinWaitingListInput:
    """The input of `joinWaitingList`."""

    specialty: str = strawberry.field(description="Code of a specialty, as `specialties` gives.")
    clinic_ids: list[strawberry.ID] = strawberry.field(description="In one of these clinics; 1 to 10.")
    doctor_id: strawberry.ID | None = strawberry.field(default=None, description="With this doctor.")
    first_day: Date | None = strawberry.field(
        default=None, description="From this day, by the clinic's calendar; from today when left out."
    )
    last_day: Date | None = strawberry.field(
        default=None,
        description="To this day, inclusive, 90 days ahead at most; 30 days after the first when left out.",
    )
    hours_from: str | None = strawberry.field(
        default=None, description="Beginning at this time of the clinic's day or later, as 17:00."
    )
    hours_until: str | None = strawberry.field(
        default=None, description="Beginning before this time of the clinic's day, as 20:00; midnight when left out."
    )
    weekdays: list[Weekday] | None = strawberry.field(default=None, description="On these days of the week only.")
    referral_id: strawberry.ID | None = strawberry.field(
        default=None,
        description="By which of the person's referrals; the fitting one that is over soonest when left out.",
    )
    channel: BookingChannel = strawberry.field(
        default=BookingChannel.APP, description="Through which door; what is given out through it is offered."
    )
    idempotency_key: UUID = strawberry.field(description=_KEY)
    person_id: strawberry.ID | None = strawberry.field(default=None, description=_PERSON)


@strawberry.input(description="Which entry to pause.")
class PauseWaitingListEntryInput:
    """The input of `pauseWaitingListEntry`."""

    waiting_list_entry_id: strawberry.ID = strawberry.field(description=_ENTRY)
    idempotency_key: UUID = strawberry.field(description=_KEY)
    person_id: strawberry.ID | None = strawberry.field(default=None, description=_PERSON)


@strawberry.input(description="Which entry is to go on.")
class ResumeWaitingListEntryInput:
    """The input of `resumeWaitingListEntry`."""

    waiting_list_entry_id: strawberry.ID = strawberry.field(description=_ENTRY)
    idempotency_key: UUID = strawberry.field(description=_KEY)
    person_id: strawberry.ID | None = strawberry.field(default=None, description=_PERSON)


@strawberry.input(description="Which place to give up.")
class LeaveWaitingListInput:
    """The input of `leaveWaitingList`."""

    waiting_list_entry_id: strawberry.ID = strawberry.field(description=_ENTRY)
    idempotency_key: UUID = strawberry.field(description=_KEY)
    person_id: strawberry.ID | None = strawberry.field(default=None, description=_PERSON)


@strawberry.input(description="Whose offer to decline.")
class DeclineWaitingListOfferInput:
    """The input of `declineWaitingListOffer`."""

    waiting_list_entry_id: strawberry.ID = strawberry.field(description=_ENTRY)
    idempotency_key: UUID = strawberry.field(description=_KEY)
    person_id: strawberry.ID | None = strawberry.field(default=None, description=_PERSON)
