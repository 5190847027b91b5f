"""What one connection of graphql-transport-ws does when everything ends at once."""

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, cast

from starlette.websockets import WebSocket

from backend.clock import Clock
from backend.lifecycle import Lifecycle
from backend.settings import GraphQLSettings
from graphql_schema.connection import Connection, Door
from graphql_schema.ended_sessions import Follow, follow_nobody
from graphql_schema.engine import Caller, Engine
from graphql_schema.open_streams import OpenStreams
from graphql_schema.preparation import PreparedOperation
from graphql_schema.streams import Streams
from identity.principal import Principal
from tests.graphql_schema.endpoint import NOW
from tests.graphql_schema.hub_house import OPERATION, House, caller_of

BRIEF = caller_of(1, expires_at=NOW + timedelta(milliseconds=50))


@dataclass
class OneHub:
    """A door, an engine and its streams in one: every operation watches the same hub."""

    house: House
    masked: list[Exception] = field(default_factory=list)
    limits: GraphQLSettings = field(default_factory=GraphQLSettings)
    anonymous_idle_seconds: float = 60
    follow: Follow = follow_nobody

    @property
    def engine(self) -> Engine:
        return cast("Engine", self)

    @property
    def streams(self) -> Streams:
        return cast("Streams", self)

    @property
    def clock(self) -> Clock:
        return self.house.clock

    async def authenticate(self, _authorization: str, _proof: str | None) -> Principal:
        assert BRIEF.principal is not None
        return BRIEF.principal

    def choose(self, _request: object) -> PreparedOperation:
        return OPERATION

    async def start(self, _operation: object, _variables: object, _caller: object) -> object:
        return self.house.watch(BRIEF)

    def mask(self, error: Exception, _caller: object) -> None:
        self.masked.append(error)
        raise AssertionError from error


async def test_a_watch_that_ends_while_the_connection_is_being_closed_is_no_bug() -> None:
    """A slow client whose token runs out: its close frame waits, and the hub ends its watch meanwhile."""
    inbox: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    closing, may_close = asyncio.Event(), asyncio.Event()
    door = OneHub(House(recheck_seconds=60))

    async def send(message: Any) -> None:
        if message["type"] == "websocket.close":
            closing.set()
            await may_close.wait()

    socket = WebSocket({"type": "websocket", "headers": []}, inbox.get, send)
    inbox.put_nowait({"type": "websocket.connect"})
    await socket.accept()
    for text in (
        '{"type":"connection_init","payload":{"authorization":"Bearer"}}',
        '{"id":"1","type":"subscribe","payload":{"query":"subscription { a }"}}',
    ):
        inbox.put_nowait({"type": "websocket.receive", "text": text})
    caller = Caller(None, "", "ru", "trace")
    connection = Connection(cast("Door", door), socket, send, caller, OpenStreams(Lifecycle()))
    running = asyncio.create_task(connection.run())
    await asyncio.wait_for(closing.wait(), 20)
    assert door.house.hub.watcher_count() == 1
    door.house.clock.set(NOW + timedelta(seconds=1))
    door.house.hub._end_expired()
    for _ in range(10):
        await asyncio.sleep(0)
    may_close.set()
    await running
    assert door.masked == []
