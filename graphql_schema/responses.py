"""Answers on the wire: header blocks made once, bodies compressed by size where the client asks for it."""

import gzip
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Literal

import brotli
from starlette.types import Send

from graphql_schema.engine import Answer
from graphql_schema.faults import GRAPHQL_REQUEST_ERROR_STATUS
from graphql_schema.negotiation import GRAPHQL_RESPONSE, weighted
from identity.pages import WIPING_HEADERS

Coding = Literal["br", "gzip"]

_GZIP_LEVEL, _BROTLI_QUALITY = 3, 3
"""Where one more byte saved begins to cost more than it brings; figures in ADR 0011."""

_VARY = b"Accept, Accept-Language, Accept-Encoding"
_Headers = tuple[tuple[bytes, bytes], ...]


@lru_cache(maxsize=512)
def choose_coding(accept_encoding: str | None) -> Coding | None:
    """Return the coding of content that a client prefers, brotli between equals; None where it names neither.

    Source: RFC 9110, 12.5.3.
    """
    qualities = dict(weighted(accept_encoding or ""))
    best: Coding | None = None
    for coding in ("br", "gzip"):
        quality = qualities.get(coding, qualities.get("*", 0.0))
        if quality > 0 and (best is None or quality > qualities.get(best, qualities.get("*", 0.0))):
            best = coding
    if best is not None and qualities.get("identity", 0.0) > qualities.get(best, qualities.get("*", 0.0)):
        return None
    return best


def compress(body: bytes, coding: Coding) -> bytes:
    """Return a body in a coding; the same body always gives the same bytes."""
    if coding == "br":
        encoded: bytes = brotli.compress(body, quality=_BROTLI_QUALITY)
        return encoded
    return gzip.compress(body, _GZIP_LEVEL, mtime=0)


async def send_answer(
    answer: Answer, send: Send, *, media_type: str, accept_encoding: str | None, compress_from_bytes: int
) -> None:
    """Send one answer; one shorter than `compress_from_bytes` goes as it is."""
    body = answer.body
    coding = choose_coding(accept_encoding) if len(body) >= compress_from_bytes else None
    if coding is not None:
        body = compress(body, coding)
    headers = _answer_headers(media_type, coding)
    status = 200
    if answer.refusal is not None:
        headers += _encoded(answer.refusal.headers)
        default = GRAPHQL_REQUEST_ERROR_STATUS if media_type == GRAPHQL_RESPONSE else 200
        status = answer.refusal.status or default
    if answer.is_wiping:
        headers += _encoded(WIPING_HEADERS)
    if answer.retry_after_ms is not None:
        headers += ((b"retry-after", b"%d" % -(-answer.retry_after_ms // 1000)),)
    await _send(send, status, headers, body)


async def send_page(send: Send, headers: Mapping[str, str], body: bytes) -> None:
    """Send a page for people."""
    await _send(send, 200, _encoded(headers), body)


async def _send(send: Send, status: int, headers: _Headers, body: bytes) -> None:
    length = (b"content-length", b"%d" % len(body))
    message: dict[str, Any] = {"type": "http.response.start", "status": status, "headers": [*headers, length]}
    await send(message)
    await send({"type": "http.response.body", "body": body})


@lru_cache(maxsize=16)
def _answer_headers(media_type: str, coding: Coding | None) -> _Headers:
    headers: _Headers = (
        (b"content-type", f"{media_type}; charset=utf-8".encode("latin-1")),
        (b"vary", _VARY),
        (b"cache-control", b"no-store"),
    )
    return headers if coding is None else (*headers, (b"content-encoding", coding.encode()))


def _encoded(headers: Mapping[str, str]) -> _Headers:
    return tuple((name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items())
