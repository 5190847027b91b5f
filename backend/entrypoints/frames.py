"""The server's WebSocket protocol with a short way for messages that lie ready as bytes.

Sending by ASGI costs a task's turn, a text and its encoding, and a frame object a message: as much as the system call
itself. What thousands are sent at once, as the same bytes, is written to the socket directly instead. Whoever finds no
such extension in the scope, as under another server, sends in the ordinary way.
"""

import struct

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.http11 import Request

from graphql_schema.connection import WRITE_TEXT

_TEXT_FRAME = 0x81
_LONGEST_SHORT, _LONGEST_MIDDLE = 125, 0xFFFF


class WebSocketProtocol(WebSocketsSansIOProtocol):
    """uvicorn's own protocol; the extension is offered to the application in its scope."""

    def handle_connect(self, event: Request) -> None:
        """Begin as the original does, and offer the short way."""
        super().handle_connect(event)
        if (scope := getattr(self, "scope", None)) is not None:
            scope["extensions"][WRITE_TEXT] = {"write": self.write_text}

    def shutdown(self) -> None:
        """Leave it to the application, which knows of the drain, to end with 1012 when its answers are given."""

    def end(self) -> None:
        """End now: with 1012, and whatever was still under way is not answered."""
        if self.transport.is_closing():
            self.transport.abort()  # it says nothing any more, its client only does not take what was written
        else:
            super().shutdown()

    def write_text(self, text: bytes) -> bool:
        """Write a whole text message (UTF-8) now; False, and nothing written, when it cannot be taken at once.

        That is when the client is slow and the buffer for it is full, or when the connection is not open.
        """
        is_open = self.handshake_complete and not self.close_sent and not self.transport.is_closing()
        if not is_open or not self.writable.is_set():
            return False
        self.transport.write(_header(len(text)) + text)
        return True


def _header(length: int) -> bytes:
    """Return the head of an unmasked, final text frame. Source: RFC 6455, section 5.2."""
    if length <= _LONGEST_SHORT:
        return struct.pack("!BB", _TEXT_FRAME, length)
    if length <= _LONGEST_MIDDLE:
        return struct.pack("!BBH", _TEXT_FRAME, 126, length)
    return struct.pack("!BBQ", _TEXT_FRAME, 127, length)
