"""How failures reach a client: refusals as data in a payload, everything else as coded top-level errors."""

from enum import Enum

import strawberry

from backend.errors import Operational, Refusal
from geo.errors import GeoRefusal
from graphql_schema.context import Context
from identity.errors import IdentityOperational, IdentityRefusal, NotSignedIn, TokenRefused

REFUSALS: tuple[type[Refusal | IdentityRefusal | GeoRefusal], ...] = (Refusal, IdentityRefusal, GeoRefusal)
"""Expected answers "no": `except REFUSALS as refusal:` in a mutation, then `user_error`."""

OPERATIONALS: tuple[type[Operational | IdentityOperational], ...] = (Operational, IdentityOperational)
"""Failures that may pass: never caught by a resolver, they become retryable top-level errors."""


class BadCursor(Refusal):
    """A cursor that this connection did not give."""

    code = "BAD_CURSOR"


class PageSizeRefused(Refusal):
    """`first` is below 1 or above 100."""

    code = "PAGE_SIZE_REFUSED"


@strawberry.enum(
    description="Why a mutation was refused. New codes may appear: treat an unknown one as a plain refusal."
)
class UserErrorCode(Enum):
    """Every refusal code that may stand in a payload, sorted; each has its row in the error catalogue."""

    ACCESS_REFUSED = strawberry.enum_value(
        "ACCESS_REFUSED", description="The signed-in person has no right to do this for this person."
    )
    ACCOUNT_NOT_CONFIRMED = strawberry.enum_value(
        "ACCOUNT_NOT_CONFIRMED", description="The ESIA account is not confirmed, so medical data are closed."
    )
    ALREADY_CANCELLED = strawberry.enum_value("ALREADY_CANCELLED", description="The appointment was given up before.")
    APPOINTMENT_NOT_FOUND = strawberry.enum_value(
        "APPOINTMENT_NOT_FOUND", description="No such appointment, or not the person's own."
    )
    CALLER_ANSWER_INVALID = strawberry.enum_value(
        "CALLER_ANSWER_INVALID",
        description="Not exactly one answer: four digits of the policy, or six of the code. It counts as no try.",
    )
    CALLER_NOT_VERIFIED = strawberry.enum_value(
        "CALLER_NOT_VERIFIED",
        description="Nobody of this name and birth date, or a wrong answer; or nobody is verified yet.",
    )
    CALLER_NUMBER_INVALID = strawberry.enum_value(
        "CALLER_NUMBER_INVALID", description="Not a telephone number in E.164."
    )
    CALL_ALREADY_OPEN = strawberry.enum_value(
        "CALL_ALREADY_OPEN", description="The operator has an open call in this session."
    )
    CALL_NOT_OPEN = strawberry.enum_value(
        "CALL_NOT_OPEN", description="No such call of this operator and session, or it has ended."
    )
    CALL_THROTTLED = strawberry.enum_value(
        "CALL_THROTTLED", description="Too many wrong tries or codes; later, or in another call."
    )
    CALL_VERIFICATION_CLOSED = strawberry.enum_value(
        "CALL_VERIFICATION_CLOSED",
        description="The caller is known already, or there were too many wrong tries in this call.",
    )
    CANCEL_TOO_LATE = strawberry.enum_value("CANCEL_TOO_LATE", description="The appointment has begun.")
    CHANNEL_NOT_ALLOWED = strawberry.enum_value(
        "CHANNEL_NOT_ALLOWED", description="The slot is not given out through this door, or the person may not use it."
    )
    DUPLICATE_SPECIALTY = strawberry.enum_value(
        "DUPLICATE_SPECIALTY", description="The person has a coming appointment of this specialty."
    )
    HOLD_EXPIRED = strawberry.enum_value("HOLD_EXPIRED", description="The hold ended before it was booked.")
    HOLD_NOT_FOUND = strawberry.enum_value(
        "HOLD_NOT_FOUND", description="No such hold, not the person's own, or booked already."
    )
    IDEMPOTENCY_KEY_REUSED = strawberry.enum_value(
        "IDEMPOTENCY_KEY_REUSED", description="The idempotency key was already used with another input."
    )
    NOT_FOUND = strawberry.enum_value(
        "NOT_FOUND", description="There is no such object, or the caller may not know of it."
    )
    PATIENT_NOT_REPRESENTED = strawberry.enum_value(
        "PATIENT_NOT_REPRESENTED",
        description="Nobody of this name and birth date, or nobody for whom the caller may act.",
    )
    SLOT_IN_PAST = strawberry.enum_value("SLOT_IN_PAST", description="The slot has begun.")
    SLOT_NOT_FOUND = strawberry.enum_value("SLOT_NOT_FOUND", description="No such slot.")
    SLOT_TAKEN = strawberry.enum_value("SLOT_TAKEN", description="Somebody else keeps the slot.")
    SLOT_TOO_FAR = strawberry.enum_value(
        "SLOT_TOO_FAR", description="The slot lies further ahead than this door books."
    )
    TIME_OVERLAP = strawberry.enum_value("TIME_OVERLAP", description="The person keeps another slot at this time.")
    TOO_MANY_NOTIFICATIONS = strawberry.enum_value(
        "TOO_MANY_NOTIFICATIONS", description="More than 100 messages in one request."
    )


@strawberry.interface(description="Why a mutation was refused; concrete types add data of their own.")
class UserError:
    """A refusal as data."""

    code: UserErrorCode = strawberry.field(description="The stable code; its remedy stands in the error catalogue.")
    message: str = strawberry.field(description="A text for the person, in the language of `Accept-Language`.")
    path: list[str] | None = strawberry.field(
        default=None, description="The part of the input that was refused, from `input` down; null for the whole."
    )


@strawberry.type(description="A refusal without data of its own.")
class RefusedError(UserError):
    """The ordinary refusal."""


def user_error(
    context: Context, refusal: Refusal | IdentityRefusal | GeoRefusal, *, path: list[str] | None = None
) -> RefusedError:
    """Turn a refusal into data of a payload, in the caller's language.

    Raises:
        NotSignedIn: Given one; it is a top-level error, not data.
        TokenRefused: The same.
    """
    if isinstance(refusal, NotSignedIn | TokenRefused):
        raise refusal
    return RefusedError(
        code=UserErrorCode(refusal.code),
        message=context.catalogue.message(refusal.code, context.language),
        path=path,
    )
