"""From bytes to an operation request; everything malformed is refused here with a code (S6, S7, S11, S12)."""

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

import orjson
from starlette.types import Receive

from graphql_schema.faults import RequestRefused, refused

_JSON_IN_UTF8 = re.compile(r'\s*application/json\s*(;\s*charset\s*=\s*"?utf-?8"?\s*)?', re.ASCII | re.IGNORECASE)
_MOST_PARAMETERS = 20


class ClientGone(Exception):
    """The client closed the connection before it had sent its request."""


@dataclass(frozen=True, slots=True)
class OperationRequest:
    """What a client asks for; exactly one of `text` and `document_id` is not None."""

    text: str | None
    document_id: str | None
    operation_name: str | None
    variables: Mapping[str, Any]


async def read_body(receive: Receive, *, content_length: str | None, limit: int, seconds: float) -> bytes:
    """Read a request's body.

    Raises:
        RequestRefused: Longer than `limit`, whether its length was announced or not; or slower than `seconds`.
        ClientGone: The client closed the connection.
    """
    if content_length is not None and content_length.isdecimal() and int(content_length[:20]) > limit:
        raise _too_large(limit)
    try:
        async with asyncio.timeout(seconds):
            return await _read_chunks(receive, limit)
    except TimeoutError as error:
        detail = f"the body was not received in {seconds:g} s"
        raise refused("BAD_REQUEST", detail, status=408, headers={"connection": "close"}) from error


async def _read_chunks(receive: Receive, limit: int) -> bytes:
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGone
        chunk = message.get("body", b"")
        size += len(chunk)
        if size > limit:
            raise _too_large(limit)
        chunks.append(chunk)
        if not message.get("more_body", False):
            return b"".join(chunks)


def _too_large(limit: int) -> RequestRefused:
    detail = f"a body has at most {limit} bytes"
    return refused("PAYLOAD_TOO_LARGE", detail, status=413, headers={"connection": "close"}, limit=limit)


def check_content_type(content_type: str | None) -> None:
    """Accept JSON in UTF-8 only: what an HTML form can send must not reach a mutation (S7).

    Raises:
        RequestRefused: Any other media type or charset.
    """
    if not _JSON_IN_UTF8.fullmatch(content_type or ""):
        detail = "POST takes application/json in UTF-8"
        raise refused("UNSUPPORTED_MEDIA_TYPE", detail, status=415, headers={"accept": "application/json"})


def parse_json(data: bytes | str) -> Any:
    """Read JSON strictly: UTF-8, no NaN, no lone surrogates, no endless nesting.

    Raises:
        RequestRefused: It is none.
    """
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise refused("BAD_REQUEST", "not valid JSON in UTF-8", status=400) from error


def parse_query_string(query_string: bytes) -> dict[str, Any]:
    """Return the parameters of a GET request; an empty one counts as absent.

    Raises:
        RequestRefused: Not UTF-8, too many parameters, one of them twice, or JSON where none is.
    """
    try:
        text = query_string.decode("ascii")
        pairs = parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=_MOST_PARAMETERS)
    except ValueError as error:
        raise refused("BAD_REQUEST", "the query string is not UTF-8, or has too many parts", status=400) from error
    parameters: dict[str, Any] = dict(pairs)
    if len(parameters) != len(pairs):
        raise refused("BAD_REQUEST", "a parameter is given twice", status=400)
    parameters = {name: value for name, value in parameters.items() if value}
    for name in ("variables", "extensions"):
        if name in parameters:
            parameters[name] = parse_json(parameters[name])
    return parameters


def operation_request(value: object) -> OperationRequest:
    """Read the parameters of an operation from decoded JSON.

    Raises:
        RequestRefused: A batch (S6), not an object, a parameter of another type, or nothing to execute.
    """
    if isinstance(value, list):
        raise refused("BATCHING_NOT_SUPPORTED", "send one operation a request", status=400)
    if not isinstance(value, dict):
        raise refused("BAD_REQUEST", "a request is a JSON object", status=400)
    text = _parameter(value, "query", str)
    variables = _parameter(value, "variables", dict)
    extensions = _parameter(value, "extensions", dict) or {}
    document_id = _parameter(value, "documentId", str) or _persisted_query(extensions)
    if not text and not document_id:
        raise refused("BAD_REQUEST", "`query` or `documentId` is missing", status=400)
    name = _parameter(value, "operationName", str) or None
    if _holds_nul(variables):
        raise refused("BAD_REQUEST", "a text of the variables holds U+0000, which no database keeps", status=400)
    return OperationRequest(None if document_id else text, document_id, name, variables or {})


def _holds_nul(value: object) -> bool:
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str):
            if "\0" in one:
                return True
        elif isinstance(one, dict):
            waiting.extend(one.values())
        elif isinstance(one, list):
            waiting.extend(one)
    return False


def _persisted_query(extensions: Mapping[str, Any]) -> str | None:
    """Return the id in Apollo's form of a persisted query."""
    persisted = _parameter(extensions, "persistedQuery", dict)
    if persisted is None:
        return None
    if not (digest := _parameter(persisted, "sha256Hash", str)):
        raise refused("BAD_REQUEST", "`persistedQuery` holds no `sha256Hash`", status=400)
    return str(digest)


def _parameter(value: Mapping[str, Any], name: str, kind: type) -> Any:
    found = value.get(name)
    if found is not None and not isinstance(found, kind):
        raise refused("BAD_REQUEST", f"`{name}` has another type", status=400)
    return found
