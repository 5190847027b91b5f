"""What is common to senders that speak HTTP."""

from datetime import UTC, datetime

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from notifications.channels.http import AnswerTooLong, open_http, outcome_of_failure, post, retry_after_seconds
from notifications.channels.port import Verdict
from tests.plugins.serving import serving

NOW = datetime(2026, 11, 28, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (None, None),
        ("", None),
        ("7", 7.0),
        (" 0 ", 0.0),
        ("-5", None),
        ("1.5", None),
        ("soon", None),
        ("٣", None),
        ("999999999", 86_400.0),
        ("9" * 5_000, None),
        ("Sat, 28 Nov 2026 12:00:30 GMT", 30.0),
        ("Sat, 28 Nov 2026 12:00:30", 30.0),
        ("Sat, 28 Nov 2026 11:00:00 GMT", 0.0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 86_400.0),
        ("Sat, 99 Nov 2026 12:00:30 GMT", None),
    ],
)
def test_a_wait_is_read_in_both_forms_and_nothing_else_is_one(value: str | None, seconds: float | None) -> None:
    assert retry_after_seconds(value, now=NOW) == seconds


@pytest.mark.parametrize(
    ("error", "verdict", "reason"),
    [
        (httpx2.ConnectError("x"), Verdict.RETRY, "not_connected"),
        (httpx2.ConnectTimeout("x"), Verdict.RETRY, "not_connected"),
        (httpx2.PoolTimeout("x"), Verdict.RETRY, "not_connected"),
        (httpx2.ReadTimeout("x"), Verdict.UNCLEAR, "timed_out"),
        (httpx2.WriteTimeout("x"), Verdict.UNCLEAR, "timed_out"),
        (httpx2.ReadError("x"), Verdict.UNCLEAR, "connection_lost"),
        (httpx2.RemoteProtocolError("x"), Verdict.UNCLEAR, "connection_lost"),
        (AnswerTooLong(), Verdict.UNCLEAR, "answer_too_long"),
    ],
)
def test_only_what_was_never_sent_was_surely_not_taken(error: httpx2.HTTPError, verdict: Verdict, reason: str) -> None:
    outcome = outcome_of_failure(error)
    assert (outcome.verdict, outcome.reason) == (verdict, reason)


async def test_our_token_follows_no_redirect_and_a_long_answer_is_not_read_to_its_end() -> None:
    seen: list[str] = []

    async def answer(request: Request) -> Response:
        seen.append(request.url.path)
        if request.url.path == "/redirect":
            return RedirectResponse("/elsewhere", status_code=307)
        return PlainTextResponse("x" * 65_537, headers={"Retry-After": "3"})

    routes = [Route("/{path:path}", answer, methods=["POST"])]
    async with serving(Starlette(routes=routes)) as base_url, open_http(5) as http:
        redirected = await post(http, f"{base_url}/redirect", content=b"{}", headers={"Authorization": "Bearer t"})
        with pytest.raises(AnswerTooLong):
            await post(http, f"{base_url}/long", content=b"", headers={})
    assert (redirected.status, redirected.content, redirected.retry_after_seconds) == (307, b"", None)
    assert seen == ["/redirect", "/long"]
