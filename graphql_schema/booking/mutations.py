"""Holding, booking and giving up a slot."""

from types import MappingProxyType
from typing import Annotated

import strawberry

from backend.booking.errors import (
    AppointmentNotFound,
    BookingRefusal,
    HoldExpired,
    HoldNotFound,
    SlotNotFound,
    SlotTaken,
)
from backend.booking.values import AppointmentId, CancelReason, Channel, SlotId
from backend.errors import Refusal
from geo.errors import GeoRefusal
from graphql_schema.booking.inputs import BookAppointmentInput, CancelAppointmentInput, HoldSlotInput
from graphql_schema.booking.presentation import SlotWriter
from graphql_schema.booking.types import (
    BookAppointmentPayload,
    CancelAppointmentPayload,
    HoldExpiredError,
    HoldSlotPayload,
    SlotHold,
    SlotTakenError,
)
from graphql_schema.context import Context, Info
from graphql_schema.errors import REFUSALS, UserError, user_errors
from graphql_schema.fields import mutation
from graphql_schema.node import decode_id, encode_id
from graphql_schema.people import person_of
from identity.access import signed_in
from identity.errors import IdentityRefusal

_WITH_ALTERNATIVES: dict[type[BookingRefusal], type[SlotTakenError | HoldExpiredError]] = {
    SlotTaken: SlotTakenError,
    HoldExpired: HoldExpiredError,
}
_FIELDS = MappingProxyType({"CHANNEL_NOT_ALLOWED": "channel"})


@strawberry.type(description="Changes of holds and appointments.")
class BookingMutations:
    """Joined into the root of changes."""

    @mutation(
        description="Keep a free slot for five minutes while the person decides. Who asks again for a slot they hold "
        "gets the same hold, with the end it had. Refused with SLOT_TAKEN and alternatives when somebody was quicker."
    )
    async def hold_slot(
        self,
        info: Info,
        input: Annotated[HoldSlotInput, strawberry.argument(description="Which slot.")],  # noqa: A002 # the public name
    ) -> HoldSlotPayload | None:
        """Hold a slot for the signed-in person."""
        try:
            return HoldSlotPayload(hold=await _hold(info.context, input))
        except REFUSALS as refusal:
            return HoldSlotPayload(errors=_refused(info.context, refusal, "slotId"))

    @mutation(description="Book the slot that a hold keeps. The person finds a message in the inbox.")
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
                hold_id=AppointmentId(decode_id(input.hold_id, "SlotHold", missing=HoldNotFound)),
                idempotency_key=input.idempotency_key,
            )
        except REFUSALS as refusal:
            return BookAppointmentPayload(errors=_refused(context, refusal, "holdId"))
        context.mark_replay(replayed=booked.replayed)
        return BookAppointmentPayload(appointment=SlotWriter(context.language).appointment(booked.value))

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
                appointment_id=AppointmentId(
                    decode_id(input.appointment_id, "Appointment", missing=AppointmentNotFound)
                ),
                reason=CancelReason(str(input.reason.value)),
                idempotency_key=input.idempotency_key,
            )
        except REFUSALS as refusal:
            return CancelAppointmentPayload(errors=_refused(context, refusal, "appointmentId"))
        context.mark_replay(replayed=cancelled.replayed)
        return CancelAppointmentPayload(appointment=SlotWriter(context.language).appointment(cancelled.value))


async def _hold(context: Context, given: HoldSlotInput) -> SlotHold:
    actor = signed_in(context.principal)
    held = await context.services.appointments.hold_slot(
        actor,
        person_id=person_of(actor, given.person_id),
        slot_id=SlotId(decode_id(given.slot_id, "Slot", missing=SlotNotFound)),
        channel=Channel(str(given.channel.value)),
        idempotency_key=given.idempotency_key,
    )
    context.mark_replay(replayed=held.replayed)
    slot = SlotWriter(context.language).slot(held.value.slot)
    return SlotHold(
        id=encode_id("SlotHold", held.value.id),
        slot=slot,
        expires_at=held.value.expires_at,
        server_time=context.clock(),
    )


def _refused(context: Context, refusal: Refusal | IdentityRefusal | GeoRefusal, id_field: str) -> list[UserError]:
    """Write a refusal, with the slots to offer where it has any; the path names what was refused."""
    if not isinstance(refusal, BookingRefusal):
        return user_errors(context, refusal)
    plain = user_errors(context, refusal, _FIELDS, otherwise=id_field)
    if (kind := _WITH_ALTERNATIVES.get(type(refusal))) is None:
        return plain
    writer = SlotWriter(context.language)
    offered = [writer.slot(slot) for slot in refusal.alternatives]
    return [kind(code=one.code, message=one.message, path=one.path, alternatives=offered) for one in plain]
