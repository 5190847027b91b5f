"""The search finds what plain loops find, in all orders, page by page, whatever it is narrowed by; on both engines."""

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backend.booking.values import Channel
from backend.clock import SettableClock
from backend.database import Database
from backend.slot_search.search import Search
from backend.slot_search.service import SlotSearchService
from backend.slot_search.values import EVERY_DAY, Found, HoursOfDay, Order, Place, SearchCriteria, SearchText
from geo.distance import Point
from tests.factories.access import access_control
from tests.factories.people import NOW, make_principal
from tests.factories.slot_search import SPECIALTIES, TEXTS, TOWNS, RandomRegion
from tests.factories.slot_search_model import Model

IN_SPRING = datetime(2027, 3, 22, 6, 0, tzinfo=UTC)
"""Six days before the clocks of Berlin go forward."""


@st.composite
def criteria_of(draw: st.DrawFn, region: RandomRegion) -> SearchCriteria:
    """Draw what is looked for in a region; mostly little, so that something is found."""

    def rarely(strategy: st.SearchStrategy[object], otherwise: object) -> object:
        return draw(strategy) if draw(st.integers(0, 5)) == 0 else otherwise

    start = draw(st.integers(0, 1300))
    near = Point(54.6, 36.0)
    given: dict[str, object] = {
        "text": rarely(st.sampled_from([SearchText(one[0]) for one in TEXTS]), None),
        "specialty_codes": rarely(
            st.lists(st.sampled_from([one[0] for one in SPECIALTIES]), min_size=1, max_size=3).map(tuple), ()
        ),
        "clinic_ids": rarely(st.lists(st.sampled_from([*region.clinics]), min_size=1, max_size=4).map(tuple), ()),
        "doctor_ids": rarely(st.lists(st.sampled_from([*region.doctors]), min_size=1, max_size=4).map(tuple), ()),
        "town": rarely(st.sampled_from(TOWNS), None),
        "near": near,
        "radius_km": rarely(st.sampled_from((0.5, 60.0, 150.0)), None),
        "starts_from": rarely(st.integers(-3, 15).map(lambda days: region.now + timedelta(days=days)), None),
        "starts_before": rarely(st.integers(0, 16).map(lambda days: region.now + timedelta(days=days)), None),
        "hours": rarely(st.integers(start + 1, 1440).map(lambda end: HoursOfDay(start, end)), HoursOfDay()),
        "weekdays": rarely(st.integers(1, EVERY_DAY), EVERY_DAY),
        "channel": rarely(st.sampled_from((Channel.CALL_122, Channel.REGISTRY)), Channel.APP),
        "person_id": draw(st.sampled_from((None, region.person_id))),
    }
    return SearchCriteria(**given)  # type: ignore[arg-type] # drawn by name


async def every_page(search: Search, size: int) -> list[Found]:
    """Return all pages, one after the other."""
    found: list[Found] = []
    after: Place | None = None
    while True:
        page = await search.page(after=after, limit=size)
        found += page.items
        if not page.has_next:
            return found
        assert len(page.items) == size
        after = page.items[-1].place


@dataclass(frozen=True)
class Stage:
    """A region in a database, and the search over it."""

    region: RandomRegion
    service: SlotSearchService


@pytest.fixture(params=[(1, NOW), (2, IN_SPRING)], ids=["winter", "spring"])
async def stage(database: Database, request: pytest.FixtureRequest) -> Stage:
    region = RandomRegion(*request.param)
    await region.store(database)
    clock = SettableClock(region.now)
    access = access_control(database, clock)
    return Stage(region, SlotSearchService(database=database, access=access, clock=clock))


@settings(max_examples=40, deadline=None, suppress_health_check=[*HealthCheck])
@given(data=st.data(), order=st.sampled_from(Order), size=st.sampled_from((3, 7, 100)))
async def test_the_search_finds_what_a_model_finds(stage: Stage, data: st.DataObject, order: Order, size: int) -> None:
    region, model = stage.region, Model(stage.region)
    criteria = data.draw(criteria_of(region))
    search = await stage.service.prepare(make_principal(region.person_id), criteria=criteria, order=order)
    found: list[UUID] = [one.slot.id for one in await every_page(search, size)]
    assert found == model.found(criteria, order)
    facets = await search.facets()
    slots = [slot for slot in region.slots if slot.id in set(found)]
    assert {one.of: one.count for one in facets.towns} == Counter(region.clinics[one.clinic_id].town for one in slots)
    assert {one.of: one.count for one in facets.days} == Counter(model.local_day(one) for one in slots)
    assert (facets.counted, facets.is_complete) == (len(slots), True)
    latest_first = sorted(slots, key=lambda one: (one.starts_at, one.id), reverse=True)
    firsts = {slot.clinic_id: slot.id for slot in latest_first}
    assert {slot.clinic.id: slot.id for slot in await search.next_available(limit=100)} == firsts
    assert bool(await search.why_none()) is not bool(found)
