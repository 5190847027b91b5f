"""Keeping a slot for a while: hold, extend, let go."""

from typing import Annotated

import strawberry

from backend.booking.errors import AppointmentNotFound, HoldNotFound, ReferralRequired, SlotNotFound
from backend.booking.values import AppointmentId, Channel, SlotId
from graphql_schema.booking.appointment_presentation import AppointmentWriter
from graphql_schema.booking.appointment_types import SlotHold
from graphql_schema.booking.inputs import ExtendHoldInput, HoldSlotInput, ReleaseHoldInput
from graphql_schema.booking.payloads import ExtendHoldPayload, HoldSlotPayload, ReleaseHoldPayload
from graphql_schema.booking.refusing import refused
from graphql_schema.context import Context, Info
from graphql_schema.errors import REFUSALS
from graphql_schema.fields import mutation
from graphql_schema.node import decode_id
from graphql_schema.people import person_of
from identity.access import signed_in


@strawberry.type(description="Changes of holds.")
class HoldMutations:
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
            return HoldSlotPayload(errors=refused(info.context, refusal, "slotId", of_hold=True))

    @mutation(description="Let a hold last five minutes longer, once, and never beyond the beginning of its slot.")
    async def extend_hold(
        self,
        info: Info,
        input: Annotated[ExtendHoldInput, strawberry.argument(description="Which hold.")],  # noqa: A002 # the public name
    ) -> ExtendHoldPayload | None:
        """Extend a hold of the signed-in person."""
        context = info.context
        try:
            actor = signed_in(context.principal)
            extended = await context.services.appointments.extend_hold(
                actor,
                person_id=person_of(actor, input.person_id),
                hold_id=AppointmentId(decode_id(input.hold_id, "SlotHold", missing=HoldNotFound)),
                idempotency_key=input.idempotency_key,
            )
        except REFUSALS as refusal:
            return ExtendHoldPayload(errors=refused(context, refusal, "holdId"))
        context.mark_replay(replayed=extended.replayed)
        return ExtendHoldPayload(hold=AppointmentWriter(context).hold(extended.value))

    @mutation(description="Let a hold go, so that others can have its slot at once.")
    async def release_hold(
        self,
        info: Info,
        input: Annotated[ReleaseHoldInput, strawberry.argument(description="Which hold.")],  # noqa: A002 # the public name
    ) -> ReleaseHoldPayload | None:
        """Release a hold of the signed-in person."""
        context = info.context
        try:
            actor = signed_in(context.principal)
            released = await context.services.appointments.release_hold(
                actor,
                person_id=person_of(actor, input.person_id),
                hold_id=AppointmentId(decode_id(input.hold_id, "SlotHold", missing=HoldNotFound)),
                idempotency_key=input.idempotency_key,
            )
        except REFUSALS as refusal:
            return ReleaseHoldPayload(errors=refused(context, refusal, "holdId"))
        context.mark_replay(replayed=released.replayed)
        return ReleaseHoldPayload(released=True)


async def _hold(context: Context, given: HoldSlotInput) -> SlotHold:
    actor = signed_in(context.principal)
    replaces, referral = given.replaces_appointment_id, given.referral_id
    held = await context.services.appointments.hold_slot(
        actor,
        person_id=person_of(actor, given.person_id),
        slot_id=SlotId(decode_id(given.slot_id, "Slot", missing=SlotNotFound)),
        channel=Channel(str(given.channel.value)),
        replaces=None
        if replaces is None
        else AppointmentId(decode_id(replaces, "Appointment", missing=AppointmentNotFound)),
        referral_id=None if referral is None else decode_id(referral, "Referral", missing=ReferralRequired),
        idempotency_key=given.idempotency_key,
    )
    context.mark_replay(replayed=held.replayed)
    return AppointmentWriter(context).hold(held.value)
