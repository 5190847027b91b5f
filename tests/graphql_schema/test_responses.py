"""The wire: coding of content by what the client names and by size; the bytes are the same for everybody."""

import gzip
from typing import Any

import brotli
import pytest

from graphql_schema.engine import Answer
from graphql_schema.negotiation import JSON
from graphql_schema.responses import choose_coding, compress, send_answer

BODY = b'{"data":{"text":"' + b"a slot, a doctor, a clinic; " * 100 + b'"},"extensions":{}}'


@pytest.mark.parametrize(
    ("accept_encoding", "coding"),
    [
        (None, None),
        ("", None),
        ("identity", None),
        ("gzip", "gzip"),
        ("br", "br"),
        ("GZIP", "gzip"),
        ("gzip, deflate, br, zstd", "br"),
        ("gzip;q=1.0, br;q=0.5", "gzip"),
        ("br;q=0, gzip", "gzip"),
        ("*", "br"),
        ("*;q=0", None),
        ("br;q=0, *", "gzip"),
        ("identity;q=1, gzip;q=0.5", None),
        ("gzip;q=nonsense", None),
        ("zstd", None),
    ],
)
def test_the_client_chooses_the_coding(accept_encoding: str | None, coding: str | None) -> None:
    assert choose_coding(accept_encoding) == coding


async def _sent(
    answer: Answer, accept_encoding: str | None, *, from_bytes: int = 1_024
) -> tuple[dict[str, str], bytes]:
    messages: list[Any] = []

    async def send(message: Any) -> None:
        messages.append(message)

    await send_answer(answer, send, media_type=JSON, accept_encoding=accept_encoding, compress_from_bytes=from_bytes)
    start, body = messages
    return {name.decode(): value.decode() for name, value in start["headers"]}, body["body"]


async def test_a_compressed_answer_is_the_same_answer() -> None:
    for coding, open_it in (("br", brotli.decompress), ("gzip", gzip.decompress)):
        headers, body = await _sent(Answer(BODY), coding)
        assert open_it(body) == BODY
        assert (headers["content-encoding"], headers["content-length"]) == (coding, str(len(body)))
        assert len(body) < len(BODY) / 10
        assert headers["vary"] == "Accept, Accept-Language, Accept-Encoding"


async def test_a_short_answer_and_one_for_a_plain_client_go_as_they_are() -> None:
    for accept_encoding, from_bytes in (("br, gzip", len(BODY) + 1), (None, 0), ("identity", 0)):
        headers, body = await _sent(Answer(BODY), accept_encoding, from_bytes=from_bytes)
        assert body is BODY
        assert "content-encoding" not in headers
        assert headers["content-length"] == str(len(BODY))


def test_a_body_compressed_twice_gives_the_same_bytes() -> None:
    assert compress(BODY, "gzip") == compress(BODY, "gzip")
    assert compress(BODY, "br") == compress(BODY, "br")


async def test_an_answer_that_was_refused_waits_as_long_as_it_says() -> None:
    headers, _ = await _sent(Answer(BODY, retry_after_ms=1_001), None)
    assert headers["retry-after"] == "2"
    assert headers["content-type"] == "application/json; charset=utf-8"
