"""A call of 122 as its operator sees it."""

from enum import Enum

import strawberry

from graphql_schema.errors import UserError
from graphql_schema.node import encode_id
from graphql_schema.scalars import DateTime, PhoneNumber
from graphql_schema.viewer import Viewer
from identity.call_views import Call as CallValue


@strawberry.enum(description="By what a caller was known, beside the name and the birth date or number.")
class CallerProof(Enum):
    """Proof."""

    CODE = strawberry.enum_value("code", description="A code sent to the registered phone.")
    POLICY_DIGITS = strawberry.enum_value("policy_digits", description="The last four digits of the policy's number.")


@strawberry.type(
    description="A call of 122: what allows its operator to act for one person. It ends when the operator says so, 15 "
    "minutes after anybody's data were last asked for, and 60 minutes after it was opened."
)
class Call:
    """One call."""

    id: strawberry.ID = strawberry.field(description="Id of the call, for the mutations about it.")
    caller_number: PhoneNumber | None = strawberry.field(
        description="The number of whom the operator talks with; null once it is kept no more."
    )
    opened_at: DateTime = strawberry.field(description="When it was opened.")
    ends_at: DateTime = strawberry.field(description="When it ends if nothing more is asked; or when it ended.")
    is_open: bool = strawberry.field(description="Whether anything may be done in it.")
    is_caller_verified: bool = strawberry.field(description="Whether it is known who is calling.")
    verified_by: CallerProof | None = strawberry.field(description="By what; null while it is not known who calls.")
    is_for_caller: bool = strawberry.field(description="Whether the caller is the patient.")
    patient: Viewer | None = strawberry.field(
        description="For whom the caller calls; null until somebody is chosen, and after the end. Every look is in the "
        "person's access log, under both names."
    )


def to_call(call: CallValue) -> Call:
    """Show a call to its operator."""
    is_acting = call.is_open and call.patient_id is not None
    return Call(
        id=encode_id("Call", call.id),
        caller_number=None if call.caller_number is None else PhoneNumber(call.caller_number),
        opened_at=call.opened_at,
        ends_at=call.ends_at,
        is_open=call.is_open,
        is_caller_verified=call.caller_id is not None,
        verified_by=CallerProof(call.verified_by.value) if call.verified_by else None,
        is_for_caller=call.patient_id is not None and call.patient_id == call.caller_id,
        patient=Viewer(person_id=call.patient_id) if is_acting and call.patient_id else None,
    )


_CALL = "The call as it stands now; null when refused."
_ERRORS = "Why nothing was done; empty when all went well."


@strawberry.type(description="What came of opening a call.")
class OpenCallPayload:
    """A call, or errors."""

    call: Call | None = strawberry.field(default=None, description=_CALL)
    errors: list[UserError] = strawberry.field(default_factory=list, description=_ERRORS)


@strawberry.type(description="What came of sending a code; the same whether there is such a person or not.")
class SendCallerCodePayload:
    """A call, or errors."""

    call: Call | None = strawberry.field(default=None, description=_CALL)
    errors: list[UserError] = strawberry.field(default_factory=list, description=_ERRORS)


@strawberry.type(description="What came of verifying a caller.")
class VerifyCallerPayload:
    """A call, or errors."""

    call: Call | None = strawberry.field(default=None, description=_CALL)
    errors: list[UserError] = strawberry.field(default_factory=list, description=_ERRORS)


@strawberry.type(description="What came of choosing a patient.")
class ChoosePatientPayload:
    """A call, or errors."""

    call: Call | None = strawberry.field(default=None, description=_CALL)
    errors: list[UserError] = strawberry.field(default_factory=list, description=_ERRORS)


@strawberry.type(description="What came of ending a call.")
class CloseCallPayload:
    """A call, or errors."""

    call: Call | None = strawberry.field(default=None, description=_CALL)
    errors: list[UserError] = strawberry.field(default_factory=list, description=_ERRORS)
