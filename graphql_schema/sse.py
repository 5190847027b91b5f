"""Server-sent events in distinct-connections mode (GraphQL over SSE): one response, one operation.

Lines end with LF alone: some clients split events at LF LF only.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from typing import Any

import orjson
from starlette.types import Receive, Send

from graphql_schema.engine import Answer

HEADERS: Mapping[str, str] = {
    "content-type": "text/event-stream; charset=utf-8",
    "cache-control": "no-cache, no-transform",
    "x-accel-buffering": "no",
    "vary": "Accept, Accept-Language",
}
_COMPLETE = b"event: complete\ndata:\n\n"
_PING = b":\n\n"
_PING_SECONDS = 12.0


async def send_stream(answers: AsyncIterator[Answer], receive: Receive, send: Send, *, seconds: float | None) -> None:
    """Send a stream of answers; ends with the operation, the client, or the token (`seconds`)."""
    headers = [(name.encode(), value.encode()) for name, value in HEADERS.items()]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    sending = asyncio.create_task(_send_events(answers, send))
    leaving = asyncio.create_task(_wait_for_disconnect(receive))
    try:
        await asyncio.wait({sending, leaving}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in (sending, leaving):
            if not task.done():
                task.cancel()
        with suppress(asyncio.CancelledError):
            await leaving
        with suppress(asyncio.CancelledError):
            await sending
    await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _send_events(answers: AsyncIterator[Answer], send: Send) -> None:
    upcoming: asyncio.Task[Any] = asyncio.ensure_future(_next(answers))
    try:
        while True:
            done, _ = await asyncio.wait({upcoming}, timeout=_PING_SECONDS)
            if not done:
                await _send_chunk(send, _PING)
                continue
            if (answer := upcoming.result()) is None:
                await _send_chunk(send, _COMPLETE)
                return
            await _send_chunk(send, b"event: next\ndata: " + orjson.dumps(answer.body) + b"\n\n")
            upcoming = asyncio.ensure_future(_next(answers))
    finally:
        upcoming.cancel()
        with suppress(asyncio.CancelledError):
            await upcoming
        await answers.aclose()  # type: ignore[attr-defined] # the engine's streams are generators


async def _next(answers: AsyncIterator[Answer]) -> Answer | None:
    return await anext(answers, None)


async def _send_chunk(send: Send, chunk: bytes) -> None:
    await send({"type": "http.response.body", "body": chunk, "more_body": True})


async def _wait_for_disconnect(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
