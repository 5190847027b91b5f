import asyncio
from datetime import datetime

import pytest
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.clock import system_clock
from backend.database import Database
from backend.entrypoints.housekeeping import run_sweep
from backend.settings import DatabaseSettings


class Sweeping:
    """A sweep that stays in the middle of its work until it is let go."""

    def __init__(self) -> None:
        self.runs = 0
        self.begun = asyncio.Event()
        self.may_end = asyncio.Event()

    async def __call__(self, _session: AsyncSession, _now: datetime) -> int:
        self.runs += 1
        self.begun.set()
        await self.may_end.wait()
        return 1


async def run(database: Database, name: str, sweep: Sweeping) -> None:
    await asyncio.wait_for(run_sweep(database, system_clock, name, sweep), 30)


async def test_a_sweep_runs_in_one_process_at_a_time_and_again_when_it_ended(postgresql_url: str) -> None:
    one, other = (Database(DatabaseSettings(url=postgresql_url)) for _ in range(2))
    sweep = Sweeping()
    first = asyncio.create_task(run(one, "expired_holds", sweep))
    await asyncio.wait_for(sweep.begun.wait(), 30)
    await run(other, "expired_holds", sweep)
    assert sweep.runs == 1
    sweep.may_end.set()
    await first
    await run(other, "expired_holds", sweep)
    assert sweep.runs == 2
    await one.close()
    await other.close()


async def test_another_sweep_need_not_wait(postgresql_url: str) -> None:
    database = Database(DatabaseSettings(url=postgresql_url))
    sweep, another = Sweeping(), Sweeping()
    first = asyncio.create_task(run(database, "expired_holds", sweep))
    await asyncio.wait_for(sweep.begun.wait(), 30)
    another.may_end.set()
    await run(database, "sign_ins", another)
    assert another.runs == 1
    sweep.may_end.set()
    await first
    await database.close()


async def test_a_sweep_that_fails_leaves_no_lock_behind(database: Database) -> None:
    async def failing(_session: AsyncSession, _now: datetime) -> int:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await run_sweep(database, system_clock, "expired_holds", failing)
    sweep = Sweeping()
    sweep.may_end.set()
    await run(database, "expired_holds", sweep)
    assert sweep.runs == 1
