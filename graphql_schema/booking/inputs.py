"""What clients send about booking."""

from uuid import UUID

import strawberry

from graphql_schema.booking.appointment_types import CancelReason
from graphql_schema.booking.types import BookingChannel
from graphql_schema.scalars import DateTime, GeoPointInput

_PERSON = "For whom: the global id of a person; the signed-in one when left out."
_KEY = "Made by the client for this intention; repeating it returns the first outcome."


@strawberry.input(description="Which slots to look for; what is left out does not narrow the search.")
class SlotFilter:
    """The filter of `slots`."""

    specialty: str | None = strawberry.field(default=None, description="Code of a specialty, as `specialties` gives.")
    clinic_ids: list[strawberry.ID] | None = strawberry.field(
        default=None, description="In one of these clinics; 100 at most."
    )
    doctor_ids: list[strawberry.ID] | None = strawberry.field(
        default=None, description="With one of these doctors; 100 at most."
    )
    town: str | None = strawberry.field(default=None, description="In this town, spelled as `towns` does.")
    starts_from: DateTime | None = strawberry.field(
        default=None, name="from", description="Beginning at this instant or later."
    )
    starts_before: DateTime | None = strawberry.field(
        default=None, name="to", description="Beginning before this instant."
    )
    channel: BookingChannel = strawberry.field(
        default=BookingChannel.APP, description="Given out through this door, as far ahead as the door sees."
    )
    near: GeoPointInput | None = strawberry.field(default=None, description="In clinics round this place.")
    radius_km: float = strawberry.field(default=10.0, description="How far round `near`, above 0 and up to 200 km.")


@strawberry.input(description="Which slot to keep.")
class HoldSlotInput:
    """The input of `holdSlot`."""

    slot_id: strawberry.ID = strawberry.field(description="Global id of the slot.")
    channel: BookingChannel = strawberry.field(
        default=BookingChannel.APP, description="Through which door; citizens use APP and EPGU."
    )
    replaces_appointment_id: strawberry.ID | None = strawberry.field(
        default=None,
        description="The own appointment that is to be moved here by `rescheduleAppointment`; of the same specialty.",
    )
    referral_id: strawberry.ID | None = strawberry.field(
        default=None,
        description="By which of the person's referrals; the fitting one that is over soonest when left out.",
    )
    idempotency_key: UUID = strawberry.field(description=_KEY)
    person_id: strawberry.ID | None = strawberry.field(default=None, description=_PERSON)


@strawberry.input(description="Which hold to extend.")
class ExtendHoldInput:
    """The input of `extendHold`."""

    hold_id: strawberry.ID = strawberry.field(description="Id of the hold that `holdSlot` gave.")
    idempotency_key: UUID = strawberry.field(description=_KEY)
    person_id: strawberry.ID | None = strawberry.field(default=None, description=_PERSON)


@strawberry.input(description="Which hold to let go.")
class ReleaseHoldInput:
    """The input of `releaseHold`."""

    hold_id: strawberry.ID = strawberry.field(description="Id of the hold that `holdSlot` gave.")
    idempotency_key: UUID = strawberry.field(description=_KEY)
    person_id: strawberry.ID | None = strawberry.field(default=None, description=_PERSON)


@strawberry.input(description="Which appointment to move, and where.")
class RescheduleAppointmentInput:
    """The input of `rescheduleAppointment`."""

    appointment_id: strawberry.ID = strawberry.field(description="Global id of the appointment.")
    hold_id: strawberry.ID = strawberry.field(
        description="Id of a hold that `holdSlot` gave with `replacesAppointmentId` of this appointment."
    )
    idempotency_key: UUID = strawberry.field(description=_KEY)
    person_id: strawberry.ID | None = strawberry.field(default=None, description=_PERSON)


@strawberry.input(description="To which appointment the person has come.")
class CheckInInput:
    """The input of `checkIn`."""

    appointment_id: strawberry.ID = strawberry.field(description="Global id of the appointment.")
    idempotency_key: UUID = strawberry.field(description=_KEY)
    person_id: strawberry.ID | None = strawberry.field(default=None, description=_PERSON)


@strawberry.input(description="Which hold to book.")
class BookAppointmentInput:
    """The input of `bookAppointment`."""

    hold_id: strawberry.ID = strawberry.field(description="Id of the hold that `holdSlot` gave.")
    idempotency_key: UUID = strawberry.field(description=_KEY)
    person_id: strawberry.ID | None = strawberry.field(default=None, description=_PERSON)


@strawberry.input(description="Which holds to book together.")
class BookAppointmentsInput:
    """The input of `bookAppointments`."""

    hold_ids: list[strawberry.ID] = strawberry.field(
        description="Ids of holds that `holdSlot` gave, of one person; 20 at most."
    )
    idempotency_key: UUID = strawberry.field(description=_KEY)
    person_id: strawberry.ID | None = strawberry.field(default=None, description=_PERSON)


@strawberry.input(description="Which appointment to give up, and why.")
class CancelAppointmentInput:
    """The input of `cancelAppointment`."""

    appointment_id: strawberry.ID = strawberry.field(description="Global id of the appointment.")
    reason: CancelReason = strawberry.field(description="Why.")
    idempotency_key: UUID = strawberry.field(description=_KEY)
    person_id: strawberry.ID | None = strawberry.field(default=None, description=_PERSON)
