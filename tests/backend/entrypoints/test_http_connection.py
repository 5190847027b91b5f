"""Who connects and does not send a whole request is let go (R64); health is asked of a full server too (R62)."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket
from websockets.asyncio.client import connect

from backend.entrypoints.http_connection import HttpProtocol
from backend.entrypoints.serving import Served, server_of
from tests.plugins.serving import free_listener, serving

REQUEST = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbody"
UPGRADE = b"GET /chat HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
HEALTH = b"GET /health/live HTTP/1.1\r\nHost: a\r\n\r\n"
SHORT_SECONDS, LIMIT_SECONDS = 0.3, 1.0


class Hasty(HttpProtocol):
    """Waits less than the product, which waits for 20 s: for those who are to be let go."""

    longest_request_seconds = SHORT_SECONDS


class Impatient(HttpProtocol):
    """Waits longer: for those who are to be in time, on a machine that stands still for a moment too."""

    longest_request_seconds = LIMIT_SECONDS


class Full(HttpProtocol):
    """Has room for one connection less than there are."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._most_connections = 1


async def _outlast_the_limit() -> None:
    """Return when the limit's timer, set before, would have run out: time itself is what is waited for."""
    over = asyncio.Event()
    asyncio.get_running_loop().call_later(1.2 * LIMIT_SECONDS, over.set)
    await over.wait()


def _app(left: asyncio.Event) -> Starlette:
    async def echo(request: Request) -> Response:
        try:
            return Response(await request.body())
        except ClientDisconnect:
            left.set()
            raise

    async def slow(_request: Request) -> Response:
        await _outlast_the_limit()
        return PlainTextResponse("done")

    async def patient(request: Request) -> Response:
        while (await request.receive())["type"] != "http.disconnect":
            pass
        left.set()
        return PlainTextResponse("nobody hears it")

    async def live(_request: Request) -> Response:
        return PlainTextResponse("live")

    async def chat(socket: WebSocket) -> None:
        await socket.accept()
        await _outlast_the_limit()
        await socket.send_text("still here")
        await socket.close()

    return Starlette(
        routes=[
            Route("/", echo, methods=["POST"]),
            Route("/slow", slow),
            Route("/patient", patient),
            Route("/health/live", live),
            WebSocketRoute("/chat", chat),
        ]
    )


@asynccontextmanager
async def _connected(base_url: str) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    reader, writer = await asyncio.open_connection("127.0.0.1", int(base_url.rpartition(":")[2]))
    try:
        yield reader, writer
    finally:
        writer.close()


async def _ended(reader: asyncio.StreamReader) -> bool:
    """Return once the server has ended the connection without another word."""
    async with asyncio.timeout(20):
        try:
            return await reader.read() == b""
        except ConnectionResetError:
            return True


async def _answer(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    async with asyncio.timeout(20):
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0])
        return int(head.split()[1]), await reader.readexactly(length)


async def _refusal(reader: asyncio.StreamReader) -> int | None:
    """Return the status of an answer; None where the connection broke, as it may for who sends on."""
    try:
        return (await _answer(reader))[0]
    except ConnectionResetError:
        return None


@pytest.mark.parametrize("sent", [b"", b"G", REQUEST[:20], REQUEST[:-4], REQUEST[:-1]])
async def test_who_sends_no_whole_request_in_time_is_let_go(sent: bytes) -> None:
    async with serving(_app(asyncio.Event()), http=Hasty) as base_url, _connected(base_url) as (reader, writer):
        writer.write(sent)
        assert await _ended(reader)


async def test_who_sends_a_byte_now_and_then_is_let_go_too() -> None:
    async with serving(_app(asyncio.Event()), http=Hasty) as base_url, _connected(base_url) as (reader, writer):
        ended = asyncio.create_task(_ended(reader))
        sent = 0
        while not ended.done() and sent < len(REQUEST) - 1:
            writer.write(REQUEST[sent : sent + 1])
            sent += 1
            await asyncio.wait({ended}, timeout=SHORT_SECONDS / 5)
        assert await ended
        assert sent < len(REQUEST) - 1


async def test_half_a_second_request_on_a_connection_that_is_kept_is_let_go() -> None:
    async with serving(_app(asyncio.Event()), http=Impatient) as base_url, _connected(base_url) as (reader, writer):
        for _ in range(2):
            writer.write(REQUEST)
            assert await _answer(reader) == (200, b"body")
        writer.write(REQUEST[:30])
        assert await _ended(reader)


async def test_an_application_that_waits_for_a_body_hears_that_it_will_not_come() -> None:
    left = asyncio.Event()
    async with serving(_app(left), http=Hasty) as base_url, _connected(base_url) as (_reader, writer):
        writer.write(REQUEST[:-1])
        async with asyncio.timeout(20):
            await left.wait()


