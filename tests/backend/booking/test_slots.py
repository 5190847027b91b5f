from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from uuid_utils.compat import uuid7

from backend.booking.slot_times import slot_times
from backend.booking.values import (
    Channel,
    ClinicId,
    Page,
    Slot,
    SlotCriteria,
    SlotId,
    TimeKey,
    channel_mask,
)
from backend.database import Database
from geo.distance import Point, Surroundings
from tests.factories.booking import DENTIST, THERAPIST, Booking
from tests.factories.people import NOW, make_principal

SOON = NOW + timedelta(hours=3)
QUARTER = timedelta(minutes=15)
MOMENT = timedelta(microseconds=1)
ALWAYS = (datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC))
ALL = SlotCriteria()


@pytest.fixture
def booking(database: Database) -> Booking:
    return Booking(database)


async def find(booking: Booking, criteria: SlotCriteria = ALL, **given: Any) -> list[SlotId]:
    page = await booking.slots.search(None, criteria=criteria, **{"limit": 50, **given})
    return [slot.id for slot in page.items]


def key_of(page: Page[Slot]) -> TimeKey:
    return TimeKey(page.items[-1].starts_at, page.items[-1].id)


async def test_finds_only_what_can_be_taken_now(booking: Booking) -> None:
    place = await booking.one_place()
    times = [NOW - QUARTER, NOW, NOW + QUARTER, NOW + timedelta(days=14), NOW + timedelta(days=14, minutes=1)]
    ids = await booking.registry.add_slots(place, times)
    closed = await booking.registry.add_slots(place, [SOON], channels=channel_mask([Channel.REGISTRY]))
    assert await find(booking) == ids[2:4]
    assert await find(booking, SlotCriteria(channel=Channel.REGISTRY)) == [ids[2], closed[0], ids[3]]


async def test_held_and_booked_slots_are_gone_and_come_back(booking: Booking) -> None:
    place = await booking.one_place()
    ids = await booking.registry.add_slots(place, [SOON, SOON + QUARTER, SOON + 2 * QUARTER])
    await booking.hold(make_principal(), ids[0])
    await booking.book(make_principal(), ids[1])
    assert await find(booking) == [ids[2]]
    booking.clock.advance(timedelta(minutes=5))
    assert await find(booking) == [ids[0], ids[2]]


async def test_narrows_by_specialty_clinic_doctor_town_window_and_surroundings(booking: Booking) -> None:
    kaluga = await booking.one_place(latitude=54.51, longitude=36.26)
    obninsk = await booking.one_place(town="Обнинск", specialty=DENTIST, latitude=55.10, longitude=36.61)
    first = (await booking.registry.add_slots(kaluga, [SOON]))[0]
    second, third = await booking.registry.add_slots(obninsk, [SOON + QUARTER, SOON + 2 * QUARTER])
    near_kaluga = Surroundings(Point(54.5, 36.25), 30)
    cases: list[tuple[SlotCriteria, list[SlotId]]] = [
        (ALL, [first, second, third]),
        (SlotCriteria(specialty_code=THERAPIST), [first]),
        (SlotCriteria(specialty_code="nobody"), []),
        (SlotCriteria(specialty_ids=(obninsk.specialty_id,)), [second, third]),
        (SlotCriteria(specialty_ids=(obninsk.specialty_id, kaluga.specialty_id)), [first, second, third]),
        (SlotCriteria(clinic_ids=(kaluga.clinic_id,)), [first]),
        (SlotCriteria(clinic_ids=(ClinicId(uuid7()),)), []),
        (SlotCriteria(clinic_ids=(kaluga.clinic_id,), specialty_code=DENTIST), []),
        (SlotCriteria(doctor_ids=(obninsk.doctor_id,)), [second, third]),
        (SlotCriteria(town="Обнинск"), [second, third]),
        (SlotCriteria(starts_from=SOON + QUARTER), [second, third]),
        (SlotCriteria(starts_before=SOON + QUARTER), [first]),
        (SlotCriteria(starts_from=SOON + QUARTER, starts_before=SOON + 2 * QUARTER), [second]),
        (SlotCriteria(starts_from=SOON + MOMENT, starts_before=SOON + QUARTER + MOMENT), [second]),
        (SlotCriteria(starts_from=SOON, starts_before=SOON), []),
        (SlotCriteria(starts_from=SOON + QUARTER, starts_before=SOON), []),
        (SlotCriteria(starts_from=ALWAYS[0], starts_before=ALWAYS[1]), [first, second, third]),
        (SlotCriteria(starts_from=ALWAYS[1]), []),
        (SlotCriteria(starts_before=ALWAYS[0]), []),
        (SlotCriteria(starts_before=NOW), []),
        (SlotCriteria(near=near_kaluga), [first]),
        (SlotCriteria(near=Surroundings(near_kaluga.centre, 100)), [first, second, third]),
    ]
    for criteria, expected in cases:
        assert await find(booking, criteria) == expected, criteria


