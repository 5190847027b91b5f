"""The HTTP face of identity: the browser's two ends of a sign-in, tokens, keys, and what we support."""

import time
from collections.abc import Callable
from datetime import datetime
from urllib.parse import urlsplit

import orjson
import structlog
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from identity import client_assertions
from identity.admission import Guards
from identity.device_keys import ALGORITHMS
from identity.errors import IdentityOperational, IdentityRefusal, TooManyAttempts
from identity.esia.client import Esia
from identity.forms import once
from identity.grants import Scope
from identity.language import preferred_language
from identity.pages import PRIVATE_HEADERS, failure_page
from identity.ports import PersonDirectory, SessionWatcher, Unwatched
from identity.sessions import Ended, Sessions
from identity.settings import CALLBACK_PATH, IdentitySettings, TokenSettings
from identity.sign_in import SignIn
from identity.step_up import LEVELS
from identity.system_sessions import SystemSessions
from identity.throttling import Throttle
from identity.token_endpoint import (
    CLIENT_CREDENTIALS,
    LOGOUT_PATH,
    REVOKE_PATH,
    TOKEN_PATH,
    Message,
    TokenEndpoint,
)
from identity.tokens import AccessTokens
from identity.transactions import Transaction, translated

START_PATH = "/auth/esia/start"
JWKS_PATH = "/.well-known/jwks.json"
METADATA_PATH = "/.well-known/oauth-authorization-server"
_PUBLIC_HEADERS = {"cache-control": "public, max-age=300", "access-control-allow-origin": "*"}
_log = structlog.get_logger("identity")


def routes(
    *,
    transaction: Transaction,
    esia: Esia,
    tokens: AccessTokens,
    directory: PersonDirectory,
    clock: Callable[[], datetime],
    settings: IdentitySettings,
    message: Message,
    guards: Guards,
    ended: Ended = lambda _person_id: None,
    watcher: SessionWatcher = Unwatched(),  # noqa: B008 # it has no state
    unavailable: tuple[type[Exception], ...] = (),
) -> list[BaseRoute]:
    """Return the routes of identity, for the root of the application.

    Args:
        transaction: Opens a writing session.
        esia: Where people prove who they are.
        tokens: Issues our access tokens.
        directory: Keeps the facts about people.
        clock: The present instant, aware UTC.
        settings: With our public address as the issuer (`IdentitySettings.served_at`).
        message: Text for people of (code, language).
        guards: Check proofs of keys, count attempts, let in.
        ended: Is told whose sessions may have ended.
        watcher: Acts in the transactions that begin, carry on and end sessions.
        unavailable: What `transaction` raises when storage is busy or away.
    """
    translated_transaction = translated(transaction, unavailable)
    sign_in = SignIn(transaction=translated_transaction, esia=esia, directory=directory, clock=clock, settings=settings)
    sessions = Sessions(
        transaction=translated_transaction,
        tokens=tokens,
        clock=clock,
        settings=settings.tokens,
        ended=ended,
        watcher=watcher,
    )
    browser = _BrowserEndpoints(sign_in=sign_in, settings=settings, message=message, throttle=guards.throttle)
    systems = SystemSessions(transaction=translated_transaction, tokens=tokens, clock=clock)
    endpoint = TokenEndpoint(sessions=sessions, systems=systems, settings=settings, message=message, guards=guards)

    async def jwks(_request: Request) -> Response:
        return _public_json(tokens.jwks())

    async def metadata(_request: Request) -> Response:
        return _public_json(describe(settings.tokens))

    return [
        Route(START_PATH, browser.start, methods=["GET"]),
        Route(CALLBACK_PATH, browser.callback, methods=["GET"]),
        Route(TOKEN_PATH, endpoint.token, methods=["POST"]),
        Route(REVOKE_PATH, endpoint.revoke, methods=["POST"]),
        Route(LOGOUT_PATH, endpoint.logout, methods=["POST"]),
        Route(JWKS_PATH, jwks, methods=["GET"]),
        Route(METADATA_PATH, metadata, methods=["GET"]),
    ]


