"""Subscriptions as server-sent events in distinct-connections mode (S18)."""

import asyncio
import logging
from contextlib import AsyncExitStack
from typing import Any

import httpx2
import orjson
import pytest
from websockets.exceptions import InvalidStatus

from backend.lifecycle import Lifecycle
from backend.settings import GraphQLSettings
from graphql_schema.open_streams import OpenStreams
from graphql_schema.sse import send_stream
from tests.graphql_schema.endpoint import WATCHERS, ask, build_endpoint
from tests.graphql_schema.hub_house import House, caller_of
from tests.graphql_schema.talk import talking
from tests.plugins.http import http_client
from tests.plugins.serving import serving
from tests.plugins.waiting import until

EVENT_STREAM = "text/event-stream"


def _events(text: str) -> list[tuple[str, Any]]:
    events = []
    for block in text.strip("\n").split("\n\n"):
        event, data = block.split("\n")
        events.append((event.removeprefix("event: "), orjson.loads(data[5:]) if data[5:] else None))
    return events


async def test_a_subscription_is_streamed_as_events_with_lf_alone() -> None:
    response = await ask(build_endpoint(), "subscription { count(to: 2) }", headers={"accept": EVENT_STREAM})

    assert response.status_code == 200
    assert response.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert response.headers["cache-control"] == "no-store, no-transform"
    assert "\r" not in response.text
    events = _events(response.text)
    assert [name for name, _ in events] == ["next", "next", "complete"]
    assert [body["data"] for _, body in events[:2]] == [{"count": 0}, {"count": 1}]


async def test_a_client_that_merely_lists_event_streams_gets_json_for_queries_and_events_for_subscriptions() -> None:
    accept = {"accept": "application/graphql-response+json, application/json, text/event-stream, multipart/mixed"}
    endpoint = build_endpoint()

    query = await ask(endpoint, "{ hello }", headers=accept)
    subscription = await ask(endpoint, "subscription { count(to: 1) }", headers=accept)

    assert query.headers["content-type"] == "application/graphql-response+json; charset=utf-8"
    assert [name for name, _ in _events(subscription.text)] == ["next", "complete"]


async def test_a_query_may_be_streamed_too() -> None:
    response = await ask(build_endpoint(), "{ hello }", headers={"accept": EVENT_STREAM})

    (name, body), (last, _) = _events(response.text)
    assert (name, body["data"], last) == ("next", {"hello": "Привет, мир"}, "complete")


async def test_a_bug_in_a_subscription_ends_it_masked() -> None:
    query = 'subscription { broken(secret: "canary") }'
    response = await ask(build_endpoint(), query, headers={"accept": EVENT_STREAM})

    events = _events(response.text)
    assert [name for name, _ in events] == ["next", "next", "complete"]
    assert events[1][1]["errors"][0]["extensions"]["code"] == "INTERNAL_ERROR"
    assert "canary" not in response.text


async def test_an_expired_token_ends_the_event_stream() -> None:
    """S18."""
    headers = {"accept": EVENT_STREAM, "authorization": "Bearer brief-1"}

    async with asyncio.timeout(20):
        response = await ask(build_endpoint(), "subscription { forever }", headers=headers)

    assert "complete" not in response.text


async def test_a_client_that_leaves_ends_its_event_stream() -> None:
    async with serving(build_endpoint()) as base_url, http_client() as client:
        WATCHERS.clear()
        body = {"query": "subscription { watched }"}
        async with client.stream("POST", f"{base_url}/graphql", json=body, headers={"accept": EVENT_STREAM}) as stream:
            first = await anext(stream.aiter_lines())
            (ended,) = WATCHERS
        async with asyncio.timeout(20):
            await ended.wait()

    assert first == "event: next"


async def test_a_sending_that_fails_leaves_no_watcher_behind() -> None:
    house, open_streams = House(), OpenStreams(Lifecycle())

    async def stay() -> Any:
        await asyncio.Event().wait()

    async def send(message: Any) -> None:
        if message["type"] == "http.response.body":
            raise OSError("gone")

    with pytest.raises(OSError, match="gone"):
        await send_stream(house.watch(caller_of(1)), {}, stay, send, open_streams)

    assert (house.hub.watcher_count(), len(open_streams)) == (0, 0)


