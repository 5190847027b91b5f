"""What a drain does to a WebSocket: what runs may end, what watches ends at once, and nothing begins."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from structlog.testing import capture_logs

from backend.entrypoints.server import Server
from backend.entrypoints.serving import Served, server_of
from backend.lifecycle import Lifecycle
from tests.graphql_schema.endpoint import SCREEN, WATCHERS, build_endpoint
from tests.graphql_schema.talk import talking
from tests.plugins.serving import free_listener, serving
from tests.plugins.waiting import until

NEXT = "{ nextScreen }"
OPENING = (
    b"GET /graphql HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n"
)


async def _is_watched() -> bool:
    return bool(SCREEN.watching)


async def test_a_query_under_way_is_answered_before_its_websocket_closes_with_1012() -> None:
    lifecycle = Lifecycle()
    async with serving(build_endpoint(lifecycle=lifecycle)) as base_url, talking(base_url) as talk:
        await talk.start(authorization="Bearer person-1")
        await talk.subscribe("a", NEXT)
        await until(_is_watched, what="the query to run")
        lifecycle.begin_drain()
        await talk.say(type="ping")
        assert await talk.hear() == {"type": "pong"}
        SCREEN.show("at last")
        answer, last = await talk.hear(), await talk.hear()
        assert (answer["id"], answer["payload"]["data"]) == ("a", {"nextScreen": "at last"})
        assert last == {"id": "a", "type": "complete"}
        assert await talk.close_code() == 1012


async def test_subscriptions_beside_a_query_under_way_end_at_once_and_nothing_new_begins() -> None:
    lifecycle = Lifecycle()
    WATCHERS.clear()
    async with serving(build_endpoint(lifecycle=lifecycle)) as base_url, talking(base_url) as talk:
        await talk.start()
        await talk.subscribe("watch", "subscription { watched }")
        assert (await talk.hear())["type"] == "next"
        (ended,) = WATCHERS
        await talk.subscribe("a", NEXT)
        await until(_is_watched, what="the query to run")
        lifecycle.begin_drain()
        async with asyncio.timeout(20):
            await ended.wait()
        await talk.subscribe("late", "{ hello }")
        await talk.say(type="ping")
        assert await talk.hear() == {"type": "pong"}
        SCREEN.show("at last")
        heard = [await talk.hear(), await talk.hear()]
        assert [(message["id"], message["type"]) for message in heard] == [("a", "next"), ("a", "complete")]
        assert await talk.close_code() == 1012


async def test_a_query_that_is_given_up_during_a_drain_lets_its_websocket_close() -> None:
    lifecycle = Lifecycle()
    async with serving(build_endpoint(lifecycle=lifecycle)) as base_url, talking(base_url) as talk:
        await talk.start()
        await talk.subscribe("a", NEXT)
        await until(_is_watched, what="the query to run")
        lifecycle.begin_drain()
        await talk.say(type="complete", id="a")
        assert await talk.close_code() == 1012


@asynccontextmanager
async def _served(*, drain_seconds: int) -> AsyncIterator[tuple[str, Server]]:
    """Serve by the product's own server; it has ended at the end."""
    lifecycle, (listener, base_url) = Lifecycle(), free_listener()
    served = Served(build_endpoint(lifecycle=lifecycle), listener, drain_seconds=drain_seconds, lifecycle=lifecycle)
    server = server_of(served)
    running = asyncio.create_task(server.serve(sockets=[listener]))
    await server.ready.wait()
    yield base_url, server
    server.should_exit = True
    async with asyncio.timeout(20):
        await running


async def test_the_server_waits_for_a_query_over_a_websocket_as_for_a_request() -> None:
    async with _served(drain_seconds=20) as (base_url, server), talking(base_url) as talk:
        await talk.start()
        await talk.subscribe("a", NEXT)
        await until(_is_watched, what="the query to run")
        idle, writer = await asyncio.open_connection("127.0.0.1", int(base_url.rpartition(":")[2]))
        await server.drain(notice_seconds=0)
        async with asyncio.timeout(20):
            assert await idle.read() == b""  # so the server has told every connection to end
        writer.close()
        SCREEN.show("in time")
        assert (await talk.hear())["payload"]["data"] == {"nextScreen": "in time"}
        assert (await talk.hear())["type"] == "complete"
        assert await talk.close_code() == 1012


async def test_a_client_that_does_not_answer_the_goodbye_does_not_hold_up_the_drain() -> None:
    with capture_logs() as logs:
        async with _served(drain_seconds=8) as (base_url, server):  # less than uvicorn's 10 s for a goodbye
            reader, writer = await asyncio.open_connection("127.0.0.1", int(base_url.rpartition(":")[2]))
            writer.write(OPENING)
            async with asyncio.timeout(20):
                await reader.readuntil(b"\r\n\r\n")
                await server.drain(notice_seconds=0)
                assert (await reader.read())[:4] == b"\x88\x11" + (1012).to_bytes(2, "big")
            writer.close()
    assert not [one for one in logs if one["event"] == "requests_cut"]


async def test_a_query_over_a_websocket_that_outlives_the_drain_is_cut_with_1012() -> None:
    with capture_logs() as logs:
        async with _served(drain_seconds=1) as (base_url, server), talking(base_url) as talk:
            await talk.start()
            await talk.subscribe("a", NEXT)
            await until(_is_watched, what="the query to run")
            await server.drain(notice_seconds=0)
            assert await talk.close_code() == 1012
    assert [one["count"] for one in logs if one["event"] == "requests_cut"] == [1]
    assert not SCREEN.watching
