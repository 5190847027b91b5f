"""A RuStore that speaks the same words over HTTP, with faults on command; refused in production by the roof.

`POST /_control/faults` spoils the next answers, `POST /_control/phones {"target": "…", "state": "uninstalled"}` says
what became of one phone, `GET /_control/messages` lists what phones got.
"""

import asyncio
import hmac
from collections import deque
from collections.abc import Mapping
from typing import Any, Literal

import orjson
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from notifications.channels.rustore_wire import SEND_PATH, SendWire
from notifications.channels.simulated_faults import Fault, Faults, broken_answer

_LONGEST_DATA_BYTES = 4_096
_KEPT_MESSAGES = 10_000
_ANSWERS: Mapping[str, tuple[int, str, str]] = {
    "unregistered": (404, "NOT_FOUND", "Requested entity was not found."),
    "invalid_token": (400, "INVALID_ARGUMENT", "The push token is not valid"),
    "invalid_field": (400, "INVALID_ARGUMENT", "message.android.ttl is not valid"),
    "unauthorized": (401, "UNAUTHENTICATED", "unauthorized"),
    "permission_denied": (403, "PERMISSION_DENIED", "forbidden"),
    "quota_exceeded": (429, "TOO_MANY_REQUESTS", "quota"),
    "internal": (500, "INTERNAL", "internal"),
    "unavailable": (503, "UNAVAILABLE", "unavailable"),
}
_STATES = {"uninstalled": "unregistered", "malformed": "invalid_token"}


class RuStoreFault(Fault):
    """What RuStore does wrong."""

    kind: Literal[
        "unregistered",
        "invalid_token",
        "invalid_field",
        "unauthorized",
        "permission_denied",
        "quota_exceeded",
        "internal",
        "unavailable",
        "bad_gateway",
        "wrong_project",
        "slow",
        "malformed",
        "not_json",
        "hang_up",
    ]


class Phone(BaseModel):
    """What became of a phone; `malformed` is no phone at all."""

    model_config = ConfigDict(extra="forbid")

    target: str = Field(min_length=1, max_length=4_096)
    state: Literal["live", "uninstalled", "malformed"]


class _RuStore:
    """The faults to come, the phones, and what they got."""

    def __init__(self, project_id: str, token: str, faults: Faults[RuStoreFault]) -> None:
        self._project_id = project_id
        self._authorization = f"Bearer {token}".encode()
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
        given = request.headers.get("Authorization", "").encode()
        if not hmac.compare_digest(given, self._authorization):
            return _refuse("unauthorized", None)
        if request.path_params["project_id"] != self._project_id:
            return _refuse("permission_denied", None)
        try:
            asked = SendWire.model_validate_json(await request.body())
        except ValidationError:
            return _refuse("invalid_field", None)
        if len(orjson.dumps(asked.message.data)) > _LONGEST_DATA_BYTES:
            return _refuse("invalid_field", None)
        fault = self._faults.take()
        return self._deliver(asked) if fault is None else await self._spoil(fault, asked)

    def _deliver(self, asked: SendWire) -> Response:
        if (kind := _STATES.get(self._states.get(asked.message.token, "live"))) is not None:
            return _refuse(kind, None)
        self._messages.append(asked.message.model_dump(mode="json"))
        return JSONResponse({})

    async def _spoil(self, fault: RuStoreFault, asked: SendWire) -> Response:
        if fault.kind == "slow":
            await asyncio.sleep(fault.seconds)
            return self._deliver(asked)
        if (broken := broken_answer(fault.kind)) is not None:
            self._deliver(asked)
            return broken
        if fault.kind == "bad_gateway":
            return PlainTextResponse("<html>bad gateway</html>", status_code=502)
        if fault.kind == "wrong_project":
            return PlainTextResponse("404 page not found", status_code=404)
        return _refuse(fault.kind, fault.retry_after)


def _refuse(kind: str, retry_after: str | None) -> Response:
    status, platform, words = _ANSWERS[kind]
    error = {"code": status, "status": platform, "message": words}
    headers = {"Retry-After": retry_after} if retry_after else {}
    return JSONResponse({"error": error}, status_code=status, headers=headers)


def create_simulator(*, project_id: str, token: str) -> Starlette:
    """Build the simulator.

    Args:
        project_id: The one project it has.
        token: The service token it takes.

    Returns:
        An ASGI application to mount anywhere; it needs no lifespan.
    """
    faults = Faults(RuStoreFault)
    rustore = _RuStore(project_id, token, faults)
    return Starlette(
        routes=[
            Route(SEND_PATH, rustore.send, methods=["POST"]),
            Route("/_control/faults", faults.control, methods=["POST", "DELETE"]),
            Route("/_control/phones", rustore.phones, methods=["POST"]),
            Route("/_control/messages", rustore.messages, methods=["GET", "DELETE"]),
        ]
    )
