"""What a client sends: media types, bodies, query strings. Beyond the 61 items of the audit in tests/wire."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import orjson
import pytest

from backend.settings import GraphQLSettings
from graphql_schema.http import GraphQL
from tests.graphql_schema.endpoint import DEEDS, build_endpoint, client_of

GRAPHQL = "application/graphql-response+json"
JSON = "application/json"


@pytest.fixture
def endpoint() -> GraphQL:
    return build_endpoint()


def _code(response: httpx2.Response) -> str:
    return str(response.json()["errors"][0]["extensions"]["code"])


@pytest.mark.parametrize(
    "content_type",
    [
        None,
        "text/plain",
        "text/plain; application/json",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/graphql",
        "application/json; charset=latin-1",
        "application/json-seq",
    ],
)
async def test_what_a_form_can_send_does_not_reach_a_mutation(endpoint: GraphQL, content_type: str | None) -> None:
    """S7."""
    DEEDS.done.clear()
    async with client_of(endpoint) as client:
        headers = {"content-type": content_type} if content_type else {}
        body = b'{"query":"mutation { act(name: \\"forged\\") }"}'
        response = await client.post("/graphql", content=body, headers=headers)

    assert response.status_code == 415
    assert _code(response) == "UNSUPPORTED_MEDIA_TYPE"
    assert DEEDS.done == []


@pytest.mark.parametrize("content_type", [JSON, "application/json; charset=utf-8", 'Application/JSON;Charset="UTF-8"'])
async def test_json_in_utf8_is_taken_in_any_spelling(endpoint: GraphQL, content_type: str) -> None:
    async with client_of(endpoint) as client:
        body = b'{"query":"{ hello }"}'
        response = await client.post("/graphql", content=body, headers={"content-type": content_type})

    assert response.json()["data"] == {"hello": "Привет, мир"}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b'"x"',
        b"5",
        b"null",
        b"true",
        b'{"query":"{ hello }"',
        b'\xff\xfe{"query":"{ hello }"}',
        b'{"query":"{ hello(name: \\"\\ud800\\") }"}',
        b'{"query":"{ hello }","variables":{"a":NaN}}',
        b'{"query":"{ hello }","variables":{"a":' + b"[" * 5_000 + b"]" * 5_000 + b"}}",
        b"[" * 100_000,
        b'{"query":"{ hello }","variables":{"a":1' + b"0" * 5_000 + b"}}",
        b'{"query":{"a":1}}',
        b'{"query":"{ hello }","operationName":5}',
        b'{"query":"{ hello }","variables":[]}',
        b'{"query":"{ hello }","variables":{"a":[{"b":"x\\u0000"}]}}',
        b'{"query":"{ hello }","extensions":"x"}',
        b'{"query":"{ hello }","extensions":{"persistedQuery":{}}}',
        b'{"documentId":7}',
        b'{"query":""}',
    ],
)
async def test_a_malformed_body_is_400_with_a_code(endpoint: GraphQL, body: bytes) -> None:
    """S11."""
    async with client_of(endpoint) as client:
        response = await client.post("/graphql", content=body, headers={"content-type": JSON})

    assert response.status_code == 400
    assert _code(response) == "BAD_REQUEST"
    assert "data" not in response.json()


async def test_a_batch_is_refused(endpoint: GraphQL) -> None:
    """S6."""
    async with client_of(endpoint) as client:
        response = await client.post("/graphql", json=[{"query": "{ hello }"}])

    assert response.status_code == 400
    assert _code(response) == "BATCHING_NOT_SUPPORTED"


@pytest.mark.parametrize(
    "query_string",
    [b"query=%FF", b"query=%7Bhello%7D&query=%7Bwho%7D", b"query=%7Bhello%7D&variables=%7B", b"a=1" + b"&a=1" * 30],
)
async def test_a_malformed_query_string_is_400(endpoint: GraphQL, query_string: bytes) -> None:
    async with client_of(endpoint) as client:
        response = await client.get(f"/graphql?{query_string.decode()}")

    assert response.status_code == 400
    assert _code(response) == "BAD_REQUEST"


@pytest.mark.parametrize("announced", [True, False])
async def test_a_body_above_the_limit_is_413_announced_or_chunked(announced: bool) -> None:
    """S12."""
    endpoint = build_endpoint(limits=GraphQLSettings(max_body_bytes=1_000))
    sent = 0

    async def chunks() -> AsyncIterator[bytes]:
        nonlocal sent
        for _ in range(100):
            sent += 1
            yield b" " * 100

    headers = {"content-type": JSON} | ({"content-length": "10000"} if announced else {})
    async with client_of(endpoint) as client:
        response = await client.post("/graphql", content=chunks(), headers=headers)

    assert response.status_code == 413
    assert _code(response) == "PAYLOAD_TOO_LARGE"
    assert response.headers["connection"] == "close"


async def test_a_body_that_does_not_come_is_cut() -> None:
    endpoint = build_endpoint(limits=GraphQLSettings(deadline_seconds=0.05))
    sent: list[Any] = []

    async def receive() -> Any:
        await asyncio.Event().wait()

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "POST", "query_string": b"", "headers": [(b"content-type", b"application/json")]}
    await endpoint(scope, receive, send)

    assert sent[0]["status"] == 408
    assert orjson.loads(sent[1]["body"])["errors"][0]["extensions"]["code"] == "BAD_REQUEST"


async def test_a_client_that_leaves_before_its_body_is_let_go(endpoint: GraphQL) -> None:
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "POST", "query_string": b"", "headers": [(b"content-type", b"application/json")]}
    await endpoint(scope, receive, send)

    assert sent == []
