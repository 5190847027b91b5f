"""An FCM that speaks the same words over HTTP, with Google's token endpoint; refused in production by the roof.

`POST /_control/faults` spoils the next answers, `POST /_control/phones {"target": "…", "state": "uninstalled"}` says
what became of one phone, `GET /_control/messages` lists what phones got.
"""

import asyncio
import secrets
from collections import deque
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from notifications.channels.fcm_simulated_accounts import ServiceAccount, TokenEndpoint
from notifications.channels.fcm_simulated_wire import FcmFault, SendRequest, broken_field, problem
from notifications.channels.simulated_faults import Faults, broken_answer

_LONGEST_DATA_BYTES = 4_096
_KEPT_MESSAGES = 10_000

_ANSWERS: Mapping[str, tuple[int, str, str]] = {
    "unregistered": (404, "NOT_FOUND", "UNREGISTERED"),
    "sender_id_mismatch": (403, "PERMISSION_DENIED", "SENDER_ID_MISMATCH"),
    "quota_exceeded": (429, "RESOURCE_EXHAUSTED", "QUOTA_EXCEEDED"),
    "unavailable": (503, "UNAVAILABLE", "UNAVAILABLE"),
    "internal": (500, "INTERNAL", "INTERNAL"),
    "third_party_auth_error": (401, "UNAUTHENTICATED", "THIRD_PARTY_AUTH_ERROR"),
    "permission_denied": (403, "PERMISSION_DENIED", ""),
    "wrong_project": (404, "NOT_FOUND", ""),
}
_STATES = {"uninstalled": "unregistered", "foreign": "sender_id_mismatch", "malformed": "invalid_token"}


class Phone(BaseModel):
    """What became of a phone; `malformed` is no phone at all."""

    model_config = ConfigDict(extra="forbid")

    target: str = Field(min_length=1, max_length=4_096)
    state: Literal["live", "uninstalled", "foreign", "malformed"]


class _Fcm:
    """The faults to come, the phones, and what they got."""

    def __init__(self, project_id: str, tokens: TokenEndpoint, faults: Faults[FcmFault]) -> None:
        self._project_id = project_id
        self._tokens = tokens
        self._faults = faults
        self._states: dict[str, str] = {}
        self._messages: deque[Mapping[str, Any]] = deque(maxlen=_KEPT_MESSAGES)

    async def phones(self, request: Request) -> Response:
        try:
            phone = Phone.model_validate_json(await request.body())
        except ValidationError as error:
            return JSONResponse({"errors": error.errors(include_url=False, include_input=False)}, status_code=400)
        self._states[phone.target] = phone.state
        return Response(status_code=204)

    async def messages(self, request: Request) -> Response:
        if request.method == "DELETE":
            self._messages.clear()
            return Response(status_code=204)
        return JSONResponse({"messages": list(self._messages)})

    async def send(self, request: Request) -> Response:
        fault = self._faults.take(lambda fault: not fault.kind.startswith("token_"))
        if fault is not None and fault.kind == "expired_token":
            self._tokens.forget()
        if not self._tokens.knows(request.headers.get("Authorization", "")):
            return problem(401, "UNAUTHENTICATED", "", "Request had invalid authentication credentials.")
        if request.path_params["project_id"] != self._project_id:
            return problem(403, "PERMISSION_DENIED", "", "Permission denied on resource project.")
        body = await request.body()
        try:
            asked = SendRequest.model_validate_json(body)
        except ValidationError as error:
            return broken_field(error)
        if asked.data_bytes() > _LONGEST_DATA_BYTES:
            return problem(400, "INVALID_ARGUMENT", "INVALID_ARGUMENT", "Android message is too big", "message.data")
        if fault is not None and fault.kind != "expired_token":
            return await self._spoil(fault, asked)
        return self._deliver(asked)

    def _deliver(self, asked: SendRequest) -> Response:
        if (kind := _STATES.get(self._states.get(asked.message.target, "live"))) is not None:
            return _refuse(kind, None)
        name = f"projects/{self._project_id}/messages/{secrets.token_hex(8)}"
        self._messages.append({"name": name, **asked.message.model_dump(mode="json", by_alias=True, exclude_none=True)})
        return JSONResponse({"name": name})

    async def _spoil(self, fault: FcmFault, asked: SendRequest) -> Response:
        if fault.kind == "slow":
            await asyncio.sleep(fault.seconds)
            return self._deliver(asked)
        if (broken := broken_answer(fault.kind)) is not None:
            self._deliver(asked)
            return broken
        if fault.kind == "bad_gateway":
            return PlainTextResponse("<html>bad gateway</html>", status_code=502)
        return _refuse(fault.kind, fault.retry_after)


def _refuse(kind: str, retry_after: str | None) -> Response:
    if kind == "invalid_token":
        words = "The registration token is not a valid FCM registration token"
        return problem(400, "INVALID_ARGUMENT", "INVALID_ARGUMENT", words)
    if kind == "invalid_field":
        words = "Invalid value at 'message.android.ttl'"
        return problem(400, "INVALID_ARGUMENT", "INVALID_ARGUMENT", words, "message.android.ttl")
    status, platform, code = _ANSWERS[kind]
    return problem(status, platform, code, kind, retry_after=retry_after)


def create_simulator(
    account: ServiceAccount, *, project_id: str, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
) -> Starlette:
    """Build the simulator.

    Args:
        account: Whose assertions the token endpoint takes.
        project_id: The one project it has.
        clock: For the ends of access tokens; the SDK goes by the wall clock.

    Returns:
        An ASGI application to mount anywhere; it needs no lifespan. The token endpoint is `/token`.
    """
    faults = Faults(FcmFault)
    tokens = TokenEndpoint(account, faults, clock)
    fcm = _Fcm(project_id, tokens, faults)
    return Starlette(
        routes=[
            Route("/token", tokens.grant, methods=["POST"]),
            Route("/v1/projects/{project_id}/messages:send", fcm.send, methods=["POST"]),
            Route("/_control/faults", faults.control, methods=["POST", "DELETE"]),
            Route("/_control/phones", fcm.phones, methods=["POST"]),
            Route("/_control/messages", fcm.messages, methods=["GET", "DELETE"]),
        ]
    )
