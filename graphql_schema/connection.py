"""One connection of graphql-transport-ws: several operations, each through the same engine and the shared hub.

Source: PROTOCOL.md of graphql-ws; the close codes are its own.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import aclosing, suppress
from dataclasses import replace
from typing import Any, Protocol

import orjson
from starlette.types import Send
from starlette.websockets import WebSocket, WebSocketDisconnect

from backend.clock import Clock
from backend.settings import GraphQLSettings
from graphql_schema import close_codes as codes
from graphql_schema.close_codes import Closed, at_refused_entry, at_session_end
from graphql_schema.ended_sessions import Follow
from graphql_schema.engine import Caller, Engine
from graphql_schema.events import Event, Watch
from graphql_schema.faults import RequestRefused, refused
from graphql_schema.open_streams import OpenStreams, Place
from graphql_schema.requests import OperationRequest, operation_request
from graphql_schema.streams import Streams, event_of
from identity.live_sessions import SessionEnd
from identity.principal import Principal

TEXT_WRITER = "zdorovye.websocket.text_writer"
"""Name of the scope's extension by which a server takes messages that lie ready: `writer(before, after)` returns what
writes `before + middle + after` as one text (all in UTF-8), and says whether it could."""
MOST_OPERATIONS = 10
"""At once on one connection (S17)."""
_MOST_CHARACTERS_OF_ID = 128
_CLOSING_SECONDS = 1.0


class Door(Protocol):
    """What a connection needs of the door it came through."""

    engine: Engine
    streams: Streams
    authenticate: Callable[[str, str | None], Awaitable[Principal]]
    follow: Follow
    clock: Clock
    limits: GraphQLSettings
    anonymous_idle_seconds: float


class Connection:
    """The state of one connection; the only timer is the limit of what is being waited for."""

    def __init__(self, door: Door, socket: WebSocket, send: Send, caller: Caller, open_streams: OpenStreams) -> None:
        """Take an accepted socket; `send` is the server's own, without checks of the state at each message."""
        self._door = door
        self._open_streams = open_streams
        self._socket = socket
        self._send_message = send
        self._writer: Callable[[bytes, bytes], Callable[[bytes], bool]] | None = (
            socket.scope.get("extensions", {}).get(TEXT_WRITER, {}).get("writer")
        )
        self._caller = caller
        self._acknowledged = False
        self._closed = False
        self._is_leaving = False
        self._place: Place | None = None
        self._stop_following: Callable[[], None] | None = None
        self._session_end: SessionEnd | None = None
        self._operations: dict[str, asyncio.Task[None]] = {}
        self._watching: set[str] = set()
        """Those of the operations that are subscriptions under way."""
        self._limit: asyncio.Timeout | None = None
        self._at_limit = Closed(codes.INIT_TIMEOUT, "Connection initialisation timeout")

    async def run(self) -> None:
        """Serve the connection to its end."""
        try:
            with self._open_streams.opened(self):
                await self._talk()
        except Closed as closed:
            self._closed = True
            with suppress(RuntimeError, WebSocketDisconnect, TimeoutError):
                async with asyncio.timeout(_CLOSING_SECONDS):
                    await self._socket.close(closed.code, closed.reason)
        except WebSocketDisconnect:
            self._closed = True
        finally:
            if self._stop_following is not None:
                self._stop_following()
            if self._place is not None:
                self._place.free()
            await self._end_operations()

    def cut(self) -> None:
        """Close with 1012, so that the client connects again, to another worker.

        Subscriptions end at once and nothing begins any more; queries and mutations under way are answered first, as
        over HTTP: how long they may take is for the server to say.
        """
        self._is_leaving = True
        self._at_limit = Closed(codes.RESTART, "Service restart")
        for name in list(self._watching):
            self._abandon(name)
        self._set_limit()

    def end_session(self, end: SessionEnd) -> None:
        """Close: the session behind the connection ended, or cannot be asked about any more."""
        self._session_end = end
        self._set_limit()

    def nudge(self) -> None:
        """Do nothing: the server's own pings keep a WebSocket alive."""

    async def _talk(self) -> None:
        seconds = 0.0 if self._is_leaving else self._door.limits.websocket_init_seconds
        try:
            async with asyncio.timeout(seconds) as self._limit:
                while not self._acknowledged:
                    await self._handle(await self._receive())
                self._set_limit()
                while True:
                    await self._handle(await self._receive())
        except TimeoutError as error:
            raise self._at_limit from error

    def _set_limit(self) -> None:
        """Say until when the connection may stay as it is: its last answer, the end of the token, idle for a while."""
        if self._closed or self._limit is None or self._limit.expired():
            return
        now = asyncio.get_running_loop().time()
        if self._session_end is not None:
            self._at_limit = at_session_end(self._session_end)
            self._limit.reschedule(now)
        elif self._is_leaving:
            self._limit.reschedule(None if self._operations else now)
        elif not self._acknowledged:
            return
        elif self._caller.principal is not None:
            self._at_limit = Closed(codes.FORBIDDEN, "Token expired")
            left = (self._caller.principal.expires_at - self._door.clock()).total_seconds()
            self._limit.reschedule(now + max(0.0, left))
        else:
            self._at_limit = Closed(codes.GOODBYE, "Idle")
            self._limit.reschedule(None if self._operations else now + self._door.anonymous_idle_seconds)

    async def _receive(self) -> dict[str, Any]:
        message = await self._socket.receive()
        if message["type"] == "websocket.disconnect":
            raise WebSocketDisconnect
        text = message.get("text")
        if text is None or len(text) > self._door.limits.max_body_bytes:
            raise Closed(codes.BAD_MESSAGE, "Invalid message")
        try:
            value = orjson.loads(text)
        except orjson.JSONDecodeError as error:
            raise Closed(codes.BAD_MESSAGE, "Invalid message") from error
        if not isinstance(value, dict):
            raise Closed(codes.BAD_MESSAGE, "Invalid message")
        return value

    async def _handle(self, message: Mapping[str, Any]) -> None:
        match message.get("type"):
            case "connection_init":
                await self._initialise(message.get("payload"))
            case "ping":
                await self._send('{"type":"pong"}')
            case "pong":
                pass
            case "subscribe":
                await self._subscribe(message)
            case "complete" if isinstance(message.get("id"), str):
                self._abandon(message["id"])
            case _:
                raise Closed(codes.BAD_MESSAGE, "Invalid message")

    async def _initialise(self, payload: object) -> None:
        if self._acknowledged:
            raise Closed(codes.TWICE, "Too many initialisation requests")
        if not isinstance(payload, dict | None):
            raise Closed(codes.BAD_MESSAGE, "Invalid message")
        if payload and payload.get("authorization") is not None:
            await self._sign_in(str(payload["authorization"]), payload.get("dpop"))
        try:
            self._place = self._open_streams.enter(self._caller.payer)
        except RequestRefused as refusal:
            raise Closed(codes.FORBIDDEN, refusal.faults[0].code) from refusal
        self._acknowledged = True
        await self._send('{"type":"connection_ack"}')

    async def _sign_in(self, authorization: str, proof: object) -> None:
        """Take the token and the proof of its key that the first message carries."""
        try:
            principal = await self._door.authenticate(authorization, proof if isinstance(proof, str) else None)
        except RequestRefused as refusal:
            raise at_refused_entry(refusal) from refusal
        self._caller = replace(self._caller, principal=principal)
        self._stop_following = self._door.follow(principal, self.end_session)

    async def _subscribe(self, message: Mapping[str, Any]) -> None:
        if not self._acknowledged:
            raise Closed(codes.UNAUTHORIZED, "Unauthorized")
        if self._is_leaving:
            return  # it was never begun: the client learns that by 1012
        name = message.get("id")
        if not isinstance(name, str) or not 0 < len(name) <= _MOST_CHARACTERS_OF_ID:
            raise Closed(codes.BAD_MESSAGE, "Invalid message")
        if name in self._operations:
            raise Closed(codes.SAME_ID, f"Subscriber for {name} already exists")
        try:
            if len(self._operations) >= MOST_OPERATIONS:
                detail = f"a connection carries {MOST_OPERATIONS} operations at once"
                raise refused("TOO_MANY_SUBSCRIPTIONS", detail, limit=MOST_OPERATIONS)
            payload = message.get("payload")
            if not isinstance(payload, dict):
                raise Closed(codes.BAD_MESSAGE, "Invalid message")
            request = operation_request(payload)
        except RequestRefused as refusal:
            await self._send_error(name, self._door.streams.refuse(refusal, self._caller))
            return
        self._operations[name] = asyncio.create_task(self._operate(name, request))
        self._set_limit()

    async def _operate(self, name: str, request: OperationRequest) -> None:
        try:
            operation = self._door.engine.choose(request)
            outcome = await self._door.streams.start(operation, request.variables, self._caller)
            if isinstance(outcome, Watch):
                await self._send_events(name, outcome)
            elif await self._send_event(name, _prefix(name), outcome):
                await self._complete(name)
        except RequestRefused as refusal:
            await self._send_error(name, self._door.streams.refuse(refusal, self._caller))
        except OSError:  # the client is gone: the server's errors and time-outs are of this kind
            self._finish(name)
        except Exception as error:  # the boundary: logged and masked
            await self._send_error(name, event_of(self._door.engine.mask(error, self._caller)))

    async def _send_events(self, name: str, watch: Watch) -> None:
        prefix = _prefix(name)
        if self._writer is not None:
            write = self._writer(prefix.encode(), b"}")
            watch.take = lambda event: write(event.payload)
        self._watching.add(name)
        if self._is_leaving:
            watch.cut()
        async with aclosing(watch):
            async for event in watch:
                if not await self._send_event(name, prefix, event):
                    return
        if watch.was_cut:
            self._finish(name)  # the token ran out or the worker leaves, and the connection ends with it
        else:
            await self._complete(name)

    async def _send_event(self, name: str, prefix: str, event: Event) -> bool:
        """Send an event as it lies ready; False after the last one, which was a refusal."""
        if event.refusal is not None:
            await self._send_error(name, event)
            return False
        await self._send(prefix + event.text + "}")
        return True

    async def _send_error(self, name: str, event: Event) -> None:
        self._finish(name)
        await self._send(f'{{"id":{_quoted(name)},"type":"error","payload":{event.errors.decode()}}}')

    async def _complete(self, name: str) -> None:
        self._finish(name)
        await self._send(f'{{"id":{_quoted(name)},"type":"complete"}}')

    def _finish(self, name: str) -> None:
        """Free the place of an operation, before its client hears of it."""
        self._operations.pop(name, None)
        self._watching.discard(name)
        self._set_limit()

    def _abandon(self, name: str) -> None:
        """End an operation without another word about it."""
        if (task := self._operations.get(name)) is not None:
            self._finish(name)
            task.cancel()

    async def _send(self, text: str) -> None:
        if not self._closed:
            await self._send_message({"type": "websocket.send", "text": text})

    async def _end_operations(self) -> None:
        tasks = list(self._operations.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _quoted(name: str) -> str:
    return orjson.dumps(name).decode()


def _prefix(name: str) -> str:
    return f'{{"id":{_quoted(name)},"type":"next","payload":'
