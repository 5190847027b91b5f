"""Wake-ups between those who change something and those who watch it: "look again", never what there is to see.

A topic is a word and opaque ids (`inbox:<uuid>`), so nothing personal is ever sent. A wake-up carries no state: who is
woken reads the present one, so several wake-ups are as good as one, and one too many does no harm. One too few would:
what may have been lost is made up for by waking everybody.
"""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from typing import Protocol, Self


class Signals(Protocol):
    """The port; to be used on one event loop."""

    def publish(self, topic: str) -> None:
        """Wake everybody who watches `topic`; to be called after the commit. Never fails and never waits."""

    def watch(self, topic: str) -> AbstractAsyncContextManager[AsyncIterator[None]]:
        """Watch a topic: give an endless iterator that yields after each change, several changes at once as one.

        What is read after entering is read after the watch began: no change is lost between the two.
        """

    def watcher_count(self) -> int:
        """Count the open watches of all topics in this process."""

    async def close(self) -> None:
        """Close every connection; watches that are still open are woken no more."""


class Wakes(AsyncIterator[None]):
    """At most one wake-up waits to be taken: the latest state is what counts (S19). Giving up a wait loses nothing."""

    def __init__(self) -> None:
        self._pending = asyncio.Event()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> None:
        await self._pending.wait()
        self.forget()

    def wake(self) -> None:
        """Let a wake-up wait to be taken."""
        self._pending.set()

    def forget(self) -> None:
        """Drop the wake-up that waits: nothing was read before it."""
        self._pending.clear()


class MemorySignals:
    """Wakes those in this process."""

    def __init__(self) -> None:
        """Begin with nobody watching."""
        self._watching: defaultdict[str, set[Wakes]] = defaultdict(set)

    def publish(self, topic: str) -> None:
        """Wake everybody who watches `topic`."""
        for wakes in self._watching.get(topic, ()):
            wakes.wake()

    @asynccontextmanager
    async def watch(self, topic: str) -> AsyncIterator[AsyncIterator[None]]:
        """Watch a topic."""
        with self.registered(topic) as wakes:
            yield wakes

    @contextmanager
    def registered(self, topic: str) -> Iterator[Wakes]:
        """Watch a topic, from synchronous code."""
        wakes = Wakes()
        self._watching[topic].add(wakes)
        try:
            yield wakes
        finally:
            self._watching[topic].discard(wakes)
            if not self._watching[topic]:
                del self._watching[topic]

    def topics(self) -> set[str]:
        """Return the topics that somebody watches."""
        return set(self._watching)

    def is_watched(self, topic: str) -> bool:
        """Whether somebody watches it."""
        return topic in self._watching

    def watcher_count(self) -> int:
        """Count the open watches of all topics."""
        return sum(len(watching) for watching in self._watching.values())

    async def close(self) -> None:
        """Nothing is connected."""
