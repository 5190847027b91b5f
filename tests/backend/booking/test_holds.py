from datetime import timedelta

import pytest
from uuid_utils.compat import uuid7

from backend.booking.appointments import release_expired
from backend.booking.errors import (
    BookingRefusal,
    ChannelNotAllowed,
    HoldExpired,
    SlotInPast,
    SlotNotFound,
    SlotTaken,
    SlotTooFar,
    TimeOverlap,
)
from backend.booking.states import AppointmentStatus
from backend.booking.values import Channel, SlotId, channel_mask
from identity.principal import Principal
from tests.factories.booking import DENTIST, Booking, citizens
from tests.factories.people import NOW, make_principal

HELD, CONFIRMED = AppointmentStatus.HELD, AppointmentStatus.CONFIRMED
RELEASED = AppointmentStatus.RELEASED
SOON = NOW + timedelta(hours=3)
FIVE_MINUTES = timedelta(minutes=5)


async def test_a_taken_slot_is_refused_with_the_nearest_alternatives(booking: Booking) -> None:
    anna, boris = citizens(2)
    place = await booking.one_place()
    times = [SOON + timedelta(minutes=15 * n) for n in range(-4, 5)]
    ids = await booking.registry.add_slots(place, times)
    other_specialty = await booking.one_place(specialty=DENTIST)
    await booking.registry.add_slots(other_specialty, [SOON])
    await booking.book(anna, ids[4])
    await booking.hold(make_principal(), ids[5])
    with pytest.raises(SlotTaken) as refused:
        await booking.hold(boris, ids[4])
    assert [slot.id for slot in refused.value.alternatives] == [ids[3], ids[2], ids[6], ids[1], ids[7]]
    assert await booking.statuses() == [CONFIRMED, HELD]
    assert booking.published == [anna.person_id]


async def test_alternatives_leave_out_what_the_person_has_no_time_for(booking: Booking) -> None:
    anna, boris = citizens(2)
    ids = await booking.registry.add_slots(await booking.one_place(), [SOON, SOON + timedelta(minutes=15)])
    dentist = await booking.registry.add_slots(
        await booking.one_place(specialty=DENTIST), [SOON + timedelta(minutes=15)]
    )
    await booking.book(anna, ids[0])
    await booking.book(boris, dentist[0])
    with pytest.raises(SlotTaken) as refused:
        await booking.hold(boris, ids[0])
    assert refused.value.alternatives == ()


async def test_an_ended_hold_frees_the_slot_by_the_clock_alone(booking: Booking) -> None:
    anna, boris = citizens(2)
    slot_id = await booking.one_slot()
    await booking.hold(anna, slot_id)
    booking.clock.advance(FIVE_MINUTES - timedelta(microseconds=1))
    with pytest.raises(SlotTaken):
        await booking.hold(boris, slot_id)
    booking.clock.advance(timedelta(microseconds=1))
    await booking.book(boris, slot_id)
    assert await booking.statuses() == [CONFIRMED, RELEASED]


async def test_an_ended_hold_is_refused_with_the_same_slot_offered_first(booking: Booking, anna: Principal) -> None:
    ids = await booking.registry.add_slots(await booking.one_place(), [SOON, SOON + timedelta(minutes=15)])
    hold_id = await booking.hold(anna, ids[0])
    booking.clock.advance(FIVE_MINUTES)
    with pytest.raises(HoldExpired) as refused:
        await booking.book_held(anna, hold_id)
    assert [slot.id for slot in refused.value.alternatives] == ids
    assert (await booking.statuses(), await booking.told(), booking.published) == ([HELD], [], [])


async def test_a_hold_taken_over_by_another_is_expired_for_its_owner(booking: Booking) -> None:
    anna, boris = citizens(2)
    slot_id = await booking.one_slot()
    hold_id = await booking.hold(anna, slot_id)
    booking.clock.advance(FIVE_MINUTES)
    await booking.book(boris, slot_id)
    with pytest.raises(HoldExpired) as refused:
        await booking.book_held(anna, hold_id)
    assert refused.value.alternatives == ()
    assert await booking.told() == [(boris.person_id, "appointment_booked")]


async def test_housekeeping_releases_ended_holds_only(booking: Booking) -> None:
    place = await booking.one_place()
    ids = await booking.registry.add_slots(place, [SOON + timedelta(minutes=15 * n) for n in range(3)])
    anna, boris, vera = citizens(3)
    await booking.book(anna, ids[0])
    await booking.hold(boris, ids[1])
    booking.clock.advance(timedelta(minutes=1))
    await booking.hold(vera, ids[2])
    async with booking.database.transaction() as session:
        released = await release_expired(session, NOW + FIVE_MINUTES)
    assert released == 1
    assert await booking.statuses() == [CONFIRMED, HELD, RELEASED]


@pytest.mark.parametrize(
    ("at", "refusal"),
    [(NOW - timedelta(minutes=1), SlotInPast), (NOW, SlotInPast), (NOW + timedelta(days=14, seconds=1), SlotTooFar)],
)
async def test_refuses_past_and_too_far_slots(
    booking: Booking, anna: Principal, at: object, refusal: type[BookingRefusal]
) -> None:
    slot_id = await booking.one_slot(at=at)  # type: ignore[arg-type] # parametrised
    with pytest.raises(refusal):
        await booking.hold(anna, slot_id)
    assert await booking.statuses() == []


async def test_refuses_unknown_slots_and_closed_channels(booking: Booking, anna: Principal) -> None:
    for_registry = await booking.registry.add_slots(
        await booking.one_place(), [SOON], channels=channel_mask([Channel.REGISTRY])
    )
    with pytest.raises(SlotNotFound):
        await booking.hold(anna, SlotId(uuid7()))
    with pytest.raises(ChannelNotAllowed):
        await booking.hold(anna, for_registry[0])
    with pytest.raises(ChannelNotAllowed):
        await booking.hold(anna, for_registry[0], channel=Channel.REGISTRY)
    assert await booking.statuses() == []


async def test_holding_again_gives_the_hold_one_has_with_the_end_it_had(booking: Booking, anna: Principal) -> None:
    slot_id = await booking.one_slot(at=SOON)
    first = await booking.hold(anna, slot_id)
    booking.clock.advance(timedelta(minutes=2))
    assert await booking.hold(anna, slot_id) == first
    assert await booking.statuses() == [HELD]
    booking.clock.advance(timedelta(minutes=3))
    assert await booking.hold(anna, slot_id) != first
    assert await booking.statuses() == [HELD, RELEASED]


async def test_refuses_two_slots_at_one_time_in_whatever_clinic(booking: Booking, anna: Principal) -> None:
    first = await booking.one_slot(at=SOON)
    second = await booking.one_slot(at=SOON + timedelta(minutes=10), specialty=DENTIST)
    after = await booking.registry.add_slots(
        await booking.one_place(specialty="surgeon"), [SOON + timedelta(minutes=25)]
    )
    await booking.hold(anna, first)
    with pytest.raises(TimeOverlap):
        await booking.hold(anna, second)
    await booking.hold(anna, after[0])
    assert await booking.statuses() == [HELD, HELD]
