"""The event loop of a command."""

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

import uvloop

T = TypeVar("T")


def run_async(work: Awaitable[T]) -> T:
    """Run `work` to its end on an event loop of its own."""

    async def run_it() -> T:
        return await work

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(run_it())
