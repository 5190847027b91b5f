"""What we keep of outside registries' free times, on both engines."""

import asyncio
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlmodel import col

from backend.booking.appointment_tables import AppointmentRow
from backend.booking.outside_schedules import OUTSIDE_CHANNELS, OutsideSchedules, Synced
from backend.booking.ports import OutsideSlot
from backend.booking.states import AppointmentStatus
from backend.booking.tables import (
    ClinicRow,
    PostRow,
    ScheduleRow,
    SlotRow,
)
from backend.booking.values import (
    Channel,
    Registry,
    SlotCriteria,
    SlotId,
)
from backend.database import Database
from identity.principal import Principal
from tests.factories.booking import Booking, Place
from tests.factories.outside_clinics import TOMORROW, Telling, outside
from tests.factories.people import NOW, add_person, make_principal

EIGHT, NINE, TEN = outside("8", 8), outside("9", 9), outside("10", 10)


@dataclass
class Copy:
    """The copy, what is told, and what is kept of it."""

    booking: Booking
    registry: Telling
    schedules: OutsideSchedules

    async def add_post(self, key: str = "one", **clinic: Any) -> Place:
        """Store a clinic of the outside registry with one post."""
        place = await self.booking.one_place(**clinic)
        kept_by = update(ClinicRow).where(col(ClinicRow.id) == place.clinic_id).values(kept_by=Registry.FER)
        named = update(PostRow).where(col(PostRow.doctor_id) == place.doctor_id).values(resource_key=key)
        await self.run(kept_by, named)
        return place

    async def people(self, count: int) -> list[Principal]:
        """Return so many citizens whom the registry can look up."""
        return [make_principal(await add_person(self.booking.database)) for _ in range(count)]

    async def run(self, *statements: Any) -> None:
        async with self.booking.database.transaction() as session:
            for statement in statements:
                await (await session.connection()).execute(statement)

    async def tell(self, *slots: OutsideSlot, at: datetime = NOW) -> Synced:
        """Let the registry tell these of the one post, and keep them."""
        self.booking.clock.set(max(at, self.booking.clock()))
        self.registry.slots["one"], self.registry.as_of = list(slots), at
        return await self.schedules.sync()

    async def kept(self) -> list[tuple[str | None, datetime, bool, datetime | None]]:
        """Return name, start, whether given out, and when last seen, by start."""
        wanted = select(
            col(SlotRow.external_id), col(SlotRow.starts_at), col(SlotRow.channels) != 0, col(SlotRow.as_of)
        ).order_by(col(SlotRow.starts_at))
        async with self.booking.database.reading() as session:
            return [(row[0], row[1], row[2], row[3]) for row in await (await session.connection()).execute(wanted)]

    async def free(self) -> list[datetime]:
        """Return the starts that a citizen finds."""
        page = await self.booking.slots.search(None, criteria=SlotCriteria(), limit=50)
        return [one.starts_at for one in page.items]

    async def slot_id(self, slot: OutsideSlot) -> SlotId:
        wanted = select(col(SlotRow.id)).where(col(SlotRow.starts_at) == slot.starts_at)
        async with self.booking.database.reading() as session:
            return SlotId((await (await session.connection()).execute(wanted)).scalar_one())


@pytest.fixture
def copy(database: Database) -> Copy:
    registry = Telling()
    booking = Booking(database, registries={Registry.FER: registry})
    schedules = OutsideSchedules(
        database=booking.database, clock=booking.clock, registries={Registry.FER: registry}, at_once=2
    )
    return Copy(booking, registry, schedules)


async def test_what_is_told_is_found_with_its_reception_and_when_it_was_told(copy: Copy) -> None:
    place = await copy.add_post()
    assert await copy.tell(NINE, EIGHT, outside("past", 8, day=NOW.date())) == Synced(asked=1, untold=0)
    assert copy.registry.asked == [("one", TOMORROW - timedelta(days=1), TOMORROW + timedelta(days=12))]
    assert await copy.kept() == [("8", EIGHT.starts_at, True, NOW), ("9", NINE.starts_at, True, NOW)]
    assert await copy.free() == [EIGHT.starts_at, NINE.starts_at]
    wanted = select(col(ScheduleRow.opens), col(ScheduleRow.closes), col(ScheduleRow.slot_minutes))
    async with copy.booking.database.reading() as session:
        rows = (await (await session.connection()).execute(wanted.where(col(ScheduleRow.day) == TOMORROW))).all()
        channels = (await (await session.connection()).execute(select(col(SlotRow.channels)).distinct())).scalars()
        assert list(channels) == [OUTSIDE_CHANNELS]
    assert [tuple(row) for row in rows] == [(time(8), time(9, 20), 20)]
    assert not OUTSIDE_CHANNELS & (Channel.EPGU.bit | Channel.REGISTRY.bit)
    assert place.schedule_id is not None


