"""What an operator sends about the list."""

from uuid import UUID

import strawberry

from graphql_schema.call_back_desk.types import CallBackOutcome

_KEY = "Made by the client for this intention; repeating it returns the first outcome."


@strawberry.input(description="Nothing is chosen: whoever has been due longest is next.")
class TakeCallBackInput:
    """The input of `takeCallBack`."""

    idempotency_key: UUID = strawberry.field(description=_KEY)


@strawberry.input(description="What came of calling.")
class SettleCallBackInput:
    """The input of `settleCallBack`."""

    call_back_id: strawberry.ID = strawberry.field(description="Id of what the operator's session has taken.")
    outcome: CallBackOutcome = strawberry.field(description="What came of it.")
    idempotency_key: UUID = strawberry.field(description=_KEY)
