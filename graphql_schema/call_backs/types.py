"""Requests to be called back as people see their own."""

from enum import Enum

import strawberry

from graphql_schema.errors import UserError
from graphql_schema.scalars import DateTime, PhoneNumber

WHY = "Why nothing was done; empty when all went well."
BEGINS = "From when on the person may be called."
ENDS = "Until when; what has not come to an end by then ends with it."
ATTEMPTS = "How often nobody answered; after the third time there is no further call."
REQUESTED = "When it was asked for."


@strawberry.enum(description="What a call back is about.")
class CallBackReason(Enum):
    """Reason."""

    BOOKING = strawberry.enum_value("booking", description="To book an appointment.")
    CHANGE = strawberry.enum_value("change", description="To move an appointment, or to give it up.")
    CANCELLATION = strawberry.enum_value("cancellation", description="A clinic has cancelled an appointment.")
    REMINDER = strawberry.enum_value("reminder", description="A reminder or another message that has come.")
    CUT_OFF = strawberry.enum_value("cut_off", description="A call was cut off.")
    OTHER = strawberry.enum_value("other", description="Something else.")


@strawberry.enum(description="Where a request stands. WAITING and TAKEN are open, the others final.")
class CallBackState(Enum):
    """State."""

    WAITING = strawberry.enum_value("waiting", description="Waits for an operator, or for its hour.")
    TAKEN = strawberry.enum_value("taken", description="An operator has taken it and is calling.")
    REACHED = strawberry.enum_value("reached", description="They talked.")
    UNREACHED = strawberry.enum_value("unreached", description="Nobody answered; there is no further call.")
    WRONG_NUMBER = strawberry.enum_value("wrong_number", description="Somebody else has that number.")
    NOT_NEEDED = strawberry.enum_value("not_needed", description="Whoever answered does not need it any more.")
    CANCELLED = strawberry.enum_value("cancelled", description="The person, or who acts for them, gave it up.")
    MISSED = strawberry.enum_value("missed", description="Nobody called while the person could be called.")


@strawberry.type(description="A request of the person, or of who acts for them, to be called back by 122.")
class CallBack:
    """A person's own request."""

    id: strawberry.ID = strawberry.field(description="What `cancelCallBack` takes; opaque.")
    state: CallBackState = strawberry.field(description="Where it stands, by the clock of this moment.")
    reason: CallBackReason = strawberry.field(description="What about.")
    number: PhoneNumber = strawberry.field(description="Which number is called.")
    begins_at: DateTime = strawberry.field(description=BEGINS)
    ends_at: DateTime = strawberry.field(description=ENDS)
    time_zone: str = strawberry.field(description="By which clock the hours were said, as an IANA name.")
    attempts: int = strawberry.field(description=ATTEMPTS)
    next_call_at: DateTime | None = strawberry.field(
        description="From when on the next call may come; null where none does."
    )
    requested_at: DateTime = strawberry.field(description=REQUESTED)
    ended_at: DateTime | None = strawberry.field(description="When it became final.")


@strawberry.type(description="What came of asking to be called back.")
class RequestCallBackPayload:
    """The request, or errors."""

    call_back: CallBack | None = strawberry.field(default=None, description="The request; null when refused.")
    errors: list[UserError] = strawberry.field(default_factory=list, description=WHY)


@strawberry.type(description="What came of giving a request up.")
class CancelCallBackPayload:
    """The request, or errors."""

    call_back: CallBack | None = strawberry.field(default=None, description="The request as it stands now.")
    errors: list[UserError] = strawberry.field(default_factory=list, description=WHY)
