"""Moving, extending, letting go and coming: each all or nothing, on both engines."""

import asyncio
from datetime import timedelta

import pytest
from sqlmodel import col, select
from uuid_utils.compat import uuid7

from backend.booking.entitlement_tables import ReferralRow
from backend.booking.errors import (
    AppointmentNotFound,
    BookingRefusal,
    CancelTooLate,
    ChannelQuotaUsedUp,
    CheckInClosed,
    HoldExpired,
    HoldNotExtendable,
    HoldNotFound,
    OtherSpecialty,
    ReferralRequired,
    ReferralUsed,
    SlotNotReleased,
    SlotTaken,
    SlotWithdrawn,
)
from backend.booking.states import AppointmentStatus
from backend.booking.tables import ScheduleQuotaRow, SlotRow, SpecialtyRow
from backend.booking.terms import BookingTerms
from backend.booking.values import AppointmentId, Channel, SlotId
from backend.database import Database
from notifications.delivery_tables import PlannedRow
from tests.factories.booking import DENTIST, Booking, citizens
from tests.factories.people import NOW

SOON, LATER, LATEST = (NOW + timedelta(days=days) for days in (3, 4, 5))
HELD, CONFIRMED, RELEASED = AppointmentStatus.HELD, AppointmentStatus.CONFIRMED, AppointmentStatus.RELEASED


async def three_slots(booking: Booking) -> list[SlotId]:
    return await booking.registry.add_slots(await booking.one_place(), [SOON, LATER, LATEST])


async def test_a_moved_appointment_keeps_its_id_and_its_old_place_is_free(booking: Booking) -> None:
    first, second, _ = await three_slots(booking)
    anna, boris = citizens(2)
    visit = await booking.book(anna, first)
    moved = await booking.move(anna, visit, second)
    assert (moved.id, moved.slot.id, moved.status, moved.sequence) == (visit, second, CONFIRMED, 1)
    assert await booking.statuses() == [CONFIRMED, RELEASED]
    assert await booking.events(anna, visit) == ["held", "booked", "moved"]
    await booking.book(boris, first)
    told = [kind for person, kind in await booking.told() if person == anna.person_id]
    assert told == ["appointment_booked", "appointment_moved"]


async def test_the_reminder_moves_with_the_appointment(booking: Booking) -> None:
    first, second, _ = await three_slots(booking)
    (anna,) = citizens(1)
    visit = await booking.book(anna, first)
    await booking.move(anna, visit, second)
    async with booking.database.reading() as session:
        due = (await session.exec(select(col(PlannedRow.due_at)))).all()
    assert list(due) == [LATER - timedelta(days=1)]


async def test_whoever_is_beaten_to_the_new_place_keeps_the_old_one(booking: Booking) -> None:
    first, second, _ = await three_slots(booking)
    anna, boris = citizens(2)
    visit = await booking.book(anna, first)
    await booking.book(boris, second)
    with pytest.raises(SlotTaken):
        await booking.move(anna, visit, second)
    assert (await booking.find(anna, visit)).slot.id == first


async def test_two_who_change_places_cannot_both_lose(booking: Booking) -> None:
    """Both hold what the other has given nothing up for: neither can, and both keep what they have."""
    first, second, third = await three_slots(booking)
    anna, boris = citizens(2)
    hers, his = await booking.book(anna, first), await booking.book(boris, second)
    outcomes = await asyncio.gather(
        booking.move(anna, hers, second), booking.move(boris, his, first), return_exceptions=True
    )
    assert [type(one) for one in outcomes] == [SlotTaken, SlotTaken]
    assert (await booking.move(anna, hers, third)).slot.id == third
    assert (await booking.move(boris, his, first)).slot.id == first


async def test_a_hold_serves_only_what_it_was_taken_for(booking: Booking) -> None:
    first, second, _ = await three_slots(booking)
    teeth = await booking.one_slot(at=LATEST, specialty=DENTIST)
    anna, boris = citizens(2)
    visit = await booking.book(anna, first)
    with pytest.raises(OtherSpecialty):
        await booking.hold(anna, teeth, replaces=visit)
    plain = await booking.hold(anna, teeth)
    with pytest.raises(HoldNotFound):
        await booking.move_to(anna, visit, plain)
    with pytest.raises(AppointmentNotFound):
        await booking.hold(boris, second, replaces=visit)
    hold = await booking.hold(anna, second, replaces=visit)
    with pytest.raises(BookingRefusal) as refused:
        await booking.book_held(anna, hold)
    assert refused.value.code == "DUPLICATE_SPECIALTY"
    with pytest.raises(AppointmentNotFound):
        await booking.move_to(boris, visit, hold)
    booking.clock.advance(timedelta(minutes=5))
    with pytest.raises(HoldExpired):
        await booking.move_to(anna, visit, hold)
    assert (await booking.find(anna, visit)).slot.id == first


async def test_a_move_told_twice_is_made_once(booking: Booking) -> None:
    first, second, _ = await three_slots(booking)
    (anna,) = citizens(1)
    visit, key = await booking.book(anna, first), uuid7()
    hold = await booking.hold(anna, second, replaces=visit)
    asked = [
        await booking.appointments.reschedule_appointment(
            anna, person_id=anna.person_id, appointment_id=visit, hold_id=hold, idempotency_key=key
        )
        for _ in range(2)
    ]
    assert [one.replayed for one in asked] == [False, True]
    assert [one.value.sequence for one in asked] == [1, 1]


