"""A loader without the generality of Strawberry's: futures of one batch, no task but the one that reads."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class BatchLoader(Generic[Key, Value]):
    """Gathers the keys of one turn of the event loop, each once, for one request."""

    def __init__(self, read: Callable[[Sequence[Key]], Awaitable[Mapping[Key, Value]]]) -> None:
        """Begin with nothing loaded; `read` answers every key it is given."""
        self._read = read
        self._known: dict[Key, asyncio.Future[Value]] = {}
        self._waiting: list[Key] = []
        self._task: asyncio.Task[None] | None = None

    def load(self, key: Key) -> asyncio.Future[Value]:
        """Return what will be the value of a key."""
        known = self._known.get(key)
        if known is None:
            loop = asyncio.get_running_loop()
            if not self._waiting:
                loop.call_soon(self._depart, loop)
            self._waiting.append(key)
            known = self._known[key] = loop.create_future()
        return known

    def _depart(self, loop: asyncio.AbstractEventLoop) -> None:
        keys, self._waiting = self._waiting, []
        self._task = loop.create_task(self._fill(keys))

    async def _fill(self, keys: Sequence[Key]) -> None:
        try:
            found = await self._read(keys)
            for key in keys:
                self._known[key].set_result(found[key])
        except Exception as error:
            for key in keys:
                if not self._known[key].done():
                    self._known[key].set_exception(error)
