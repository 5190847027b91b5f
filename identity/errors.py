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


class KioskSessionOver(TokenRefused):
    """The same at a kiosk: what the machine keeps of the person has to be wiped."""


class DpopRequired(IdentityRefusal):
    """A token bound to a device's key was shown as a bearer token (S26). Source: RFC 9449 §7.2."""

    code = "DPOP_REQUIRED"


class InsufficientUserAuthentication(IdentityRefusal):
    """What is asked needs a fresher or a stronger proof of who the person is. Source: RFC 9470 (S31)."""

    code = "INSUFFICIENT_USER_AUTHENTICATION"

    def __init__(self, *, max_age_seconds: int, acr: str | None) -> None:
        """Say what would do: how old the proof may be, and the level (None: any)."""
        super().__init__()
        self.max_age_seconds = max_age_seconds
        self.acr = acr


class AccountNotConfirmed(IdentityRefusal):
    """The ESIA account is not confirmed: no medical data. Source: 152-ФЗ art. 10, domain notes on ESIA levels."""

    code = "ACCOUNT_NOT_CONFIRMED"


class AccessRefused(IdentityRefusal):
    """The actor has no right to do this for this person."""

    code = "ACCESS_REFUSED"


class SignInRefused(IdentityRefusal):
    """A step of sign-in was refused; `error` is the OAuth word that goes with `code`."""

    error: ClassVar[str] = "invalid_request"


class SignInRequestInvalid(SignInRefused):
    """A parameter is missing, repeated, malformed or too long. Source: RFC 6749 §4.1.2.1."""

    code = "SIGN_IN_REQUEST_INVALID"


class AppUnknown(SignInRefused):
    """No app is registered under this client_id. Source: RFC 6749 §5.2."""

    code = "APP_UNKNOWN"
    error = "invalid_client"


class RedirectNotAllowed(SignInRefused):
    """The redirect is not one the app registered, to the letter. Source: RFC 9700 §2.1 (S21)."""

    code = "REDIRECT_NOT_ALLOWED"


class ResponseTypeUnsupported(SignInRefused):
    """Only the code flow is served: no implicit grant (S21)."""

    code = "RESPONSE_TYPE_UNSUPPORTED"
    error = "unsupported_response_type"


class GrantTypeUnsupported(SignInRefused):
    """Only authorization_code, refresh_token and client_credentials are served: no password grant (S21)."""

    code = "GRANT_TYPE_UNSUPPORTED"
    error = "unsupported_grant_type"


class PkceRequired(SignInRefused):
    """No S256 code challenge. Source: RFC 7636 §4.4.1, RFC 9700 §2.1.1 (S21)."""

    code = "PKCE_REQUIRED"


class SignInStateInvalid(SignInRefused):
    """The state is unknown, used, too old, or was begun in another browser (S22)."""

    code = "SIGN_IN_STATE_INVALID"
    error = "access_denied"


class SignInDenied(SignInRefused):
    """The person, or ESIA, said no (ESIA-007004, ESIA-007019)."""

    code = "SIGN_IN_DENIED"
    error = "access_denied"


class EsiaAccountUnconfirmed(SignInRefused):
    """ESIA itself refuses this account until it is confirmed (ESIA-007055)."""

    code = "ESIA_ACCOUNT_UNCONFIRMED"
    error = "access_denied"


class EsiaProfileIncomplete(SignInRefused):
    """The ESIA account has no birth date or sex yet, so the person cannot be known to medicine."""

    code = "ESIA_PROFILE_INCOMPLETE"
    error = "access_denied"


class OrganizationNotChosen(SignInRefused):
    """The person works for several organisations of this kind, and the app named none of them."""

    code = "ORGANIZATION_NOT_CHOSEN"
    error = "account_selection_required"


class ClientNotAuthenticated(SignInRefused):
    """A system did not prove who it is, whatever the reason. Source: RFC 7523 §3.2, RFC 6749 §5.2."""

    code = "CLIENT_NOT_AUTHENTICATED"
    error = "invalid_client"


class KioskUnknown(SignInRefused):
    """The key is none of the machines' of this app, or a machine's in another app. Source: RFC 6749 §4.1.2.1, §5.2."""

    code = "KIOSK_UNKNOWN"
    error = "unauthorized_client"


class ScopeUnknown(SignInRefused):
    """A scope that is not known, or not this session's to ask for. Source: RFC 6749 §5.2 and §6."""

    code = "SCOPE_UNKNOWN"
    error = "invalid_scope"


class AuthorizationCodeInvalid(SignInRefused):
    """The code is unknown, used, too old, another app's, or its verifier or redirect does not match."""

    code = "AUTHORIZATION_CODE_INVALID"
    error = "invalid_grant"


class RefreshTokenInvalid(SignInRefused):
    """The refresh token is unknown or another app's."""

    code = "REFRESH_TOKEN_INVALID"
    error = "invalid_grant"


class RefreshTokenReused(SignInRefused):
    """The refresh token was used before: its whole session is revoked (S27)."""

    code = "REFRESH_TOKEN_REUSED"
    error = "invalid_grant"


class SessionEnded(SignInRefused):
    """The session is revoked, idle for too long, or past its absolute end (S29)."""

    code = "SESSION_ENDED"
    error = "invalid_grant"


class DpopProofInvalid(SignInRefused):
    """The proof of the device's key is missing, malformed, late, for something else, or was shown before (S26)."""

    code = "DPOP_PROOF_INVALID"
    error = "invalid_dpop_proof"


class AuthenticationTooWeak(SignInRefused):
    """ESIA did not ask the person again, or reached a lower level, than the app wanted. Source: RFC 9470 §5 (S31)."""

    code = "AUTHENTICATION_TOO_WEAK"
    error = "unmet_authentication_requirements"


class TooManyAttempts(SignInRefused):
    """More attempts than anybody needs, from one address, for one account or by one device (S33)."""

    code = "TOO_MANY_ATTEMPTS"
    error = "temporarily_unavailable"

    def __init__(self, *, retry_after_seconds: int = 1) -> None:
        """Say when to come again."""
        super().__init__()
        self.retry_after_seconds = retry_after_seconds


class AccountUnknown(IdentityRefusal):
    """No account stands under this (issuer, subject)."""

    code = "ACCOUNT_UNKNOWN"


class EsiaUnavailable(IdentityOperational):
    """ESIA is down, overloaded (ESIA-007008) or too slow."""

    code = "ESIA_UNAVAILABLE"
    retry_after_ms = 5_000


class EsiaAnswerInvalid(IdentityOperational):
    """ESIA answered something that cannot be trusted: no JSON, a wrong state, token, person or form."""

    code = "ESIA_ANSWER_INVALID"


class EsiaRequestRejected(IdentityOperational):
    """ESIA does not accept us: certificate, mnemonic, scope, time or redirect are set up wrongly."""

    code = "ESIA_REQUEST_REJECTED"


class SignInUnavailable(IdentityOperational):
    """Our own storage is busy or away; nothing was given out."""

    code = "SIGN_IN_UNAVAILABLE"
    retry_after_ms = 1_000


class SessionCheckUnavailable(IdentityOperational):
    """Whether the session still stands cannot be told now, and was told too long ago (S30)."""

    code = "SESSION_CHECK_UNAVAILABLE"
    retry_after_ms = 1_000
