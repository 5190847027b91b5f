"""Who is offered what, for how long, and what comes of it; on both engines."""

import asyncio
from datetime import timedelta

import pytest
from sqlmodel import col, select
from uuid_utils.compat import uuid7

from backend.booking.errors import HoldExpired, HoldNotExtendable, SlotTaken
from backend.booking.states import AppointmentStatus
from backend.booking.tables import ClinicRow, SlotRow
from backend.booking.values import Registry, SlotId
from backend.waiting_list.errors import OfferNotFound
from backend.waiting_list.offering import Offering
from backend.waiting_list.values import EntryState, OfferOutcome
from identity.principal import Principal
from notifications.tables import NotificationRow
from tests.factories.booking import DENTIST, Place, citizens
from tests.factories.people import NOW
from tests.factories.waiting import WaitingRoom

DAY_AFTER = NOW + timedelta(days=1)
WAITING, OFFERED, PAUSED = EntryState.WAITING, EntryState.OFFERED, EntryState.PAUSED
BOOKED, EXPIRED, CANCELLED = EntryState.BOOKED, EntryState.EXPIRED, EntryState.CANCELLED


async def full_place(room: WaitingRoom, *, slots: int = 1) -> tuple[Place, list[SlotId]]:
    """Store a place of which every slot is booked by somebody who does not wait, and return it with its slots."""
    place = await room.booking.one_place()
    starts = [DAY_AFTER + timedelta(minutes=15 * number) for number in range(slots)]
    return place, await room.booking.registry.add_slots(place, starts)


async def test_a_freed_slot_goes_down_the_list_and_a_decline_keeps_the_place(room: WaitingRoom) -> None:
    """The whole story: the first declines and stays first, the second books."""
    place, (first, second) = await full_place(room, slots=2)
    carla, dora, anna, boris = citizens(4)
    visit, other = await room.booking.book(carla, first), await room.booking.book(dora, second)
    waits = await room.join(anna, place)
    await room.join(boris, place)
    assert await room.offering.look() == 0
    assert [(await room.entry(one)).ahead for one in (anna, boris)] == [0, 1]

    await room.booking.cancel(carla, visit)
    assert await room.offering.look() == 1
    assert await room.offered() == {first: anna.person_id}
    offer = (await room.entry(anna)).offer
    assert offer is not None
    assert (offer.slot.id, offer.expires_at) == (first, NOW + timedelta(minutes=30))
    assert room.booking.published[-1] == anna.person_id
    assert (anna.person_id, "waiting_list_offered") in await room.booking.told()
    with pytest.raises(SlotTaken):
        await room.booking.hold(boris, first)

    declined = await room.act("decline", anna, waits)
    assert (declined.state, declined.ahead) == (WAITING, 0)
    assert await room.offering.look() == 1
    assert await room.offered() == {first: boris.person_id}
    taken = (await room.entry(boris)).offer
    assert taken is not None
    await room.booking.book_held(boris, taken.id)
    assert await room.states([anna, boris]) == [WAITING, BOOKED]
    assert (await room.rows())[boris.person_id].state is BOOKED

    await room.booking.cancel(dora, other)
    assert await room.offering.look() == 1
    assert await room.offered() == {second: anna.person_id}
    assert await room.outcomes() == [OfferOutcome.DECLINED, OfferOutcome.ACCEPTED, OfferOutcome.OPEN]


async def test_an_offer_ends_by_the_clock_and_the_slot_goes_on(room: WaitingRoom) -> None:
    place, (slot,) = await full_place(room)
    anna, boris, carla = citizens(3)
    for one in (anna, boris):
        await room.join(one, place)
    await room.offering.look()
    held = (await room.entry(anna)).offer
    assert held is not None
    room.clock.advance(timedelta(minutes=30))
    assert await room.states([anna]) == [WAITING], "the clock itself ends it"
    with pytest.raises(HoldExpired):
        await room.booking.book_held(anna, held.id)
    assert await room.offering.look() == 1
    assert await room.offered() == {slot: boris.person_id}
    room.clock.advance(timedelta(minutes=30))
    assert await room.offering.look() == 0, "nobody is offered the same slot twice"
    assert await room.outcomes() == [OfferOutcome.EXPIRED, OfferOutcome.EXPIRED]
    await room.booking.book(carla, slot)


