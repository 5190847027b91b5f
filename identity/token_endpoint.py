"""POST /auth/token: our one-time code, or a refresh token, for the next pair of tokens."""

import time
from collections.abc import Awaitable, Callable, Mapping
from urllib.parse import parse_qsl

import orjson
import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from identity.errors import (
    AppUnknown,
    GrantTypeUnsupported,
    IdentityOperational,
    IdentityRefusal,
    SignInRequestInvalid,
)
from identity.language import preferred_language
from identity.pages import PRIVATE_HEADERS
from identity.redirects import find_app
from identity.sessions import Grant, Sessions
from identity.settings import IdentitySettings
from identity.sign_in import oauth_error

Message = Callable[[str, str], str]
"""Returns the text for people of (code, language)."""

_MAX_BODY_BYTES = 16_384
_MAX_FIELDS = 20
_log = structlog.get_logger("identity")


class TokenEndpoint:
    """RFC 6749 §4.1.3 and §6 for public apps, with our `code` beside the OAuth `error`."""

    def __init__(self, *, sessions: Sessions, settings: IdentitySettings, message: Message) -> None:
        """Take everything it works with."""
        self._sessions = sessions
        self._settings = settings
        self._message = message
        self._grants: Mapping[str, Callable[[str, Mapping[str, str]], Awaitable[Grant]]] = {
            "authorization_code": self._redeem,
            "refresh_token": self._refresh,
        }

    async def __call__(self, request: Request) -> Response:
        """Answer with tokens, or with an OAuth error."""
        started = time.monotonic()
        outcome = "ok"
        try:
            form = await read_form(request)
            grant = await self._grant(form)
            response = _json(200, _tokens(grant))
            ids = {"person_id": str(grant.person_id), "session_id": str(grant.session_id)}
        except (IdentityRefusal, IdentityOperational) as failure:
            response, outcome, ids = self._failed(request, failure), failure.code, {}
        duration_ms = round((time.monotonic() - started) * 1000)
        _log.info("identity.token", outcome=outcome, duration_ms=duration_ms, **ids)
        return response

    async def _grant(self, form: Mapping[str, str]) -> Grant:
        grant = self._grants.get(_required(form, "grant_type"))
        if grant is None:
            raise GrantTypeUnsupported
        app = find_app(self._settings.apps, form.get("client_id", ""))
        return await grant(app.client_id, form)

    async def _redeem(self, client_id: str, form: Mapping[str, str]) -> Grant:
        return await self._sessions.redeem_code(
            client_id=client_id,
            code=_required(form, "code"),
            redirect_uri=_required(form, "redirect_uri"),
            verifier=_required(form, "code_verifier"),
        )

    async def _refresh(self, client_id: str, form: Mapping[str, str]) -> Grant:
        return await self._sessions.refresh(client_id=client_id, refresh_token=_required(form, "refresh_token"))

    def _failed(self, request: Request, failure: IdentityRefusal | IdentityOperational) -> Response:
        language = preferred_language(request.headers.get("accept-language"))
        body = {
            "error": oauth_error(failure),
            "error_description": self._message(failure.code, language),
            "code": failure.code,
        }
        if isinstance(failure, IdentityOperational):
            retry_after = {"retry-after": str(-(-(failure.retry_after_ms or 1_000) // 1_000))}
            return _json(503, body, retry_after)
        return _json(401 if isinstance(failure, AppUnknown) else 400, body)


async def read_form(request: Request) -> dict[str, str]:
    """Return the form of a request, each parameter once.

    Raises:
        SignInRequestInvalid: Another content type, too long, not UTF-8, or a parameter twice (RFC 6749 §3.2).
    """
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/x-www-form-urlencoded":
        raise SignInRequestInvalid
    body = bytearray()
    try:
        async for part in request.stream():
            body += part
            if len(body) > _MAX_BODY_BYTES:
                raise SignInRequestInvalid
        pairs = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=_MAX_FIELDS, errors="strict")
    except (ValueError, ClientDisconnect) as error:
        raise SignInRequestInvalid from error
    return once(pairs)


def once(pairs: list[tuple[str, str]]) -> dict[str, str]:
    """Return the parameters as a mapping.

    Raises:
        SignInRequestInvalid: One stands twice, or holds a NUL, which PostgreSQL cannot store.
    """
    parameters = dict(pairs)
    if len(parameters) != len(pairs) or any("\0" in value for value in parameters.values()):
        raise SignInRequestInvalid
    return parameters


def _required(form: Mapping[str, str], name: str) -> str:
    if not (value := form.get(name)):
        raise SignInRequestInvalid
    return value


def _tokens(grant: Grant) -> dict[str, str | int]:
    return {
        "access_token": grant.access_token,
        "token_type": "Bearer",
        "expires_in": grant.expires_in_seconds,
        "refresh_token": grant.refresh_token,
    }


def _json(status: int, body: object, headers: Mapping[str, str] | None = None) -> Response:
    return Response(
        orjson.dumps(body),
        status_code=status,
        media_type="application/json",
        headers={**PRIVATE_HEADERS, "pragma": "no-cache", **(headers or {})},
    )
