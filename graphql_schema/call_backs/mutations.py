"""Asking to be called back, or no more."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated

import strawberry

from backend.call_backs.errors import CallBackNotFound
from backend.call_backs.values import CallBackId
from graphql_schema.call_backs.inputs import CancelCallBackInput, RequestCallBackInput
from graphql_schema.call_backs.presentation import to_call_back
from graphql_schema.call_backs.types import (
    CancelCallBackPayload,
    RequestCallBackPayload,
)
from graphql_schema.context import Info
from graphql_schema.errors import REFUSALS, user_errors
from graphql_schema.fields import mutation
from graphql_schema.node import decode_id
from graphql_schema.people import person_of
from identity.access import signed_in

_FIELDS: Mapping[str, str] = MappingProxyType(
    {
        "CALL_BACK_NOT_FOUND": "callBackId",
        "CALL_BACK_NUMBER_UNKNOWN": "number",
        "CALL_BACK_OVER": "callBackId",
        "CALL_BACK_WINDOW_INVALID": "window",
        "PHONE_INVALID": "number",
    }
)
"""The part of the input that a refusal is about; others are about the whole."""


@strawberry.type(description="Changes of one's own requests to be called back.")
class CallBackMutations:
    """Joined into the root of changes."""

    @mutation(
        description="Ask 122 to call back: whoever asks is called, the person or who acts for them; an operator asks "
        "in a call for the caller. One open request a person, beside those of clinics that cancelled. The person is "
        "told."
    )
    async def request_call_back(
        self,
        info: Info,
        input: Annotated[RequestCallBackInput, strawberry.argument(description="When, and what about.")],  # noqa: A002 # the public name
    ) -> RequestCallBackPayload | None:
        """Ask to be called back."""
        context = info.context
        try:
            actor = signed_in(context.principal)
            done = await context.services.call_backs.request(
                actor,
                person_id=person_of(actor, input.person_id),
                wish=input.value(),
                idempotency_key=input.idempotency_key,
            )
        except REFUSALS as refusal:
            return RequestCallBackPayload(errors=user_errors(context, refusal, _FIELDS))
        context.mark_replay(replayed=done.replayed)
        return RequestCallBackPayload(call_back=to_call_back(done.value, context.clock()))

    @mutation(description="Be called back no more.")
    async def cancel_call_back(
        self,
        info: Info,
        input: Annotated[CancelCallBackInput, strawberry.argument(description="Which request.")],  # noqa: A002 # the public name
    ) -> CancelCallBackPayload | None:
        """Give a request up."""
        context = info.context
        try:
            actor = signed_in(context.principal)
            done = await context.services.call_backs.cancel(
                actor,
                person_id=person_of(actor, input.person_id),
                call_back_id=CallBackId(decode_id(input.call_back_id, "CallBack", missing=CallBackNotFound)),
                idempotency_key=input.idempotency_key,
            )
        except REFUSALS as refusal:
            return CancelCallBackPayload(errors=user_errors(context, refusal, _FIELDS))
        context.mark_replay(replayed=done.replayed)
        return CancelCallBackPayload(call_back=to_call_back(done.value, context.clock()))
