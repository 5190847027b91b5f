"""POST /auth/token, /auth/revoke and /auth/logout: tokens for a code or a refresh token, and their end."""

import time
from collections.abc import Awaitable, Callable, Mapping
from urllib.parse import parse_qsl

import orjson
import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from identity.admission import Credentials, Guards
from identity.dpop import HEADER, Asked, challenge
from identity.errors import (
    AppUnknown,
    ClientNotAuthenticated,
    DpopProofInvalid,
    DpopRequired,
    GrantTypeUnsupported,
    IdentityOperational,
    IdentityRefusal,
    ScopeUnknown,
    SignInRequestInvalid,
    TokenRefused,
    TooManyAttempts,
)
from identity.grants import Device, Grant
from identity.language import preferred_language
from identity.opaque import owner_of
from identity.pages import PRIVATE_HEADERS
from identity.redirects import find_app
from identity.sessions import Sessions
from identity.settings import AppSettings, IdentitySettings
from identity.sign_in import oauth_error
from identity.staff_settings import SystemSettings
from identity.system_sessions import SystemSessions
from identity.tables import DEVICE_NAME_LENGTH

Message = Callable[[str, str], str]
"""Returns the text for people of (code, language)."""

_MAX_BODY_BYTES = 16_384
_MAX_FIELDS = 20
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
            token = _required(form, "token")
            await self._throttle.token(_address(request), account=_account(token))
            app = find_app(self._settings.apps, form.get("client_id", ""))
            person_id = await self._sessions.revoke(client_id=app.client_id, token=token)
            return _json(200, {}), {} if person_id is None else {"person_id": str(person_id)}

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
            return Response(status_code=204, headers=PRIVATE_HEADERS), {"person_id": str(principal.person_id)}

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
        grant_type = _required(form, "grant_type")
        if grant_type == CLIENT_CREDENTIALS:
            return await self._open_for_system(request, form)
        grant = self._grants.get(grant_type)
        if grant is None:
            raise GrantTypeUnsupported
        app = find_app(self._settings.apps, form.get("client_id", ""))
        return await grant(app, form, await self._key(request, app))

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
        return await self._sessions.redeem_code(
            client_id=app.client_id,
            code=_required(form, "code"),
            redirect_uri=_required(form, "redirect_uri"),
            verifier=_required(form, "code_verifier"),
            device=Device(key=key, name=_device_name(form)),
        )

    async def _refresh(self, app: AppSettings, form: Mapping[str, str], key: str | None) -> Grant:
        refresh_token = _required(form, "refresh_token")
        return await self._sessions.refresh(client_id=app.client_id, refresh_token=refresh_token, key=key)

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
            return _json(401, body, {"www-authenticate": challenge("invalid_token")})
        return _json(401 if isinstance(failure, _UNKNOWN) else 400, body)


_UNKNOWN = (AppUnknown, ClientNotAuthenticated)
_UNPROVEN = (TokenRefused, DpopRequired)


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


def _device_name(form: Mapping[str, str]) -> str | None:
    """Return what the person calls the device, in one line.

    Raises:
        SignInRequestInvalid: Too long, or with characters that are not shown.
    """
    name = form.get("device_name", "").strip()
    if len(name) > DEVICE_NAME_LENGTH or not name.isprintable():
        raise SignInRequestInvalid
    return name or None


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
    return told if grant.refresh_token is None else {**told, "refresh_token": grant.refresh_token}


def _json(status: int, body: object, headers: Mapping[str, str] | None = None) -> Response:
    return Response(
        orjson.dumps(body),
        status_code=status,
        media_type="application/json",
        headers={**PRIVATE_HEADERS, "pragma": "no-cache", **(headers or {})},
    )
