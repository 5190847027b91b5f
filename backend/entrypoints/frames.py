"""The server's WebSocket protocol with a short way for messages that lie ready as bytes.

Sending by ASGI costs a task's turn, a text and its encoding, and a frame object a message: as much as the system call
itself. What thousands are sent at once, as the same bytes, is written to the socket directly instead. Whoever finds no
such extension in the scope, as under another server, sends in the ordinary way.
"""

import struct
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.http11 import Request

from graphql_schema.connection import TEXT_WRITER

_GOODBYE_SECONDS = 1.0
"""How long a client may take to answer our goodbye once the server ends; without a drain it is uvicorn's 10 s."""
_TEXT_FRAME = 0x81
_LONGEST_SHORT, _LONGEST_MIDDLE = 125, 0xFFFF


class WebSocketProtocol(WebSocketsSansIOProtocol):
    """uvicorn's own protocol; the extension is offered to the application in its scope."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        """Wait for a connection, as the original does."""
        super().__init__(*arguments, **named)
        self._is_full = False

    def data_received(self, data: bytes) -> None:
        """Take what came; whose opening the original cannot read, and would keep for ever, is let go."""
        super().data_received(data)
        if not self.handshake_initiated:
            self.transport.write(b"".join(self.conn.data_to_send()))
            self.transport.close()

    def handle_connect(self, event: Request) -> None:
        """Begin as the original does, and offer the short way."""
        super().handle_connect(event)
        if (scope := getattr(self, "scope", None)) is not None:
            scope["extensions"][TEXT_WRITER] = {"writer": self.text_writer}

    def shutdown(self) -> None:
        """Leave it to the application, which knows of the drain, to end with 1012 when its answers are given.

        Clients that are gone without a word answer no goodbye; they hold up the drain no longer than this.
        """
        self.close_timeout = _GOODBYE_SECONDS
        if self.close_timer is not None:
            self.close_timer.cancel()
            self.close_timer = self.loop.call_later(_GOODBYE_SECONDS, self.transport.close)

    def end(self) -> None:
        """End now: with 1012, and whatever was still under way is not answered."""
        if self.transport.is_closing():
            self.transport.abort()  # it says nothing any more, its client only does not take what was written
        else:
            super().shutdown()

    async def send(self, message: Any) -> None:
        """Send as the original does, which takes a refusal in words of HTTP for a handshake that was forgotten."""
        await super().send(message)
        if self.initial_response is not None and self.close_sent:
            self.handshake_complete = True

    def pause_writing(self) -> None:
        """Take nothing by the short way while the buffer is full."""
        super().pause_writing()
        self._is_full = True

    def resume_writing(self) -> None:
        """Take it again."""
        super().resume_writing()
        self._is_full = False

    def text_writer(self, before: bytes, after: bytes) -> Callable[[bytes], bool]:
        """Return what writes text messages (UTF-8) of which only the middle changes.

        It writes a whole message now; it says False, and nothing is written, when it cannot be taken at once. That is
        when the client is slow and the buffer for it is full, or when the connection is not open.
        """
        write, is_closing = self.transport.write, self.transport.is_closing
        around = len(before) + len(after)

        def write_text(middle: bytes) -> bool:
            if self._is_full or self.close_sent or not self.handshake_complete or is_closing():
                return False
            write(b"".join((_header(around + len(middle)), before, middle, after)))
            return True

        return write_text


@lru_cache(maxsize=256)
def _header(length: int) -> bytes:
    """Return the head of an unmasked, final text frame. Source: RFC 6455, section 5.2."""
    if length <= _LONGEST_SHORT:
        return struct.pack("!BB", _TEXT_FRAME, length)
    if length <= _LONGEST_MIDDLE:
        return struct.pack("!BBH", _TEXT_FRAME, 126, length)
    return struct.pack("!BBQ", _TEXT_FRAME, 127, length)
