"""How failures reach a client: refusals as data in a payload, everything else as coded top-level errors."""

from collections.abc import Mapping
from types import MappingProxyType

import strawberry

from backend.errors import Operational, Refusal
from geo.errors import GeoRefusal
from graphql_schema.context import Context
from graphql_schema.error_codes import UserErrorCode
from identity.errors import (
    IdentityOperational,
    IdentityRefusal,
    InsufficientUserAuthentication,
    NotSignedIn,
    TokenRefused,
)

REFUSALS: tuple[type[Refusal | IdentityRefusal | GeoRefusal], ...] = (Refusal, IdentityRefusal, GeoRefusal)
"""Expected answers "no": `except REFUSALS as refusal:` in a mutation, then `user_errors`."""

_OF_EVERY_INPUT = MappingProxyType({"IDEMPOTENCY_KEY_REUSED": "idempotencyKey"})

OPERATIONALS: tuple[type[Operational | IdentityOperational], ...] = (Operational, IdentityOperational)
"""Failures that may pass: never caught by a resolver, they become retryable top-level errors."""


class BadCursor(Refusal):
    """A cursor that this connection did not give."""

    code = "BAD_CURSOR"


class PageSizeRefused(Refusal):
    """`first` is below 1 or above 100."""

    code = "PAGE_SIZE_REFUSED"


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


def user_errors(
    context: Context,
    refusal: Refusal | IdentityRefusal | GeoRefusal,
    fields: Mapping[str, str] = MappingProxyType({}),
    *,
    otherwise: str | None = None,
) -> list[UserError]:
    """Turn a refusal into the errors of a payload; the answer is marked where an earlier request got it already.

    Args:
        context: Of the request; the text is in the caller's language.
        refusal: What was refused.
        fields: By code, the part of the input that the code is about.
        otherwise: The part that every other code is about; None for the whole input.

    Raises:
        NotSignedIn: Given one; it is a top-level error, not data.
        TokenRefused: The same.
        InsufficientUserAuthentication: The same; its `extensions` say what would do (S31).
    """
    if isinstance(refusal, NotSignedIn | TokenRefused | InsufficientUserAuthentication):
        raise refusal
    context.mark_replay(replayed=isinstance(refusal, Refusal) and refusal.replayed)
    name = _OF_EVERY_INPUT.get(refusal.code) or fields.get(refusal.code, otherwise)
    error = RefusedError(
        code=UserErrorCode(refusal.code),
        message=context.catalogue.message(refusal.code, context.language),
        path=["input", name] if name else None,
    )
    return [error]
