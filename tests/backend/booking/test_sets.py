"""Several appointments together or not at all, in our registry and in others; nothing is left over."""

import asyncio
from collections import deque
from contextlib import suppress
from datetime import timedelta
from itertools import combinations
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from uuid_utils.compat import uuid7

from backend.booking.errors import (
    AppointmentNotFound,
    BookingRefusal,
    DuplicateSpecialty,
    HoldExpired,
    HoldNotFound,
    SlotTaken,
)
from backend.booking.outside_queries import FIRST_PAUSE, LONGEST_PAUSE
from backend.booking.states import AppointmentStatus, SetStatus
from backend.booking.values import (
    AppointmentId,
    AppointmentSet,
    Registry,
    SlotId,
)
from backend.clock import SettableClock
from backend.database import Database
from identity.principal import Principal
from tests.factories.booking import Booking, empty
from tests.factories.outside import PaperRegistry, Trouble, keep_outside
from tests.factories.people import NOW, add_person, make_principal

CONFIRMED, RELEASED = AppointmentStatus.CONFIRMED, AppointmentStatus.RELEASED
OURS = ("dentist", "surgeon")
THEIRS = ("cardiologist", "neurologist")


class House:
    """Two clinics of ours and two of others, each of a specialty of its own and with a few slots."""

    def __init__(self, database: Database) -> None:
        self.clock = SettableClock(NOW)
        self.paper = PaperRegistry(self.clock)
        self.booking = Booking(database, self.clock, registries={Registry.FER: self.paper})
        self.slots: dict[str, list[SlotId]] = {}

    async def open(self) -> None:
        for number, specialty in enumerate((*OURS, *THEIRS)):
            starts = [NOW + timedelta(days=day, hours=number) for day in (1, 2, 3)]
            place = await self.booking.one_place(specialty=specialty)
            self.slots[specialty] = await self.booking.registry.add_slots(place, starts)
            if specialty in THEIRS:
                await keep_outside(self.booking.database, self.paper, place, starts)
        self.anna = make_principal(await add_person(self.booking.database))

    async def hold(self, specialty: str, number: int = 0) -> AppointmentId:
        return await self.booking.hold(self.anna, self.slots[specialty][number])

    async def book(self, *holds: AppointmentId, actor: Principal | None = None) -> AppointmentSet:
        actor = actor or self.anna
        outcome = await self.booking.appointments.book_appointments(
            actor, person_id=actor.person_id, hold_ids=holds, idempotency_key=uuid7()
        )
        return outcome.value

    async def find(self, set_id: UUID) -> AppointmentSet:
        return await self.booking.appointments.appointment_set(self.anna, person_id=self.anna.person_id, set_id=set_id)

    async def reconcile(self) -> None:
        self.clock.advance(LONGEST_PAUSE)
        await self.booking.appointments.outside.reconcile()

    async def told(self) -> list[str]:
        return sorted(kind for _, kind in await self.booking.told())


@pytest.fixture
async def house(database: Database) -> House:
    house = House(database)
    await house.open()
    return house


async def test_all_are_booked_in_every_registry(house: House) -> None:
    holds = [await house.hold(one) for one in (*OURS, *THEIRS)]
    booked = await house.book(*holds)
    assert booked.status is SetStatus.BOOKED
    assert {one.status for one in booked.appointments} == {CONFIRMED}
    assert [one.id for one in booked.appointments] == holds
    assert sorted(house.paper.booked.values()) == sorted(holds[2:])
    assert await house.told() == ["appointment_booked"] * 4


async def test_one_no_takes_back_everything(house: House) -> None:
    holds = [await house.hold(one) for one in (*OURS, *THEIRS)]
    house.paper.troubles = deque([Trouble.TAKEN])
    with pytest.raises(SlotTaken) as refused:
        await house.book(*holds)
    assert refused.value.about in holds[2:]
    assert house.paper.booked == {}
    assert await house.booking.statuses() == sorted(
        [RELEASED, RELEASED, AppointmentStatus.REFUSED, AppointmentStatus.CANCELLED]
    )
    assert await house.told() == [], "nothing was booked, and the person reads why at this moment"
    others = make_principal(await add_person(house.booking.database))
    await house.booking.hold(others, house.slots[OURS[0]][0])


async def test_what_is_ours_waits_for_the_answer_of_others(house: House) -> None:
    holds = [await house.hold(OURS[0]), await house.hold(THEIRS[0])]
    house.paper.troubles = deque([Trouble.LOST_AFTER])
    waiting = await house.book(*holds)
    assert waiting.status is SetStatus.PENDING
    assert [one.status for one in waiting.appointments] == [AppointmentStatus.PENDING, AppointmentStatus.UNKNOWN]
    assert [one.agreed_at is not None for one in waiting.appointments] == [True, False]
    house.clock.advance(timedelta(minutes=20))
    with pytest.raises(SlotTaken):
        await house.booking.hold(make_principal(), house.slots[OURS[0]][0])
    await house.reconcile()
    assert (await house.find(waiting.id)).status is SetStatus.BOOKED
    assert await house.told() == ["appointment_booked"] * 2


