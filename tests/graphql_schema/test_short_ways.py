"""Events written to the socket as they lie ready: as the ordinary way sends them, and only where that is safe."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager

import httpx2
import orjson
import pytest
from starlette.types import Scope
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from backend.entrypoints.frames import WebSocketProtocol
from backend.entrypoints.http_connection import HttpProtocol
from tests.graphql_schema.endpoint import SCREEN, build_endpoint
from tests.graphql_schema.talk import talking
from tests.plugins.http import http_client
from tests.plugins.serving import serving

SUBSCRIPTION = {"query": "subscription { screen }"}
EVENT_STREAM = {"accept": "text/event-stream"}
WRITTEN: list[int] = []
"""The length of each part that went the short way."""


class Counting(HttpProtocol):
    """Notes what goes the short way."""

    def chunk_writer(self, scope: Scope) -> Callable[[bytes], bool] | None:
        write = super().chunk_writer(scope)
        if write is None:
            return None

        def counted(part: bytes) -> bool:
            is_taken = write(part)
            if is_taken:
                WRITTEN.append(len(part))
            return is_taken

        return counted


@asynccontextmanager
async def _events(client: httpx2.AsyncClient, base_url: str) -> AsyncIterator[AsyncIterator[str]]:
    """Yield what the screen shows, event by event."""
    async with client.stream("POST", f"{base_url}/graphql", json=SUBSCRIPTION, headers=EVENT_STREAM) as stream:

        async def screens() -> AsyncGenerator[str, None]:
            async for line in stream.aiter_lines():
                if line.startswith("data: "):
                    yield orjson.loads(line.removeprefix("data: "))["data"]["screen"]

        async with aclosing(screens()) as seen:
            yield seen


async def _next(seen: AsyncIterator[str]) -> str:
    async with asyncio.timeout(20):
        return await anext(seen)


@pytest.mark.parametrize("length", [0, 50, 1_000, 70_000])
async def test_a_payload_of_any_length_goes_the_short_way_of_an_event_stream_whole(length: int) -> None:
    WRITTEN.clear()
    SCREEN.show("begin")
    async with (
        serving(build_endpoint(), http=Counting) as base_url,
        http_client() as client,
        _events(client, base_url) as seen,
    ):
        assert await _next(seen) == "begin"
        before = len(WRITTEN)
        SCREEN.show("ж" * length)
        assert await _next(seen) == "ж" * length
        SCREEN.show("end")
        assert await _next(seen) == "end"
    assert len(WRITTEN) == before + 2


@pytest.mark.parametrize("length", [0, 50, 60, 1_000, 65_000, 70_000])
async def test_a_payload_of_any_length_goes_the_short_way_of_a_websocket_whole(length: int) -> None:
    SCREEN.show("begin")
    async with serving(build_endpoint()) as base_url, talking(base_url) as talk:
        await talk.start()
        await talk.subscribe("a", SUBSCRIPTION["query"])
        await talk.hear()
        SCREEN.show("ж" * length)
        assert (await talk.hear())["payload"]["data"] == {"screen": "ж" * length}


@pytest.mark.parametrize("protocol", [WebSocketProtocol, WebSocketsSansIOProtocol])
async def test_a_slow_websocket_is_shown_the_latest_state_and_holds_up_nobody(protocol: type[asyncio.Protocol]) -> None:
    """S19: the slow one reads nothing until its socket, and the server's buffer for it, are full."""
    SCREEN.show("begin")
    async with serving(build_endpoint(), ws=protocol) as base_url, talking(base_url) as slow, talking(base_url) as fast:
        for talk in (slow, fast):
            await talk.start()
            await talk.subscribe("a", SUBSCRIPTION["query"])
            await talk.hear()
        for number in range(200):
            SCREEN.show(f"{number} " + "x" * 100_000)
            assert (await fast.hear())["payload"]["data"]["screen"].startswith(f"{number} ")
        numbers: list[int] = []
        while not numbers or numbers[-1] != 199:
            numbers.append(int((await slow.hear())["payload"]["data"]["screen"].split()[0]))
    assert numbers == sorted(set(numbers))
    assert len(numbers) < 200


@pytest.mark.parametrize("protocol", [HttpProtocol, HttpToolsProtocol])
async def test_a_slow_event_stream_is_shown_the_latest_state_and_holds_up_nobody(
    protocol: type[asyncio.Protocol],
) -> None:
    """S19, as above."""
    SCREEN.show("begin")
    async with (
        serving(build_endpoint(), http=protocol) as base_url,
        http_client() as client,
        _events(client, base_url) as slow,
        _events(client, base_url) as fast,
    ):
        for seen in (slow, fast):
            assert await _next(seen) == "begin"
        for number in range(200):
            SCREEN.show(f"{number} " + "x" * 100_000)
            assert (await _next(fast)).startswith(f"{number} ")
        numbers: list[int] = []
        while not numbers or numbers[-1] != 199:
            numbers.append(int((await _next(slow)).split()[0]))
    assert numbers == sorted(set(numbers))
    assert len(numbers) < 200


async def test_a_stream_behind_which_another_request_waits_goes_the_ordinary_way() -> None:
    """By then the connection's request is the later one, whose answer must not get what belongs to the first."""
    WRITTEN.clear()
    SCREEN.show("begin")
    body = orjson.dumps(SUBSCRIPTION)
    head = (
        "POST /graphql HTTP/1.1\r\nHost: a\r\nAccept: text/event-stream\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    async with serving(build_endpoint(), http=Counting) as base_url:
        reader, writer = await asyncio.open_connection("127.0.0.1", int(base_url.rpartition(":")[2]))
        writer.write(2 * (head.encode() + body))
        async with asyncio.timeout(20):
            assert b"begin" in await reader.readuntil(b"}}\n\n\r\n")
            SCREEN.show("next")
            assert b"next" in await reader.readuntil(b"}}\n\n\r\n")
        writer.close()
    assert WRITTEN == []
