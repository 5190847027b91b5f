"""graphql-transport-ws: one connection, several operations, each through the same engine (S14-S17).

Source: PROTOCOL.md of graphql-ws; the close codes are its own.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import aclosing, suppress
from dataclasses import replace
from typing import Any, cast
from urllib.parse import urlsplit

import orjson
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from backend.clock import Clock
from backend.settings import GraphQLSettings
from graphql_schema.engine import Caller, Engine
from graphql_schema.faults import RequestRefused, refused
from graphql_schema.requests import OperationRequest, operation_request
from identity.principal import Principal

PROTOCOL = "graphql-transport-ws"
MOST_OPERATIONS = 10
"""At once on one connection (S17)."""
MOST_CONNECTIONS = 10
"""At once of one person (S17)."""

_BAD_MESSAGE, _UNAUTHORIZED, _FORBIDDEN, _WRONG_PROTOCOL = 4400, 4401, 4403, 4406
_INIT_TIMEOUT, _SAME_ID, _TWICE = 4408, 4409, 4429
_MOST_CHARACTERS_OF_ID = 128


class WebSocketDoor:
    """Decides which connections may come in, and counts them."""

    def __init__(
        self,
        engine: Engine,
        *,
        authenticate: Callable[[str], Principal],
        clock: Clock,
        limits: GraphQLSettings,
        allowed_origins: frozenset[str],
    ) -> None:
        """Keep what every connection needs; `authenticate` takes the value of an Authorization header."""
        self.engine = engine
        self.authenticate = authenticate
        self.clock = clock
        self.limits = limits
        self._allowed_origins = allowed_origins
        self._connections: Counter[str] = Counter()

    async def serve(self, scope: Scope, receive: Receive, send: Send, caller: Caller) -> None:
        """Serve one connection to its end; a page of a foreign origin gets 403 instead (S16)."""
        socket = WebSocket(scope, receive, send)
        if not self._may_enter(socket):
            await socket.close()
            return
        offered = PROTOCOL in scope.get("subprotocols", ())
        await socket.accept(subprotocol=PROTOCOL if offered else None)
        if not offered:
            await socket.close(_WRONG_PROTOCOL, "Subprotocol not acceptable")
            return
        await _Connection(self, socket, caller).run()

    def _may_enter(self, socket: WebSocket) -> bool:
        origin = socket.headers.get("origin")
        if origin is None or origin in self._allowed_origins:
            return True
        return urlsplit(origin).netloc == socket.headers.get("host", "")

    def enter(self, payer: str) -> bool:
        """Count a connection in, unless its person has too many."""
        if self._connections[payer] >= MOST_CONNECTIONS:
            return False
        self._connections[payer] += 1
        return True

    def leave(self, payer: str) -> None:
        """Count a connection out."""
        self._connections[payer] -= 1
        if not self._connections[payer]:
            del self._connections[payer]


class _Closed(Exception):
    """The server ends the connection with a code of the protocol."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


