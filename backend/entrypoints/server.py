"""uvicorn's server with a drain in which no request is lost (R63)."""

import asyncio
import contextlib
import socket
from collections.abc import Iterator

import structlog
import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from backend.entrypoints.frames import WebSocketProtocol
from backend.lifecycle import Lifecycle

_LINGER_SECONDS = 0.2
"""A connection taken just before we stopped accepting still has to send its request."""
_CUT_SECONDS = 0.5
"""How long what was cut may take to clean up after itself."""
_TICK_SECONDS = 0.05
_GOODBYE = (b"connection", b"close")

log = structlog.get_logger("server")


class StartFailed(Exception):
    """An application did not start; its own log line says why."""


class Server(uvicorn.Server):
    """A server that tells when it is ready and leaves the signals to its process."""

    def __init__(self, config: uvicorn.Config, lifecycle: Lifecycle | None = None) -> None:
        """Serve what `config` names; `lifecycle` is the one its application knows."""
        super().__init__(config)
        self.ready = asyncio.Event()
        self._lifecycle = lifecycle or Lifecycle()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start the application, then accept.

        Raises:
            StartFailed: The application's lifespan raised; it is in the log.
        """
        try:
            await super().startup(sockets)
        except SystemExit as error:  # uvicorn would end the process from inside a task
            raise StartFailed("the application did not start: the log says why") from error
        self.ready.set()

    async def drain(self, *, notice_seconds: float, handed_over: bool = False) -> None:
        """Take leave of everybody, then let `serve` end. Every answer from now on closes its connection.

        Args:
            notice_seconds: How long a balancer gets to notice, before idle connections are closed.
            handed_over: Another process accepts on the same listener already: stop accepting at once, and never say
                "not ready", which would speak for the other one too. Otherwise say it first, and accept meanwhile.
        """
        self.config.encoded_headers.append(_GOODBYE)
        self.server_state.default_headers = [*self.server_state.default_headers, _GOODBYE]
        for connection in self.server_state.connections:
            if isinstance(connection, HttpToolsProtocol) and connection.cycle is not None:
                connection.cycle.keep_alive = False  # it took its headers before
        if handed_over:
            self._stop_accepting()
        else:
            self._lifecycle.begin_drain()
        await asyncio.sleep(notice_seconds)
        self._stop_accepting()
        await asyncio.sleep(_LINGER_SECONDS)
        self._lifecycle.begin_drain()
        self.should_exit = True

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End connections: idle ones at once, requests and what runs over WebSockets when answered or out of time."""
        self._lifecycle.begin_drain()
        self._stop_accepting()
        for listener in sockets or []:
            listener.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        try:
            async with asyncio.timeout(self.config.timeout_graceful_shutdown):
                await self._all_ended()
        except TimeoutError:
            await self._cut()
        await self.lifespan.shutdown()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave them alone: a process has several servers, and its own order of ending."""
        yield

    def _stop_accepting(self) -> None:
        for server in self.servers:
            server.close()

    async def _all_ended(self) -> None:
        while self.server_state.connections or self.server_state.tasks:  # noqa: ASYNC110 # uvicorn tells nobody
            await asyncio.sleep(_TICK_SECONDS)

    async def _cut(self) -> None:
        tasks = set(self.server_state.tasks)
        log.warning("requests_cut", count=len(tasks), connections=len(self.server_state.connections))
        for connection in list(self.server_state.connections):
            if isinstance(connection, WebSocketProtocol):
                connection.end()
            else:
                connection.transport.abort()  # no answer is truer than a 500: nobody knows what was done
        await asyncio.sleep(0)
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=_CUT_SECONDS)
