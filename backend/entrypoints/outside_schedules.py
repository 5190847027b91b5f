"""Keeping the free times of outside registries: built here, and asked for again and again by every serving process."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from backend.booking.outside_schedules import OutsideSchedules, Synced
from backend.booking.ports import OutsideRegistry
from backend.booking.values import Registry
from backend.clock import Clock
from backend.database import Database
from backend.errors import Operational
from backend.settings import FerRegistrySettings

_log = structlog.get_logger("housekeeping")


def build_outside_schedules(
    settings: FerRegistrySettings, clock: Clock, database: Database, registries: Mapping[Registry, OutsideRegistry]
) -> OutsideSchedules:
    """Build what keeps the copy; of several processes the first to come asks, for the others it is fresh then."""
    return OutsideSchedules(
        database=database,
        clock=clock,
        registries=registries,
        days=settings.schedule_days,
        fresh_for=timedelta(seconds=settings.schedule_seconds) / 2,
        at_once=settings.schedules_at_once,
    )


def keep_outside_schedules(
    scheduler: AsyncIOScheduler, sync: Callable[[], Awaitable[Synced]], *, every_seconds: int
) -> None:
    """Let this process keep the copy fresh by `OutsideSchedules.sync`: at once, then again and again."""

    async def tick() -> None:
        try:
            await sync()
        except Operational as error:
            _log.warning("outside_schedules_failed", code=error.code)

    scheduler.add_job(
        tick, "interval", seconds=every_seconds, id="outside_schedules", jitter=every_seconds // 10 or None
    )
    scheduler.add_job(tick, id="outside_schedules_first")
