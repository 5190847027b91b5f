"""POST /auth/token, /auth/revoke and /auth/logout: tokens for a code or a refresh token, and their end."""

import time
from collections.abc import Awaitable, Callable, Mapping

import orjson
import structlog
from starlette.requests import Request
from starlette.responses import Response

from identity.admission import Credentials, Guards
from identity.dpop import HEADER, Asked, challenge
from identity.errors import (
    AppUnknown,
    AuthorizationCodeInvalid,
    ClientNotAuthenticated,
    DpopProofInvalid,
    DpopRequired,
    GrantTypeUnsupported,
    IdentityOperational,
    IdentityRefusal,
    KioskSessionOver,
    KioskUnknown,
    RefreshTokenInvalid,
    RefreshTokenReused,
    ScopeUnknown,
    SessionEnded,
    TokenRefused,
    TooManyAttempts,
)
from identity.forms import device_name, read_form, required
from identity.grants import Device, Grant, Scope
from identity.kiosks import require_machine
from identity.language import preferred_language
from identity.opaque import owner_of
from identity.pages import PRIVATE_HEADERS, WIPING_HEADERS
from identity.principal import ActorKind
from identity.redirects import find_app
from identity.sessions import Sessions
from identity.settings import AppSettings, IdentitySettings
from identity.sign_in import oauth_error
from identity.staff_settings import SystemSettings
from identity.system_sessions import SystemSessions

Message = Callable[[str, str], str]
"""Returns the text for people of (code, language)."""

_log = structlog.get_logger("identity")


TOKEN_PATH = "/auth/token"  # noqa: S105 # a path
REVOKE_PATH = "/auth/revoke"
LOGOUT_PATH = "/auth/logout"
CLIENT_CREDENTIALS = "client_credentials"


