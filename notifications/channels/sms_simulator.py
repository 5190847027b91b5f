"""An SMS gateway that speaks the same words over HTTP, with faults on command; refused in production by the roof.

`POST /_control/faults {"kind": "slow", "times": 1, "seconds": 3}` spoils the next messages, `DELETE` mends them.
`GET /_control/messages?to=%2B7…` shows what a phone got: each message once, however often it was handed in.
"""

import asyncio
import hmac
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Literal
from uuid import UUID

import httpx2
import orjson
from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from notifications.channels.http import open_http, post
from notifications.channels.simulated_faults import Fault, Faults, HangUp
from notifications.channels.sms_reports import SIGNATURE_HEADER, sign
from notifications.channels.sms_wire import MESSAGES_PATH, SmsRequest, SmsTaken

_MOST_KEPT = 10_000
_REPORT_SECONDS = 5.0

FaultKind = Literal[
    "down", "slow", "garbage", "hang_up", "unauthorized", "too_many", "no_funds", "refuses", "dead_number",
    "invalid_text", "taken_but_slow", "too_long", "undelivered", "no_report",
]  # fmt: skip


_REFUSALS = {
    "down": (503, "UNAVAILABLE"),
    "unauthorized": (401, "UNAUTHORIZED"),
    "too_many": (429, "TOO_MANY"),
    "no_funds": (402, "NO_FUNDS"),
    "refuses": (403, "SUBSCRIBER_REFUSES"),
    "dead_number": (400, "INVALID_NUMBER"),
    "invalid_text": (400, "INVALID_TEXT"),
}


_REPORTED: Mapping[str, str | None] = {"undelivered": "UNDELIVERED", "no_report": None}


class SmsFault(Fault):
    """What the gateway can do wrong."""

    kind: FaultKind


@dataclass(frozen=True, slots=True)
class PhoneMessage:
    """What lies on a phone."""

    client_id: UUID
    to: str
    sender: str
    text: str


class _Gateway:
    """The credentials, the faults to come, and the phones."""

    def __init__(self, token: str, reporter: "Reporter | None") -> None:
        self._authorization = f"Bearer {token}".encode()
        self._reporter = reporter
        self._reports: set[asyncio.Task[None]] = set()
        self.faults = Faults(SmsFault)
        self.taken: dict[UUID, PhoneMessage] = {}
        self.handed_in = 0

    async def messages(self, request: Request) -> Response:
        to = request.query_params.get("to")
        shown = [
            {"clientId": str(one.client_id), "to": one.to, "from": one.sender, "text": one.text}
            for one in self.taken.values()
            if to is None or one.to == to
        ]
        return JSONResponse({"messages": shown, "handedIn": self.handed_in})

    async def take(self, request: Request) -> Response:
        if not hmac.compare_digest(request.headers.get("Authorization", "").encode(), self._authorization):
            return JSONResponse({"error": "UNAUTHORIZED"}, status_code=401)
        try:
            message = SmsRequest.model_validate_json(await request.body())
        except ValidationError as error:
            wrong = {str(one["loc"][0]) for one in error.errors(include_url=False, include_input=False) if one["loc"]}
            return JSONResponse({"error": "INVALID_NUMBER" if "to" in wrong else "INVALID_TEXT"}, status_code=400)
        self.handed_in += 1
        fault = self.faults.take()
        return self._keep(message) if fault is None else await self._spoil(fault, message)

    async def _spoil(self, fault: SmsFault, message: SmsRequest) -> Response:
        if fault.kind in _REFUSALS:
            status, code = _REFUSALS[fault.kind]
            headers = {"Retry-After": fault.retry_after} if fault.retry_after else None
            return JSONResponse({"error": code}, status_code=status, headers=headers)
        if fault.kind == "slow":
            await asyncio.sleep(fault.seconds)
            return self._keep(message)
        if fault.kind in _REPORTED:
            return self._keep(message, status=_REPORTED[fault.kind])
        answer = self._keep(message)
        if fault.kind == "taken_but_slow":
            await asyncio.sleep(fault.seconds)
            return answer
        return _SPOILT[fault.kind]

    def _keep(self, message: SmsRequest, *, status: str | None = "DELIVERED") -> Response:
        is_new = message.client_id not in self.taken
        self.taken.setdefault(
            message.client_id, PhoneMessage(message.client_id, message.to, message.sender, message.text)
        )
        while len(self.taken) > _MOST_KEPT:
            del self.taken[next(iter(self.taken))]
        answer = SmsTaken(id=f"sms-{message.client_id.hex}")
        if is_new and status:
            self._report(answer.id, message.client_id, status)
        return JSONResponse(answer.model_dump(mode="json", by_alias=True), status_code=202 if is_new else 200)

    def _report(self, message_id: str, client_id: UUID, status: str) -> None:
        """Tell what became of a message, whether or not our answer is heard."""
        if self._reporter is not None:
            telling = asyncio.create_task(self._reporter.report(message_id, client_id, status))
            self._reports.add(telling)
            telling.add_done_callback(self._reports.discard)


_SPOILT = {
    "garbage": PlainTextResponse("<html>maintenance</html>"),
    "too_long": PlainTextResponse("x" * 100_000),
    "hang_up": HangUp(),
}


@dataclass(frozen=True, slots=True)
class Reporter:
    """Tells the other side what became of messages; a report that it does not take is lost."""

    url: str
    secret: str = field(repr=False)

    async def report(self, message_id: str, client_id: UUID, status: str) -> None:
        """Report one message."""
        body = orjson.dumps({"reports": [{"id": message_id, "clientId": client_id, "status": status}]})
        headers = {SIGNATURE_HEADER: sign(body, self.secret), "Content-Type": "application/json"}
        with suppress(httpx2.HTTPError):
            async with open_http(_REPORT_SECONDS) as http:
                await post(http, self.url, content=body, headers=headers)


def create_simulator(*, token: str, reporter: Reporter | None = None) -> Starlette:
    """Build the simulator.

    Args:
        token: The bearer token it accepts.
        reporter: Reports each message as delivered, unless a fault says otherwise; without it nothing is reported.

    Returns:
        An ASGI application to mount anywhere; it needs no lifespan.
    """
    gateway = _Gateway(token, reporter)
    return Starlette(
        routes=[
            Route(MESSAGES_PATH, gateway.take, methods=["POST"]),
            Route("/_control/faults", gateway.faults.control, methods=["POST", "DELETE"]),
            Route("/_control/messages", gateway.messages),
        ]
    )
