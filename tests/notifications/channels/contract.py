"""What the contract suite needs to know of one provider; a new one adds its `Case` to `CASES` of `test_contract`."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from notifications.channels.port import AddressKind, Provider, Sender, Verdict


@dataclass(frozen=True)
class Line:
    """One sender, the provider it speaks to, and the provider's control."""

    sender: Sender
    spoil: Callable[[Mapping[str, Any]], Awaitable[None]]
    arrived: Callable[[], Awaitable[list[str]]]
    """What the provider took, each as text."""
    asked: list[str] = field(default_factory=list)
    """Every address that was asked, as it would stand in an access log."""


@dataclass(frozen=True)
class Row:
    """A fault, and what the sender has to answer to it."""

    name: str
    command: Mapping[str, Any]
    verdict: Verdict
    reason: str
    retry_after_seconds: float | None = None
    arrives: bool = False
    """Whether the provider took the message all the same."""


@dataclass(frozen=True)
class Case:
    """One provider."""

    provider: Provider
    address_kind: AddressKind
    connect: Callable[..., AbstractAsyncContextManager[Line]]
    """Takes `timeout_seconds`."""
    open_to: Callable[[int, float], Awaitable[Sender]]
    """A sender with this time-out to a port of this machine where nothing of the provider's listens."""
    rows: tuple[Row, ...]
    hang: Mapping[str, Any]
    """A fault by which an answer comes 1.5 s late, after the provider took the message."""
    secrets: tuple[str, ...]
    """What only sender and provider know."""
    to_silence: Verdict
    """The answer where the other end accepts connections and says nothing, or ends them."""
    longest_seconds: float
    """How many times its own time-out a try may take."""


@asynccontextmanager
async def raw_server(greet: Callable[[asyncio.StreamWriter], Awaitable[None]]) -> AsyncIterator[int]:
    """Listen on a loopback port; `greet` is all that a connection gets, until the test ends."""
    writers: set[asyncio.StreamWriter] = set()

    async def serve(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.add(writer)
        await greet(writer)

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for writer in writers:
            writer.transport.abort()
        await server.wait_closed()
