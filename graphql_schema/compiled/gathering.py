"""Awaiting coroutines together: graphql-core's `gather_with_cancel`, without the generality of `asyncio.gather`.

Tasks are made in the same order, each tells of its end by the same kind of callback, and the first error cancels the
rest, which are waited for before it is raised. So every event falls into the same turn of the event loop as with
graphql-core.
"""

from __future__ import annotations

from asyncio import AbstractEventLoop, CancelledError, Future, Task, gather, get_running_loop
from collections.abc import Coroutine
from typing import Any


class _Gathering(Future[None]):
    """Done when all its tasks are, or one has failed; cancelling it cancels them."""

    def __init__(self, tasks: list[Task[Any]], loop: AbstractEventLoop) -> None:
        super().__init__(loop=loop)
        self._tasks = tasks
        self._left = len(tasks)
        self._is_cancelled = False
        note = self._note
        for task in tasks:
            task.add_done_callback(note)

    def _note(self, task: Future[Any]) -> None:
        self._left -= 1
        if self.done():
            if not task.cancelled():
                task.exception()
            return
        if task.cancelled():
            self.set_exception(task._make_cancelled_error())  # type: ignore[attr-defined]  # noqa: SLF001 # as asyncio.gather
            return
        error = task.exception()
        if error is not None:
            self.set_exception(error)
        elif not self._left:
            if self._is_cancelled:
                self.set_exception(CancelledError())
            else:
                self.set_result(None)

    def cancel(self, msg: Any | None = None) -> bool:
        """Cancel the tasks; this future ends by what becomes of them."""
        if self.done():
            return False
        was_cancelled = False
        for task in self._tasks:
            if task.cancel(msg=msg):
                was_cancelled = True
        if was_cancelled:
            self._is_cancelled = True
        return was_cancelled


async def await_all(coroutines: list[Coroutine[Any, Any, Any]]) -> list[Any]:
    """Await coroutines together and return their results in order; the first error cancels the others."""
    loop = get_running_loop()
    tasks = [loop.create_task(coroutine) for coroutine in coroutines]
    try:
        await _Gathering(tasks, loop)
    except Exception:
        for task in tasks:
            if not task.done():
                task.cancel()
        await gather(*tasks, return_exceptions=True)
        raise
    return [task.result() for task in tasks]
