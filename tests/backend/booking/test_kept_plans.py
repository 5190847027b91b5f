"""The plan that a connection keeps for a search, made without its values, walks an index and stops at a full page."""

import re
from collections.abc import Callable
from datetime import timedelta
from itertools import product
from typing import Any

import pytest
from uuid_utils.compat import uuid7

from backend.booking.ranking import ALTERNATIVES
from backend.booking.slot_queries import candidates_near, search_statement, slot_time
from backend.booking.slots import SlotService
from backend.booking.values import Channel, SlotCriteria, SlotId, TimeKey
from backend.clock import SettableClock
from backend.database import Database
from backend.reading import Statement
from backend.slot_search.search_queries import page_statement
from backend.slot_search.service import SlotSearchService
from backend.slot_search.values import Order, SearchCriteria
from tests.factories.access import access_control
from tests.factories.booking import Registry
from tests.factories.many_slots import add_many_slots, gather_statistics
from tests.factories.people import NOW
from tests.factories.plans import PlansMade, kept_plan, plans_made

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


ON_POSTGRESQL = pytest.mark.parametrize("database_settings", ["postgresql"], indirect=True)
"""SQLite makes one plan, and never looks at the values."""


async def test_no_search_sorts_what_it_can_walk(region: Database) -> None:
    for make, names in SEARCHES:
        plan = await kept_plan(region, make(frozenset(names.split())))
        assert re.search(r"slots_(\w+_)?(starts_at|time)\b", plan), (names, plan)
        assert not re.search(r"Sort Key: .*starts_at|TEMP B-TREE", plan), (make, names, plan)


async def test_no_search_reads_every_slot(region: Database) -> None:
    for names in ("", "specialty_code", "clinic_id", "specialty_code clinic_id town radius"):
        statement = search_statement(frozenset(names.split()))
        plan = await kept_plan(region, statement, enable_seqscan="off")  # there are no claims yet: it would read none
        assert re.search(r"slots_(\w+_)?(starts_at|time)\b", plan), plan
        assert not any(full in plan for full in ("SCAN slots\n", "Seq Scan on slots", "SCAN appointments\n")), plan
        assert "appointments_one_active_per_slot" in plan, plan


@ON_POSTGRESQL
@pytest.mark.parametrize("code", [None, CODES[0]])
@pytest.mark.parametrize("town", [None, TOWNS[0]])
async def test_a_page_is_not_planned_each_time(region: Database, town: str | None, code: str | None) -> None:
    slots = SlotService(database=region, clock=SettableClock(NOW))
    for _ in range(TIMES):
        criteria = SlotCriteria(town=town, specialty_code=code, channel=Channel.APP)
        assert len((await slots.search(None, criteria=criteria, limit=50)).items) == 50
        after = TimeKey(NOW + timedelta(hours=1), SlotId(uuid7()))
        assert len((await slots.search(None, criteria=criteria, after=after, limit=100)).items) == 100
    made = await plans_made(region, "slots.starts_at")
    assert made == PlansMade(kept=2 * TIMES - 5, anew=5)


@ON_POSTGRESQL
@pytest.mark.parametrize("code", [None, CODES[0]])
async def test_a_page_in_free_words_is_not_planned_each_time(region: Database, code: str | None) -> None:
    clock = SettableClock(NOW)
    service = SlotSearchService(database=region, access=access_control(region, clock), clock=clock)
    criteria = SearchCriteria(specialty_codes=(code,) if code else ())
    search = await service.prepare(None, criteria=criteria, order=Order.EARLIEST)
    for _ in range(TIMES):
        assert len(await search._asking.page(search._parts(search._window), after=None, limit=51)) == 51
    assert await plans_made(region, "LIMIT 101") == PlansMade(kept=TIMES - 5, anew=5)


@ON_POSTGRESQL
async def test_what_is_offered_in_place_of_a_slot_is_not_planned_each_time(region: Database) -> None:
    page = await SlotService(database=region, clock=SettableClock(NOW)).search(None, criteria=SlotCriteria(), limit=1)
    lost = await slot_time(region.read, page.items[0].id)
    assert lost is not None
    for _ in range(TIMES):
        found = await candidates_near(
            region.read, lost, town=TOWNS[0], channel=Channel.APP, now=NOW, until=NOW + timedelta(days=14)
        )
        assert len(found) >= ALTERNATIVES
    assert await plans_made(region, "UNION ALL") == PlansMade(kept=TIMES - 5, anew=5)
