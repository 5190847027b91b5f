"""A concentrator that speaks the same words over HTTP, with faults on command; refused in production by the roof.

`POST /_control/faults {"kind": "slow", "times": 1, "seconds": 3}` spoils the next calls (`method`: of one kind only),
`DELETE` mends them; `GET /_control/bookings` shows who has what; `GET /ErWebService?wsdl` the words.
"""

import asyncio
import hmac
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Literal

from pydantic import Field
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from backend.integrations.fer_registry import simulated_answers
from backend.integrations.fer_registry.simulated_concentrator import Misused, SimulatedConcentrator
from backend.integrations.fer_registry.soap import (
    CONTENT_TYPE,
    SERVICE_PATH,
    Element,
    MessageUnreadable,
    local_name,
    make,
    read_message,
    said,
    write_fault,
    write_message,
    wsdl,
)
from backend.integrations.fer_registry.soap import Fault as SoapFault
from notifications.channels.simulated_faults import Fault, Faults

_LONGEST_REQUEST_BYTES = 100_000
_NOBODYS = b"00000000-0000-0000-0000-000000000000"

FaultKind = Literal[
    "down", "unauthorized", "late", "slow", "garbage", "truncated", "lost", "asked_twice", "answered_twice",
    "session_timed_out", "taken", "withdrawn", "unknown_status", "fault", "foreign",
]  # fmt: skip
"""`late` does what it is asked after so many seconds, `slow` at once and answers after them. What is cut (`truncated`
after `at` bytes, `lost` before the first) or spoilt otherwise is done all the same."""


class FerFault(Fault):
    """What the concentrator can do wrong."""

    kind: FaultKind
    method: str | None = None
    at: int = Field(default=0, ge=0, le=1_000_000)


class CutAnswer(Response):
    """Promises a whole answer, sends so many bytes of it and is gone: the server closes the connection."""

    def __init__(self, content: bytes, *, at: int) -> None:
        """Keep what is promised and how much of it comes."""
        super().__init__(content, media_type=CONTENT_TYPE)
        self._at = min(at, len(content))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Leave before the end, or just after it."""
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        is_cut = self._at < len(self.body)
        await send({"type": "http.response.body", "body": bytes(self.body)[: self._at], "more_body": is_cut})


class _Service:
    """The credentials, the faults to come, and the concentrator behind them."""

    def __init__(self, concentrator: SimulatedConcentrator, token: str) -> None:
        self._concentrator = concentrator
        self._authorization = f"Bearer {token}".encode()
        self.faults = Faults(FerFault)
        self._methods: Mapping[str, Callable[[SimulatedConcentrator, Element], Element]] = simulated_answers.METHODS

    async def describe(self, request: Request) -> Response:
        """Answer `GET …?wsdl`."""
        if "wsdl" not in {name.lower() for name in request.query_params}:
            return PlainTextResponse("POST a SOAP message, or GET ?wsdl", status_code=405, headers={"Allow": "POST"})
        return Response(wsdl(), media_type=CONTENT_TYPE)

    async def bookings(self, _request: Request) -> Response:
        """Show who has what."""
        kept = self._concentrator.bookings.values()
        return JSONResponse([{"sessionId": one.session_id, "slotId": one.slot.slot_id} for one in kept])

    async def serve(self, request: Request) -> Response:
        """Answer one call."""
        if not hmac.compare_digest(request.headers.get("Authorization", "").encode(), self._authorization):
            return PlainTextResponse("Unauthorized", status_code=401)
        body = await request.body()
        action = request.headers.get("SOAPAction", "").strip('"')
        try:
            message = read_message(body[:_LONGEST_REQUEST_BYTES])
        except (MessageUnreadable, SoapFault):
            return _fault("Client", "the message is not one of this interface")
        if local_name(message) != f"{action}Request":
            return _fault("Client", "SOAPAction and the message differ")
        fault = self.faults.take(lambda one: one.method in {None, action})
        if fault is None:
            return self._answer(message)
        if fault.kind == "late":
            await asyncio.sleep(fault.seconds)
        answer = self._spoilt(fault, message)
        if fault.kind == "slow":
            await asyncio.sleep(fault.seconds)
        return answer

    def _spoilt(self, fault: FerFault, message: Element) -> Response:
        if (instead := _INSTEAD.get(fault.kind)) is not None:
            return instead()
        self._get_ready(fault.kind, said(message, "Slot_Id") or "")
        right = self._answer(message)
        content = bytes(right.body)
        answer = right
        match fault.kind:
            case "garbage":
                answer = PlainTextResponse("<html>технические работы</html>", media_type="text/html")
            case "truncated" | "lost":
                answer = CutAnswer(content, at=fault.at if fault.kind == "truncated" else 0)
            case "asked_twice":
                answer = self._answer(message)
            case "answered_twice":
                answer = _xml(content * 2)
            case "unknown_status":
                answer = _xml(write_message(_outcome_of_nothing(message)))
            case "foreign":
                answer = _xml(content.replace((said(message, "Session_ID") or "").encode(), _NOBODYS))
        return answer

    def _get_ready(self, kind: FaultKind, slot_id: str) -> None:
        """Let happen what happens before the call."""
        match kind:
            case "session_timed_out":
                self._concentrator.end_sessions()
            case "taken":
                self._concentrator.sell(slot_id)
            case "withdrawn":
                self._concentrator.withdraw_of(slot_id)

    def _answer(self, message: Element) -> Response:
        answering = self._methods.get(local_name(message))
        if answering is None:
            return _fault("Client", "no such method")
        try:
            return _xml(write_message(answering(self._concentrator, message)))
        except Misused:
            return _fault("Client", "the session belongs to another booking")


def create_simulator(concentrator: SimulatedConcentrator, *, token: str) -> Starlette:
    """Build the simulator.

    Args:
        concentrator: What it knows; whoever holds it may look.
        token: The bearer token it accepts.

    Returns:
        An ASGI application to mount anywhere; it needs no lifespan.
    """
    service = _Service(concentrator, token)
    return Starlette(
        routes=[
            Route(SERVICE_PATH, service.serve, methods=["POST"]),
            Route(SERVICE_PATH, service.describe, methods=["GET"]),
            Route("/_control/faults", service.faults.control, methods=["POST", "DELETE"]),
            Route("/_control/bookings", service.bookings, methods=["GET"]),
        ]
    )


def _outcome_of_nothing(message: Element) -> Element:
    name = local_name(message).replace("Request", "Response")
    return make(name, make("Session_ID", said(message, "Session_ID") or ""), make("Status_Code", "ACCEPTED"))


def _xml(content: bytes) -> Response:
    return Response(content, media_type=CONTENT_TYPE)


def _fault(code: str, text: str) -> Response:
    """Answer as SOAP over HTTP has it: a fault is a 500. Source: SOAP 1.1, §6.2."""
    return Response(write_fault(code, text), status_code=500, media_type=CONTENT_TYPE)


_INSTEAD: Mapping[FaultKind, Callable[[], Response]] = MappingProxyType(
    {
        "down": lambda: PlainTextResponse("Service Unavailable", status_code=503),
        "unauthorized": lambda: PlainTextResponse("Unauthorized", status_code=401),
        "fault": lambda: _fault("Server", "something went wrong"),
    }
)
"""What answers in the place of the concentrator, which does nothing then."""