async def test_whoever_never_answers_is_asked_no_more_until_they_say_so(room: WaitingRoom) -> None:
    place, _ = await full_place(room, slots=3)
    (anna,) = citizens(1)
    waits = await room.join(anna, place)
    for state in (WAITING, PAUSED):
        assert await room.offering.look() == 1
        room.clock.advance(timedelta(minutes=30))
        assert await room.states([anna]) == [state]
    assert await room.offering.look() == 0
    assert (await room.rows())[anna.person_id].state is PAUSED
    assert (await room.act("resume", anna, waits)).state is WAITING
    assert await room.offering.look() == 1


async def test_an_offer_cannot_be_extended_and_a_release_declines_it(room: WaitingRoom) -> None:
    place, (slot,) = await full_place(room)
    anna, boris = citizens(2)
    await room.join(anna, place)
    await room.join(boris, place)
    await room.offering.look()
    offer = (await room.entry(anna)).offer
    assert offer is not None
    holds = room.booking.appointments
    with pytest.raises(HoldNotExtendable):
        await holds.extend_hold(anna, person_id=anna.person_id, hold_id=offer.id, idempotency_key=uuid7())
    await holds.release_hold(anna, person_id=anna.person_id, hold_id=offer.id, idempotency_key=uuid7())
    assert await room.states([anna]) == [WAITING]
    assert await room.offering.look() == 1
    assert await room.offered() == {slot: boris.person_id}
    assert await room.outcomes() == [OfferOutcome.DECLINED, OfferOutcome.OPEN]


async def test_whoever_cannot_take_the_slot_is_passed_over_and_keeps_the_place(room: WaitingRoom) -> None:
    place, (slot, later) = await full_place(room, slots=2)
    teeth = await room.booking.one_slot(at=DAY_AFTER, specialty=DENTIST)
    anna, boris, carla = citizens(3)
    await room.booking.book(carla, later)
    await room.join(anna, place)
    await room.join(boris, place)
    await room.booking.book(anna, teeth)  # at the very time of the slot
    assert await room.offering.look() == 1
    assert await room.offered() == {slot: boris.person_id}
    assert [(await room.entry(one)).ahead for one in (anna, boris)] == [0, 1]


async def test_whoever_pauses_is_offered_nothing_and_keeps_the_place(room: WaitingRoom) -> None:
    place, (slot,) = await full_place(room)
    anna, boris = citizens(2)
    waits = await room.join(anna, place)
    await room.join(boris, place)
    assert (await room.act("pause", anna, waits)).state is PAUSED
    assert (await room.entry(boris)).ahead == 0
    await room.offering.look()
    assert await room.offered() == {slot: boris.person_id}
    assert (await room.act("resume", anna, waits)).ahead == 0
    assert (await room.entry(boris)).ahead == 1


@pytest.mark.parametrize("act", ["pause", "leave"])
async def test_whoever_goes_lets_the_offer_go_to_the_next(room: WaitingRoom, act: str) -> None:
    place, (slot,) = await full_place(room)
    anna, boris = citizens(2)
    waits = await room.join(anna, place)
    await room.join(boris, place)
    await room.offering.look()
    await room.act(act, anna, waits)
    assert await room.offering.look() == 1
    assert await room.offered() == {slot: boris.person_id}
    with pytest.raises(OfferNotFound):
        await room.act("decline", anna, waits)


async def test_one_open_offer_at_a_time(room: WaitingRoom) -> None:
    place, (first, second) = await full_place(room, slots=2)
    anna, boris = citizens(2)
    await room.join(anna, place)
    assert await room.offering.look() == 1
    assert await room.offered() == {first: anna.person_id}
    await room.join(boris, place)
    assert await room.offering.look() == 1
    assert await room.offered() == {first: anna.person_id, second: boris.person_id}


