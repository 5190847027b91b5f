"""A mail relay that speaks SMTP and misbehaves on command; refused in production by the roof.

Letters come in over SMTP; `POST /_control/faults {"kind": "answer", "stage": "rcpt", "answer": "550 5.1.1 Unknown"}`
spoils the next conversations, `GET /_control/letters` shows what came.
"""

import asyncio
import logging
import ssl
from collections import deque
from collections.abc import Mapping
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any, Literal

from aiosmtpd.smtp import MISSING, SMTP, AuthResult, Envelope, LoginPassword, Session
from pydantic import Field
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from notifications.channels.simulated_faults import Fault, Faults

_KEPT_LETTERS = 10_000
_HOSTNAME = "relay.simulator.invalid"


class MailFault(Fault):
    """What the relay does wrong: another answer, a late one, or none; `data` is the answer to a whole letter."""

    kind: Literal["answer", "slow", "hang_up"]
    stage: Literal["ehlo", "auth", "mail", "rcpt", "data"]
    answer: str = Field(default="", max_length=512, pattern=r"^[ -~]*$")


class MailSimulator:
    """The relay; `control` is its HTTP side, to be mounted anywhere."""

    def __init__(
        self, *, username: str | None = None, password: str = "", tls_context: ssl.SSLContext | None = None
    ) -> None:
        """Build it; it listens after `start`.

        Args:
            username: Who has to sign in; None: nobody.
            password: Their password.
            tls_context: For STARTTLS, which is then required; None: none is offered.
        """
        self._credentials = None if username is None else (username.encode(), password.encode())
        self._tls_context = tls_context
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.BaseTransport] = set()
        self.faults = Faults(MailFault)
        self.letters: deque[Mapping[str, Any]] = deque(maxlen=_KEPT_LETTERS)
        self.connections = 0
        self.control = Starlette(
            routes=[
                Route("/_control/faults", self.faults.control, methods=["POST", "DELETE"]),
                Route("/_control/letters", self._show, methods=["GET", "DELETE"]),
            ]
        )

    async def start(self, *, host: str = "127.0.0.1", port: int = 0, tls: ssl.SSLContext | None = None) -> int:
        """Listen.

        Args:
            host: Of this machine.
            port: 0: a free one.
            tls: For TLS from the first byte.

        Returns:
            The port.
        """
        logging.getLogger("mail.log").setLevel(logging.ERROR)  # it tells every address
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._protocol, host, port, ssl=tls)
        return int(self._server.sockets[0].getsockname()[1])

    async def close(self) -> None:
        """Listen no more, and end every conversation."""
        if self._server is not None:
            self._server.close()
            for transport in tuple(self._open):
                _cut(transport)
            await self._server.wait_closed()

    def _protocol(self) -> SMTP:
        self.connections += 1
        return _Conversation(
            _Handler(self.faults, self.letters),
            self._open,
            loop=asyncio.get_running_loop(),
            hostname=_HOSTNAME,
            ident="simulator",
            enable_SMTPUTF8=True,
            tls_context=self._tls_context,
            require_starttls=self._tls_context is not None,
            auth_required=self._credentials is not None and self._tls_context is not None,
            auth_require_tls=self._tls_context is not None,
            auth_exclude_mechanism=["LOGIN"],
            authenticator=self._sign_in,
        )

    def _sign_in(self, _server: SMTP, _session: Session, _envelope: Envelope, _way: str, given: Any) -> AuthResult:
        fits = isinstance(given, LoginPassword) and (given.login, given.password) == self._credentials
        return AuthResult(success=fits, handled=False)

    async def _show(self, request: Request) -> Response:
        if request.method == "DELETE":
            self.letters.clear()
            return Response(status_code=204)
        return JSONResponse({"letters": list(self.letters)})


class _Conversation(SMTP):
    """A conversation that is cut when the simulator closes."""

    def __init__(self, handler: Any, connections: set[asyncio.BaseTransport], **settings: Any) -> None:
        super().__init__(handler, **settings)
        self._connections = connections
        self._first: asyncio.BaseTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Note it; after STARTTLS it is made once more, over the same."""
        super().connection_made(transport)
        if self._first is None:
            self._first = transport
            self._connections.add(transport)

    def connection_lost(self, error: Exception | None) -> None:
        """Forget it."""
        if self._first is not None:
            self._connections.discard(self._first)
        super().connection_lost(error)


class _Handler:
    """aiosmtpd's hooks; each may be spoilt."""

    def __init__(self, faults: Faults[MailFault], letters: deque[Mapping[str, Any]]) -> None:
        self._faults = faults
        self._letters = letters

    async def handle_EHLO(  # noqa: N802 # names of aiosmtpd
        self, server: SMTP, session: Session, _envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        spoilt = await self._spoilt("ehlo", server)
        if spoilt is None:
            session.host_name = hostname
            return responses
        return [spoilt]

    async def handle_AUTH(self, server: SMTP, _session: Session, _envelope: Envelope, _args: Any) -> Any:  # noqa: N802
        return await self._spoilt("auth", server) or MISSING

    async def handle_MAIL(  # noqa: N802
        self, server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if (spoilt := await self._spoilt("mail", server)) is not None:
            return spoilt
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 OK"

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if (spoilt := await self._spoilt("rcpt", server)) is not None:
            return spoilt
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        fault = self._faults.take(lambda fault: fault.stage == "data")
        if fault is None or fault.kind != "answer" or fault.answer[:1] not in {"4", "5"}:
            self._letters.append(_letter(envelope))  # what is answered late, or not at all, has been taken
        return await self._spoil(fault, server) or "250 2.0.0 OK"

    async def _spoilt(self, stage: str, server: SMTP) -> str | None:
        return await self._spoil(self._faults.take(lambda fault: fault.stage == stage), server)

    async def _spoil(self, fault: MailFault | None, server: SMTP) -> str | None:
        if fault is None:
            return None
        if fault.kind == "slow":
            await asyncio.sleep(fault.seconds)
            return None
        if fault.kind == "hang_up" and server.transport is not None:
            _cut(server.transport)
        return fault.answer


def _cut(transport: asyncio.BaseTransport) -> None:
    if isinstance(transport, asyncio.Transport):
        transport.abort()
    else:
        transport.close()


def _letter(envelope: Envelope) -> Mapping[str, Any]:
    message = message_from_bytes(bytes(envelope.original_content or b""), EmailMessage, policy=policy.default)
    text, html = message.get_body(("plain",)), message.get_body(("html",))
    return {
        "from": envelope.mail_from,
        "to": list(envelope.rcpt_tos),
        "subject": str(message["Subject"]),
        "headers": {name: str(value) for name, value in message.items()},
        "text": None if text is None else text.get_content(),
        "html": None if html is None else html.get_content(),
    }
