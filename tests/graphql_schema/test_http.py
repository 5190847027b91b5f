"""The wire: methods, status codes, tokens, extensions. Beyond the 61 items of the audit in tests/wire."""

import httpx2
import orjson
import pytest

from graphql_schema.http import GraphQL
from tests.graphql_schema.endpoint import DEEDS, NOW, ask, build_endpoint, client_of

GRAPHQL = "application/graphql-response+json"
JSON = "application/json"


@pytest.fixture
def endpoint() -> GraphQL:
    return build_endpoint()


def _code(response: httpx2.Response) -> str:
    return str(response.json()["errors"][0]["extensions"]["code"])


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