async def test_a_cut_off_binds_the_person(database: Database) -> None:
    booking = Booking(database, terms=BookingTerms(cut_off=timedelta(hours=2)))
    first, second, _ = await three_slots(booking)
    (anna,) = citizens(1)
    visit = await booking.book(anna, first)
    hold = await booking.hold(anna, second, replaces=visit)
    booking.clock.set(SOON - timedelta(hours=2))
    for act in (booking.cancel(anna, visit), booking.hold(anna, second, replaces=visit)):
        with pytest.raises(CancelTooLate):
            await act
    with pytest.raises(CancelTooLate):
        await booking.move_to(anna, visit, hold)
    assert (await booking.find(anna, visit)).status is CONFIRMED


async def test_a_hold_is_extended_once_and_let_go_at_once(booking: Booking) -> None:
    first, *_ = await three_slots(booking)
    anna, boris = citizens(2)
    hold = await booking.hold(anna, first)

    async def extend() -> timedelta:
        outcome = await booking.appointments.extend_hold(
            anna, person_id=anna.person_id, hold_id=hold, idempotency_key=uuid7()
        )
        return outcome.value.expires_at - NOW

    assert await extend() == timedelta(minutes=10)
    with pytest.raises(HoldNotExtendable):
        await extend()
    booking.clock.advance(timedelta(minutes=9))
    with pytest.raises(SlotTaken):
        await booking.hold(boris, first)
    for _ in range(2):
        let_go = await booking.appointments.release_hold(
            anna, person_id=anna.person_id, hold_id=hold, idempotency_key=uuid7()
        )
        assert let_go.value.status is RELEASED
    await booking.hold(boris, first)
    with pytest.raises(HoldNotFound):
        await booking.appointments.release_hold(boris, person_id=boris.person_id, hold_id=hold, idempotency_key=uuid7())


@pytest.mark.parametrize(("before", "is_open"), [(61, False), (60, True), (0, True), (-10, True), (-11, False)])
async def test_one_checks_in_round_the_beginning(booking: Booking, before: int, is_open: bool) -> None:
    first, *_ = await three_slots(booking)
    (anna,) = citizens(1)
    visit = await booking.book(anna, first)
    booking.clock.set(SOON - timedelta(minutes=before))

    async def come() -> bool:
        there = await booking.appointments.check_in(
            anna, person_id=anna.person_id, appointment_id=visit, idempotency_key=uuid7()
        )
        return there.value.checked_in_at == SOON - timedelta(minutes=before)

    if is_open:
        assert await come()
        assert await come(), "a second time changes nothing"
        assert await booking.events(anna, visit) == ["held", "booked", "checked_in"]
    else:
        with pytest.raises(CheckInClosed):
            await come()


async def test_a_slot_is_given_out_from_its_release_and_not_after_its_withdrawal(booking: Booking) -> None:
    first, second, _ = await three_slots(booking)
    (anna,) = citizens(1)
    opens = NOW + timedelta(hours=8)
    async with booking.database.transaction() as session:
        (await session.get_one(SlotRow, first)).released_at = opens
        (await session.get_one(SlotRow, second)).channels = 0
    with pytest.raises(SlotNotReleased):
        await booking.hold(anna, first)
    with pytest.raises(SlotWithdrawn):
        await booking.hold(anna, second)
    booking.clock.set(opens)
    await booking.hold(anna, first)


@pytest.mark.parametrize("together", [False, True])
async def test_a_channel_gives_out_its_share_and_no_more(booking: Booking, *, together: bool) -> None:
    place = await booking.one_place()
    slots = await booking.registry.add_slots(place, [SOON + timedelta(minutes=15 * number) for number in range(4)])
    async with booking.database.transaction() as session:
        session.add(ScheduleQuotaRow(schedule_id=place.schedule_id, channel=Channel.APP, most=2))
    people = citizens(4)
    asked = [booking.hold(actor, slot) for actor, slot in zip(people, slots, strict=True)]
    outcomes: list[AppointmentId | BaseException] = []
    for some in [asked] if together else [[one] for one in asked]:
        outcomes += await asyncio.gather(*some, return_exceptions=True)
    assert [type(one) for one in outcomes if isinstance(one, Exception)] == [ChannelQuotaUsedUp] * 2
    (carla,) = citizens(1)
    left = next(slot for slot, one in zip(slots, outcomes, strict=True) if isinstance(one, ChannelQuotaUsedUp))
    await booking.hold(carla, left, channel=Channel.EPGU)
    booking.clock.advance(timedelta(minutes=5))
    await booking.hold(people[0], slots[1])


async def test_a_referral_serves_one_visit_and_moves_with_it(booking: Booking) -> None:
    first, second, third = await three_slots(booking)
    anna, boris = citizens(2)
    async with booking.database.transaction() as session:
        specialty = (await session.exec(select(SpecialtyRow))).one()
        specialty.direct_booking = False
        referral = ReferralRow(
            person_id=anna.person_id,
            number="R-1",
            specialty_id=specialty.id,
            issued_on=NOW.date(),
            expires_on=LATEST.date(),
            source="test",
            as_of=NOW,
        )
        session.add(referral)
        referral_id = referral.id
    with pytest.raises(ReferralRequired):
        await booking.hold(boris, third)
    with pytest.raises(ReferralRequired):
        await booking.hold(boris, third, referral_id=referral_id)
    visit = await booking.book(anna, first)
    assert (await booking.move(anna, visit, second)).slot.id == second
    [(shown, _)] = await booking.appointments.referrals(anna, person_id=anna.person_id)
    assert shown.used_by == visit
    booking.clock.set(LATER + timedelta(minutes=20))
    with pytest.raises(ReferralUsed):
        await booking.hold(anna, third)
