"""HTTP towards providers: one TLS context a process, short answers only, no redirect, and what a failure means."""

import re
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cache

import httpx2

from notifications.channels.port import Outcome, Verdict

_LONGEST_ANSWER_BYTES = 65_536
_LONGEST_WAIT_SECONDS = 86_400.0
_SECONDS = re.compile(r"[0-9]{1,9}", re.ASCII)
_NOTHING_WAS_SENT = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout, httpx2.ProxyError)


class AnswerTooLong(Exception):
    """A provider answers more than any answer of its kind needs; what it answered nobody knows."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer; its content may quote what was asked and is not for logs."""

    status: int
    content: bytes = field(repr=False)
    retry_after_seconds: float | None = None


@cache
def tls_context() -> ssl.SSLContext:
    """Return the context that trusts the usual authorities; one a process, as reading them takes 50 ms."""
    return httpx2.create_ssl_context(trust_env=False)


def open_http(timeout_seconds: float) -> httpx2.AsyncClient:
    """Build a pool of connections; nothing connects until the first question.

    Args:
        timeout_seconds: For one write or one read; half of it for a connection, so that what was never sent is known
            to be so before `attempt` ends the whole.

    Returns:
        A client that follows no redirect (our token would follow) and asks no environment for a proxy.
    """
    timeout = httpx2.Timeout(timeout_seconds, connect=timeout_seconds / 2, pool=timeout_seconds / 2)
    return httpx2.AsyncClient(verify=tls_context(), timeout=timeout, trust_env=False, follow_redirects=False)


async def post(
    http: httpx2.AsyncClient, url: str, *, content: bytes, headers: Mapping[str, str], now: datetime | None = None
) -> Answer:
    """Send one POST and read the answer, 64 KB at most.

    Args:
        http: A client of `open_http`.
        url: Where to.
        content: The body, already encoded.
        headers: Its `Content-Type` and our credentials.
        now: Dates a `Retry-After` that names an instant; aware, by default the wall clock.

    Returns:
        The answer, whatever its status.

    Raises:
        httpx2.HTTPError: No whole answer; see `outcome_of_failure`.
        AnswerTooLong: More than 64 KB.
    """
    body = bytearray()
    async with http.stream("POST", url, content=content, headers=dict(headers)) as response:
        async for chunk in response.aiter_bytes():
            body += chunk
            if len(body) > _LONGEST_ANSWER_BYTES:
                raise AnswerTooLong
    wait = retry_after_seconds(response.headers.get("Retry-After"), now=now or datetime.now(UTC))
    return Answer(response.status_code, bytes(body), wait)


def outcome_of_failure(error: httpx2.HTTPError | AnswerTooLong) -> Outcome:
    """Say what a missing answer means.

    Args:
        error: As raised by `post`.

    Returns:
        RETRY when no connection came about, so that nothing was sent; else UNCLEAR: it may have been taken.
    """
    if isinstance(error, _NOTHING_WAS_SENT):
        return Outcome(Verdict.RETRY, "not_connected")
    if isinstance(error, AnswerTooLong):
        return Outcome(Verdict.UNCLEAR, "answer_too_long")
    return Outcome(Verdict.UNCLEAR, "timed_out" if isinstance(error, httpx2.TimeoutException) else "connection_lost")


def retry_after_seconds(value: str | None, *, now: datetime) -> float | None:
    """Read a `Retry-After`.

    Args:
        value: Seconds, or an HTTP date; whatever else stands there is no word about time.
        now: The instant of the answer, aware.

    Returns:
        From 0 to a day, or None.

    Source: RFC 9110, 10.2.3.
    """
    if value is None:
        return None
    text = value.strip()
    if _SECONDS.fullmatch(text):
        return min(float(text), _LONGEST_WAIT_SECONDS)
    try:
        instant = parsedate_to_datetime(text)
        wait = (instant if instant.tzinfo else instant.replace(tzinfo=UTC)) - now
    except (ValueError, OverflowError):
        return None
    return min(max(wait.total_seconds(), 0.0), _LONGEST_WAIT_SECONDS)
