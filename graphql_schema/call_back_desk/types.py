"""The operators' list, and what a session has taken of it."""

from enum import Enum

import strawberry

from graphql_schema.call_backs.types import ATTEMPTS, BEGINS, ENDS, REQUESTED, WHY, CallBackReason, CallBackState
from graphql_schema.calls.types import Call
from graphql_schema.errors import UserError
from graphql_schema.scalars import DateTime, PhoneNumber


@strawberry.enum(description="What came of calling.")
class CallBackOutcome(Enum):
    """Outcome."""

    REACHED = strawberry.enum_value("reached", description="Somebody answered; the call goes on.")
    NO_ANSWER = strawberry.enum_value(
        "no_answer",
        description="Nobody answered: again after 30 minutes, then after two hours, within the window. It ends the "
        "call.",
    )
    WRONG_NUMBER = strawberry.enum_value(
        "wrong_number", description="Somebody else has that number. It ends the call, and the person is told."
    )
    NOT_NEEDED = strawberry.enum_value("not_needed", description="It is not needed any more. It ends the call.")


@strawberry.type(description="A request in the operators' list: nothing of it says whose it is.")
class ListedCallBack:
    """An entry of the list."""

    id: strawberry.ID = strawberry.field(description="Id of the request; opaque.")
    state: CallBackState = strawberry.field(description="Where it stands, by the clock of this moment.")
    is_due: bool = strawberry.field(description="Whether it may be taken now.")
    reason: CallBackReason = strawberry.field(description="What about.")
    begins_at: DateTime = strawberry.field(description=BEGINS)
    ends_at: DateTime = strawberry.field(description=ENDS)
    attempts: int = strawberry.field(description=ATTEMPTS)
    requested_at: DateTime = strawberry.field(description=REQUESTED)


@strawberry.type(description="A request that the operator's session has taken, with whom to call.")
class TakenCallBack:
    """What an operator works at."""

    id: strawberry.ID = strawberry.field(description="What `settleCallBack` takes; opaque.")
    reason: CallBackReason = strawberry.field(description="What about.")
    number: PhoneNumber = strawberry.field(description="Whom to call.")
    given_name: str | None = strawberry.field(
        description="Whom to ask for; null where they are known no more. Whoever answers is verified as any caller."
    )
    attempts: int = strawberry.field(description=ATTEMPTS)
    requested_at: DateTime = strawberry.field(description=REQUESTED)
    ends_at: DateTime = strawberry.field(description=ENDS)
    kept_until: DateTime = strawberry.field(
        description="Until when it is kept for this session; longer while the call is open."
    )
    call: Call = strawberry.field(description="The call that was opened for it; nobody is verified in it yet.")


@strawberry.type(description="What came of taking the next one.")
class TakeCallBackPayload:
    """What was taken, or errors."""

    call_back: TakenCallBack | None = strawberry.field(default=None, description="Whom to call; null when refused.")
    errors: list[UserError] = strawberry.field(default_factory=list, description=WHY)


@strawberry.type(description="What came of saying how a call went.")
class SettleCallBackPayload:
    """The request, or errors."""

    call_back: ListedCallBack | None = strawberry.field(
        default=None, description="The request as it stands in the list; null when refused."
    )
    errors: list[UserError] = strawberry.field(default_factory=list, description=WHY)