async def test_a_reception_grows_with_its_times_and_stays_one(copy: Copy) -> None:
    await copy.add_post()
    for slots in ([NINE], [EIGHT, NINE], [TEN], [EIGHT, NINE, TEN]):
        await copy.tell(*slots)
    wanted = select(col(ScheduleRow.opens), col(ScheduleRow.closes)).where(col(ScheduleRow.day) == TOMORROW)
    async with copy.booking.database.reading() as session:
        rows = (await (await session.connection()).execute(wanted)).all()
    assert [tuple(row) for row in rows] == [(time(8), time(10, 20))]
    assert await copy.free() == [one.starts_at for one in (EIGHT, NINE, TEN)]


async def test_what_is_not_told_any_more_is_not_given_out_and_comes_back_when_it_is(copy: Copy) -> None:
    await copy.add_post()
    later, last = NOW + timedelta(minutes=5), NOW + timedelta(minutes=10)
    await copy.tell(EIGHT, NINE)
    await copy.tell(NINE, at=later)
    assert await copy.kept() == [("8", EIGHT.starts_at, False, NOW), ("9", NINE.starts_at, True, later)]
    assert await copy.free() == [NINE.starts_at]
    await copy.tell(EIGHT, at=last)
    assert await copy.free() == [EIGHT.starts_at]
    await copy.tell(at=last)
    assert await copy.free() == []


async def test_a_registry_that_is_silent_leaves_what_there_is_as_of_then(copy: Copy) -> None:
    await copy.add_post()
    await copy.add_post("two")
    copy.registry.slots["two"] = [outside("b", 11)]
    await copy.tell(EIGHT)
    copy.registry.silent = {"one"}
    assert await copy.tell(at=NOW + timedelta(minutes=5)) == Synced(asked=2, untold=1)
    kept = {name: as_of for name, _, _, as_of in await copy.kept()}
    assert kept == {"8": NOW, "b": NOW + timedelta(minutes=5)}
    assert len(await copy.free()) == 2


async def test_an_answer_that_was_overtaken_is_not_written(copy: Copy) -> None:
    await copy.add_post()
    await copy.tell(EIGHT, at=NOW + timedelta(minutes=5))
    await copy.tell(NINE, at=NOW)
    await copy.tell(at=NOW)
    assert await copy.free() == [EIGHT.starts_at]


async def test_what_ours_have_booked_stays_as_it_is_and_what_they_hold_is_withdrawn(copy: Copy) -> None:
    await copy.add_post()
    await copy.tell(EIGHT, NINE)
    anna, boris = await copy.people(2)
    await copy.booking.book(anna, await copy.slot_id(EIGHT))
    await copy.booking.hold(boris, await copy.slot_id(NINE))
    await copy.tell(outside("new-8", 8), outside("8", 11), at=NOW + timedelta(minutes=1))
    assert [(name, is_given_out) for name, _, is_given_out, _ in await copy.kept()] == [("8", True), ("9", False)]
    assert await copy.free() == []
    assert await copy.booking.statuses() == [AppointmentStatus.CONFIRMED, AppointmentStatus.HELD]


@pytest.mark.parametrize("status", [AppointmentStatus.PENDING, AppointmentStatus.UNKNOWN, AppointmentStatus.CANCELLING])
async def test_what_ours_may_have_booked_keeps_the_name_to_ask_by(copy: Copy, status: AppointmentStatus) -> None:
    await copy.add_post()
    await copy.tell(EIGHT)
    await copy.booking.book((await copy.people(1))[0], await copy.slot_id(EIGHT))
    await copy.run(update(AppointmentRow).values(status=status))
    await copy.tell(outside("other", 8), outside("8", 12), at=NOW + timedelta(minutes=1))
    assert await copy.kept() == [("8", EIGHT.starts_at, True, NOW)]


