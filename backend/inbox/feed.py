"""Wakes those who watch an inbox, within this process; several processes will need a broker behind the same words."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Self

from identity.principal import PersonId


class _Wakes(AsyncIterator[None]):
    """At most one wake-up waits to be taken: the latest state is what counts (S19). Giving up a wait loses nothing."""

    def __init__(self) -> None:
        self.pending = asyncio.Event()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> None:
        await self.pending.wait()
        self.pending.clear()


class InboxFeed:
    """Who watches whose inbox; to be used on one event loop."""

    def __init__(self) -> None:
        """Begin with nobody watching."""
        self._watching: defaultdict[PersonId, set[_Wakes]] = defaultdict(set)

    def publish(self, person_id: PersonId) -> None:
        """Say that a person's inbox changed; to be called after the commit."""
        for wakes in self._watching.get(person_id, ()):
            wakes.pending.set()

    @asynccontextmanager
    async def watch(self, person_id: PersonId) -> AsyncIterator[AsyncIterator[None]]:
        """Give an endless iterator that yields after each change, several changes at once as one."""
        with self._registered(person_id) as wakes:
            yield wakes

    @contextmanager
    def _registered(self, person_id: PersonId) -> Iterator[_Wakes]:
        wakes = _Wakes()
        self._watching[person_id].add(wakes)
        try:
            yield wakes
        finally:
            self._watching[person_id].discard(wakes)
            if not self._watching[person_id]:
                del self._watching[person_id]

    def watcher_count(self) -> int:
        """Count the open watches of all people."""
        return sum(len(watching) for watching in self._watching.values())
