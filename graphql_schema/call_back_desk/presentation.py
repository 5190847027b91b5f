"""The list turned into what operators see."""

from datetime import datetime

from backend.call_backs.rules import state_now
from backend.call_backs.values import CallBackState as StateValue
from backend.call_backs.values import ListedCallBack as ListedValue
from backend.call_backs.values import TakenWithCall
from graphql_schema.call_back_desk.types import ListedCallBack, TakenCallBack
from graphql_schema.call_backs.types import CallBackReason, CallBackState
from graphql_schema.calls.types import to_call
from graphql_schema.node import encode_id
from graphql_schema.scalars import PhoneNumber


def to_listed(one: ListedValue, now: datetime) -> ListedCallBack:
    """Show an entry of the list to an operator."""
    state = state_now(one.state, is_held=one.is_held, attempts=one.attempts, ends_at=one.window.ends_at, now=now)
    return ListedCallBack(
        id=encode_id("CallBack", one.id),
        state=CallBackState(state.value),
        is_due=state is StateValue.WAITING and one.due_at <= now,
        reason=CallBackReason(one.reason.value),
        begins_at=one.window.begins_at,
        ends_at=one.window.ends_at,
        attempts=one.attempts,
        requested_at=one.requested_at,
    )


def to_taken(one: TakenWithCall) -> TakenCallBack:
    """Show an operator what they have taken."""
    taken, listed = one.taken, one.taken.listed
    return TakenCallBack(
        id=encode_id("CallBack", listed.id),
        reason=CallBackReason(listed.reason.value),
        number=PhoneNumber(taken.number),
        given_name=taken.given_name,
        attempts=listed.attempts,
        requested_at=listed.requested_at,
        ends_at=listed.window.ends_at,
        kept_until=taken.kept_until,
        call=to_call(one.call),
    )
