import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from sqlalchemy import select, update
from sqlmodel import col

from backend.booking.outside_schedules import Synced
from backend.booking.tables import ClinicRow, PostRow, SlotRow
from backend.booking.values import Registry
from backend.clock import SettableClock
from backend.database import Database
from backend.entrypoints.outside_schedules import build_outside_schedules, keep_outside_schedules
from backend.settings import DatabaseSettings, FerRegistrySettings
from tests.factories.booking import Booking
from tests.factories.outside_clinics import Telling, outside
from tests.factories.people import NOW
from tests.plugins.waiting import until


@asynccontextmanager
async def ticking(scheduler: AsyncIOScheduler) -> AsyncIterator[None]:
    scheduler.start()
    try:
        yield
    finally:
        scheduler.shutdown(wait=False)
        await asyncio.sleep(0)  # it shuts down in the loop's next turn


async def test_the_copy_is_kept_from_the_start_on_and_what_others_have_just_kept_is_fresh(database: Database) -> None:
    booking = Booking(database)
    await booking.one_place()
    async with database.transaction() as session:
        connection = await session.connection()
        await connection.execute(update(ClinicRow).values(kept_by=Registry.FER))
        await connection.execute(update(PostRow).values(resource_key="one"))
    registry, clock = Telling({"one": [outside("8", 8)]}), SettableClock(NOW)
    settings = FerRegistrySettings(schedule_seconds=300)
    schedules = build_outside_schedules(settings, clock, database, {Registry.FER: registry})
    scheduler, done = AsyncIOScheduler(timezone="UTC"), []

    async def sync() -> Synced:
        done.append(await schedules.sync())
        return done[-1]

    async def is_of_now() -> bool:
        async with database.reading() as session:
            found = await (await session.connection()).execute(select(col(SlotRow.as_of)))
            return list(found.scalars()) == [clock()] and sum(one.asked for one in done) == len(registry.asked)

    keep_outside_schedules(scheduler, sync, every_seconds=1)
    async with ticking(scheduler):
        await until(is_of_now, what="the first copy")
        clock.advance(timedelta(seconds=149))
        assert await schedules.sync() == Synced(asked=0, untold=0)
        clock.advance(timedelta(seconds=1))
        registry.as_of = clock()
        await until(is_of_now, what="the next copy")
    assert len(registry.asked) == 2


async def test_a_database_that_is_away_is_met_again_at_the_next_tick() -> None:
    away = Database(DatabaseSettings(url="postgresql+asyncpg://nobody@127.0.0.1:1/none", connect_timeout_seconds=0.5))
    schedules = build_outside_schedules(FerRegistrySettings(), SettableClock(NOW), away, {})
    scheduler = AsyncIOScheduler(timezone="UTC")
    keep_outside_schedules(scheduler, schedules.sync, every_seconds=60)
    with structlog.testing.capture_logs() as logs:

        async def is_told() -> bool:
            return bool(logs)

        async with ticking(scheduler):
            await until(is_told, what="the first failure")
    await away.close()
    assert [(one["event"], one["code"]) for one in logs] == [("outside_schedules_failed", "DATABASE_UNAVAILABLE")]
