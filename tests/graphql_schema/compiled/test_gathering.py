"""Awaiting together: in the same turns of the event loop and with the same ends as graphql-core does it."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from graphql.pyutils import gather_with_cancel

from graphql_schema.compiled.gathering import await_all

Gather = Callable[[list[Any]], Awaitable[list[Any]]]


async def _by_core(coroutines: list[Any]) -> list[Any]:
    return await gather_with_cancel(*coroutines)


async def _observe(gather: Gather, plan: list[tuple[int, str]], cancel_at: int | None) -> list[Any]:
    """Run coroutines that wait some turns and then end as planned; return what happened in which turn."""
    log: list[Any] = []
    turn = 0

    async def one(name: int, turns: int, end: str) -> int:
        try:
            for _ in range(turns):
                await _next_turn()
            log.append((turn, name, end))
            if end == "fails":
                raise ValueError(name)
            if end == "cancels":
                raise asyncio.CancelledError
        except asyncio.CancelledError:
            log.append((turn, name, "cancelled"))
            raise
        return name

    task = asyncio.ensure_future(gather([one(name, *how) for name, how in enumerate(plan)]))
    while not task.done():
        if turn == cancel_at:
            task.cancel()
        await _next_turn()
        turn += 1
    log.append((turn, "done", repr(task.exception() if not task.cancelled() else "cancelled")))
    if not task.cancelled() and task.exception() is None:
        log.append(task.result())
    return log


def _next_turn() -> Awaitable[None]:
    loop = asyncio.get_running_loop()
    future: asyncio.Future[None] = loop.create_future()

    def wake() -> None:
        if not future.done():
            future.set_result(None)

    loop.call_soon(wake)
    return future


@pytest.mark.parametrize("cancel_at", [None, 1, 2, 3, 4])
@pytest.mark.parametrize(
    "plan",
    [
        [(0, "ends"), (0, "ends")],
        [(3, "ends"), (1, "ends"), (2, "ends")],
        [(3, "ends"), (1, "fails"), (2, "ends")],
        [(1, "fails"), (1, "fails")],
        [(2, "ends"), (1, "cancels")],
        [(0, "fails"), (5, "fails")],
    ],
)
async def test_everything_happens_in_the_same_turn(plan: list[tuple[int, str]], cancel_at: int | None) -> None:
    assert await _observe(await_all, plan, cancel_at) == await _observe(_by_core, plan, cancel_at)
