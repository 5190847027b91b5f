"""What came of each change of holds and appointments."""

import strawberry

from graphql_schema.booking.appointment_types import Appointment, AppointmentSet, SlotHold
from graphql_schema.errors import UserError


@strawberry.type(description="What came of holding a slot.")
class HoldSlotPayload:
    """A hold, or why there is none."""

    hold: SlotHold | None = strawberry.field(default=None, description="The hold; null when refused.")
    errors: list[UserError] = strawberry.field(default_factory=list, description="Why; empty when all went well.")


@strawberry.type(description="What came of booking an appointment.")
class BookAppointmentPayload:
    """An appointment, or why there is none."""

    appointment: Appointment | None = strawberry.field(
        default=None, description="The appointment as it stands now; null when refused."
    )
    errors: list[UserError] = strawberry.field(default_factory=list, description="Why; empty when all went well.")


@strawberry.type(description="What came of booking several appointments together.")
class BookAppointmentsPayload:
    """The set, or why there is none."""

    appointment_set: AppointmentSet | None = strawberry.field(
        default=None, description="The set as it stands now; null when refused."
    )
    errors: list[UserError] = strawberry.field(
        default_factory=list, description="Why, with the place in `holdIds` in the path; empty when all went well."
    )


@strawberry.type(description="What came of giving an appointment up.")
class CancelAppointmentPayload:
    """The appointment, or why it stands."""

    appointment: Appointment | None = strawberry.field(
        default=None, description="The appointment as it stands now; null when refused."
    )
    errors: list[UserError] = strawberry.field(default_factory=list, description="Why; empty when all went well.")


@strawberry.type(description="What came of extending a hold.")
class ExtendHoldPayload:
    """The hold, or why it was not extended."""

    hold: SlotHold | None = strawberry.field(default=None, description="The hold; null when refused.")
    errors: list[UserError] = strawberry.field(default_factory=list, description="Why; empty when all went well.")


@strawberry.type(description="What came of letting a hold go.")
class ReleaseHoldPayload:
    """Whether it was let go."""

    released: bool | None = strawberry.field(default=None, description="True when it keeps nothing any more.")
    errors: list[UserError] = strawberry.field(default_factory=list, description="Why; empty when all went well.")


@strawberry.type(description="What came of moving an appointment.")
class RescheduleAppointmentPayload:
    """The appointment, or why it stands where it was."""

    appointment: Appointment | None = strawberry.field(
        default=None,
        description="The appointment as it stands now: with its new place, or with the old one while an outside clinic "
        "is asked for the new; null when refused.",
    )
    errors: list[UserError] = strawberry.field(default_factory=list, description="Why; empty when all went well.")


@strawberry.type(description="What came of checking in.")
class CheckInPayload:
    """The appointment, or why one cannot check in."""

    appointment: Appointment | None = strawberry.field(
        default=None, description="The appointment as it stands now; null when refused."
    )
    errors: list[UserError] = strawberry.field(default_factory=list, description="Why; empty when all went well.")
