"""How a refused entry looks over HTTP: status, challenge, code."""

from starlette.types import Scope

from graphql_schema.faults import RequestRefused, refused
from identity.admission import Credentials
from identity.dpop import challenge
from identity.errors import DpopProofInvalid, DpopRequired, IdentityOperational, IdentityRefusal, KioskSessionOver
from identity.pages import WIPING_HEADERS


def has_one_proof(scope: Scope) -> bool:
    """Tell whether a request carries exactly one `DPoP` header: several are as good as none (RFC 9449 §4.3)."""
    return [name for name, _value in scope["headers"]].count(b"dpop") == 1


def refused_entry(failure: IdentityRefusal | IdentityOperational, credentials: Credentials) -> RequestRefused:
    """Return the refusal of a request whose token or proof is not taken (RFC 6750 §3, RFC 9449 §7.1)."""
    if isinstance(failure, IdentityOperational):
        detail = "whether the session stands cannot be told now"
        return refused(failure.code, detail, status=503, retry_after_ms=failure.retry_after_ms)
    if isinstance(failure, DpopProofInvalid):
        headers = {"www-authenticate": challenge("invalid_dpop_proof")}
        return refused(failure.code, "the proof of the key does not hold", status=401, headers=headers)
    if isinstance(failure, DpopRequired):
        headers = {"www-authenticate": challenge("invalid_token")}
        return refused(failure.code, "the token is bound to a key", status=401, headers=headers)
    words = challenge("invalid_token") if credentials.is_dpop else 'Bearer error="invalid_token"'
    wiping = WIPING_HEADERS if isinstance(failure, KioskSessionOver) else {}
    headers = {"www-authenticate": words, **wiping}
    return refused(failure.code, "the access token is refused", status=401, headers=headers)