async def test_two_looks_at_once_make_one_offer(room: WaitingRoom) -> None:
    place, (slot,) = await full_place(room)
    people = citizens(4)
    for one in people:
        await room.join(one, place)
    made = await asyncio.gather(*(room.offering.look() for _ in range(4)))
    assert sum(made) == 1
    assert await room.offered() == {slot: people[0].person_id}
    assert await room.booking.statuses() == [AppointmentStatus.HELD]


async def test_slots_of_clinics_that_keep_their_own_or_are_not_given_out_are_not_offered(room: WaitingRoom) -> None:
    place, (slot,) = await full_place(room)
    (anna,) = citizens(1)
    await room.join(anna, place)
    async with room.database.transaction() as session:
        (await session.get_one(SlotRow, slot)).released_at = NOW + timedelta(hours=1)
    assert await room.offering.look() == 0
    room.clock.advance(timedelta(hours=1))
    async with room.database.transaction() as session:
        (await session.get_one(ClinicRow, place.clinic_id)).kept_by = Registry.FER
    assert await room.offering.look() == 0
    async with room.database.transaction() as session:
        (await session.get_one(ClinicRow, place.clinic_id)).kept_by = Registry.OWN
    assert await room.offering.look() == 1


async def test_an_entry_ends_with_its_last_day_by_the_clock_of_the_clinic(room: WaitingRoom) -> None:
    place = await room.booking.one_place(time_zone="Asia/Kamchatka")
    (anna,) = citizens(1)
    await room.join(anna, place, last_day=NOW.astimezone().date())
    room.clock.set(NOW.replace(hour=11, minute=59))  # 23:59 in Kamchatka
    assert await room.states([anna]) == [WAITING]
    room.clock.set(NOW.replace(hour=12))
    assert await room.states([anna]) == [EXPIRED]
    await room.offering.look()
    assert (await room.rows())[anna.person_id].state is EXPIRED


async def test_a_message_says_until_when_by_the_clock_of_the_clinic(room: WaitingRoom) -> None:
    place, _ = await full_place(room)
    (anna,) = citizens(1)
    await room.join(anna, place)
    await room.offering.look()
    async with room.database.reading() as session:
        told = (await session.exec(select(NotificationRow).order_by(col(NotificationRow.id)))).all()
    assert [one.parameters["deadline_at"] for one in told] == ["2026-11-22T09:30:00+03:00"]


async def test_a_slot_that_somebody_takes_first_is_offered_to_nobody(room: WaitingRoom) -> None:
    """Between its release and the look a slot is free for all: fairness is among those who wait."""
    place, (slot,) = await full_place(room)
    anna, boris = citizens(2)
    await room.join(anna, place)

    async def take(actor: Principal) -> None:
        await room.booking.hold(actor, slot)

    outcomes = await asyncio.gather(take(boris), room.offering.look(), return_exceptions=True)
    offered = await room.offered()
    assert (outcomes[0] is None) != (slot in offered), "one of them has it"
    assert await room.booking.statuses() == [AppointmentStatus.HELD]


async def test_a_long_list_of_slots_is_gone_through_look_by_look(room: WaitingRoom) -> None:
    offering = Offering(
        database=room.database,
        clock=room.clock,
        booking_terms=room.booking.terms,
        published=room.booking.published.append,
        slots_a_look=2,
    )
    place, slots = await full_place(room, slots=5)
    (anna,) = citizens(1)
    from_hour = (DAY_AFTER + timedelta(hours=4)).time().replace(tzinfo=None)  # 10:00 in Moscow: the last slot alone
    await room.join(anna, place, hours_from=from_hour)
    assert [await offering.look() for _ in range(3)] == [0, 0, 1]
    assert await room.offered() == {slots[-1]: anna.person_id}
