"""What time alone asks for: expired holds, sign-ins and keys. Ticks are idempotent; losing one costs nothing."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import partial

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.clock import Clock
from backend.database import Database
from backend.errors import Operational

Sweep = Callable[[AsyncSession, datetime], Awaitable[int]]
"""Deletes or releases what is over by the instant given; returns how much."""

log = structlog.get_logger("housekeeping")


def schedule_housekeeping(database: Database, clock: Clock, sweeps: dict[str, tuple[Sweep, int]]) -> AsyncIOScheduler:
    """Return a scheduler, not yet started, that runs each sweep every so many seconds.

    Args:
        database: Where to sweep.
        clock: What is over is decided by it.
        sweeps: By name: the sweep and the seconds between two of its runs.
    """
    scheduler = AsyncIOScheduler(timezone="UTC", job_defaults={"coalesce": True, "max_instances": 1})
    for name, (sweep, seconds) in sweeps.items():
        scheduler.add_job(
            partial(run_sweep, database, clock, name, sweep),
            "interval",
            seconds=seconds,
            id=name,
            jitter=seconds // 10 or None,
        )
    return scheduler


async def run_sweep(database: Database, clock: Clock, name: str, sweep: Sweep) -> None:
    """Run one sweep in a transaction of its own; a database that is away is met again at the next tick."""
    try:
        async with database.transaction() as session:
            swept = await sweep(session, clock())
    except Operational as error:
        log.warning("sweep_failed", sweep=name, code=error.code)
        return
    if swept:
        log.info("swept", sweep=name, count=swept)
