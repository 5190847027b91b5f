"""Refusals and operational failures of identity; mapped to the wire by the face and by `identity.routes`."""

from typing import ClassVar


class IdentityRefusal(Exception):
    """An expected "no" with a stable code; its text never holds personal data."""

    code: ClassVar[str]

    def __init__(self) -> None:
        """Say the stable code, so that a log line needs no more."""
        super().__init__(self.code)


class IdentityOperational(Exception):
    """Something outside identity did not work this time; the caller may try again."""

    code: ClassVar[str]
    retry_after_ms: ClassVar[int | None] = None

    def __init__(self) -> None:
        """Say the stable code, so that a log line needs no more."""
        super().__init__(self.code)


class NotSignedIn(IdentityRefusal):
    """No token was sent where one is needed."""

    code = "UNAUTHENTICATED"


class TokenRefused(IdentityRefusal):
    """The access token is malformed, foreign, expired or revoked."""

    code = "TOKEN_INVALID"


class AccountNotConfirmed(IdentityRefusal):
    """The ESIA account is not confirmed: no medical data. Source: 152-ФЗ art. 10, domain notes on ESIA levels."""

    code = "ACCOUNT_NOT_CONFIRMED"


class AccessRefused(IdentityRefusal):
    """The actor has no right to do this for this person."""

    code = "ACCESS_REFUSED"
