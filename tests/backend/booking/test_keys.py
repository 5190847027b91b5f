from datetime import timedelta

import pytest
from uuid_utils.compat import uuid7

from backend.booking.errors import SlotTaken
from backend.booking.states import AppointmentStatus, CancelReason
from backend.booking.values import Channel
from backend.idempotency import IdempotencyKeyReused
from identity.principal import Principal
from tests.factories.booking import Booking, citizens
from tests.factories.people import NOW

HELD = AppointmentStatus.HELD
CANCELLED = AppointmentStatus.CANCELLED
SOON = NOW + timedelta(hours=3)


async def test_a_repeated_key_gives_the_first_outcome_and_says_so(booking: Booking, anna: Principal) -> None:
    slot_id = await booking.one_slot()
    hold_key, book_key, cancel_key = uuid7(), uuid7(), uuid7()
    holds = [
        await booking.appointments.hold_slot(anna, person_id=anna.person_id, slot_id=slot_id, idempotency_key=hold_key)
        for _ in range(2)
    ]
    hold_id = holds[0].value.id
    booked = [
        await booking.appointments.book_appointment(
            anna, person_id=anna.person_id, hold_id=hold_id, idempotency_key=book_key
        )
        for _ in range(2)
    ]
    cancelled = [
        await booking.appointments.cancel_appointment(
            anna,
            person_id=anna.person_id,
            appointment_id=hold_id,
            reason=CancelReason.PATIENT_DECLINE,
            idempotency_key=cancel_key,
        )
        for _ in range(2)
    ]
    for first, again in (holds, booked, cancelled):
        assert (first.replayed, again.replayed) == (False, True)
        assert first.value == again.value
    assert await booking.statuses() == [CANCELLED]
    assert len(await booking.told()) == len(booking.published) == 2


async def test_a_repeated_key_gives_the_first_refusal_with_its_alternatives(booking: Booking) -> None:
    anna, boris = citizens(2)
    ids = await booking.registry.add_slots(
        await booking.one_place(), [SOON + timedelta(minutes=15 * n) for n in range(3)]
    )
    appointment_id = await booking.book(anna, ids[0])
    key, refusals = uuid7(), []
    for _ in range(2):
        with pytest.raises(SlotTaken) as refused:
            await booking.appointments.hold_slot(boris, person_id=boris.person_id, slot_id=ids[0], idempotency_key=key)
        refusals.append(refused.value)
        if not refused.value.replayed:
            await booking.cancel(anna, appointment_id)
    first, again = refusals
    assert (first.replayed, again.replayed) == (False, True)
    assert first.alternatives == again.alternatives
    assert [slot.id for slot in again.alternatives] == ids[1:]


async def test_a_key_with_another_input_is_refused_and_changes_nothing(booking: Booking, anna: Principal) -> None:
    ids = await booking.registry.add_slots(await booking.one_place(), [SOON, SOON + timedelta(hours=1)])
    key = uuid7()
    await booking.appointments.hold_slot(anna, person_id=anna.person_id, slot_id=ids[0], idempotency_key=key)
    for changed in ({"slot_id": ids[1]}, {"slot_id": ids[0], "channel": Channel.EPGU}):
        with pytest.raises(IdempotencyKeyReused):
            await booking.appointments.hold_slot(anna, person_id=anna.person_id, idempotency_key=key, **changed)
    assert await booking.statuses() == [HELD]


async def test_one_key_of_two_people_is_two_requests(booking: Booking) -> None:
    place, key = await booking.one_place(), uuid7()
    slots = await booking.registry.add_slots(place, [SOON, SOON + timedelta(minutes=15)])
    held = [
        await booking.appointments.hold_slot(actor, person_id=actor.person_id, slot_id=slot_id, idempotency_key=key)
        for actor, slot_id in zip(citizens(2), slots, strict=True)
    ]
    assert [one.replayed for one in held] == [False, False]
    assert [one.value.slot.id for one in held] == slots
    assert await booking.statuses() == [HELD, HELD]
