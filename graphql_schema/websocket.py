"""The door of graphql-transport-ws: who may connect (S15, S16); `connection` talks to those who may."""

from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket

from backend.clock import Clock
from backend.settings import GraphQLSettings
from graphql_schema.connection import Connection
from graphql_schema.ended_sessions import Follow, follow_nobody
from graphql_schema.engine import Caller, Engine
from graphql_schema.faults import RequestRefused
from graphql_schema.open_streams import OpenStreams
from graphql_schema.streams import Streams
from identity.principal import Principal

PROTOCOL = "graphql-transport-ws"
ANONYMOUS_IDLE_SECONDS = 60.0
"""How long a connection without a token may stay without an operation; one with a token ends with that."""

_WRONG_PROTOCOL = 4406


class WebSocketDoor:
    """Decides which connections may come in."""

    def __init__(
        self,
        engine: Engine,
        streams: Streams,
        open_streams: OpenStreams,
        *,
        authenticate: Callable[[str, str | None], Awaitable[Principal]],
        follow: Follow = follow_nobody,
        clock: Clock,
        limits: GraphQLSettings,
        allowed_origins: frozenset[str],
    ) -> None:
        """Keep what every connection needs; `authenticate` takes the values of `Authorization` and `DPoP`."""
        self.engine = engine
        self.streams = streams
        self.authenticate = authenticate
        self.follow = follow
        self.clock = clock
        self.limits = limits
        self.anonymous_idle_seconds = ANONYMOUS_IDLE_SECONDS
        self._open_streams = open_streams
        self._allowed_origins = allowed_origins

    async def serve(self, scope: Scope, receive: Receive, send: Send, caller: Caller) -> None:
        """Serve one connection to its end; a page of a foreign origin gets 403 instead (S16), in a full worker 503."""
        socket = WebSocket(scope, receive, send)
        if not self._may_enter(socket):
            await socket.close()
            return
        try:
            self._open_streams.check_room()
        except RequestRefused as full:
            await _deny(socket, full)
            return
        offered = PROTOCOL in scope.get("subprotocols", ())
        await socket.accept(subprotocol=PROTOCOL if offered else None)
        if not offered:
            await socket.close(_WRONG_PROTOCOL, "Subprotocol not acceptable")
            return
        await Connection(self, socket, send, caller, self._open_streams).run()

    def _may_enter(self, socket: WebSocket) -> bool:
        origin = socket.headers.get("origin")
        if origin is None or origin in self._allowed_origins:
            return True
        return urlsplit(origin).netloc == socket.headers.get("host", "")


async def _deny(socket: WebSocket, refusal: RequestRefused) -> None:
    """Refuse before the handshake, by the status that a refusal has over HTTP; a server that cannot says 403."""
    if "websocket.http.response" not in socket.scope.get("extensions", {}):
        await socket.close()
        return
    seconds = -(-(refusal.retry_after_ms or 0) // 1000)
    await socket.send_denial_response(
        Response(status_code=refusal.status or 503, headers={"retry-after": f"{seconds}"})
    )
