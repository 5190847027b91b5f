"""`zdorovye doctor bookings`, as somebody at a terminal runs it."""

import json
import os
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import TypeAlias

import pytest
from sqlalchemy import update
from sqlmodel import col

from backend.booking.tables import SlotRow
from backend.clock import SettableClock, system_clock
from backend.database import Database
from tests.factories.booking import Booking
from tests.factories.people import make_principal
from tests.plugins.command_line import Ended, run_to_end

Doctor: TypeAlias = Callable[..., Awaitable[Ended]]


@pytest.fixture
def doctor(database: Database, tmp_path: Path) -> Doctor:
    """Return what runs `zdorovye doctor` with arguments on this test's database."""
    url = database.engine.url.render_as_string(hide_password=False)
    environment = {**os.environ, "ZDOROVYE_DATABASE__URL": url, "ZDOROVYE_DATA_DIR": str(tmp_path)}

    async def run(*arguments: str) -> Ended:
        return await run_to_end("doctor", *arguments, env=environment)

    return run


async def test_bookings_that_agree_end_with_0_and_a_planted_fault_with_1_by_ids_alone(
    database: Database, doctor: Doctor
) -> None:
    booking = Booking(database, clock=SettableClock(system_clock()))
    slot = await booking.one_slot(at=booking.clock() + timedelta(days=1))
    visit = await booking.book(make_principal(expires_at=booking.clock() + timedelta(hours=1)), slot)
    well = await doctor("bookings")
    assert (well.exit_code, well.stdout) == (0, "1 appointments, 0 findings\n")
    async with database.transaction() as session:
        await session.exec(update(SlotRow).where(col(SlotRow.id) == slot).values(channels=0))
    ill = await doctor("bookings")
    assert ill.exit_code == 1
    assert ill.stdout.split() == ["claim_on_withdrawn_slot", str(visit), "1", "appointments,", "1", "findings"]
    told = await doctor("bookings", "--json")
    assert told.exit_code == 1
    findings = {"claim_on_withdrawn_slot": {"count": 1, "appointments": [[str(visit)]]}}
    assert json.loads(told.stdout) == {"appointments": 1, "findings": findings}


async def test_the_doctor_alone_looks_at_everything_else_as_before(doctor: Doctor) -> None:
    done = await doctor()
    assert "database:" in done.stdout
    assert "appointments" not in done.stdout
