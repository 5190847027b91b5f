"""Server-sent events in distinct-connections mode (GraphQL over SSE): one response, one operation.

Lines end with LF alone: some clients split events at LF LF only. A stream that is cut, by its token or by a drain, ends
without `complete`: then the client connects again.
"""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import aclosing, suppress
from typing import Any

from graphql import OperationType
from starlette.types import Receive, Scope, Send

from graphql_schema.engine import Caller
from graphql_schema.events import PING, Event, Watch
from graphql_schema.open_streams import OpenStreams
from graphql_schema.preparation import PreparedOperation
from graphql_schema.streams import Streams

CHUNK_WRITER = "zdorovye.http.chunk_writer"
"""Name of the scope's extension by which a server takes parts of an answer that lie ready: `writer(scope)` returns what
writes a part and says whether it could, or None where only the ordinary way is open."""
HEADERS: Mapping[str, str] = {
    "content-type": "text/event-stream; charset=utf-8",
    "cache-control": "no-store, no-transform",
    "x-accel-buffering": "no",
    "vary": "Accept, Accept-Language",
}
_START: Mapping[str, Any] = {
    "type": "http.response.start",
    "status": 200,
    "headers": [(name.encode(), value.encode()) for name, value in HEADERS.items()],
}
_COMPLETE = b"event: complete\ndata:\n\n"
_PING = b":\n\n"
_LAST_WORD_SECONDS = 1.0


async def start_stream(
    streams: Streams,
    open_streams: OpenStreams,
    operation: PreparedOperation,
    variables: Mapping[str, Any],
    caller: Caller,
) -> Event | Watch:
    """Pay and start an operation; a subscription holds a place of its person until its watch is closed.

    Raises:
        RequestRefused: The person, or the worker, has as many open as it may (S17); nothing was paid.
    """
    if operation.kind is not OperationType.SUBSCRIPTION:
        return await streams.start(operation, variables, caller)
    open_streams.check_room()
    place, outcome = open_streams.enter(caller.payer), None
    try:
        outcome = await streams.start(operation, variables, caller)
    finally:
        if isinstance(outcome, Watch):
            outcome.on_closed = place.free
        else:
            place.free()
    return outcome


async def send_stream(
    outcome: Event | Watch, scope: Scope, receive: Receive, send: Send, open_streams: OpenStreams
) -> None:
    """Send one answer, or the events of a watch until it ends, is cut, or the client leaves."""
    if isinstance(outcome, Event):
        await send(dict(_START))
        await _send_last(outcome.chunk + _COMPLETE, send)
        return
    async with aclosing(outcome):
        await send(dict(_START))
        outcome.take = _short_way(scope)
        leaving = asyncio.create_task(_cut_at_disconnect(outcome, receive))
        try:
            with open_streams.opened(outcome):
                await _send_events(outcome, send)
            await _send_last(b"" if outcome.was_cut else _COMPLETE, send)
        finally:
            leaving.cancel()
            await asyncio.gather(leaving, return_exceptions=True)


def _short_way(scope: Scope) -> Callable[[Event], bool] | None:
    """Return what sends an event without waking the watch's task, where the server offers that."""
    writer = scope.get("extensions", {}).get(CHUNK_WRITER, {}).get("writer")
    write: Callable[[bytes], bool] | None = writer(scope) if writer is not None else None
    return None if write is None else lambda event: write(event.chunk)


async def _send_events(watch: Watch, send: Send) -> None:
    """Send until the watch ends; a cut also ends a sending that waits for a slow client."""
    with suppress(TimeoutError):
        async with asyncio.timeout(None) as limit:
            watch.on_cut = lambda: limit.reschedule(asyncio.get_running_loop().time())
            try:
                async for event in watch:
                    chunk = _PING if event is PING else event.chunk
                    await send({"type": "http.response.body", "body": chunk, "more_body": True})
            finally:
                watch.on_cut = None


async def _send_last(chunk: bytes, send: Send) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(_LAST_WORD_SECONDS):
            await send({"type": "http.response.body", "body": chunk, "more_body": False})


async def _cut_at_disconnect(watch: Watch, receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    watch.cut()
