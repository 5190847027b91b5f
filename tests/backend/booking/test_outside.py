"""R57: a clinic with a registry of its own is asked until it has answered; never a false yes or no."""

import asyncio
from collections import deque
from datetime import timedelta

import pytest
from uuid_utils.compat import uuid7

from backend.booking.appointment_tables import AppointmentRow
from backend.booking.errors import AppointmentUnsettled, RegistryUnavailable, SlotTaken
from backend.booking.outside_queries import FIRST_PAUSE, LONGEST_PAUSE
from backend.booking.states import AppointmentStatus, CancelReason
from backend.booking.values import (
    Appointment,
    AppointmentId,
    Registry,
    SlotId,
)
from backend.clock import SettableClock
from backend.database import Database
from identity.principal import Principal
from tests.factories.booking import Booking
from tests.factories.outside import PaperRegistry, Trouble, outside_slots
from tests.factories.people import NOW, add_person, make_principal

SOON, LATER = NOW + timedelta(days=3), NOW + timedelta(days=4)
CONFIRMED, UNKNOWN = AppointmentStatus.CONFIRMED, AppointmentStatus.UNKNOWN


class House:
    """Services over a clinic that an outside registry keeps, with two slots, and one of our own."""

    def __init__(self, database: Database) -> None:
        self.clock = SettableClock(NOW)
        self.paper = PaperRegistry(self.clock)
        self.booking = Booking(database, self.clock, registries={Registry.FER: self.paper})

    async def open(self) -> list[SlotId]:
        self.first, self.second = await outside_slots(self.booking, self.paper, [SOON, LATER])
        self.own = await self.booking.one_slot(at=SOON + timedelta(hours=3))
        return [self.first, self.second]

    async def citizen(self) -> Principal:
        return make_principal(await add_person(self.booking.database))

    async def book(self, actor: Principal, slot: SlotId, *troubles: Trouble) -> Appointment:
        hold = await self.booking.hold(actor, slot)
        self.paper.troubles = deque(troubles)
        outcome = await self.booking.appointments.book_appointment(
            actor, person_id=actor.person_id, hold_id=hold, idempotency_key=uuid7()
        )
        return outcome.value

    async def cancel(self, actor: Principal, visit: AppointmentId, *troubles: Trouble) -> Appointment:
        self.paper.troubles = deque(troubles)
        outcome = await self.booking.appointments.cancel_appointment(
            actor,
            person_id=actor.person_id,
            appointment_id=visit,
            reason=CancelReason.PATIENT_DECLINE,
            idempotency_key=uuid7(),
        )
        return outcome.value

    async def reconcile(self) -> int:
        self.clock.advance(FIRST_PAUSE)
        return await self.booking.appointments.outside.reconcile()

    async def told(self, actor: Principal) -> list[str]:
        return [kind for person, kind in await self.booking.told() if person == actor.person_id]


@pytest.fixture
async def house(database: Database) -> House:
    house = House(database)
    await house.open()
    return house


async def test_what_the_clinic_books_is_confirmed_in_the_same_request(house: House) -> None:
    anna = await house.citizen()
    visit = await house.book(anna, house.first)
    assert visit.status is CONFIRMED
    assert list(house.paper.booked.values()) == [visit.id]
    assert await house.booking.events(anna, visit.id) == ["held", "asked", "booked"]
    assert await house.told(anna) == ["appointment_booked"]


@pytest.mark.parametrize("trouble", [Trouble.LOST_AFTER, Trouble.LOST_BEFORE])
async def test_an_answer_that_is_lost_is_asked_for_again_under_the_same_key(house: House, trouble: Trouble) -> None:
    anna = await house.citizen()
    visit = await house.book(anna, house.first, trouble)
    assert visit.status is UNKNOWN
    assert await house.told(anna) == []
    with pytest.raises(AppointmentUnsettled):
        await house.cancel(anna, visit.id)
    assert await house.booking.appointments.outside.reconcile() == 0, "its turn has not come"
    assert await house.reconcile() == 1
    assert (await house.booking.find(anna, visit.id)).status is CONFIRMED
    assert house.paper.asked == [("book", visit.id)] * 2
    assert list(house.paper.booked.values()) == [visit.id]
    assert await house.told(anna) == ["appointment_booked"]
    assert await house.reconcile() == 0