async def test_a_time_told_under_another_name_is_the_same_slot_and_names_may_be_exchanged(copy: Copy) -> None:
    await copy.add_post()
    await copy.tell(EIGHT, NINE)
    first, second = await copy.slot_id(EIGHT), await copy.slot_id(NINE)
    await copy.tell(outside("9", 8, room="7"), outside("8", 9))
    assert [(name, start) for name, start, _, _ in await copy.kept()] == [("9", EIGHT.starts_at), ("8", NINE.starts_at)]
    assert (await copy.slot_id(EIGHT), await copy.slot_id(NINE)) == (first, second)
    await copy.tell(outside("8", 10))
    assert [(name, given_out) for name, _, given_out, _ in await copy.kept()] == [
        ("9", False),
        (None, False),
        ("8", True),
    ]


async def test_a_doctor_is_not_offered_at_two_clinics_at_once(copy: Copy) -> None:
    place = await copy.add_post()
    ours = await copy.booking.one_place(specialty="dentist")
    await copy.booking.registry.add_slots(
        Place(ours.clinic_id, place.doctor_id, ours.specialty_id, ours.schedule_id), [EIGHT.starts_at]
    )
    assert await copy.tell(EIGHT, NINE) == Synced(1, 0)
    assert [(name, start) for name, start, _, _ in await copy.kept()] == [
        (None, EIGHT.starts_at),
        ("9", NINE.starts_at),
    ]


async def test_posts_of_our_own_and_registries_nobody_joined_are_not_asked(copy: Copy) -> None:
    booking = copy.booking
    ours = await booking.one_place()
    place = await copy.add_post()
    wanted = select(col(PostRow.doctor_id), col(PostRow.id))
    async with booking.database.reading() as session:
        posts = {row[0]: row[1] for row in await (await session.connection()).execute(wanted)}
    assert not await copy.schedules.sync_post(posts[ours.doctor_id])
    unjoined = OutsideSchedules(database=booking.database, clock=booking.clock, registries={})
    assert await unjoined.sync() == Synced(asked=1, untold=1)
    assert copy.registry.asked == []
    copy.registry.slots["one"] = [EIGHT]
    assert await copy.schedules.sync_post(posts[place.doctor_id])
    assert await copy.free() == [EIGHT.starts_at]


async def test_fresh_copies_are_not_asked_for_and_so_many_at_once_at_most(copy: Copy) -> None:
    for key in "abcde":
        await copy.add_post(key)
    kept = OutsideSchedules(
        database=copy.booking.database,
        clock=copy.booking.clock,
        registries={Registry.FER: copy.registry},
        fresh_for=timedelta(minutes=5),
        at_once=2,
    )
    copy.registry.silent = {"a"}
    assert await kept.sync() == Synced(5, 1)
    assert await kept.sync() == Synced(1, 1)
    assert copy.registry.most_at_once == 2
    copy.booking.clock.advance(timedelta(minutes=6))
    copy.registry.as_of = copy.booking.clock()
    assert await kept.sync() == Synced(5, 1)


async def test_two_who_keep_the_copy_at_once_keep_one(copy: Copy, database: Database) -> None:
    await copy.add_post()
    copy.registry.slots["one"] = [
        outside(f"{hour}:{minute}", hour, minute) for hour in range(8, 14) for minute in (0, 20, 40)
    ]
    others = [
        OutsideSchedules(database=database, clock=copy.booking.clock, registries={Registry.FER: copy.registry})
        for _ in range(3)
    ]
    assert await asyncio.gather(*(one.sync() for one in others)) == [Synced(1, 0)] * 3
    assert len(await copy.kept()) == 18
    assert len(await copy.free()) == 18


async def test_people_who_hold_while_the_copy_is_kept_lose_nothing_and_take_nothing_twice(copy: Copy) -> None:
    await copy.add_post()
    slots = [outside(f"{hour}:{minute}", hour, minute) for hour in range(8, 11) for minute in (0, 20, 40)]
    await copy.tell(*slots)
    ids = [await copy.slot_id(one) for one in slots]
    people = await copy.people(len(ids))
    copy.registry.slots["one"] = slots[::2]
    outcomes = await asyncio.gather(
        *(copy.booking.book(person, slot_id) for person, slot_id in zip(people, ids, strict=True)),
        *(copy.schedules.sync() for _ in range(3)),
        return_exceptions=True,
    )
    assert [one for one in outcomes[len(ids) :] if one != Synced(1, 0)] == []
    booked = [one for one in outcomes[: len(ids)] if not isinstance(one, BaseException)]
    assert len(await copy.booking.statuses()) >= len(booked)
    assert await copy.free() == []
    await copy.tell(*slots, at=NOW + timedelta(minutes=1))
    assert len(await copy.free()) == len(slots) - len(booked)
