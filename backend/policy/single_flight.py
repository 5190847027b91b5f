"""Several concurrent questions about one thing become one."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Generic, TypeVar

_Key = TypeVar("_Key")
_Answer = TypeVar("_Answer")


class SingleFlight(Generic[_Key, _Answer]):
    """Runs one question a key at a time; those who ask meanwhile receive the same answer or the same error."""

    def __init__(self) -> None:
        """Begin with nothing under way."""
        self._under_way: dict[_Key, asyncio.Task[_Answer]] = {}

    async def ask(self, key: _Key, question: Callable[[], Coroutine[Any, Any, _Answer]]) -> _Answer:
        """Join the question under way, or start `question`; one caller's cancellation does not stop the others."""
        task = self._under_way.get(key)
        if task is None:
            task = asyncio.create_task(question())
            self._under_way[key] = task
            task.add_done_callback(lambda done: self._forget(key, done))
        return await asyncio.shield(task)

    def _forget(self, key: _Key, done: asyncio.Task[_Answer]) -> None:
        del self._under_way[key]
        if not done.cancelled():
            done.exception()  # marks it as seen where every caller has gone away