async def _open(stack: AsyncExitStack, client: httpx2.AsyncClient, url: str, person: int) -> httpx2.Response:
    headers = {"accept": EVENT_STREAM, "authorization": f"Bearer person-{person}"}
    body = {"query": "subscription { forever }"}
    return await stack.enter_async_context(client.stream("POST", f"{url}/graphql", json=body, headers=headers))


async def test_event_streams_and_websockets_of_a_person_are_counted_together() -> None:
    """S17: a place is free again when a stream of either kind ends; another person has places of their own."""
    endpoint = build_endpoint(limits=GraphQLSettings(max_connections_of_person=2))
    async with serving(endpoint) as url, http_client() as client, AsyncExitStack() as stack:
        first = AsyncExitStack()
        assert (await _open(first, client, url, 1)).status_code == 200
        talk = await stack.enter_async_context(talking(url))
        await talk.start(authorization="Bearer person-1")
        refused = await _open(stack, client, url, 1)
        error = orjson.loads(await refused.aread())["errors"][0]["extensions"]
        assert (refused.status_code, error["code"], error["limit"]) == (429, "TOO_MANY_CONNECTIONS", 2)
        assert (refused.headers["retry-after"], error["retryAfterMs"], error["retryable"]) == ("10", 10_000, True)
        assert endpoint._streams.hub.watcher_count() == 1
        late = await stack.enter_async_context(talking(url))
        await late.say(type="connection_init", payload={"authorization": "Bearer person-1"})
        assert await late.close_code() == 4403
        assert late.socket.close_reason == "TOO_MANY_CONNECTIONS"
        assert (await _open(stack, client, url, 2)).status_code == 200
        await first.aclose()

        async def is_free() -> bool:
            return (await _open(stack, client, url, 1)).status_code == 200

        await until(is_free, what="the place of the stream that was left")


async def test_a_stream_that_was_refused_or_is_over_holds_no_place() -> None:
    endpoint = build_endpoint(limits=GraphQLSettings(max_connections_of_person=1, cost_per_minute=2))
    streams = [
        _events((await ask(endpoint, "subscription { count(to: 1) }", headers={"accept": EVENT_STREAM})).text)
        for _ in range(4)
    ]
    assert [body["data"] for (_, body), _ in streams[:2]] == [{"count": 0}] * 2
    codes = [body["errors"][0]["extensions"]["code"] for (_, body), _ in streams[2:]]
    assert codes == ["COST_BUDGET_EXCEEDED"] * 2
    assert not endpoint._open_streams._persons


async def test_a_full_worker_opens_no_stream_and_answers_requests(caplog: pytest.LogCaptureFixture) -> None:
    """R62: a WebSocket is refused before it is accepted, and one that says nothing yet is counted too."""
    endpoint = build_endpoint(limits=GraphQLSettings(max_streams_of_worker=2))
    async with serving(endpoint) as url, http_client() as client, AsyncExitStack() as stack:
        assert (await _open(stack, client, url, 1)).status_code == 200
        logging.getLogger("uvicorn.error").addHandler(caplog.handler)
        stack.callback(logging.getLogger("uvicorn.error").removeHandler, caplog.handler)
        async with talking(url):
            with pytest.raises(InvalidStatus) as denied:
                await stack.enter_async_context(talking(url))
            assert denied.value.response.status_code == 503
            assert denied.value.response.headers["retry-after"] == "10"
            refused = await _open(stack, client, url, 2)
            error = orjson.loads(await refused.aread())["errors"][0]["extensions"]
            assert (refused.status_code, error["code"], error["retryAfterMs"]) == (503, "WORKER_FULL", 10_000)
            answer = await client.post(f"{url}/graphql", json={"query": "{ hello }"})
            assert answer.json()["data"] == {"hello": "Привет, мир"}

        async def has_room() -> bool:
            return (await _open(stack, client, url, 2)).status_code == 200

        await until(has_room, what="the place of the WebSocket that left")
        assert not [line for line in caplog.records if line.levelno >= logging.WARNING]  # a refusal is no error of ours
