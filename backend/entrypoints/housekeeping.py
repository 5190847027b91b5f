"""What time alone asks for: expired holds, sign-ins and keys. Ticks are idempotent; losing one costs nothing.

Every process ticks, on every host; on PostgreSQL a lock of the database lets one of them sweep at a time.
"""

import asyncio
import zlib
from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import partial

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from sqlalchemy import func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.booking.outside import OutsideBookings
from backend.clock import Clock
from backend.database import Database
from backend.errors import Operational
from backend.reception.items import Items
from identity.own_accesses import FLUSH_SECONDS, OwnAccesses

Sweep = Callable[[AsyncSession, datetime], Awaitable[int]]
"""Deletes or releases what is over by the instant given; returns how much."""

_LAST_FLUSH_SECONDS = 2
_SETTLE_SECONDS = 10

_LOCKS = 0x5A44  # our own space among the advisory locks of a database

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


def keep_flushing(scheduler: AsyncIOScheduler, database: Database, own: OwnAccesses) -> None:
    """Let this process write what it has counted of people's own accesses, again and again."""
    scheduler.add_job(partial(_flush, database, own), "interval", seconds=FLUSH_SECONDS, id="own_accesses")


def keep_settling(scheduler: AsyncIOScheduler, outside: OutsideBookings) -> None:
    """Let this process ask outside clinics again about what is not settled; what one process asks no other does."""
    scheduler.add_job(partial(_settle, outside), "interval", seconds=_SETTLE_SECONDS, id="outside_bookings", jitter=1)


def keep_cancelling(scheduler: AsyncIOScheduler, items: Items) -> None:
    """Let this process go on with what clinics have confirmed to cancel; two that do so at once do no harm."""
    scheduler.add_job(partial(_go_on, items), "interval", seconds=_SETTLE_SECONDS, id="cancellations", jitter=1)


async def _go_on(items: Items) -> None:
    try:
        settled = await items.go_on()
    except Operational as error:
        log.warning("cancelling_failed", code=error.code)
        return
    if settled:
        log.info("cancellations_settled", count=settled)


async def _settle(outside: OutsideBookings) -> None:
    try:
        asked = await outside.reconcile()
    except Operational as error:
        log.warning("settling_failed", code=error.code)
        return
    if asked:
        log.info("outside_bookings_asked", count=asked)


async def flush_last(database: Database, own: OwnAccesses) -> None:
    """Write what is counted at the end of a process, in whatever time is left for it."""
    try:
        async with asyncio.timeout(_LAST_FLUSH_SECONDS):
            await _flush(database, own)
    except TimeoutError:
        log.warning("own_accesses_lost", reason="too late")


async def _flush(database: Database, own: OwnAccesses) -> None:
    try:
        await own.flush(database.transaction)
    except Operational as error:
        log.warning("flush_failed", code=error.code)


async def run_sweep(database: Database, clock: Clock, name: str, sweep: Sweep) -> None:
    """Run one sweep in a transaction of its own, unless another process is at it.

    A database that is away is met again at the next tick.
    """
    try:
        async with database.transaction() as session:
            if not database.is_sqlite and not await _claims(session, name):
                return
            swept = await sweep(session, clock())
    except Operational as error:
        log.warning("sweep_failed", sweep=name, code=error.code)
        return
    if swept:
        log.info("swept", sweep=name, count=swept)


async def _claims(session: AsyncSession, name: str) -> bool:
    """Return whether this transaction is the one that runs the sweep; the lock ends with it, whatever happens."""
    lock = func.pg_try_advisory_xact_lock(_LOCKS, zlib.crc32(name.encode()) - 2**31)
    return bool(await (await session.connection()).scalar(select(lock)))
