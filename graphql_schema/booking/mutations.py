"""Booking, moving, giving up and coming."""

from typing import Annotated

import strawberry

from backend.booking.errors import (
    AppointmentNotFound,
    DuplicateSpecialty,
    HoldExpired,
    HoldNotFound,
    ReferralUsed,
    SlotTaken,
    SlotWithdrawn,
    TimeOverlap,
)
from backend.booking.states import CancelReason
from backend.booking.values import Appointment as AppointmentValue
from backend.booking.values import AppointmentId
from backend.idempotency import Outcome
from graphql_schema.booking.appointment_presentation import AppointmentWriter
from graphql_schema.booking.appointment_types import Appointment
from graphql_schema.booking.hold_mutations import HoldMutations
from graphql_schema.booking.inputs import (
    BookAppointmentInput,
    CancelAppointmentInput,
    CheckInInput,
    RescheduleAppointmentInput,
)
from graphql_schema.booking.payloads import (
    BookAppointmentPayload,
    CancelAppointmentPayload,
    CheckInPayload,
    RescheduleAppointmentPayload,
)
from graphql_schema.booking.refusing import refused
from graphql_schema.booking.set_mutations import SetMutations
from graphql_schema.context import Context, Info
from graphql_schema.errors import REFUSALS
from graphql_schema.fields import mutation
from graphql_schema.node import decode_id
from graphql_schema.people import person_of
from identity.access import signed_in

_OF_HOLD = (HoldNotFound, HoldExpired, SlotTaken, SlotWithdrawn, TimeOverlap, DuplicateSpecialty, ReferralUsed)
"""What is to be said of the new place, not of the appointment that moves."""


@strawberry.type(description="Changes of holds and appointments.")
class BookingMutations(HoldMutations, SetMutations):
    """Joined into the root of changes."""

    @mutation(
        description="Book the slot that a hold keeps. The person finds a message in the inbox. A clinic with a "
        "registry of its own is asked: until it has answered the appointment is PENDING or UNKNOWN, and the inbox "
        "tells the end."
    )
    async def book_appointment(
        self,
        info: Info,
        input: Annotated[  # noqa: A002 # the public name
            BookAppointmentInput, strawberry.argument(description="Which hold.")
        ],
    ) -> BookAppointmentPayload | None:
        """Book a held slot for the signed-in person."""
        context = info.context
        try:
            actor = signed_in(context.principal)
            booked = await context.services.appointments.book_appointment(
                actor,
                person_id=person_of(actor, input.person_id),
                hold_id=_hold_id(input.hold_id),
                idempotency_key=input.idempotency_key,
            )
        except REFUSALS as refusal:
            return BookAppointmentPayload(errors=refused(context, refusal, "holdId"))
        return BookAppointmentPayload(appointment=_written(context, booked))

    @mutation(
        description="Move an appointment to the place that a hold keeps (`holdSlot` with `replacesAppointmentId`). It "
        "keeps its id, and its old place until the new one is sure."
    )
    async def reschedule_appointment(
        self,
        info: Info,
        input: Annotated[  # noqa: A002 # the public name
            RescheduleAppointmentInput, strawberry.argument(description="Which appointment, and where.")
        ],
    ) -> RescheduleAppointmentPayload | None:
        """Move an own appointment of the signed-in person."""
        context = info.context
        try:
            actor = signed_in(context.principal)
            moved = await context.services.appointments.reschedule_appointment(
                actor,
                person_id=person_of(actor, input.person_id),
                appointment_id=_appointment_id(input.appointment_id),
                hold_id=_hold_id(input.hold_id),
                idempotency_key=input.idempotency_key,
            )
        except _OF_HOLD as refusal:
            return RescheduleAppointmentPayload(errors=refused(context, refusal, "holdId"))
        except REFUSALS as refusal:
            return RescheduleAppointmentPayload(errors=refused(context, refusal, "appointmentId"))
        return RescheduleAppointmentPayload(appointment=_written(context, moved))

    @mutation(description="Give an appointment up before it begins; the slot is free again.")
    async def cancel_appointment(
        self,
        info: Info,
        input: Annotated[  # noqa: A002 # the public name
            CancelAppointmentInput, strawberry.argument(description="Which appointment, and why.")
        ],
    ) -> CancelAppointmentPayload | None:
        """Cancel an own appointment of the signed-in person."""
        context = info.context
        try:
            actor = signed_in(context.principal)
            cancelled = await context.services.appointments.cancel_appointment(
                actor,
                person_id=person_of(actor, input.person_id),
                appointment_id=_appointment_id(input.appointment_id),
                reason=CancelReason(str(input.reason.value)),
                idempotency_key=input.idempotency_key,
            )
        except REFUSALS as refusal:
            return CancelAppointmentPayload(errors=refused(context, refusal, "appointmentId"))
        return CancelAppointmentPayload(appointment=_written(context, cancelled))

    @mutation(description="Tell the clinic that the person is there; from `checkIn.opensAt` to `checkIn.closesAt`.")
    async def check_in(
        self,
        info: Info,
        input: Annotated[  # noqa: A002 # the public name
            CheckInInput, strawberry.argument(description="To which appointment.")
        ],
    ) -> CheckInPayload | None:
        """Check in to an own appointment of the signed-in person."""
        context = info.context
        try:
            actor = signed_in(context.principal)
            there = await context.services.appointments.check_in(
                actor,
                person_id=person_of(actor, input.person_id),
                appointment_id=_appointment_id(input.appointment_id),
                idempotency_key=input.idempotency_key,
            )
        except REFUSALS as refusal:
            return CheckInPayload(errors=refused(context, refusal, "appointmentId"))
        return CheckInPayload(appointment=_written(context, there))


def _written(context: Context, outcome: Outcome[AppointmentValue]) -> Appointment:
    context.mark_replay(replayed=outcome.replayed)
    return AppointmentWriter(context).appointment(outcome.value)


def _hold_id(given: strawberry.ID) -> AppointmentId:
    return AppointmentId(decode_id(given, "SlotHold", missing=HoldNotFound))


def _appointment_id(given: strawberry.ID) -> AppointmentId:
    return AppointmentId(decode_id(given, "Appointment", missing=AppointmentNotFound))
