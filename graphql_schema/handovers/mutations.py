"""Handing over from a kiosk or a call to a phone."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated

import strawberry

from backend.booking.values import Appointment, AppointmentId, SlotHold
from backend.errors import NotFound
from backend.handovers.errors import HandoverSubjectNotFound
from backend.handovers.values import Handover as HandoverValue
from backend.idempotency import Outcome
from graphql_schema.booking.appointment_presentation import AppointmentWriter
from graphql_schema.booking.appointment_types import Appointment as AppointmentType
from graphql_schema.booking.appointment_types import SlotHold as SlotHoldType
from graphql_schema.context import Context, Info
from graphql_schema.errors import REFUSALS, user_errors
from graphql_schema.fields import mutation
from graphql_schema.handovers.inputs import AcceptHandoverInput, CreateCallHandoverInput, CreateHandoverInput
from graphql_schema.handovers.types import (
    AcceptHandoverPayload,
    CreateCallHandoverPayload,
    CreateHandoverPayload,
    Handover,
)
from graphql_schema.node import split_id
from graphql_schema.people import person_of
from identity.access import Action, require_signed_in, signed_in

_FIELDS: Mapping[str, str] = MappingProxyType(
    {
        "HANDOVER_CODE_INVALID": "code",
        "HANDOVER_SUBJECT_NOT_FOUND": "about",
    }
)
"""The part of the input that a refusal is about; others are about the whole."""

_SUBJECTS = frozenset({"Appointment", "SlotHold"})


@strawberry.type(description="From a kiosk or a call to one's phone.")
class HandoverMutations:
    """Joined into the root of changes."""

    @mutation(
        description="At a kiosk only: a code by which the person goes on at their phone. A later one takes its place."
    )
    async def create_handover(
        self,
        info: Info,
        input: Annotated[  # noqa: A002 # the public name
            CreateHandoverInput, strawberry.argument(description="What to go on with.")
        ],
    ) -> CreateHandoverPayload | None:
        """Make a code."""
        context = info.context
        try:
            actor = require_signed_in(context.principal, Action.CREATE_HANDOVER)
            made = await context.services.handovers.create(
                actor, about=_subject_id(input.about), idempotency_key=input.idempotency_key
            )
        except REFUSALS as refusal:
            return CreateHandoverPayload(errors=user_errors(context, refusal, _FIELDS))
        return CreateHandoverPayload(handover=_made(context, made))

    @mutation(
        description="In a call of 122: a code, to be read out, by which the patient finishes in their own app what the "
        "operator has begun. Only for callers who call for themselves. A later one of the call takes its place."
    )
    async def create_call_handover(
        self,
        info: Info,
        input: Annotated[  # noqa: A002 # the public name
            CreateCallHandoverInput, strawberry.argument(description="Who goes on, with what.")
        ],
    ) -> CreateCallHandoverPayload | None:
        """Make a code for the patient of a call."""
        context = info.context
        try:
            actor = signed_in(context.principal)
            about = _subject_id(input.about)
            if about is None:
                raise HandoverSubjectNotFound
            made = await context.services.handovers.create_from_call(
                actor,
                person_id=person_of(actor, input.person_id),
                about=about,
                idempotency_key=input.idempotency_key,
            )
        except REFUSALS as refusal:
            return CreateCallHandoverPayload(errors=user_errors(context, refusal, _FIELDS))
        return CreateCallHandoverPayload(handover=_made(context, made))

    @mutation(
        description="At the phone: go on with what the same person began at a kiosk, whose session ends at once, or "
        "in a call to 122. Refused with HANDOVER_CODE_INVALID alike for a code that is wrong, over, used or another "
        "person's."
    )
    async def accept_handover(
        self,
        info: Info,
        input: Annotated[  # noqa: A002 # the public name
            AcceptHandoverInput, strawberry.argument(description="The code.")
        ],
    ) -> AcceptHandoverPayload | None:
        """Take over by a code."""
        context = info.context
        try:
            accepted = await context.services.handovers.accept(
                context.principal, code=input.code, address=context.address, idempotency_key=input.idempotency_key
            )
        except REFUSALS as refusal:
            return AcceptHandoverPayload(errors=user_errors(context, refusal, _FIELDS))
        context.mark_replay(replayed=accepted.replayed)
        about = accepted.value.about
        return AcceptHandoverPayload(
            accepted_at=accepted.value.accepted_at, about=None if about is None else _to_subject(context, about)
        )


def _made(context: Context, made: Outcome[HandoverValue]) -> Handover:
    context.mark_replay(replayed=made.replayed)
    value = made.value
    return Handover(code=value.code, link=value.link, expires_at=value.expires_at, server_time=context.clock())


def _subject_id(global_id: strawberry.ID | None) -> AppointmentId | None:
    """Read an id; a malformed one answers as a missing one does (S36). A hold that is booked keeps its id."""
    if global_id is None:
        return None
    try:
        type_name, uuid = split_id(global_id)
    except NotFound as error:
        raise HandoverSubjectNotFound from error
    if type_name not in _SUBJECTS:
        raise HandoverSubjectNotFound
    return AppointmentId(uuid)


def _to_subject(context: Context, about: SlotHold | Appointment) -> SlotHoldType | AppointmentType:
    writer = AppointmentWriter(context)
    if isinstance(about, Appointment):
        return writer.appointment(about)
    return writer.hold(about)
