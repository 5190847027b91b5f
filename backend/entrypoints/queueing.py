"""Keeping queues for releases going in a process: a look every other second, and at once when a slot is freed."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from backend.errors import Operational
from backend.release_queue.look import QueueLook
from backend.signals import Signals
from backend.waiting_list.topics import SLOTS_FREED

LOOK_SECONDS = 2
"""A turn lasts minutes: nobody loses much of it. A look without a queue at work is one short statement."""

log = structlog.get_logger("release_queue")


@asynccontextmanager
async def kept_queues(scheduler: AsyncIOScheduler, queues: QueueLook, signals: Signals) -> AsyncIterator[None]:
    """Let this process draw and give turns meanwhile; several processes at once do no harm, they only look in vain."""
    look = partial(_look, queues, asyncio.Lock())
    scheduler.add_job(look, "interval", seconds=LOOK_SECONDS, id="release_queues")
    waking = asyncio.create_task(_wake(scheduler, look, signals))
    try:
        yield
    finally:
        waking.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await waking


async def _wake(scheduler: AsyncIOScheduler, look: "partial[Coroutine[Any, Any, None]]", signals: Signals) -> None:
    async with signals.watch(SLOTS_FREED) as wakes:
        async for _ in wakes:
            scheduler.add_job(look, id="release_queues_now", replace_existing=True, max_instances=2)


async def _look(queues: QueueLook, one_at_a_time: asyncio.Lock) -> None:
    async with one_at_a_time:
        try:
            given = await queues.look()
        except Operational as error:
            log.warning("queues_failed", code=error.code)
            return
    if given:
        log.info("turns_given", count=given)
