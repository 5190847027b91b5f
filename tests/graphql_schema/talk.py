"""A client of graphql-transport-ws, in decoded messages."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import orjson
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Origin, Subprotocol

MODERN = Subprotocol("graphql-transport-ws")


class Talk:
    """One WebSocket connection, in decoded messages."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket

    async def say(self, **message: Any) -> None:
        await self.socket.send(orjson.dumps(message).decode())

    async def hear(self) -> dict[str, Any]:
        async with asyncio.timeout(20):
            message: dict[str, Any] = orjson.loads(await self.socket.recv())
        return message

    async def start(self, **payload: Any) -> None:
        await self.say(type="connection_init", payload=payload)
        assert await self.hear() == {"type": "connection_ack"}

    async def subscribe(self, name: str, query: str, **parameters: Any) -> None:
        await self.say(id=name, type="subscribe", payload={"query": query, **parameters})

    async def close_code(self) -> int | None:
        async with asyncio.timeout(20):
            with pytest.raises(ConnectionClosed):
                while True:
                    await self.socket.recv()
        return self.socket.close_code


@asynccontextmanager
async def talking(
    base_url: str, *, protocols: tuple[Subprotocol, ...] = (MODERN,), origin: str | None = None
) -> AsyncIterator[Talk]:
    url = base_url.replace("http", "ws") + "/graphql"
    async with connect(
        url, subprotocols=list(protocols), origin=Origin(origin) if origin else None, compression=None
    ) as socket:
        yield Talk(socket)