def describe(settings: TokenSettings) -> dict[str, str | bool | list[str]]:
    """Return the metadata of our authorization server. Source: RFC 8414, RFC 9207, RFC 9449 §5.1, RFC 7523."""
    return {
        "issuer": settings.issuer,
        "authorization_endpoint": settings.issuer + START_PATH,
        "token_endpoint": settings.issuer + TOKEN_PATH,
        "revocation_endpoint": settings.issuer + REVOKE_PATH,
        "jwks_uri": settings.issuer + JWKS_PATH,
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "refresh_token", CLIENT_CREDENTIALS],
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": ["none", "private_key_jwt"],
        "token_endpoint_auth_signing_alg_values_supported": list(client_assertions.ALGORITHMS),
        "revocation_endpoint_auth_methods_supported": ["none"],
        "dpop_signing_alg_values_supported": list(ALGORITHMS),
        "scopes_supported": [scope.value for scope in Scope],
        "acr_values_supported": [level.value for level in LEVELS],
        "authorization_response_iss_parameter_supported": True,
        "ui_locales_supported": ["ru", "en"],
    }


class _BrowserEndpoints:
    """Start and callback; a cookie that only this browser holds binds them (S22)."""

    def __init__(self, *, sign_in: SignIn, settings: IdentitySettings, message: Message, throttle: Throttle) -> None:
        self._sign_in = sign_in
        self._throttle = throttle
        self._message = message
        self._is_secure = urlsplit(settings.tokens.issuer).scheme == "https"
        # `__Host-` keeps a neighbour domain from planting the cookie; browsers take it over https only.
        self._cookie = "__Host-sign-in" if self._is_secure else "sign-in"
        self._max_age = settings.tokens.sign_in_lifetime_seconds

    async def start(self, request: Request) -> Response:
        started_at = time.monotonic()
        try:
            await self._throttle.start(_address(request))
            started = await self._sign_in.start(once(request.query_params.multi_items()))
        except (IdentityRefusal, IdentityOperational) as failure:
            _record("identity.sign_in_start", started_at, outcome=failure.code)
            return self._failed(request, failure)
        response = _redirect(started.location)
        if started.browser_secret is not None:
            response.set_cookie(
                self._cookie,
                started.browser_secret,
                max_age=self._max_age,
                path="/",
                secure=self._is_secure,
                httponly=True,
                samesite="lax",
            )
        _record("identity.sign_in_start", started_at, outcome=started.code or "ok")
        return response

    async def callback(self, request: Request) -> Response:
        started_at = time.monotonic()
        try:
            await self._throttle.callback(_address(request))
            finished = await self._sign_in.finish(
                once(request.query_params.multi_items()), browser_secret=request.cookies.get(self._cookie, "")
            )
        except (IdentityRefusal, IdentityOperational) as failure:
            _record("identity.sign_in", started_at, outcome=failure.code)
            return self._failed(request, failure)
        response = _redirect(finished.location)
        response.delete_cookie(self._cookie, path="/", secure=self._is_secure, httponly=True, samesite="lax")
        ids = {} if finished.person_id is None else {"person_id": str(finished.person_id)}
        _record("identity.sign_in", started_at, outcome=finished.code or "ok", **ids)
        return response

    def _failed(self, request: Request, failure: IdentityRefusal | IdentityOperational) -> Response:
        language = preferred_language(request.headers.get("accept-language"))
        status = 503 if isinstance(failure, IdentityOperational) else 400
        if isinstance(failure, TooManyAttempts):
            status = 429
        page = failure_page(
            language=language, message=self._message(failure.code, language), code=failure.code, status=status
        )
        if isinstance(failure, TooManyAttempts):
            page.headers["retry-after"] = str(failure.retry_after_seconds)
        return page


def _address(request: Request) -> str:
    return request.client.host if request.client is not None else ""


def _record(event: str, started_at: float, *, outcome: str, **ids: str) -> None:
    _log.info(event, outcome=outcome, duration_ms=round((time.monotonic() - started_at) * 1000), **ids)


def _redirect(location: str) -> Response:
    return RedirectResponse(location, status_code=302, headers=PRIVATE_HEADERS)


def _public_json(body: object) -> Response:
    return Response(orjson.dumps(body), media_type="application/json", headers=_PUBLIC_HEADERS)
