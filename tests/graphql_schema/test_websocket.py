"""graphql-transport-ws (S14-S18)."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus
from websockets.typing import Subprotocol

from backend.settings import GraphQLSettings
from graphql_schema.connection import MOST_OPERATIONS
from graphql_schema.http import GraphQL
from tests.graphql_schema.endpoint import PUBLIC_URL, WATCHERS, build_endpoint
from tests.graphql_schema.talk import Talk, talking
from tests.plugins.http import http_client
from tests.plugins.serving import serving


@pytest.fixture
async def served() -> AsyncIterator[str]:
    async with serving(build_endpoint()) as base_url:
        yield base_url


async def test_a_connection_carries_a_subscription_a_query_and_pings(served: str) -> None:
    async with talking(served) as talk:
        await talk.start()
        await talk.say(type="ping")
        assert await talk.hear() == {"type": "pong"}
        await talk.subscribe("a", "subscription { count(to: 2) }")
        heard = [await talk.hear() for _ in range(3)]
        assert [message["type"] for message in heard] == ["next", "next", "complete"]
        assert [message["payload"]["data"] for message in heard[:2]] == [{"count": 0}, {"count": 1}]
        await talk.subscribe("a", "query A { hello } query B { who }", operationName="A")
        heard = [await talk.hear(), await talk.hear()]
        assert heard[0]["payload"]["data"] == {"hello": "Привет, мир"}
        assert heard[1] == {"id": "a", "type": "complete"}


async def test_the_token_comes_in_the_first_message(served: str) -> None:
    async with talking(served) as talk:
        await talk.start(authorization="Bearer person-9")
        await talk.subscribe("a", "{ who }")

        assert (await talk.hear())["payload"]["data"] == {"who": "00000000-0000-0000-0000-000000000009"}


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("query A { hello } query B { who }", "OPERATION_NOT_CHOSEN"),
        ("{ nothing }", "GRAPHQL_VALIDATION_FAILED"),
        ("{", "GRAPHQL_PARSE_FAILED"),
        ("query($n: String!) { hello(name: $n) }", "BAD_USER_INPUT"),
        ("", "BAD_REQUEST"),
    ],
)
async def test_a_refused_operation_is_an_error_message_and_the_connection_lives(
    served: str, query: str, code: str
) -> None:
    async with talking(served) as talk:
        await talk.start()
        await talk.subscribe("a", query)
        error = await talk.hear()
        await talk.subscribe("a", "{ hello }")

        assert (error["id"], error["type"], error["payload"][0]["extensions"]["code"]) == ("a", "error", code)
        assert (await talk.hear())["payload"]["data"] == {"hello": "Привет, мир"}


@pytest.mark.parametrize(
    ("messages", "code"),
    [
        (["[]"], 4400),
        (["not json"], 4400),
        (['{"type":"what"}'], 4400),
        (['{"type":"connection_init","payload":5}'], 4400),
        (['{"type":"subscribe","id":"a","payload":{"query":"{ hello }"}}'], 4401),
        (['{"type":"connection_init","payload":{"authorization":"Bearer nonsense"}}'], 4403),
        (['{"type":"connection_init"}', '{"type":"connection_init"}'], 4429),
        (['{"type":"connection_init"}', '{"type":"subscribe","id":5,"payload":{}}'], 4400),
        (['{"type":"connection_init"}', '{"type":"subscribe","id":"a","payload":7}'], 4400),
        (['{"type":"connection_init","payload":{"authorization":"Bearer brief-1"}}'], 4403),
    ],
)
async def test_a_breach_of_the_protocol_closes_with_its_code(served: str, messages: list[str], code: int) -> None:
    """S15, and S18 for the token that has run out."""
    async with talking(served) as talk:
        for message in messages:
            await talk.socket.send(message)

        assert await talk.close_code() == code


async def test_two_operations_of_one_id_close_the_connection(served: str) -> None:
    async with talking(served) as talk:
        await talk.start()
        await talk.subscribe("a", "subscription { forever }")
        await talk.subscribe("a", "subscription { forever }")

        assert await talk.close_code() == 4409


async def test_silence_is_ended_by_the_initialisation_time_out() -> None:
    """S15."""
    endpoint = build_endpoint(limits=GraphQLSettings(websocket_init_seconds=0.05))
    async with serving(endpoint) as base_url, talking(base_url) as talk:
        assert await talk.close_code() == 4408


@pytest.mark.parametrize("protocols", [(), (Subprotocol("graphql-ws"),)])
async def test_only_graphql_transport_ws_is_spoken(served: str, protocols: tuple[Subprotocol, ...]) -> None:
    """S15."""
    url = served.replace("http", "ws") + "/graphql"
    async with connect(url, subprotocols=list(protocols) or None) as socket:
        assert await Talk(socket).close_code() == 4406


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "https://app.example.evil.example"])
async def test_a_page_of_a_foreign_origin_is_not_let_in(served: str, origin: str) -> None:
    """S16."""
    with pytest.raises(InvalidStatus) as raised:
        async with talking(served, origin=origin):
            pass

    assert raised.value.response.status_code == 403


async def test_pages_of_known_origins_and_of_this_host_are_let_in(served: str) -> None:
    """S16."""
    for origin in ("https://app.example", PUBLIC_URL, served):
        async with talking(served, origin=origin) as talk:
            await talk.start()


async def test_a_connection_carries_ten_operations_and_frees_the_place_of_a_completed_one(served: str) -> None:
    """S17."""
    async with talking(served) as talk:
        await talk.start()
        for number in range(MOST_OPERATIONS):
            await talk.subscribe(str(number), "subscription { forever }")
            assert (await talk.hear())["type"] == "next"
        await talk.subscribe("more", "{ hello }")
        refused = await talk.hear()
        await talk.say(type="complete", id="0")
        await talk.subscribe("more", "{ hello }")

        assert refused["payload"][0]["extensions"]["code"] == "TOO_MANY_SUBSCRIPTIONS"
        assert (await talk.hear())["payload"]["data"] == {"hello": "Привет, мир"}


async def test_a_person_has_ten_connections(served: str) -> None:
    """S17."""
    most = GraphQLSettings().max_connections_of_person
    async with AsyncExitStack() as stack:
        talks = [await stack.enter_async_context(talking(served)) for _ in range(most + 1)]
        *first, last = talks
        for talk in first:
            await talk.start(authorization="Bearer person-1")
        await last.say(type="connection_init", payload={"authorization": "Bearer person-1"})

        assert await last.close_code() == 4403


async def test_one_budget_is_spent_over_http_and_websocket() -> None:
    """S14."""
    endpoint: GraphQL = build_endpoint(limits=GraphQLSettings(cost_per_minute=60))
    page = "{ item { items(first: 20) { nodes { name } } } }"
    async with serving(endpoint) as base_url, talking(base_url) as talk, http_client() as client:
        headers = {"authorization": "Bearer person-1"}
        over_http = await client.post(f"{base_url}/graphql", json={"query": page}, headers=headers)
        await talk.start(authorization="Bearer person-1")
        await talk.subscribe("a", page)
        refused = await talk.hear()

    assert over_http.status_code == 200
    assert refused["payload"][0]["extensions"]["code"] == "COST_BUDGET_EXCEEDED"


async def test_a_closed_connection_ends_its_subscriptions(served: str) -> None:
    WATCHERS.clear()
    async with talking(served) as talk:
        await talk.start()
        await talk.subscribe("a", "subscription { watched }")
        await talk.hear()
        (ended,) = WATCHERS
    async with asyncio.timeout(20):
        await ended.wait()


async def test_a_completed_subscription_is_ended(served: str) -> None:
    WATCHERS.clear()
    async with talking(served) as talk:
        await talk.start()
        await talk.subscribe("a", "subscription { watched }")
        await talk.hear()
        (ended,) = WATCHERS
        await talk.say(type="complete", id="a")
        async with asyncio.timeout(20):
            await ended.wait()


async def test_a_connection_of_nobody_that_does_nothing_is_closed_and_a_busy_one_is_not() -> None:
    endpoint = build_endpoint()
    endpoint._door.anonymous_idle_seconds = 0.05
    async with serving(endpoint) as base_url, talking(base_url) as idle, talking(base_url) as busy:
        await idle.start()
        await busy.start()
        await busy.subscribe("a", "subscription { forever }")
        assert (await busy.hear())["type"] == "next"
        assert await idle.close_code() == 1000
        await busy.subscribe("b", "{ hello }")
        assert (await busy.hear())["id"] == "b"
        await busy.hear()
        await busy.say(type="complete", id="a")
        assert await busy.close_code() == 1000