async def test_a_request_in_pieces_a_slow_answer_and_a_quiet_connection_are_left_alone() -> None:
    """The limit is for requests alone: not for what is done about them, nor for what is between them."""
    async with serving(_app(asyncio.Event()), http=Impatient) as base_url, _connected(base_url) as (reader, writer):
        for piece in (REQUEST[:20], REQUEST[20:-2], REQUEST[-2:]):
            writer.write(piece)
            await asyncio.sleep(0)
        assert await _answer(reader) == (200, b"body")
        writer.write(b"GET /slow HTTP/1.1\r\nHost: a\r\n\r\n")
        assert await _answer(reader) == (200, b"done")
        await _outlast_the_limit()
        writer.write(REQUEST)
        assert await _answer(reader) == (200, b"body")


async def test_a_head_without_an_end_is_refused_before_it_fills_our_memory() -> None:
    async with serving(_app(asyncio.Event())) as base_url, _connected(base_url) as (reader, writer):
        writer.write(REQUEST + b"GET / HTTP/1.1\r\nHost: a\r\nX: ")
        assert await _answer(reader) == (200, b"body")
        refusal = asyncio.create_task(_refusal(reader))
        sent = 0
        while not refusal.done() and sent < 1 << 24:
            writer.write(b"a" * 4_096)
            sent += 4_096
            await asyncio.wait({refusal}, timeout=0.001)
        assert await refusal in {431, None}
        assert sent < 1 << 20


async def test_a_head_without_an_end_behind_an_answer_under_way_ends_both() -> None:
    left = asyncio.Event()
    async with serving(_app(left)) as base_url, _connected(base_url) as (reader, writer):
        writer.write(b"GET /patient HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\nX: " + b"a" * 200_000)
        assert await _ended(reader)
        async with asyncio.timeout(20):
            await left.wait()


async def test_a_large_head_is_read() -> None:
    async with serving(_app(asyncio.Event())) as base_url, _connected(base_url) as (reader, writer):
        for _ in range(3):
            writer.write(REQUEST.replace(b"Host: a", b"Host: a\r\nX: " + b"a" * 40_000))
            assert await _answer(reader) == (200, b"body")


async def test_a_websocket_outlives_the_limit_of_the_request_that_began_it() -> None:
    async with (
        serving(_app(asyncio.Event()), http=Impatient) as base_url,
        connect(base_url.replace("http", "ws") + "/chat") as socket,
        asyncio.timeout(20),
    ):
        assert await socket.recv() == "still here"


@pytest.mark.parametrize(
    "unreadable",
    [
        UPGRADE + b"X: " + b"a" * 9_000 + b"\r\n\r\n",
        UPGRADE + b"X: a\r\n" * 300 + b"\r\n",
        UPGRADE + b"Content-Length: 4\r\n\r\nbody",
    ],
    ids=["long", "many", "body"],
)
async def test_an_opening_of_a_websocket_that_cannot_be_read_is_let_go(unreadable: bytes) -> None:
    """R64: it is HTTP, so its request came whole, but it never becomes a WebSocket."""
    async with serving(_app(asyncio.Event())) as base_url, _connected(base_url) as (reader, writer):
        writer.write(unreadable)
        async with asyncio.timeout(10):  # less than the limit of 20 s: that is not what ends it
            answer = await reader.read()
    assert answer == b"" or answer.startswith(b"HTTP/1.1 431 ")


@pytest.mark.parametrize("second", [REQUEST, UPGRADE + b"\r\n"], ids=["request", "websocket"])
async def test_a_request_hears_that_its_client_left_though_another_one_came_behind_it(second: bytes) -> None:
    """A WebSocket ends both, as it may not have the connection before the answer."""
    left = asyncio.Event()
    async with serving(_app(left)) as base_url, _connected(base_url) as (_reader, writer):
        writer.write(b"GET /patient HTTP/1.1\r\nHost: a\r\n\r\n" + second)
        writer.write_eof()
        async with asyncio.timeout(20):
            await left.wait()


async def test_a_full_server_says_503_and_answers_for_its_health() -> None:
    async with serving(_app(asyncio.Event()), http=Full) as base_url, _connected(base_url) as (reader, writer):
        writer.write(HEALTH)
        assert await _answer(reader) == (200, b"live")
        writer.write(REQUEST)
        assert await _answer(reader) == (503, b"Service Unavailable")


async def test_the_product_is_served_so() -> None:
    listener, _base_url = free_listener()
    with listener:
        config = server_of(Served(_app(asyncio.Event()), listener)).config
        config.load()
    assert config.http_protocol_class is HttpProtocol
    assert 0 < HttpProtocol.longest_request_seconds <= 20