async def test_a_no_that_comes_later_is_told_once(house: House) -> None:
    holds = [await house.hold(one) for one in (OURS[0], *THEIRS)]
    house.paper.troubles = deque([Trouble.LOST_BEFORE, Trouble.LOST_BEFORE])
    waiting = await house.book(*holds)
    house.paper.strangers.update(house.paper.slots)
    await house.reconcile()
    ended = await house.find(waiting.id)
    assert (ended.status, ended.refused_with) == (SetStatus.REFUSED, "SLOT_TAKEN")
    assert await house.told() == ["appointment_not_confirmed"]


@pytest.mark.parametrize("spoilt", [0, 1])
async def test_what_cannot_be_booked_is_named_and_nothing_happens(house: House, spoilt: int) -> None:
    good, lost = await house.hold(OURS[0]), await house.hold(OURS[1])
    await house.booking.appointments.release_hold(
        house.anna, person_id=house.anna.person_id, hold_id=lost, idempotency_key=uuid7()
    )
    holds = [good, lost] if spoilt else [lost, good]
    with pytest.raises(BookingRefusal) as refused:
        await house.book(*holds)
    assert (type(refused.value), refused.value.about) == (HoldExpired, lost)
    assert await house.booking.statuses() == sorted([AppointmentStatus.HELD, RELEASED])
    assert house.paper.asked == []


async def test_holds_that_exclude_each_other_or_are_anothers_are_refused(house: House) -> None:
    twice = [await house.hold(OURS[0], 0), await house.hold(OURS[0], 1)]
    with pytest.raises(DuplicateSpecialty) as refused:
        await house.book(*twice)
    assert refused.value.about == twice[1]
    boris = make_principal(await add_person(house.booking.database))
    with pytest.raises(HoldNotFound):
        await house.book(twice[0], actor=boris)
    booked = await house.book(twice[0], twice[0])
    assert len(booked.appointments) == 1
    with pytest.raises(AppointmentNotFound):
        await house.booking.appointments.appointment_set(boris, person_id=boris.person_id, set_id=booked.id)


async def test_a_set_that_is_asked_for_twice_is_booked_once(house: House) -> None:
    holds, key = [await house.hold(OURS[0]), await house.hold(THEIRS[0])], uuid7()
    asked = [
        await house.booking.appointments.book_appointments(
            house.anna, person_id=house.anna.person_id, hold_ids=holds, idempotency_key=key
        )
        for _ in range(2)
    ]
    assert [one.replayed for one in asked] == [False, True]
    assert asked[0].value == asked[1].value
    assert len(house.paper.asked) == 1


async def test_two_sets_over_the_same_slots_do_not_share_them(house: House) -> None:
    """Whoever comes second has no hold to book; crossing orders do not block each other."""
    boris = make_principal(await add_person(house.booking.database))
    hers = [await house.hold(OURS[0]), await house.hold(OURS[1])]
    his = [await house.booking.hold(boris, house.slots[one][1]) for one in reversed(OURS)]
    both = await asyncio.gather(house.book(*hers), house.book(*his, actor=boris))
    assert [one.status for one in both] == [SetStatus.BOOKED] * 2
    assert not {one.slot.id for one in both[0].appointments} & {one.slot.id for one in both[1].appointments}


LOSSES = [one for one in Trouble if one is not Trouble.STANDS]


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    chosen=st.sampled_from([some for size in (2, 3, 4) for some in combinations((*OURS, *THEIRS), size)]),
    troubles=st.lists(st.sampled_from(LOSSES), max_size=4),
)
async def test_in_the_end_it_is_all_or_nothing(
    database: Database, chosen: tuple[str, ...], troubles: list[Trouble]
) -> None:
    await empty(database)
    house = House(database)
    await house.open()
    holds = [await house.hold(one) for one in chosen]
    house.paper.troubles = deque(troubles)
    with suppress(SlotTaken):
        await house.book(*holds)
    house.clock.advance(FIRST_PAUSE)
    for _ in range(4):
        await house.reconcile()
    found = await house.booking.appointments.history(house.anna, person_id=house.anna.person_id, limit=9)
    statuses = {one.id: one.status for one in found.items}
    outside = [hold for hold, one in zip(holds, chosen, strict=True) if one in THEIRS]
    if CONFIRMED in statuses.values():
        assert [statuses.get(hold) for hold in holds] == [CONFIRMED] * len(holds)
        assert sorted(house.paper.booked.values()) == sorted(outside)
    else:
        assert house.paper.booked == {}
        assert AppointmentStatus.REFUSED in statuses.values()
        assert "appointment_booked" not in await house.told()
