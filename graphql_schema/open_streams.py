"""Every long connection of this worker: how many may be open, signs of life for the quiet ones, and their end."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from backend.lifecycle import Lifecycle
from backend.settings import GraphQLSettings
from graphql_schema.faults import refused
from graphql_schema.ticker import Ticker

NUDGE_SECONDS = 6.0
"""A quiet stream shows a sign of life after one to two of these, so each 12 s: proxies cut at 30 to 60."""
_AGAIN_MS = 10_000
"""When to come again: a connection whose client is gone without a word is missed after about so long."""


class LongStream(Protocol):
    """A connection that lives until somebody ends it."""

    def cut(self) -> None:
        """End at once, in a way that makes the client connect again."""

    def nudge(self) -> None:
        """Show a sign of life if nothing was sent since the last nudge."""


class Place:
    """One of the connections that a person may have open at once."""

    def __init__(self, persons: Counter[str], payer: str) -> None:
        """Take it."""
        self._persons = persons
        self._payer: str | None = payer
        persons[payer] += 1

    def free(self) -> None:
        """Give it back; a second call changes nothing."""
        payer, self._payer = self._payer, None
        if payer is None:
            return
        self._persons[payer] -= 1
        if not self._persons[payer]:
            del self._persons[payer]


class OpenStreams:
    """Who is connected, with one timer and one task for all of them; to be used on one event loop."""

    def __init__(
        self, lifecycle: Lifecycle, *, limits: GraphQLSettings | None = None, nudge_seconds: float = NUDGE_SECONDS
    ) -> None:
        """Begin with nobody."""
        self._lifecycle = lifecycle
        self._limits = limits or GraphQLSettings()
        self._persons: Counter[str] = Counter()
        self._streams: set[LongStream] = set()
        self._ticker = Ticker(nudge_seconds, self._nudge_all)
        self._draining: asyncio.Task[None] | None = None

    def check_room(self) -> None:
        """Say whether one more may be opened: they must leave room for requests, which take connections too.

        Raises:
            RequestRefused: The worker has as many as it may.
        """
        if len(self._streams) >= self._limits.max_streams_of_worker:
            raise refused("WORKER_FULL", "this worker has no room for a stream", status=503, retry_after_ms=_AGAIN_MS)

    def enter(self, payer: str) -> Place:
        """Give a place to a person's next WebSocket or event stream (S17); whoever takes it frees it.

        Raises:
            RequestRefused: They have as many as they may.
        """
        most = self._limits.max_connections_of_person
        if self._persons[payer] < most:
            return Place(self._persons, payer)
        detail = f"a person has {most} WebSockets and event streams at once"
        raise refused("TOO_MANY_CONNECTIONS", detail, status=429, retry_after_ms=_AGAIN_MS, limit=most)

    @contextmanager
    def opened(self, stream: LongStream) -> Iterator[None]:
        """Look after a stream while it is open; one that comes during a drain is ended at once."""
        self._streams.add(stream)
        self._ticker.start()
        if self._lifecycle.is_draining:
            stream.cut()
        elif self._draining is None:
            self._draining = asyncio.create_task(self._cut_all_on_drain())
        try:
            yield
        finally:
            self._streams.discard(stream)
            if not self._streams:
                self._rest()

    def __len__(self) -> int:
        """Count the open streams."""
        return len(self._streams)

    def _rest(self) -> None:
        self._ticker.stop()
        if self._draining is not None:
            self._draining.cancel()
            self._draining = None

    async def _cut_all_on_drain(self) -> None:
        await self._lifecycle.wait_for_drain()
        for stream in list(self._streams):
            stream.cut()

    def _nudge_all(self) -> None:
        for stream in self._streams:
            stream.nudge()
