"""What a client asks for by its headers: media type, language, trace."""

from typing import Any

import httpx2
import pytest

from graphql_schema.http import GraphQL
from graphql_schema.negotiation import choose_language, names, negotiate
from graphql_schema.responses import choose_coding
from tests.graphql_schema.endpoint import PUBLIC_URL, ask, build_endpoint, client_of

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
