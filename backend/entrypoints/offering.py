"""Keeping the waiting list going in a serving process: a look from time to time, and at once when a slot is freed."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from backend.errors import Operational
from backend.signals import Signals
from backend.waiting_list.offering import Offering
from backend.waiting_list.topics import SLOTS_FREED

LOOK_SECONDS = 10

log = structlog.get_logger("waiting_list")


@asynccontextmanager
async def kept_offering(scheduler: AsyncIOScheduler, offering: Offering, signals: Signals) -> AsyncIterator[None]:
    """Let this process offer what is free meanwhile; several processes at once do no harm, they only look in vain."""
    look = partial(_look, offering, asyncio.Lock())
    scheduler.add_job(look, "interval", seconds=LOOK_SECONDS, id="waiting_list", jitter=1)
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
            scheduler.add_job(look, id="waiting_list_now", replace_existing=True, max_instances=2)


async def _look(offering: Offering, one_at_a_time: asyncio.Lock) -> None:
    async with one_at_a_time:
        try:
            made = await offering.look()
        except Operational as error:
            log.warning("offering_failed", code=error.code)
            return
    if made:
        log.info("slots_offered", count=made)
