"""The interface of the federal registry, served: a portal such as Gosuslugi asks about our clinics and books there.

`GET …?wsdl` shows the words. Every call is admitted as a system that is registered as a portal; whatever cannot be
answered in the interface's words is a fault (ADR 0037), and then nothing was done. How a call ended is logged once, by
ids only.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Collection

import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from backend.errors import Operational, Refusal
from backend.integrations.fer_registry.endpoint_answers import METHODS, PortalServices, answered
from backend.integrations.fer_registry.endpoint_words import Undecided
from backend.integrations.fer_registry.soap import (
    CONTENT_TYPE,
    SERVICE_PATH,
    Element,
    Fault,
    MessageUnreadable,
    local_name,
    read_message,
    said,
    write_fault,
    write_message,
    wsdl,
)
from backend.integrations.fer_registry.wire import NotAValue, error_code
from backend.portal.errors import PortalSessionMisused
from identity.admission import Credentials
from identity.errors import AccessRefused, IdentityOperational, IdentityRefusal
from identity.principal import ActorKind, PersonId, Principal

ENDPOINT_PATH = "/fer/v2"
LONGEST_MESSAGE_BYTES = 200_000
"""Source: security requirement S2, as of every other door."""
BODY_SECONDS = 10.0
WORK_SECONDS = 20.0

_log = structlog.get_logger(__name__)
_HARD = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


class Faulty(Exception):
    """A call that is answered by a fault: its code after SOAP's `Client` or `Server`, and the status of HTTP."""

    def __init__(self, code: str, *, status: int = 500, headers: dict[str, str] | None = None) -> None:
        """Keep what is said."""
        super().__init__(code)
        self.code = code
        self.status = status
        self.headers = headers or {}


_TOLD = {
    "Client.Authentication": "sign in as a system that is registered as a portal",
    "Client.NotAllowed": "this system is no portal",
    "Client.ContentType": "send text/xml",
    "Client.TooLong": "the message is too long",
    "Client.TooSlow": "the message did not come in time",
    "Client.Message": "the message is not one of this interface",
    "Client.Action": "SOAPAction and the message differ, or there is no such method",
    "Client.Session": "the session belongs to another person",
    "Server.Busy": "not now: ask again with the same Session_ID",
    "Server.Undecided": "nothing can be said in the words of this interface: ask again with the same Session_ID",
}


