"""The server's HTTP protocol with a limit of time for who connects and sends nothing, or half a request (R62, R64).

uvicorn limits the time between two requests, and nothing else: whoever sends half a head and waits has its connection
for ever. The limit here costs one timer a connection, for its first request, and one for each that comes in pieces on a
connection that is kept; a request that comes whole starts none. A head has a limit of size too, as uvicorn would gather
a header line for as long as it goes on.

An event stream is offered a short way for events that lie ready, as WebSockets are in `frames`.
"""

import asyncio
from collections.abc import Callable
from typing import Any

from starlette.types import Scope
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from graphql_schema.sse import CHUNK_WRITER

_HEALTH = b"/health/"
_MOST_HEAD_BYTES = 65_536
"""As uvicorn's other parser has it: a request of ours has 2 KB, of them 1 KB for the token."""
_HEAD_TOO_LARGE = b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"


class HttpProtocol(HttpToolsProtocol):
    """uvicorn's own protocol; a request has to come whole, its body too, within so many seconds."""

    longest_request_seconds = 20.0

    def __init__(self, *arguments: Any, **named: Any) -> None:
        """Wait for a connection, as the original does."""
        super().__init__(*arguments, **named)
        self._most_connections = self.limit_concurrency
        self._request_timer: asyncio.TimerHandle | None = None
        self._running: RequestResponseCycle | None = None
        self._is_in_head = False
        self._head_bytes = 0
        self._extensions: dict[str, dict[object, object]] = {CHUNK_WRITER: {"writer": self.chunk_writer}}

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as the original has it
        """Begin to wait for the first request."""
        super().connection_made(transport)
        self._start_timer()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no longer; the original tells only the last request that came, which may wait behind a stream."""
        self._stop_timer()
        if (running := self._answering()) is not None:
            running.disconnected = True
            running.message_event.set()
        self._extensions.clear()  # what it offers holds this connection, and a circle is only found by the collector
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take a piece, then wait for the rest of a request unless it is whole."""
        super().data_received(data)
        if self._is_in_head:
            self._head_bytes += len(data)
            if self._head_bytes > _MOST_HEAD_BYTES:
                self._refuse_head()
                return
        cycle = self.cycle
        if cycle is not None and not cycle.response_complete and not cycle.more_body:
            if self._request_timer is not None:
                self._stop_timer()
        elif self._request_timer is None and self in self.connections:  # a WebSocket is another protocol's by now
            self._start_timer()

    def on_message_begin(self) -> None:
        """Begin to count the bytes of a head that does not come whole."""
        super().on_message_begin()
        self._is_in_head = True
        self._head_bytes = 0

    def on_headers_complete(self) -> None:
        """Begin a request as the original does; a question for our health is answered however busy we are (R62)."""
        self._is_in_head = False
        self.scope["extensions"] = self._extensions
        self.limit_concurrency = None if self.url.startswith(_HEALTH) else self._most_connections
        super().on_headers_complete()

    def handle_websocket_upgrade(self) -> None:
        """Hand the connection over; its time is limited by the application then. An answer under way needs it still."""
        self._stop_timer()
        if self._answering() is not None:
            self.transport.abort()
        else:
            super().handle_websocket_upgrade()

    def chunk_writer(self, scope: Scope) -> Callable[[bytes], bool] | None:
        """Return what writes parts of the answer to a request; None when another one came on the connection meanwhile.

        It writes a whole part now; it says False, and nothing is written, when it cannot be taken at once. That is when
        the client is slow and the buffer for it is full, or when its answer is not under way in parts.
        """
        cycle, flow, write, is_closing = self.cycle, self.flow, self.transport.write, self.transport.is_closing
        if cycle.scope is not scope:
            return None

        def write_chunk(part: bytes) -> bool:
            is_under_way = cycle.chunked_encoding and cycle.response_started and not cycle.response_complete
            if not is_under_way or flow.write_paused or is_closing():
                return False
            write(b"%x\r\n%b\r\n" % (len(part), part))
            return True

        return write_chunk

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        self._running = cycle
        super()._start_asgi_task(cycle, app)

    def _answering(self) -> RequestResponseCycle | None:
        """Return the request that is being answered; others may wait behind it."""
        running = self._running
        return None if running is None or running.response_complete else running

    def _refuse_head(self) -> None:
        """Answer, unless another answer is under way, and end; an application at work on that one hears of it."""
        if self._answering() is None:
            self.transport.write(_HEAD_TOO_LARGE)
            self.transport.close()
        else:
            self.transport.abort()

    def _start_timer(self) -> None:
        self._request_timer = self.loop.call_later(self.longest_request_seconds, self._give_up)

    def _stop_timer(self) -> None:
        if self._request_timer is not None:
            self._request_timer.cancel()
            self._request_timer = None

    def _give_up(self) -> None:
        """End at once, without an answer that might not be taken; an application waiting for a body hears of it."""
        self._request_timer = None
        self.transport.abort()
