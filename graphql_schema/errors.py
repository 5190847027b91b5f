"""How failures reach a client: refusals as data in a payload, everything else as coded top-level errors."""

from enum import Enum

import strawberry

from backend.errors import Operational, Refusal
from graphql_schema.context import Context
from identity.errors import IdentityOperational, IdentityRefusal, NotSignedIn, TokenRefused

REFUSALS: tuple[type[Refusal | IdentityRefusal], ...] = (Refusal, IdentityRefusal)
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
    IDEMPOTENCY_KEY_REUSED = strawberry.enum_value(
        "IDEMPOTENCY_KEY_REUSED", description="The idempotency key was already used with another input."
    )
    NOT_FOUND = strawberry.enum_value(
        "NOT_FOUND", description="There is no such object, or the caller may not know of it."
    )
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


def user_error(context: Context, refusal: Refusal | IdentityRefusal, *, path: list[str] | None = None) -> RefusedError:
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
