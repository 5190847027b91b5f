"""A person's own requests turned into what clients see."""

from datetime import datetime

from backend.call_backs.rules import state_now
from backend.call_backs.values import CallBack as CallBackValue
from backend.call_backs.values import CallBackState as StateValue
from graphql_schema.call_backs.types import CallBack, CallBackReason, CallBackState
from graphql_schema.node import encode_id
from graphql_schema.scalars import PhoneNumber


def to_call_back(one: CallBackValue, now: datetime) -> CallBack:
    """Show a request to the person."""
    state = state_now(one.state, is_held=one.is_held, attempts=one.attempts, ends_at=one.window.ends_at, now=now)
    return CallBack(
        id=encode_id("CallBack", one.id),
        state=CallBackState(state.value),
        reason=CallBackReason(one.reason.value),
        number=PhoneNumber(one.number),
        begins_at=one.window.begins_at,
        ends_at=one.window.ends_at,
        time_zone=one.time_zone,
        attempts=one.attempts,
        next_call_at=one.due_at if state is StateValue.WAITING else None,
        requested_at=one.requested_at,
        ended_at=one.ended_at,
    )
