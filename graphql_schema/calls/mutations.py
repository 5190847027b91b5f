"""Opening, verifying and ending a call of 122."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated
from uuid import UUID

import strawberry

from backend.idempotency import Outcome
from graphql_schema.calls.inputs import (
    ChoosePatientInput,
    CloseCallInput,
    OpenCallInput,
    SendCallerCodeInput,
    VerifyCallerInput,
)
from graphql_schema.calls.types import (
    Call,
    ChoosePatientPayload,
    CloseCallPayload,
    OpenCallPayload,
    SendCallerCodePayload,
    VerifyCallerPayload,
    to_call,
)
from graphql_schema.context import Context, Info
from graphql_schema.errors import REFUSALS, user_errors
from graphql_schema.fields import mutation
from graphql_schema.node import decode_id
from identity.access import signed_in
from identity.call_errors import CallNotOpen
from identity.call_views import Call as CallValue

_FIELDS: Mapping[str, str] = MappingProxyType(
    {
        "CALLER_NUMBER_INVALID": "callerNumber",
        "CALL_NOT_OPEN": "callId",
        "PATIENT_NOT_REPRESENTED": "person",
    }
)
"""The part of the input that a refusal is about; others are about the whole."""

_SAID: Mapping[str, str] = MappingProxyType({**_FIELDS, "CALLER_NUMBER_INVALID": "person"})
"""The same where the number is one that was said of somebody."""


@strawberry.type(description="Changes of calls of 122.")
class CallMutations:
    """Joined into the root of changes."""

    @mutation(
        description="Open a call of the number the operator talks with; one at a time in a session. Nothing is open in "
        "it before the caller is verified and a patient is chosen."
    )
    async def open_call(
        self,
        info: Info,
        input: Annotated[OpenCallInput, strawberry.argument(description="Whose number.")],  # noqa: A002 # the public name
    ) -> OpenCallPayload | None:
        """Open a call."""
        context = info.context
        try:
            outcome = await context.services.calls.open(
                context.principal, caller_number=input.caller_number, idempotency_key=input.idempotency_key
            )
        except REFUSALS as refusal:
            return OpenCallPayload(errors=user_errors(context, refusal, _FIELDS))
        return OpenCallPayload(call=_done(context, outcome))

    @mutation(
        description="Send a code to whom the caller says to be: by SMS to the registered phone, and to the app. Good "
        "for five minutes, three a call. The answer never says whether there is such a person, or such a phone."
    )
    async def send_caller_code(
        self,
        info: Info,
        input: Annotated[  # noqa: A002 # the public name
            SendCallerCodeInput, strawberry.argument(description="To whom.")
        ],
    ) -> SendCallerCodePayload | None:
        """Send a code."""
        context = info.context
        try:
            outcome = await context.services.calls.send_code(
                context.principal,
                call_id=_call_id(context, input.call_id),
                said=input.person.value(),
                idempotency_key=input.idempotency_key,
            )
        except REFUSALS as refusal:
            return SendCallerCodePayload(errors=user_errors(context, refusal, _SAID))
        return SendCallerCodePayload(call=_done(context, outcome))

    @mutation(
        description="Verify who is calling: a name with the birth date or the registered number, and the last four "
        "digits of the policy's number or a code. Refused with CALLER_NOT_VERIFIED alike for somebody unknown and for "
        "a wrong answer; the third closes it."
    )
    async def verify_caller(
        self,
        info: Info,
        input: Annotated[  # noqa: A002 # the public name
            VerifyCallerInput, strawberry.argument(description="Who, and the answer.")
        ],
    ) -> VerifyCallerPayload | None:
        """Verify the caller."""
        context = info.context
        try:
            outcome = await context.services.calls.verify_caller(
                context.principal,
                call_id=_call_id(context, input.call_id),
                said=input.person.value(),
                policy_digits=input.policy_digits,
                code=input.code,
                idempotency_key=input.idempotency_key,
            )
        except REFUSALS as refusal:
            return VerifyCallerPayload(errors=user_errors(context, refusal, _SAID))
        return VerifyCallerPayload(call=_done(context, outcome))

    @mutation(
        description="Choose for whom the caller calls: themself, or somebody for whom they may act. Only this person's "
        "data are open to the operator, as far as they are to the caller."
    )
    async def choose_patient(
        self,
        info: Info,
        input: Annotated[  # noqa: A002 # the public name
            ChoosePatientInput, strawberry.argument(description="For whom.")
        ],
    ) -> ChoosePatientPayload | None:
        """Choose the patient."""
        context = info.context
        try:
            outcome = await context.services.calls.choose_patient(
                context.principal,
                call_id=_call_id(context, input.call_id),
                patient=input.person.value() if input.person else None,
                idempotency_key=input.idempotency_key,
            )
        except REFUSALS as refusal:
            return ChoosePatientPayload(errors=user_errors(context, refusal, _SAID))
        return ChoosePatientPayload(call=_done(context, outcome))

    @mutation(description="End a call: from the next request on the operator sees nobody. An ended call stays ended.")
    async def close_call(
        self,
        info: Info,
        input: Annotated[CloseCallInput, strawberry.argument(description="Which call.")],  # noqa: A002 # the public name
    ) -> CloseCallPayload | None:
        """End a call."""
        context = info.context
        try:
            outcome = await context.services.calls.close(
                context.principal, call_id=_call_id(context, input.call_id), idempotency_key=input.idempotency_key
            )
        except REFUSALS as refusal:
            return CloseCallPayload(errors=user_errors(context, refusal, _FIELDS))
        return CloseCallPayload(call=_done(context, outcome))


def _call_id(context: Context, global_id: str) -> UUID:
    """Read an id of somebody signed in; a malformed one answers as a missing one does (S36)."""
    signed_in(context.principal)
    return decode_id(global_id, "Call", missing=CallNotOpen)


def _done(context: Context, outcome: Outcome[CallValue]) -> Call:
    context.mark_replay(replayed=outcome.replayed)
    return to_call(outcome.value)
