"""The wire: media types, methods, bodies, status codes. Beyond the 61 items of the audit in tests/wire."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import orjson
import pytest

from backend.settings import GraphQLSettings
from graphql_schema.http import GraphQL
from graphql_schema.negotiation import choose_language, names, negotiate
from graphql_schema.responses import choose_coding
from tests.graphql_schema.endpoint import DEEDS, NOW, PUBLIC_URL, ask, build_endpoint, client_of

GRAPHQL = "application/graphql-response+json"
JSON = "application/json"


@pytest.fixture
def endpoint() -> GraphQL:
    return build_endpoint()


def _code(response: httpx2.Response) -> str:
    return str(response.json()["errors"][0]["extensions"]["code"])


@pytest.mark.parametrize(
    ("accept", "chosen"),
    [
        (None, JSON),
        ("*/*", JSON),
        ("application/*", JSON),
        (GRAPHQL, GRAPHQL),
        (f"{GRAPHQL}, {JSON}", GRAPHQL),
        (f"{JSON}, {GRAPHQL}", JSON),
        (f"{JSON};q=0.5, {GRAPHQL}", GRAPHQL),
        (f"{GRAPHQL};q=0.1, */*", JSON),
        (f"*/*;q=0.1, {GRAPHQL};q=0", JSON),
        (f"text/event-stream, multipart/mixed, {GRAPHQL}, {JSON}", GRAPHQL),
        ("text/event-stream, */*", JSON),
    ],
)
async def test_the_media_type_is_chosen_by_quality(endpoint: GraphQL, accept: str | None, chosen: str) -> None:
    async with client_of(endpoint) as client:
        client.headers.pop("accept")
        headers = {"content-type": JSON} | ({"accept": accept} if accept else {})
        response = await client.post("/graphql", content=b'{"query":"{ hello }"}', headers=headers)

    assert response.status_code == 200
    assert response.headers["content-type"] == f"{chosen}; charset=utf-8"
    assert response.headers["vary"] == "Accept, Accept-Language, Accept-Encoding"
    assert response.json()["data"] == {"hello": "Привет, мир"}
    assert "Привет".encode() in response.content


async def test_what_is_remembered_of_a_long_header_is_short(endpoint: GraphQL) -> None:
    """512 headers of a megabyte each would otherwise stay in memory."""
    remembered: list[Any] = [choose_language, choose_coding, negotiate, names]
    for one in remembered:
        one.cache_clear()
    for number in range(3):
        long = f"*, {'x' * 2_000}{number}"
        headers = {"accept": f"*/{long}", "accept-language": long, "accept-encoding": long}
        assert (await ask(endpoint, "{ hello }", headers=headers)).json()["data"] == {"hello": "Привет, мир"}
    assert all(one.cache_info().currsize <= 1 for one in remembered)


@pytest.mark.parametrize("accept", ["text/plain", f"{JSON};q=0", "image/*", f"{JSON};q=nonsense"])
async def test_no_acceptable_media_type_is_406_with_a_json_body(endpoint: GraphQL, accept: str) -> None:
    response = await ask(endpoint, "{ hello }", headers={"accept": accept})

    assert response.status_code == 406
    assert response.headers["content-type"] == "application/json; charset=utf-8"
    assert _code(response) == "NOT_ACCEPTABLE"


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


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS"])
async def test_other_methods_are_405_with_allow(endpoint: GraphQL, method: str) -> None:
    async with client_of(endpoint) as client:
        response = await client.request(method, "/graphql")

    assert (response.status_code, response.headers["allow"]) == (405, "GET, POST")
    assert _code(response) == "METHOD_NOT_ALLOWED"


async def test_get_executes_queries_and_never_mutations(endpoint: GraphQL) -> None:
    DEEDS.done.clear()
    async with client_of(endpoint) as client:
        read = await client.get("/graphql", params={"query": "{ hello }", "variables": "", "extensions": "{}"})
        written = await client.get("/graphql", params={"query": 'mutation { act(name: "forged") }'})

    assert read.json()["data"] == {"hello": "Привет, мир"}
    assert (written.status_code, written.headers["allow"]) == (405, "POST")
    assert _code(written) == "METHOD_NOT_ALLOWED"
    assert DEEDS.done == []


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


PAGE = "query($n: Int) { item { items(first: $n) { nodes { name } } } }"


@pytest.mark.parametrize(
    ("query", "variables", "code"),
    [
        ("{ ...Nope }", "{}", "GRAPHQL_VALIDATION_FAILED"),
        ("{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }", "{}", "GRAPHQL_VALIDATION_FAILED"),
        ("{ item { items(first: " + "9" * 5_000 + ") { nodes { name } } } }", "{}", "GRAPHQL_VALIDATION_FAILED"),
        ("{ item { items(first: 2000000) { nodes { name } } } }", "{}", "QUERY_TOO_COMPLEX"),
        ("{ span(of: " + "9" * 5_000 + ") }", "{}", "GRAPHQL_VALIDATION_FAILED"),
        (PAGE, '{"n": 1' + "0" * 30 + "}", "BAD_USER_INPUT"),
        (PAGE, '{"n": "x"}', "BAD_USER_INPUT"),
        ("query($n: String!) { hello(name: $n) }", '{"n": {"a": [1]}}', "BAD_USER_INPUT"),
        ("query($n: String!) { hello(name: $n) }", '{"n": ' + "[" * 900 + "]" * 900 + "}", "BAD_USER_INPUT"),
        ("query($n: String!) { hello(name: $n) }", "{}", "BAD_USER_INPUT"),
        ('{ hello(name: "\\uD800") }', "{}", "GRAPHQL_PARSE_FAILED"),
        ("{ item " * 400, "{}", "QUERY_TOO_COMPLEX"),
        ("{ hello(name: " + "[" * 400, "{}", "QUERY_TOO_COMPLEX"),
        ("{ nothing }", "{}", "GRAPHQL_VALIDATION_FAILED"),
        ("type A { b: Int }", "{}", "GRAPHQL_VALIDATION_FAILED"),
        ("{", "{}", "GRAPHQL_PARSE_FAILED"),
    ],
)
@pytest.mark.parametrize("accept", [GRAPHQL, JSON])
async def test_a_wrong_document_or_variable_is_a_request_error(
    endpoint: GraphQL, query: str, variables: str, code: str, accept: str
) -> None:
    """S11."""
    body = b'{"query":' + orjson.dumps(query) + b',"variables":' + variables.encode() + b"}"
    async with client_of(endpoint) as client:
        response = await client.post("/graphql", content=body, headers={"content-type": JSON, "accept": accept})

    assert _code(response) == code
    assert response.status_code == (400 if accept == GRAPHQL else 200)
    assert "data" not in response.json()


async def test_a_batch_is_refused(endpoint: GraphQL) -> None:
    """S6."""
    async with client_of(endpoint) as client:
        response = await client.post("/graphql", json=[{"query": "{ hello }"}])

    assert response.status_code == 400
    assert _code(response) == "BATCHING_NOT_SUPPORTED"


async def test_several_operations_need_a_name(endpoint: GraphQL) -> None:
    query = "query A { hello } query B { who }"

    unnamed = await ask(endpoint, query, headers={"accept": GRAPHQL})
    unknown = await ask(endpoint, query, operationName="C", headers={"accept": GRAPHQL})
    named = await ask(endpoint, query, operationName="B")

    assert [(response.status_code, _code(response)) for response in (unnamed, unknown)] == [
        (400, "OPERATION_NOT_CHOSEN"),
        (400, "OPERATION_NOT_CHOSEN"),
    ]
    assert named.json()["data"] == {"who": None}


async def test_a_subscription_over_plain_post_is_told_where_to_go(endpoint: GraphQL) -> None:
    response = await ask(endpoint, "subscription { count }", headers={"accept": JSON})

    assert response.status_code == 406
    assert _code(response) == "SUBSCRIPTION_NOT_SUPPORTED_HERE"
    assert "graphql-transport-ws" in response.json()["errors"][0]["extensions"]["detail"]


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


@pytest.mark.parametrize(
    "query_string",
    [b"query=%FF", b"query=%7Bhello%7D&query=%7Bwho%7D", b"query=%7Bhello%7D&variables=%7B", b"a=1" + b"&a=1" * 30],
)
async def test_a_malformed_query_string_is_400(endpoint: GraphQL, query_string: bytes) -> None:
    async with client_of(endpoint) as client:
        response = await client.get(f"/graphql?{query_string.decode()}")

    assert response.status_code == 400
    assert _code(response) == "BAD_REQUEST"


@pytest.mark.parametrize(
    "authorization", ["Bearer", "Bearer ", "Basic abc", "Bearer nonsense", "Bearer " + "x" * 9_000]
)
async def test_a_bad_token_is_401_with_a_challenge_and_nothing_is_done(endpoint: GraphQL, authorization: str) -> None:
    """S32 for the overlong one."""
    DEEDS.done.clear()
    response = await ask(endpoint, 'mutation { act(name: "x") }', headers={"authorization": authorization})

    assert response.status_code == 401
    assert response.headers["www-authenticate"] == 'Bearer error="invalid_token"'
    assert _code(response) == "TOKEN_INVALID"
    assert DEEDS.done == []


async def test_a_good_token_names_the_person(endpoint: GraphQL) -> None:
    response = await ask(endpoint, "{ who }", headers={"authorization": "Bearer person-5"})

    assert response.json()["data"] == {"who": "00000000-0000-0000-0000-000000000005"}


async def test_every_answer_carries_trace_cost_and_time(endpoint: GraphQL) -> None:
    trace = "0af7651916cd43dd8448eb211c80319c"
    response = await ask(endpoint, "{ hello }", headers={"traceparent": f"00-{trace}-b7ad6b7169203331-01"})

    assert response.json()["extensions"] == {
        "traceId": trace,
        "serverTime": NOW.isoformat(),
        "cost": {"requested": 1, "actual": 1, "limit": 5_000, "available": 59_999, "restoreRate": 1_000.0},
    }


@pytest.mark.parametrize(
    "traceparent",
    ["", "nonsense", "00-" + "0" * 32 + "-b7ad6b7169203331-01", "ff-" + "a" * 32 + "-b7ad6b7169203331-01"],
)
async def test_a_wrong_traceparent_is_replaced(endpoint: GraphQL, traceparent: str) -> None:
    traces = {
        (await ask(endpoint, "{ hello }", headers={"traceparent": traceparent})).json()["extensions"]["traceId"]
        for _ in range(2)
    }

    assert len(traces) == 2
    assert all(len(trace) == 32 and int(trace, 16) for trace in traces)


@pytest.mark.parametrize(
    ("accept_language", "message"),
    [
        (None, "Ничего не найдено."),
        ("ru-RU,ru;q=0.9,en;q=0.8", "Ничего не найдено."),
        ("en-GB,en;q=0.9,ru;q=0.1", "Nothing was found."),
        ("de", "Ничего не найдено."),
        ("en;q=0", "Ничего не найдено."),
    ],
)
async def test_messages_follow_accept_language_and_codes_do_not(
    endpoint: GraphQL, accept_language: str | None, message: str
) -> None:
    headers = {"accept-language": accept_language} if accept_language else {}
    response = await ask(endpoint, "{ refusal }", headers=headers)

    assert response.json()["errors"] == [
        {
            "message": message,
            "locations": [{"line": 1, "column": 3}],
            "path": ["refusal"],
            "extensions": {
                "code": "NOT_FOUND",
                "retryable": False,
                "retryAfterMs": None,
                "traceId": response.json()["extensions"]["traceId"],
                "docsUrl": f"{PUBLIC_URL}/docs/errors#NOT_FOUND",
            },
        }
    ]
    assert response.json()["data"] == {"refusal": None}
