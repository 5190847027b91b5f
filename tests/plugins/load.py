"""A steady, gentle load of one operation, by a client that keeps its connection and by one that never does."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx2

from tests.plugins.http import http_client

_PAUSE_SECONDS = 0.05
_CLOSED_BEFORE_AN_ANSWER = (httpx2.RemoteProtocolError, httpx2.ReadError, httpx2.WriteError)


@dataclass(slots=True)
class Load:
    """What came of it."""

    answers: Counter[str] = field(default_factory=Counter)
    """How many by outcome: the status code, or the name of the client's error."""
    retries: int = 0
    """Requests sent again when a kept connection was closed before the answer (RFC 9112, 9.3.1)."""


@asynccontextmanager
async def steady_load(url: str, document: str) -> AsyncIterator[Load]:
    """Send `document` about 40 times a second to `url`, until the block ends; then no request is left open."""
    load, enough = Load(), asyncio.Event()

    async def client(http: httpx2.AsyncClient, *, keeps: bool) -> None:
        headers = {} if keeps else {"connection": "close"}
        while not enough.is_set():
            load.answers[await _outcome(http, load, {"url": url, "json": {"query": document}, "headers": headers})] += 1
            await asyncio.sleep(_PAUSE_SECONDS)

    async with http_client(timeout=30) as http:
        clients = [asyncio.create_task(client(http, keeps=keeps)) for keeps in (True, False)]
        try:
            yield load
        finally:
            enough.set()
            await asyncio.gather(*clients)


async def _outcome(http: httpx2.AsyncClient, load: Load, request: dict[str, Any]) -> str:
    keeps = not request["headers"]
    for attempt in (1, 2):
        try:
            answer = await http.post(**request)
        except httpx2.HTTPError as error:
            if keeps and attempt == 1 and isinstance(error, _CLOSED_BEFORE_AN_ANSWER):
                load.retries += 1
                continue
            return type(error).__name__
        return str(answer.status_code) if "errors" not in answer.json() else "errors"
    raise AssertionError("the second attempt always has an outcome")