async def test_a_slot_comes_whole(booking: Booking) -> None:
    place = await booking.one_place()
    await booking.registry.add_slots(place, [SOON])
    slot = (await booking.slots.search(None, criteria=ALL, limit=1)).items[0]
    assert (slot.starts_at, slot.ends_at, slot.room) == (SOON, SOON + QUARTER, "12")
    assert (slot.clinic.id, slot.clinic.town, slot.clinic.organisation.name) == (
        place.clinic_id,
        "Калуга",
        "Областная больница",
    )
    assert (slot.doctor.id, slot.doctor.full_name) == (place.doctor_id, "Серова Ирина Львовна")
    assert (slot.specialty.id, slot.specialty.code) == (place.specialty_id, THERAPIST)


async def test_pages_neither_repeat_nor_lose_while_slots_are_taken_between_them(booking: Booking) -> None:
    clinic_id = await booking.registry.add_clinic()
    places = [await booking.registry.add_place(clinic_id, family_name=name) for name in ("Серова", "Белова")]
    ids = [  # two doctors at the same minutes, so that the id decides
        slot_id
        for place in places
        for slot_id in await booking.registry.add_slots(place, [SOON + n * QUARTER for n in range(10)])
    ]
    seen: list[SlotId] = []
    taken: set[SlotId] = set()
    after: TimeKey | None = None
    while True:
        page = await booking.slots.search(None, criteria=ALL, after=after, limit=3)
        seen += [slot.id for slot in page.items]
        if not page.has_next:
            break
        after = key_of(page)
        await booking.book(make_principal(), page.items[-1].id)  # behind the cursor
        ahead = [slot_id for slot_id in ids if slot_id not in seen and slot_id not in taken]
        if len(ahead) > 8:
            taken.add(ahead[-1])
            await booking.book(make_principal(), ahead[-1])
    assert len(seen) == len(set(seen))
    assert set(seen) == set(ids) - taken


@pytest.mark.parametrize(
    ("zone", "offset"),
    [("Europe/Kaliningrad", "+02:00"), ("Europe/Moscow", "+03:00"), ("Asia/Kamchatka", "+12:00")],
)
async def test_a_clinic_speaks_its_own_time(booking: Booking, zone: str, offset: str) -> None:
    local = datetime.fromisoformat(f"2026-11-24T08:00:00{offset}")
    place = await booking.one_place(time_zone=zone)
    opening = next(
        slot_times(
            day=local.date(), opens=local.time(), closes=local.time().replace(hour=9), slot_minutes=15, time_zone=zone
        )
    )
    await booking.registry.add_slots(place, [opening[0]])
    slot = (await booking.slots.search(None, criteria=ALL, limit=1)).items[0]
    assert slot.starts_at == local
    assert slot.clinic.local(slot.starts_at).isoformat() == f"2026-11-24T08:00:00{offset}"


async def test_by_ids_gives_taken_slots_too_and_leaves_out_unknown_ones(booking: Booking) -> None:
    slot_id = await booking.one_slot()
    await booking.book(make_principal(), slot_id)
    found = await booking.slots.by_ids(None, ids=[slot_id, SlotId(uuid7())])
    assert list(found) == [slot_id]
