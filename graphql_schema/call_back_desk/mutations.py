"""Working through the list: the next one is taken, called and settled."""

from types import MappingProxyType
from typing import Annotated

import strawberry

from backend.call_backs.errors import CallBackNotTaken
from backend.call_backs.values import CallBackId
from backend.call_backs.values import CallBackOutcome as OutcomeValue
from graphql_schema.call_back_desk.inputs import SettleCallBackInput, TakeCallBackInput
from graphql_schema.call_back_desk.presentation import to_listed, to_taken
from graphql_schema.call_back_desk.types import SettleCallBackPayload, TakeCallBackPayload
from graphql_schema.context import Info
from graphql_schema.errors import REFUSALS, user_errors
from graphql_schema.fields import mutation
from graphql_schema.node import decode_id
from identity.access import signed_in

_OF_SETTLING = MappingProxyType({"CALL_BACK_NOT_TAKEN": "callBackId"})
_OF_TAKING: MappingProxyType[str, str] = MappingProxyType({})
"""Taking names nothing that a refusal could be about."""


@strawberry.type(description="The work of operators of 122 who call back.")
class CallBackDeskMutations:
    """Joined into the root of changes."""

    @mutation(
        description="Take whoever has been due longest, for operators of 122: nobody else gets them for 15 minutes, "
        "and as long as the call is open that this opens with their number. It stands in the person's access log."
    )
    async def take_call_back(
        self,
        info: Info,
        input: Annotated[TakeCallBackInput, strawberry.argument(description="The next one.")],  # noqa: A002 # the public name
    ) -> TakeCallBackPayload | None:
        """Take the next one."""
        context = info.context
        try:
            done = await context.services.call_back_desk.take(context.principal, idempotency_key=input.idempotency_key)
        except REFUSALS as refusal:
            return TakeCallBackPayload(errors=user_errors(context, refusal, _OF_TAKING))
        context.mark_replay(replayed=done.replayed)
        return TakeCallBackPayload(call_back=to_taken(done.value))

    @mutation(
        description="Say what came of calling whoever was taken. CALL_BACK_NOT_TAKEN alike for an unknown one, another "
        "operator's, one that was given up, and one that others have taken since."
    )
    async def settle_call_back(
        self,
        info: Info,
        input: Annotated[SettleCallBackInput, strawberry.argument(description="Which, and what came.")],  # noqa: A002 # the public name
    ) -> SettleCallBackPayload | None:
        """Settle what was taken."""
        context = info.context
        try:
            actor = signed_in(context.principal)
            done = await context.services.call_back_desk.settle(
                actor,
                call_back_id=CallBackId(decode_id(input.call_back_id, "CallBack", missing=CallBackNotTaken)),
                outcome=OutcomeValue(str(input.outcome.value)),
                idempotency_key=input.idempotency_key,
            )
        except REFUSALS as refusal:
            return SettleCallBackPayload(errors=user_errors(context, refusal, _OF_SETTLING))
        context.mark_replay(replayed=done.replayed)
        return SettleCallBackPayload(call_back=to_listed(done.value, context.clock()))
