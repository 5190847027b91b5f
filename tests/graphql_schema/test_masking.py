"""What leaves the process when something fails: codes and ids, never an exception's text (S9, S10)."""

import asyncio
from collections.abc import Iterator, MutableMapping
from typing import Any

import pytest
import structlog
from structlog.testing import capture_logs

from backend.clock import SettableClock
from backend.settings import GraphQLSettings
from tests.graphql_schema.endpoint import NOW, Secret, ask, build_endpoint, client_of

Logs = list[MutableMapping[str, Any]]


@pytest.fixture(autouse=True)
def logs() -> Iterator[Logs]:
    """Capture what is logged, also by loggers that were made before."""
    structlog.configure(cache_logger_on_first_use=False)
    with capture_logs() as captured:
        yield captured


async def test_a_bug_is_masked_and_logged_once_with_its_trace(logs: Logs) -> None:
    response = await ask(build_endpoint(), '{ bug(secret: "canary") hello }')

    error = response.json()["errors"][0]
    assert response.json()["data"] == {"bug": None, "hello": "Привет, мир"}
    assert error["message"] == "Что-то пошло не так. Мы уже знаем об этом."
    assert error["path"] == ["bug"]
    assert error["extensions"]["code"] == "INTERNAL_ERROR"
    assert "canary" not in response.text
    (log,) = [log for log in logs if log["event"] == "graphql_bug"]
    assert log["trace_id"] == error["extensions"]["traceId"]
    assert isinstance(log["exc_info"], Secret)
    assert log["log_level"] == "error"


async def test_a_result_of_a_wrong_type_does_not_show_its_value() -> None:
    response = await ask(build_endpoint(), '{ wrongType(secret: "canary") }')

    assert response.json()["errors"][0]["extensions"]["code"] == "INTERNAL_ERROR"
    assert "canary" not in response.text


async def test_an_operational_failure_is_retryable_and_logged_as_a_warning(logs: Logs) -> None:
    response = await ask(build_endpoint(), "{ busy }")

    extensions = response.json()["errors"][0]["extensions"]
    assert (extensions["code"], extensions["retryable"], extensions["retryAfterMs"]) == ("DATABASE_BUSY", True, 500)
    assert response.headers["retry-after"] == "1"
    assert [(log["event"], log["log_level"], log["code"]) for log in logs] == [
        ("graphql_operational", "warning", "DATABASE_BUSY")
    ]


async def test_a_partial_answer_has_no_retry_after() -> None:
    response = await ask(build_endpoint(), "{ busy hello }")

    assert "retry-after" not in response.headers
    assert response.json()["data"] == {"busy": None, "hello": "Привет, мир"}


async def test_a_refusal_is_not_logged(logs: Logs) -> None:
    await ask(build_endpoint(), "{ refusal }")

    assert logs == []


async def test_200_concurrent_requests_leak_no_secret_and_share_no_state() -> None:
    """S9, S10."""
    endpoint = build_endpoint(limits=GraphQLSettings(deadline_seconds=60))
    query = "query($s: String!) { bug(secret: $s) wrongType(secret: $s) mark(value: $s) who }"

    async with client_of(endpoint) as client:

        async def one(number: int) -> None:
            secret = f"secret-{number}"
            response = await client.post(
                "/graphql",
                json={"query": query, "variables": {"s": secret}},
                headers={"authorization": f"Bearer person-{number}"},
            )
            body = response.json()
            assert body["data"] == {
                "bug": None,
                "wrongType": None,
                "mark": secret,
                "who": f"00000000-0000-0000-0000-{number:012x}",
            }
            assert body["extensions"]["mark"] == secret
            assert [error["extensions"]["code"] for error in body["errors"]] == ["INTERNAL_ERROR"] * 2
            assert {error["extensions"]["traceId"] for error in body["errors"]} == {body["extensions"]["traceId"]}
            assert response.text.count("secret-") == 2

        await asyncio.gather(*(one(number) for number in range(200)))


async def test_a_validation_error_is_never_hidden() -> None:
    response = await ask(build_endpoint(development=False), "{ nothing }")

    error = response.json()["errors"][0]
    assert error["message"] == "Cannot query field 'nothing' on type 'Query'."
    assert error["locations"] == [{"line": 1, "column": 3}]


async def test_what_takes_too_long_is_ended_and_may_be_repeated() -> None:
    endpoint = build_endpoint(limits=GraphQLSettings(deadline_seconds=0.05))

    response = await ask(endpoint, "{ hello endless }")

    assert response.status_code == 503
    assert response.headers["retry-after"] == "1"
    extensions = response.json()["errors"][0]["extensions"]
    assert (extensions["code"], extensions["retryable"], extensions["retryAfterMs"]) == (
        "DEADLINE_EXCEEDED",
        True,
        1_000,
    )
    assert "data" not in response.json()


async def test_a_spent_budget_is_refused_until_it_has_refilled() -> None:
    """S14."""
    clock = SettableClock(NOW)
    endpoint = build_endpoint(limits=GraphQLSettings(cost_per_minute=60), clock=clock)
    page = "{ item { items(first: 20) { nodes { name } } } }"
    anna, boris = ({"authorization": f"Bearer person-{number}"} for number in (1, 2))

    first = await ask(endpoint, page, headers=anna)
    second = await ask(endpoint, page, headers=anna)
    others = [await ask(endpoint, page, headers=headers) for headers in (boris, {})]
    wait = second.json()["errors"][0]["extensions"]["retryAfterMs"]
    clock.set(NOW.fromtimestamp(NOW.timestamp() + wait / 1000, tz=NOW.tzinfo))
    third = await ask(endpoint, page, headers=anna)

    assert first.json()["extensions"]["cost"] == {
        "requested": 42,
        "actual": 23,
        "limit": 5_000,
        "available": 37,
        "restoreRate": 1.0,
    }
    assert (second.status_code, second.headers["retry-after"], wait) == (429, "5", 5_000)
    assert second.json()["errors"][0]["extensions"]["code"] == "COST_BUDGET_EXCEEDED"
    assert [response.status_code for response in (first, *others, third)] == [200] * 4


async def test_a_wrong_cursor_and_a_wrong_page_size_are_coded_errors() -> None:
    endpoint = build_endpoint()

    cursor = await ask(endpoint, '{ item { items(after: "nonsense") { nodes { name } } } }')
    sizes = [await ask(endpoint, f"{{ item {{ items(first: {size}) {{ nodes {{ name }} }} }} }}") for size in (0, 101)]

    assert cursor.json()["errors"][0]["extensions"]["code"] == "BAD_CURSOR"
    assert cursor.json()["data"] == {"item": {"items": None}}
    assert [response.json()["errors"][0]["extensions"]["code"] for response in sizes] == ["PAGE_SIZE_REFUSED"] * 2