async def test_a_registry_that_nobody_here_speaks_with_leaves_the_question_open(house: House) -> None:
    """So it is where a process was started without an integration that another has."""
    anna = await house.citizen()
    hold = await house.booking.hold(anna, house.first)
    deaf = Booking(house.booking.database, house.clock)
    outcome = await deaf.appointments.book_appointment(
        anna, person_id=anna.person_id, hold_id=hold, idempotency_key=uuid7()
    )
    assert outcome.value.status is UNKNOWN
    assert house.paper.asked == []
    assert await house.reconcile() == 1
    assert (await house.booking.find(anna, hold)).status is CONFIRMED
    assert await house.told(anna) == ["appointment_booked"]


async def test_a_clear_no_is_told_with_alternatives_and_frees_the_slot(house: House) -> None:
    anna = await house.citizen()
    hold = await house.booking.hold(anna, house.first)
    house.paper.troubles = deque([Trouble.TAKEN])
    key = uuid7()
    for replayed in (False, True):
        with pytest.raises(SlotTaken) as refused:
            await house.booking.appointments.book_appointment(
                anna, person_id=anna.person_id, hold_id=hold, idempotency_key=key
            )
        assert house.second in {slot.id for slot in refused.value.alternatives}
        assert refused.value.replayed is replayed
    assert (await house.booking.find(anna, hold)).status is AppointmentStatus.REFUSED
    assert house.paper.asked == [("book", hold)], "a repeated request asks nobody anew"
    assert await house.told(anna) == [], "the person reads it at this moment"


async def test_a_no_that_comes_later_is_told_in_the_inbox(house: House) -> None:
    anna = await house.citizen()
    visit = await house.book(anna, house.first, Trouble.LOST_BEFORE)
    house.paper.strangers.update(house.paper.slots)
    await house.reconcile()
    assert (await house.booking.find(anna, visit.id)).status is AppointmentStatus.REFUSED
    assert await house.told(anna) == ["appointment_not_confirmed"]


async def test_a_slot_that_was_taken_elsewhere_is_not_even_held(house: House) -> None:
    anna = await house.citizen()
    house.paper.strangers.update(house.paper.slots)
    with pytest.raises(SlotTaken):
        await house.booking.hold(anna, house.first)
    house.paper.strangers.clear()
    house.paper.is_down = True
    with pytest.raises(RegistryUnavailable):
        await house.booking.hold(anna, house.first)
    assert await house.booking.statuses() == []
    house.paper.is_down = False
    await house.booking.hold(anna, house.first)


async def test_a_registry_that_is_away_is_asked_less_and_less_often(house: House) -> None:
    anna = await house.citizen()
    visit = await house.book(anna, house.first, Trouble.LOST_BEFORE)
    house.paper.is_down = True
    at: list[float] = []
    for _ in range(200):
        house.clock.advance(timedelta(seconds=10))
        if await house.booking.appointments.outside.reconcile():
            at.append((house.clock() - NOW).total_seconds())
    pauses = [later - earlier for earlier, later in zip([0.0, *at], at, strict=False)]
    assert pauses[:5] == [30, 60, 120, 240, 480]
    assert max(pauses) <= LONGEST_PAUSE.total_seconds()
    house.paper.is_down = False
    house.clock.advance(LONGEST_PAUSE)
    await house.booking.appointments.outside.reconcile()
    assert (await house.booking.find(anna, visit.id)).status is CONFIRMED


async def test_two_reconcilers_and_the_request_itself_tell_once(house: House) -> None:
    anna = await house.citizen()
    hold = await house.booking.hold(anna, house.first)
    house.paper.gate = asyncio.Event()
    asked = asyncio.create_task(house.booking.book_held(anna, hold))
    await house.paper.arrived.get()
    house.clock.advance(FIRST_PAUSE)
    outside = house.booking.appointments.outside
    sweeps = [asyncio.create_task(outside.reconcile()) for _ in range(2)]
    await house.paper.arrived.get()
    house.paper.gate.set()
    assert sorted(await asyncio.gather(*sweeps)) == [0, 1]
    assert await asked is CONFIRMED
    assert await house.told(anna) == ["appointment_booked"]
    assert await house.booking.events(anna, hold) == ["held", "asked", "booked"]


