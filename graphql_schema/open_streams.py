"""Every long connection of this worker: signs of life for the quiet ones, and their end when the worker drains."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from backend.lifecycle import Lifecycle
from graphql_schema.ticker import Ticker

NUDGE_SECONDS = 6.0
"""A quiet stream shows a sign of life after one to two of these, so each 12 s: proxies cut at 30 to 60."""


class LongStream(Protocol):
    """A connection that lives until somebody ends it."""

    def cut(self) -> None:
        """End at once, in a way that makes the client connect again."""

    def nudge(self) -> None:
        """Show a sign of life if nothing was sent since the last nudge."""


class OpenStreams:
    """Who is connected, with one timer and one task for all of them; to be used on one event loop."""

    def __init__(self, lifecycle: Lifecycle, *, nudge_seconds: float = NUDGE_SECONDS) -> None:
        """Begin with nobody."""
        self._lifecycle = lifecycle
        self._streams: set[LongStream] = set()
        self._ticker = Ticker(nudge_seconds, self._nudge_all)
        self._draining: asyncio.Task[None] | None = None

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
