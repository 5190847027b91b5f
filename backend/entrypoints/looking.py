"""Looking again and again for what time and freed slots have brought, and at once when a slot is freed."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from backend.errors import Operational
from backend.signals import Signals
from backend.waiting_list.topics import SLOTS_FREED

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Kept:
    """What looks: `look` returns how much it did; several processes at once do no harm, they only look in vain."""

    name: str
    look: Callable[[], Awaitable[int]]
    seconds: float
    jitter: int | None = None


@asynccontextmanager
async def kept_looking(scheduler: AsyncIOScheduler, kept: Kept, signals: Signals) -> AsyncIterator[None]:
    """Let this process look meanwhile, one look at a time."""
    look = partial(_look, kept, asyncio.Lock())
    scheduler.add_job(look, "interval", seconds=kept.seconds, id=kept.name, jitter=kept.jitter)
    waking = asyncio.create_task(_wake(scheduler, kept, look, signals))
    try:
        yield
    finally:
        waking.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await waking


async def _wake(
    scheduler: AsyncIOScheduler, kept: Kept, look: "partial[Coroutine[Any, Any, None]]", signals: Signals
) -> None:
    async with signals.watch(SLOTS_FREED) as wakes:
        async for _ in wakes:
            scheduler.add_job(look, id=f"{kept.name}_now", replace_existing=True, max_instances=2)


async def _look(kept: Kept, one_at_a_time: asyncio.Lock) -> None:
    async with one_at_a_time:
        try:
            done = await kept.look()
        except Operational as error:
            log.warning("look_failed", look=kept.name, code=error.code)
            return
    if done:
        log.info("look_done", look=kept.name, count=done)