@pytest.mark.parametrize("trouble", [None, Trouble.LOST_BEFORE, Trouble.LOST_AFTER])
async def test_a_cancellation_is_settled_too(house: House, trouble: Trouble | None) -> None:
    anna = await house.citizen()
    visit = await house.book(anna, house.first)
    given_up = await house.cancel(anna, visit.id, *([trouble] if trouble else []))
    if trouble is not None:
        assert given_up.status is AppointmentStatus.CANCELLING
        assert await house.told(anna) == ["appointment_booked"]
        await house.reconcile()
    found = await house.booking.find(anna, visit.id)
    assert (found.status, found.cancel_reason) == (AppointmentStatus.CANCELLED, CancelReason.PATIENT_DECLINE)
    assert house.paper.booked == {}
    assert await house.told(anna) == ["appointment_booked", "appointment_cancelled"]


async def test_what_the_clinic_gives_up_no_more_stands(house: House) -> None:
    anna = await house.citizen()
    visit = await house.book(anna, house.first)
    stands = await house.cancel(anna, visit.id, Trouble.STANDS)
    assert (stands.status, stands.cancel_reason) == (CONFIRMED, None)
    assert list(house.paper.booked.values()) == [visit.id]


async def test_a_move_within_the_registry_keeps_the_old_place_until_the_new_one_is_sure(house: House) -> None:
    anna = await house.citizen()
    visit = await house.book(anna, house.first)
    hold = await house.booking.hold(anna, house.second, replaces=visit.id)
    house.paper.troubles = deque([Trouble.LOST_AFTER])
    waiting = await house.booking.move_to(anna, visit.id, hold)
    assert (waiting.slot.id, waiting.status) == (house.first, CONFIRMED)
    assert (await house.booking.find(anna, hold)).replaces_id == visit.id
    assert len(house.paper.booked) == 2, "the old place is kept"
    with pytest.raises(AppointmentUnsettled):
        await house.cancel(anna, visit.id)
    await house.reconcile()
    moved = await house.booking.find(anna, visit.id)
    assert (moved.slot.id, moved.status, moved.sequence) == (house.second, CONFIRMED, 1)
    assert list(house.paper.booked.values()) == [hold], "the key of the new place is that of its hold"
    assert (await house.booking.find(anna, hold)).status is AppointmentStatus.CANCELLED
    assert await house.told(anna) == ["appointment_booked", "appointment_moved"]
    given_up = await house.cancel(anna, visit.id)
    assert given_up.status is AppointmentStatus.CANCELLED
    assert house.paper.booked == {}


@pytest.mark.parametrize("outward", [True, False])
async def test_a_move_between_registries_leaves_one_booking(house: House, *, outward: bool) -> None:
    anna = await house.citizen()
    start, end = (house.own, house.first) if outward else (house.first, house.own)
    visit = await house.book(anna, start)
    moved = await house.booking.move(anna, visit.id, end)
    assert (moved.slot.id, moved.status, moved.sequence) == (end, CONFIRMED, 1)
    assert len(house.paper.booked) == int(outward)
    assert await house.told(anna) == ["appointment_booked", "appointment_moved"]


async def test_a_move_that_the_clinic_refuses_leaves_everything_as_it_was(house: House) -> None:
    anna = await house.citizen()
    visit = await house.book(anna, house.first)
    hold = await house.booking.hold(anna, house.second, replaces=visit.id)
    house.paper.troubles = deque([Trouble.TAKEN])
    with pytest.raises(SlotTaken):
        await house.booking.move_to(anna, visit.id, hold)
    stands = await house.booking.find(anna, visit.id)
    assert (stands.slot.id, stands.status, stands.sequence) == (house.first, CONFIRMED, 0)
    assert list(house.paper.booked.values()) == [visit.id]


async def test_an_old_place_that_the_clinic_keeps_is_an_appointment_of_its_own(house: House) -> None:
    anna = await house.citizen()
    visit = await house.book(anna, house.first)
    hold = await house.booking.hold(anna, house.own, replaces=visit.id)
    house.paper.troubles = deque([Trouble.STANDS])
    moved = await house.booking.move_to(anna, visit.id, hold)
    assert moved.slot.id == house.own
    kept = await house.booking.find(anna, hold)
    assert (kept.slot.id, kept.status) == (house.first, CONFIRMED)
    assert list(house.paper.booked.values()) == [visit.id]


async def test_a_process_that_dies_between_the_commit_and_the_question_loses_nothing(house: House) -> None:
    anna = await house.citizen()
    hold = await house.booking.hold(anna, house.first)
    async with house.booking.database.transaction() as session:
        row = await session.get_one(AppointmentRow, hold)
        row.status, row.registry_key, row.asked_at, row.tries = AppointmentStatus.PENDING, hold, house.clock(), 1
    await house.reconcile()
    assert (await house.booking.find(anna, hold)).status is CONFIRMED
