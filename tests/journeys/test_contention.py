"""Many phones want few slots and some hang up before they are answered: what all were told has one explanation."""

from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from sqlmodel import col, select

from backend.booking.appointment_tables import AppointmentRow
from backend.booking.history_check import Kind, Told, unexplained
from backend.booking.inspection import inspect
from backend.booking.inspection_rules import Flaw, Limits
from backend.booking.states import AppointmentStatus
from backend.entrypoints.demo.region import demo_id
from backend.settings import DatabaseSettings
from graphql_schema.node import decode_id, encode_id
from tests.bench.contenders import Plan, contend
from tests.journeys.phone import Phone
from tests.journeys.region import Region, running_region
from tests.journeys.test_races import crowd

CLIENTS, SLOTS, STEPS = 16, 3, 4
WANTED = {"specialty": "dentist", "clinicIds": [encode_id("Clinic", demo_id("clinic", 1))]}
"""Slots that are for whoever asks: no attachment, no age."""


@pytest.fixture
async def region(seeded_settings: DatabaseSettings, tmp_path: Path, development_keys: Path) -> AsyncIterator[Region]:
    """The region of every journey, once on each engine."""
    async with running_region(seeded_settings, tmp_path / "data", development_keys) as running:
        yield running


async def test_a_crowd_at_few_slots_is_told_one_story(region: Region) -> None:
    phones = await crowd(region, CLIENTS)
    shown: list[dict[str, Any]] = (await Phone(region).ask("SearchSlots", filter=WANTED, first=50))["slots"]["nodes"]
    slots = [one["id"] for one in shown[:SLOTS]]
    plan = Plan(
        port=urlsplit(region.base_url).port or 0,
        tokens=[phone.access_token for phone in phones],
        slots=slots,
        filter=WANTED,
        steps=STEPS,
        pause_seconds=0.05,
        cut=0.05,
        seed=7,
    )
    clients = await contend(plan)
    history = [one for client in clients for one in client.told]
    assert unexplained(history) == []
    assert {(Kind.HOLD, Told.YES), (Kind.HOLD, Told.NO), (Kind.BOOK, Told.YES)} <= {
        (one.kind, one.told) for one in history
    }

    owners = Counter(client.booked_slot for client in clients if client.booked_slot is not None)
    assert max(owners.values(), default=0) <= 1
    wanted = select(col(AppointmentRow.slot_id)).where(col(AppointmentRow.status) == AppointmentStatus.CONFIRMED)
    async with region.database.snapshot() as session:
        booked = list(await session.exec(wanted))
        found = [one async for one in inspect(session, now=region.clock(), limits=Limits())]
    assert len(booked) == len(set(booked))
    assert {decode_id(slot, "Slot") for slot in owners} <= set(booked)
    assert [one for one in found if isinstance(one, Flaw)] == []