class TokenEndpoint:
    """RFC 6749 §4.1.3 and §6 for public apps, §4.4 for systems; RFC 9449 §5; RFC 7009; our `code` beside `error`."""

    def __init__(
        self,
        *,
        sessions: Sessions,
        systems: SystemSessions,
        settings: IdentitySettings,
        message: Message,
        guards: Guards,
    ) -> None:
        """Take everything it works with."""
        self._sessions = sessions
        self._systems = systems
        self._assertions = guards.assertions
        self._settings = settings
        self._message = message
        self._proofs, self._throttle, self._admission = guards.proofs, guards.throttle, guards.admission
        self._grants: Mapping[str, Callable[[AppSettings, Mapping[str, str], str | None], Awaitable[Grant]]] = {
            "authorization_code": self._redeem,
            "refresh_token": self._refresh,
        }

    async def token(self, request: Request) -> Response:
        """Answer with tokens, or with an OAuth error."""

        async def work() -> tuple[Response, dict[str, str]]:
            form = await read_form(request)
            grant = await self._grant(request, form)
            ids = {"person_id": str(grant.person_id), "session_id": str(grant.session_id)}
            return _json(200, _tokens(grant)), ids

        return await self._answered("identity.token", request, work)

    async def revoke(self, request: Request) -> Response:
        """End the session of a token; 200 also for a token that means nothing (RFC 7009 §2.2)."""

        async def work() -> tuple[Response, dict[str, str]]:
            form = await read_form(request)
            token = required(form, "token")
            await self._throttle.token(_address(request), account=_account(token))
            app = self._app(request, form)
            person_id = await self._sessions.revoke(client_id=app.client_id, token=token)
            return _json(200, {}, _wiping(request)), {} if person_id is None else {"person_id": str(person_id)}

        return await self._answered("identity.revoke", request, work)

    async def logout(self, request: Request) -> Response:
        """End the session of the access token in `Authorization`; 204."""

        async def work() -> tuple[Response, dict[str, str]]:
            await self._throttle.token(_address(request))
            principal = await self._admission.admit(
                Credentials(
                    authorization=request.headers.get("authorization", ""),
                    method=request.method,
                    url=self._settings.tokens.issuer + LOGOUT_PATH,
                    proof=_proof(request),
                )
            )
            await self._sessions.end(principal.person_id, principal.session_id)
            wiping = WIPING_HEADERS if principal.kind is ActorKind.KIOSK else {}
            response = Response(status_code=204, headers={**PRIVATE_HEADERS, **wiping})
            return response, {"person_id": str(principal.person_id)}

        return await self._answered("identity.logout", request, work)

    async def _answered(
        self, event: str, request: Request, work: Callable[[], Awaitable[tuple[Response, dict[str, str]]]]
    ) -> Response:
        """Do the work, or present its refusal; log the outcome once."""
        started = time.monotonic()
        outcome = "ok"
        try:
            response, ids = await work()
        except (IdentityRefusal, IdentityOperational) as failure:
            response, outcome, ids = self._failed(request, failure), failure.code, {}
        _log.info(event, outcome=outcome, duration_ms=round((time.monotonic() - started) * 1000), **ids)
        return response

    async def _grant(self, request: Request, form: Mapping[str, str]) -> Grant:
        secret = form.get("code") or form.get("refresh_token") or ""
        await self._throttle.token(_address(request), account=_account(secret))
        grant_type = required(form, "grant_type")
        if grant_type == CLIENT_CREDENTIALS:
            return await self._open_for_system(request, form)
        grant = self._grants.get(grant_type)
        if grant is None:
            raise GrantTypeUnsupported
        app = self._app(request, form)
        return await grant(app, form, await self._key(request, app))

    def _app(self, request: Request, form: Mapping[str, str]) -> AppSettings:
        """Find the app that asks, and remember whether it is a kiosk's: its failures and ends are to wipe."""
        app = find_app(self._settings.apps, form.get("client_id", ""))
        request.state.is_kiosk = app.signs_in is ActorKind.KIOSK
        return app

    async def _open_for_system(self, request: Request, form: Mapping[str, str]) -> Grant:
        """Let a system in by its assertion. Source: RFC 6749 §4.4, RFC 7523 §2.2."""
        system = await self._assertions.authenticate(form)
        if form.get("scope"):
            raise ScopeUnknown
        return await self._systems.open(system, key=await self._key(request, system))

    async def _key(self, request: Request, app: AppSettings | SystemSettings) -> str | None:
        """Return the thumbprint of the key whose proof came with the request; None where none need come."""
        proof = _proof(request)
        if proof is None:
            if app.must_bind:
                raise DpopProofInvalid
            return None
        key = await self._proofs.check(proof, Asked("POST", self._settings.tokens.issuer + TOKEN_PATH))
        await self._throttle.device(key)
        return key

    async def _redeem(self, app: AppSettings, form: Mapping[str, str], key: str | None) -> Grant:
        if form.get("scope"):  # only a refresh narrows: RFC 6749 §4.1.3 knows no such parameter
            raise ScopeUnknown
        kiosk = require_machine(self._settings.kiosks, app, key)
        return await self._sessions.redeem_code(
            client_id=app.client_id,
            code=required(form, "code"),
            redirect_uri=required(form, "redirect_uri"),
            verifier=required(form, "code_verifier"),
            device=Device(key=key, name=device_name(form) if kiosk is None else kiosk.clinic),
        )

    async def _refresh(self, app: AppSettings, form: Mapping[str, str], key: str | None) -> Grant:
        require_machine(self._settings.kiosks, app, key)
        return await self._sessions.refresh(
            client_id=app.client_id,
            refresh_token=required(form, "refresh_token"),
            key=key,
            scope=Scope.parse(form.get("scope")),
        )

    def _failed(self, request: Request, failure: IdentityRefusal | IdentityOperational) -> Response:
        language = preferred_language(request.headers.get("accept-language"))
        body = {
            "error": "invalid_token" if isinstance(failure, _UNPROVEN) else oauth_error(failure),
            "error_description": self._message(failure.code, language),
            "code": failure.code,
        }
        if isinstance(failure, TooManyAttempts):
            return _json(429, body, {"retry-after": str(failure.retry_after_seconds)})
        if isinstance(failure, IdentityOperational):
            retry_after = {"retry-after": str(-(-(failure.retry_after_ms or 1_000) // 1_000))}
            return _json(503, body, retry_after)
        if isinstance(failure, _UNPROVEN):
            wiping = WIPING_HEADERS if isinstance(failure, KioskSessionOver) else {}
            return _json(401, body, {"www-authenticate": challenge("invalid_token"), **wiping})
        status = 401 if isinstance(failure, _UNKNOWN) else 400
        return _json(status, body, _wiping(request) if isinstance(failure, _OVER) else {})


_UNKNOWN = (AppUnknown, ClientNotAuthenticated)
_UNPROVEN = (TokenRefused, DpopRequired)
_OVER = (
    AuthorizationCodeInvalid,
    KioskUnknown,
    RefreshTokenInvalid,
    RefreshTokenReused,
    SessionEnded,
)
"""Refusals after which there is no session to go on with."""


def _wiping(request: Request) -> Mapping[str, str]:
    """Return what makes a kiosk's browser forget who was there; nothing for other apps."""
    return WIPING_HEADERS if getattr(request.state, "is_kiosk", False) else {}


def _proof(request: Request) -> str | None:
    """Return the proof of a request.

    Raises:
        DpopProofInvalid: There are several (RFC 9449 §4.3).
    """
    proofs = request.headers.getlist(HEADER)
    if len(proofs) > 1:
        raise DpopProofInvalid
    return proofs[0] if proofs else None


def _address(request: Request) -> str:
    return request.client.host if request.client is not None else ""


def _account(secret: str) -> str | None:
    owner = owner_of(secret)
    return None if owner is None else str(owner)


def _tokens(grant: Grant) -> dict[str, str | int]:
    told: dict[str, str | int] = {
        "access_token": grant.access_token,
        "token_type": "Bearer" if grant.key_thumbprint is None else "DPoP",
        "expires_in": grant.expires_in_seconds,
    }
    if grant.refresh_token is not None:
        told["refresh_token"] = grant.refresh_token
    if grant.scope is not None:
        told["scope"] = grant.scope.value
    return told


def _json(status: int, body: object, headers: Mapping[str, str] | None = None) -> Response:
    return Response(
        orjson.dumps(body),
        status_code=status,
        media_type="application/json",
        headers={**PRIVATE_HEADERS, "pragma": "no-cache", **(headers or {})},
    )
