"""What streams have in common: one payload for all, the latest wins, and their end when the worker drains."""

import asyncio
from contextlib import AsyncExitStack

import orjson
import pytest

from backend.lifecycle import Lifecycle
from graphql_schema.events import PING, Event, Watch
from graphql_schema.open_streams import OpenStreams
from tests.graphql_schema.endpoint import NOW, SCREEN, build_endpoint
from tests.graphql_schema.talk import talking
from tests.plugins.http import http_client
from tests.plugins.serving import serving

EVENT_STREAM = {"accept": "text/event-stream"}


class Stream:
    """Remembers what was asked of it."""

    def __init__(self) -> None:
        self.cut_at_last = asyncio.Event()
        self.nudged = asyncio.Event()

    def cut(self) -> None:
        self.cut_at_last.set()

    def nudge(self) -> None:
        self.nudged.set()


async def test_a_drain_closes_each_websocket_with_1012() -> None:
    lifecycle = Lifecycle()
    async with serving(build_endpoint(lifecycle=lifecycle)) as base_url, AsyncExitStack() as stack:
        idle, busy, silent = [await stack.enter_async_context(talking(base_url)) for _ in range(3)]
        await idle.start()
        await busy.start(authorization="Bearer person-1")
        await busy.subscribe("a", "subscription { forever }")
        await busy.hear()
        lifecycle.begin_drain()
        for talk in (idle, busy, silent):
            assert await talk.close_code() == 1012
        async with talking(base_url) as late:
            assert await late.close_code() == 1012


async def test_a_drain_ends_event_streams_at_once_and_without_complete() -> None:
    lifecycle = Lifecycle()
    async with serving(build_endpoint(lifecycle=lifecycle)) as base_url, http_client() as client:
        body = {"query": "subscription { forever }"}
        async with client.stream("POST", f"{base_url}/graphql", json=body, headers=EVENT_STREAM) as stream:
            lines = stream.aiter_lines()
            assert await anext(lines) == "event: next"
            lifecycle.begin_drain()
            async with asyncio.timeout(20):
                assert not [line async for line in lines if line.startswith("event")]
        late = await client.post(f"{base_url}/graphql", json=body, headers=EVENT_STREAM)
        assert "complete" not in late.text


async def test_both_transports_share_one_computation() -> None:
    endpoint = build_endpoint()
    SCREEN.show("one")
    async with serving(endpoint) as base_url, talking(base_url) as talk, http_client() as client:
        await talk.start()
        await talk.subscribe('a"b', "subscription { screen }")
        assert (await talk.hear())["payload"]["data"] == {"screen": "one"}
        body = {"query": "subscription { screen }"}
        async with client.stream("POST", f"{base_url}/graphql", json=body, headers=EVENT_STREAM) as stream:
            lines = stream.aiter_lines()
            first, *_ = [await anext(lines) for _ in range(3)]
            assert first == "event: next"
            before = SCREEN.computed
            SCREEN.show("два")
            message = await talk.hear()
            data = [await anext(lines) for _ in range(2)][1].removeprefix("data: ")
    assert (message["id"], message["payload"]) == ('a"b', orjson.loads(data))
    assert message["payload"]["data"] == {"screen": "два"}
    assert "cost" not in message["payload"]["extensions"]
    assert SCREEN.computed == before + 1


async def test_every_open_stream_is_nudged_and_cut_and_those_that_left_are_not() -> None:
    lifecycle = Lifecycle()
    streams = OpenStreams(lifecycle, nudge_seconds=0.01)
    stays, leaves = Stream(), Stream()
    with streams.opened(stays):
        with streams.opened(leaves):
            assert len(streams) == 2
        await asyncio.wait_for(stays.nudged.wait(), 20)
        lifecycle.begin_drain()
        await asyncio.wait_for(stays.cut_at_last.wait(), 20)
    assert (len(streams), leaves.cut_at_last.is_set(), streams._draining) == (0, False, None)


async def test_a_quiet_watch_gives_a_ping_and_a_busy_one_its_events() -> None:
    def stay(_watch: Watch) -> None:
        """Nobody keeps it."""

    watch = Watch(clock=lambda: NOW, expires_at=None, leave=stay)
    event = Event(b"{}")
    watch.nudge()
    watch.put(event)
    watch.nudge()
    assert await anext(watch) is event
    watch.nudge()
    assert await anext(watch) is PING
    watch.put(event)
    watch.cut()
    with pytest.raises(StopAsyncIteration):
        await anext(watch)


async def test_a_client_whose_short_way_fails_hurts_only_itself() -> None:
    def fail(_event: Event) -> bool:
        raise RuntimeError

    def stay(_watch: Watch) -> None:
        """Nobody keeps it."""

    watch = Watch(clock=lambda: NOW, expires_at=None, leave=stay)
    reading = asyncio.ensure_future(anext(watch))
    await asyncio.wait({reading}, timeout=0.01)
    watch.take = fail
    event = Event(b"{}")
    watch.put(event)
    assert await reading is event
    reading = asyncio.ensure_future(anext(watch))
    await asyncio.wait({reading}, timeout=0.01)
    taken: list[Event] = []
    watch.take = lambda event: not taken.append(event)  # type: ignore[func-returns-value] # None is false
    watch.put(event)
    assert (taken, reading.done()) == ([event], False)
    watch.end()
    with pytest.raises(StopAsyncIteration):
        await reading
