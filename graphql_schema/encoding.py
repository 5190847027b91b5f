"""Answers as bytes, each encoded once: the parts of a body are joined, never decoded or encoded again."""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

_NO_KEYS = (b'\\":', b':":', b',":', b'[":')


def encode_data(data: Mapping[str, Any] | None) -> bytes:
    """Encode the `data` of an answer.

    Raises:
        TypeError: A scalar gave something that JSON cannot hold; a bug of ours (orjson's error is one).
    """
    return orjson.dumps(data)


def encode_body(
    *, data: bytes | None, errors: Sequence[Mapping[str, Any]] | None, extensions: Mapping[str, Any]
) -> bytes:
    """Return a response body: `errors` first, as the specification advises, then `data` where there is some.

    Args:
        data: What `encode_data` gave; None when nothing was executed, so that `data` must be absent.
        errors: Presented ones, or None.
        extensions: Never empty in our answers.
    """
    parts = [b"{"]
    if errors:
        parts += (b'"errors":', orjson.dumps(errors), b",")
    if data is not None:
        parts += (b'"data":', data, b",")
    parts += (b'"extensions":', orjson.dumps(extensions), b"}")
    return b"".join(parts)


def count_fields(data: bytes) -> int:
    """Count the fields of encoded data: what an operation cost in fact.

    Each key ends with a quote and a colon. The same two stand elsewhere only inside a text, after a backslash, or
    where a text that begins with a colon opens, after a colon, a comma or a bracket; a key ends with none of these.
    """
    return data.count(b'":') - sum(map(data.count, _NO_KEYS))
