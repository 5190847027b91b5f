"""What an operator of 122 sends."""

from uuid import UUID

import strawberry

from graphql_schema.scalars import Date, PhoneNumber
from identity.call_rules import SaidToBe
from identity.names import FullName

_KEY = "Made by the client for this intention; repeating it returns the first outcome."
_CALL = "Id of the operator's own open call."


@strawberry.input(
    description="A person as somebody on the phone says: a name, with the birth date or the registered number, or "
    "both. Case, ё and е, and hyphens do not matter in a name; all else does."
)
class SaidPersonInput:
    """A name, and what tells its bearer from their namesakes, as heard."""

    family_name: str = strawberry.field(description="Family name.")
    given_name: str = strawberry.field(description="Given name.")
    patronymic: str | None = strawberry.field(default=None, description="Patronymic; may be left out.")
    birth_date: Date | None = strawberry.field(default=None, description="Day of birth; or `phone`.")
    phone: PhoneNumber | None = strawberry.field(
        default=None,
        description="The number that is registered for the person, to which a code would be sent. A caller of whom "
        "neither is said is looked for at the number of the call. A number proves nothing: the answer is asked all the "
        "same.",
    )

    def value(self) -> SaidToBe:
        """Return it in words of the domain."""
        return SaidToBe(FullName(self.family_name, self.given_name, self.patronymic), self.birth_date, self.phone)


@strawberry.input(description="With whom the operator talks.")
class OpenCallInput:
    """The input of `openCall`."""

    caller_number: PhoneNumber = strawberry.field(description="The number of the caller.")
    idempotency_key: UUID = strawberry.field(description=_KEY)


@strawberry.input(description="Who the caller says to be.")
class SendCallerCodeInput:
    """The input of `sendCallerCode`."""

    call_id: strawberry.ID = strawberry.field(description=_CALL)
    person: SaidPersonInput = strawberry.field(description="Who the caller says to be.")
    idempotency_key: UUID = strawberry.field(description=_KEY)


@strawberry.input(description="Who the caller says to be, and one answer that proves it.")
class VerifyCallerInput:
    """The input of `verifyCaller`."""

    call_id: strawberry.ID = strawberry.field(description=_CALL)
    person: SaidPersonInput = strawberry.field(description="Who the caller says to be.")
    policy_digits: str | None = strawberry.field(
        default=None, description="The last four digits of the policy's number; or `code`."
    )
    code: str | None = strawberry.field(
        default=None, description="The six digits of the code that was sent in this call; or `policyDigits`."
    )
    idempotency_key: UUID = strawberry.field(description=_KEY)


@strawberry.input(description="For whom the caller calls.")
class ChoosePatientInput:
    """The input of `choosePatient`."""

    call_id: strawberry.ID = strawberry.field(description=_CALL)
    person: SaidPersonInput | None = strawberry.field(
        default=None, description="Somebody for whom the caller may act; the caller when left out."
    )
    idempotency_key: UUID = strawberry.field(description=_KEY)


@strawberry.input(description="Which call to end.")
class CloseCallInput:
    """The input of `closeCall`."""

    call_id: strawberry.ID = strawberry.field(description=_CALL)
    idempotency_key: UUID = strawberry.field(description=_KEY)