class _Connection:
    """The state of one connection."""

    def __init__(self, door: WebSocketDoor, socket: WebSocket, caller: Caller) -> None:
        self._door = door
        self._socket = socket
        self._caller = caller
        self._acknowledged = False
        self._entered: str | None = None
        self._operations: dict[str, asyncio.Task[None]] = {}

    async def run(self) -> None:
        try:
            await self._talk()
        except _Closed as closed:
            with suppress(RuntimeError, WebSocketDisconnect):
                await self._socket.close(closed.code, closed.reason)
        except WebSocketDisconnect:
            pass
        finally:
            if self._entered is not None:
                self._door.leave(self._entered)
            await self._end_operations()

    async def _talk(self) -> None:
        try:
            async with asyncio.timeout(self._door.limits.websocket_init_seconds):
                while not self._acknowledged:
                    await self._handle(await self._receive())
        except TimeoutError as error:
            raise _Closed(_INIT_TIMEOUT, "Connection initialisation timeout") from error
        try:
            async with asyncio.timeout(self._seconds_left()):
                while True:
                    await self._handle(await self._receive())
        except TimeoutError as error:
            raise _Closed(_FORBIDDEN, "Token expired") from error

    def _seconds_left(self) -> float | None:
        principal = self._caller.principal
        return None if principal is None else max(0.0, (principal.expires_at - self._door.clock()).total_seconds())

    async def _receive(self) -> dict[str, Any]:
        message = await self._socket.receive()
        if message["type"] == "websocket.disconnect":
            raise WebSocketDisconnect
        text = message.get("text")
        if text is None or len(text) > self._door.limits.max_body_bytes:
            raise _Closed(_BAD_MESSAGE, "Invalid message")
        try:
            value = orjson.loads(text)
        except orjson.JSONDecodeError as error:
            raise _Closed(_BAD_MESSAGE, "Invalid message") from error
        if not isinstance(value, dict):
            raise _Closed(_BAD_MESSAGE, "Invalid message")
        return value

    async def _handle(self, message: Mapping[str, Any]) -> None:
        match message.get("type"):
            case "connection_init":
                await self._initialise(message.get("payload"))
            case "ping":
                await self._send({"type": "pong"})
            case "pong":
                pass
            case "subscribe":
                await self._subscribe(message)
            case "complete" if isinstance(message.get("id"), str):
                if (task := self._operations.pop(message["id"], None)) is not None:
                    task.cancel()
            case _:
                raise _Closed(_BAD_MESSAGE, "Invalid message")

    async def _initialise(self, payload: object) -> None:
        if self._acknowledged:
            raise _Closed(_TWICE, "Too many initialisation requests")
        if not isinstance(payload, dict | None):
            raise _Closed(_BAD_MESSAGE, "Invalid message")
        authorization = (payload or {}).get("authorization")
        if authorization is not None:
            try:
                principal = self._door.authenticate(str(authorization))
            except RequestRefused as refusal:
                raise _Closed(_FORBIDDEN, "Forbidden") from refusal
            self._caller = replace(self._caller, principal=principal)
        if not self._door.enter(self._caller.payer):
            raise _Closed(_FORBIDDEN, "Too many connections")
        self._entered = self._caller.payer
        self._acknowledged = True
        await self._send({"type": "connection_ack"})

    async def _subscribe(self, message: Mapping[str, Any]) -> None:
        if not self._acknowledged:
            raise _Closed(_UNAUTHORIZED, "Unauthorized")
        name = message.get("id")
        if not isinstance(name, str) or not 0 < len(name) <= _MOST_CHARACTERS_OF_ID:
            raise _Closed(_BAD_MESSAGE, "Invalid message")
        if name in self._operations:
            raise _Closed(_SAME_ID, f"Subscriber for {name} already exists")
        try:
            if len(self._operations) >= MOST_OPERATIONS:
                detail = f"a connection carries {MOST_OPERATIONS} operations at once"
                raise refused("TOO_MANY_SUBSCRIPTIONS", detail, limit=MOST_OPERATIONS)
            payload = message.get("payload")
            if not isinstance(payload, dict):
                raise _Closed(_BAD_MESSAGE, "Invalid message")
            request = operation_request(payload)
        except RequestRefused as refusal:
            await self._send_refusal(name, refusal)
            return
        self._operations[name] = asyncio.create_task(self._operate(name, request))

    async def _operate(self, name: str, request: OperationRequest) -> None:
        try:
            operation = self._door.engine.choose(request)
            answers = self._door.engine.stream(operation, request.variables, self._caller)
            async with aclosing(cast("Any", answers)) as stream:
                async for answer in stream:
                    if answer.refusal is not None:
                        self._operations.pop(name, None)
                        await self._send({"id": name, "type": "error", "payload": answer.body["errors"]})
                        return
                    await self._send({"id": name, "type": "next", "payload": answer.body})
            self._operations.pop(name, None)
            await self._send({"id": name, "type": "complete"})
        except RequestRefused as refusal:
            self._operations.pop(name, None)
            await self._send_refusal(name, refusal)
        except WebSocketDisconnect:
            self._operations.pop(name, None)
        except Exception as error:  # the boundary: logged and masked
            self._operations.pop(name, None)
            masked = self._door.engine.mask(error, self._caller)
            await self._send({"id": name, "type": "error", "payload": masked.body["errors"]})

    async def _send_refusal(self, name: str, refusal: RequestRefused) -> None:
        answer = self._door.engine.refuse(refusal, self._caller)
        await self._send({"id": name, "type": "error", "payload": answer.body["errors"]})

    async def _send(self, message: Mapping[str, Any]) -> None:
        if self._socket.application_state is WebSocketState.CONNECTED:
            await self._socket.send_text(orjson.dumps(message).decode())

    async def _end_operations(self) -> None:
        tasks = list(self._operations.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
