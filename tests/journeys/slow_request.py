"""A request whose body is held back, so that it is being handled for as long as a test wants."""

import asyncio


class SlowRequest:
    """One POST to `/graphql`: its head is sent, its body when the test says so."""

    def __init__(self, body: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Take a connection whose head was sent."""
        self._body = body
        self._reader = reader
        self._writer = writer

    @classmethod
    async def begin(cls, port: int, body: bytes, *, authorization: str | None = None) -> "SlowRequest":
        """Send the head, and return when the application asks for the body: from then on it handles the request."""
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        head = "POST /graphql HTTP/1.1\r\nhost: test\r\ncontent-type: application/json\r\nexpect: 100-continue\r\n"
        if authorization is not None:
            head += f"authorization: {authorization}\r\n"
        writer.write(f"{head}content-length: {len(body)}\r\n\r\n".encode())
        await writer.drain()
        assert await reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        return cls(body, reader, writer)

    async def send_body(self) -> None:
        """Hand the body to the system; the server may be gone before it reads it."""
        self._writer.write(self._body)
        await self._writer.drain()

    async def answer(self) -> bytes:
        """Return everything until the server closes the connection; nothing, when it does so without an answer."""
        try:
            return await asyncio.wait_for(self._reader.read(), 20)
        except ConnectionError:
            return b""
        finally:
            self._writer.close()
