"""The plan that a connection keeps for a search, made without its values, walks an index and stops at a full page."""

import re
from collections.abc import Callable
from itertools import product
from typing import Any

import pytest

from backend.booking.slot_queries import search_statement
from backend.booking.slots import SlotService
from backend.booking.values import Channel, SlotCriteria
from backend.clock import SettableClock
from backend.database import Database
from backend.reading import Statement
from backend.slot_search.search_queries import page_statement
from tests.factories.booking import Registry
from tests.factories.many_slots import add_many_slots, gather_statistics
from tests.factories.people import NOW
from tests.factories.plans import kept_plan, plans_made

TOWNS = ("Калуга", "Обнинск")
CODES = tuple(f"specialty-{number}" for number in range(10))
Make = Callable[[frozenset[str]], Statement[Any]]
SEARCHES: list[tuple[Make, str]] = [
    *((search_statement, one) for one in ("", "specialty_code", "town", "clinic_id", "radius")),
    *((search_statement, f"specialty_code {one}") for one in ("town", "clinic_id", "radius", "town radius")),
    *((page_statement, one) for one in ("", "specialty_id", "clinic_id", "clinic_id specialty_id")),
]
TIMES = 12
"""PostgreSQL plans anew five times, and then keeps a plan that seems no dearer."""


@pytest.fixture
async def region(database: Database) -> Database:
    """Return two towns with two clinics each, ten specialties in each of these, and 20,000 slots."""
    registry = Registry(database)
    for number, (town, name) in enumerate(product(TOWNS, ("№ 1", "№ 2"))):
        clinic_id = await registry.add_clinic(town=town, name=f"Поликлиника {name}")
        for place, code in enumerate(CODES):
            doctor = await registry.add_place(clinic_id, specialty=code)
            await add_many_slots(database, doctor, number * len(CODES) + place, count=500)
    await gather_statistics(database)
    return database


async def test_no_search_sorts_what_it_can_walk(region: Database) -> None:
    for make, names in SEARCHES:
        plan = await kept_plan(region, make(frozenset(names.split())))
        assert "slots_" in plan, (names, plan)
        assert not re.search(r"Sort Key: .*starts_at|TEMP B-TREE FOR ORDER BY", plan), (make, names, plan)


@pytest.mark.parametrize("code", [None, CODES[0]])
@pytest.mark.parametrize("town", [None, TOWNS[0]])
async def test_a_page_is_not_planned_each_time(region: Database, town: str | None, code: str | None) -> None:
    if region.is_sqlite:
        return  # it makes one plan, and never looks at the values
    slots = SlotService(database=region, clock=SettableClock(NOW))
    for _ in range(TIMES):
        criteria = SlotCriteria(town=town, specialty_code=code, channel=Channel.APP)
        assert len((await slots.search(None, criteria=criteria, limit=50)).items) == 50
    made = await plans_made(region, "slots.starts_at")
    assert made.kept == TIMES - 5, made
