"""A made-up service account, and the token endpoint that takes its assertions (RFC 7523)."""

import asyncio
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256

import orjson
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from notifications.channels.fcm_simulated_wire import FcmFault
from notifications.channels.simulated_faults import Faults

_AUDIENCE = "https://oauth2.googleapis.com/token"
_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_SCOPES = frozenset(
    {
        "https://www.googleapis.com/auth/firebase.messaging",
        "https://www.googleapis.com/auth/cloud-platform",
    }
)
_LIFETIME = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class ServiceAccount:
    """An account and the public half of its key."""

    email: str
    key_id: str
    public_key: str
    json: str = field(repr=False)
    """What Google would give: with the private key."""


def make_service_account(project_id: str, *, token_url: str, private_key: bytes | None = None) -> ServiceAccount:
    """Make an account up.

    Args:
        project_id: Whose.
        token_url: Where the simulator's token endpoint listens; what is signed names Google's all the same.
        private_key: An RSA key as PEM; a new one of 2048 bits by default.

    Returns:
        The account; the same one for the same key and project.
    """
    key = load_pem_private_key(private_key, None) if private_key else rsa.generate_private_key(65_537, 2_048)
    public_key = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    email, key_id = f"sender@{project_id}.iam.gserviceaccount.com", sha256(public_key).hexdigest()[:40]
    account = {
        "type": "service_account",
        "project_id": project_id,
        "private_key_id": key_id,
        "private_key": key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode(),
        "client_email": email,
        "token_uri": token_url,
    }
    return ServiceAccount(email, key_id, public_key.decode(), orjson.dumps(account).decode())


class TokenEndpoint:
    """Gives access tokens for an hour, and knows which are good."""

    def __init__(self, account: ServiceAccount, faults: Faults[FcmFault], clock: Callable[[], datetime]) -> None:
        """Begin without any."""
        self._account = account
        self._key = RSAKey.import_key(account.public_key)
        self._faults = faults
        self._clock = clock
        self._ends: dict[str, datetime] = {}

    def forget(self) -> None:
        """Let every access token be no good any more."""
        self._ends.clear()

    def knows(self, authorization: str) -> bool:
        """Say whether this is a bearer token that is good now."""
        scheme, _, token = authorization.partition(" ")
        return scheme == "Bearer" and self._ends.get(token, self._clock()) > self._clock()

    async def grant(self, request: Request) -> Response:
        """Answer `POST /token`."""
        fault = self._faults.take(lambda fault: fault.kind.startswith("token_"))
        if fault is not None and fault.kind == "token_slow":
            await asyncio.sleep(fault.seconds)
        elif fault is not None:
            return _spoiled(fault.kind)
        async with request.form() as form:
            grant, assertion = form.get("grant_type"), form.get("assertion")
        if grant != _GRANT or not isinstance(assertion, str):
            return JSONResponse({"error": "unsupported_grant_type"}, status_code=400)
        if (wrong := self._what_is_wrong_with(assertion)) is not None:
            return JSONResponse({"error": "invalid_grant", "error_description": wrong}, status_code=400)
        token = f"ya29.{secrets.token_urlsafe(24)}"
        self._ends[token] = self._clock() + _LIFETIME
        seconds = int(_LIFETIME.total_seconds())
        return JSONResponse({"access_token": token, "expires_in": seconds, "token_type": "Bearer"})

    def _what_is_wrong_with(self, assertion: str) -> str | None:
        try:
            token = jwt.decode(assertion, self._key, algorithms=["RS256"])
        except (JoseError, ValueError):
            return "Invalid JWT Signature."
        claims = token.claims
        begins_at, ends_at = claims.get("iat"), claims.get("exp")
        now = self._clock().timestamp()
        if token.header.get("kid") != self._account.key_id or claims.get("iss") != self._account.email:
            return "Invalid grant: account not found"
        if claims.get("aud") != _AUDIENCE:
            return "Invalid JWT: wrong audience."
        if not isinstance(begins_at, int) or not isinstance(ends_at, int) or ends_at - begins_at > 3_600:
            return "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe."
        if not begins_at - 60 <= now < ends_at:
            return "Invalid JWT: Token must be in a reasonable timeframe."
        return None if _SCOPES & set(str(claims.get("scope")).split()) else "invalid_scope"


def _spoiled(kind: str) -> Response:
    if kind == "token_down":
        return PlainTextResponse("<html>down</html>", status_code=500)
    if kind == "token_refused":
        return JSONResponse({"error": "invalid_grant", "error_description": "Account disabled."}, status_code=400)
    return PlainTextResponse("<html>", status_code=200)