class FerEndpoint:
    """The door; what is behind it are the services of everybody."""

    def __init__(
        self,
        services: PortalServices,
        *,
        admit: Callable[[Credentials], Awaitable[Principal]],
        portals: Collection[PersonId],
        public_url: str,
        body_seconds: float = BODY_SECONDS,
        work_seconds: float = WORK_SECONDS,
    ) -> None:
        """Take everything it works with.

        Args:
            services: What a portal can ask.
            admit: Proves who comes in.
            portals: The systems that are portals; nobody else is let in.
            public_url: What we are called outside: proofs of keys are made for it.
            body_seconds: How long a message may take to arrive.
            work_seconds: How long an answer may take; what is cut then is told by the next request with its key.
        """
        self._services = services
        self._admit = admit
        self._portals = frozenset(portals)
        self._public_url = public_url.rstrip("/")
        self._body_seconds = body_seconds
        self._work_seconds = work_seconds

    def routes(self) -> list[BaseRoute]:
        """Return the routes: the address itself, and the one below it that clients of the interface add."""
        return [
            Route(path, handler, methods=[method])
            for path in (ENDPOINT_PATH, ENDPOINT_PATH + SERVICE_PATH)
            for method, handler in (("POST", self.serve), ("GET", self.describe))
        ]

    async def describe(self, request: Request) -> Response:
        """Answer `GET …?wsdl`."""
        if "wsdl" not in {name.lower() for name in request.query_params}:
            return PlainTextResponse("POST a SOAP message, or GET ?wsdl", status_code=405, headers={"Allow": "POST"})
        return Response(wsdl(), media_type=CONTENT_TYPE, headers=_HARD)

    async def serve(self, request: Request) -> Response:
        """Answer one call; a fault where there is no answer."""
        call = _Call()
        try:
            portal = await self._enter(request)
            message = await self._read(request)
            call.note(message)
            answer = await self._answer(portal, message)
        except Faulty as fault:
            call.outcome = fault.code
            body = write_fault(fault.code, _TOLD[fault.code])
            return Response(body, status_code=fault.status, media_type=CONTENT_TYPE, headers={**_HARD, **fault.headers})
        else:
            call.outcome = error_code(answer) or "done"
            return Response(write_message(answer), media_type=CONTENT_TYPE, headers=_HARD)
        finally:
            call.write()

    async def _enter(self, request: Request) -> Principal:
        """Return which portal it is, before anything of the message is read."""
        shown = request.headers
        credentials = Credentials(
            shown.get("authorization", ""), "POST", self._public_url + request.url.path, shown.get("dpop")
        )
        try:
            portal = await self._admit(credentials)
        except IdentityRefusal as refusal:
            scheme = "DPoP" if credentials.is_dpop else "Bearer"
            raise Faulty("Client.Authentication", status=401, headers={"WWW-Authenticate": scheme}) from refusal
        except IdentityOperational as error:
            raise _busy() from error
        if portal.kind is not ActorKind.SERVICE or portal.person_id not in self._portals:
            raise Faulty("Client.NotAllowed", status=403)
        if shown.get("content-type", "").partition(";")[0].strip().lower() != "text/xml":
            raise Faulty("Client.ContentType", status=415)
        return portal

    async def _read(self, request: Request) -> Element:
        body = await self._body(request)
        try:
            message = await asyncio.to_thread(read_message, body)
        except (MessageUnreadable, Fault) as error:
            raise Faulty("Client.Message") from error
        action = request.headers.get("soapaction", "").strip('"')
        if local_name(message) != f"{action}Request" or local_name(message) not in METHODS:
            raise Faulty("Client.Action")
        return message

    async def _body(self, request: Request) -> bytes:
        body = bytearray()
        try:
            async with asyncio.timeout(self._body_seconds):
                async for chunk in request.stream():
                    body += chunk
                    if len(body) > LONGEST_MESSAGE_BYTES:
                        raise Faulty("Client.TooLong", status=413)
        except (TimeoutError, ClientDisconnect) as error:
            raise Faulty("Client.TooSlow", status=408) from error
        return bytes(body)

    async def _answer(self, portal: Principal, message: Element) -> Element:
        try:
            async with asyncio.timeout(self._work_seconds):
                return await answered(self._services, portal, message)
        except NotAValue as error:
            raise Faulty("Client.Message") from error
        except PortalSessionMisused as error:
            raise Faulty("Client.Session") from error
        except AccessRefused as error:
            raise Faulty("Client.NotAllowed", status=403) from error
        except (Operational, IdentityOperational, TimeoutError) as error:
            raise _busy() from error
        except (Undecided, Refusal) as error:
            raise Faulty("Server.Undecided") from error


class _Call:
    """What the log says of a call: the method, how it ended, and the portal's session."""

    def __init__(self) -> None:
        self.outcome = "failed"
        self._began = time.monotonic()
        self._method: str | None = None
        self._reference: str | None = None

    def note(self, message: Element) -> None:
        self._method = local_name(message).removesuffix("Request")
        self._reference = said(message, "Session_ID")

    def write(self) -> None:
        duration_ms = round((time.monotonic() - self._began) * 1000)
        _log.info(
            "fer_served", what=self._method, outcome=self.outcome, reference=self._reference, duration_ms=duration_ms
        )


def _busy() -> Faulty:
    return Faulty("Server.Busy", status=503, headers={"Retry-After": "1"})
