from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlmodel import col
from uuid_utils.compat import uuid7

from backend.booking.appointment_tables import AppointmentRow
from backend.booking.errors import (
    AlreadyCancelled,
    AppointmentNotFound,
    CancelTooLate,
    DuplicateSpecialty,
    HoldNotFound,
)
from backend.booking.messages import cancelled as cancelled_message
from backend.booking.states import AppointmentStatus, CancelReason
from backend.booking.values import AppointmentId, Channel, TimeKey
from backend.idempotency import IdempotencyKeyRow
from backend.inbox.queries import list_newest
from identity.errors import AccessRefused, AccountNotConfirmed, NotSignedIn
from identity.principal import Assurance, Principal
from tests.factories.booking import Booking, citizens
from tests.factories.people import NOW, make_principal

HELD, CONFIRMED = AppointmentStatus.HELD, AppointmentStatus.CONFIRMED
CANCELLED, RELEASED = AppointmentStatus.CANCELLED, AppointmentStatus.RELEASED
SOON = NOW + timedelta(hours=3)
FIVE_MINUTES = timedelta(minutes=5)


async def test_holds_books_and_cancels(booking: Booking, anna: Principal) -> None:
    slot_id = await booking.one_slot(at=SOON)
    held = await booking.appointments.hold_slot(
        anna, person_id=anna.person_id, slot_id=slot_id, channel=Channel.EPGU, idempotency_key=uuid7()
    )
    assert (held.value.slot.id, held.value.expires_at, held.replayed) == (slot_id, NOW + FIVE_MINUTES, False)
    assert (await booking.statuses(), await booking.told(), booking.published) == ([HELD], [], [])

    booking.clock.advance(timedelta(minutes=1))
    booked = await booking.appointments.book_appointment(
        anna, person_id=anna.person_id, hold_id=held.value.id, idempotency_key=uuid7()
    )
    assert booked.value.id == held.value.id
    assert (booked.value.status, booked.value.channel) == (CONFIRMED, Channel.EPGU)
    assert (booked.value.created_at, booked.value.confirmed_at) == (NOW, NOW + timedelta(minutes=1))
    assert (booked.value.person_id, booked.value.actor_id) == (anna.person_id, anna.person_id)
    assert booked.value.slot.starts_at == SOON

    cancelled = await booking.appointments.cancel_appointment(
        anna,
        person_id=anna.person_id,
        appointment_id=booked.value.id,
        reason=CancelReason.INCORRECT_DATA,
        idempotency_key=uuid7(),
    )
    assert (cancelled.value.status, cancelled.value.cancel_reason) == (CANCELLED, CancelReason.INCORRECT_DATA)
    assert (cancelled.value.cancelled_by, cancelled.value.cancelled_at) == (anna.person_id, booking.clock())
    assert await booking.told() == [(anna.person_id, "appointment_booked"), (anna.person_id, "appointment_cancelled")]
    assert booking.published == [anna.person_id, anna.person_id]


async def test_whoever_cancels_is_told_so_and_not_that_the_clinic_did(booking: Booking, anna: Principal) -> None:
    appointment_id = await booking.book(anna, await booking.one_slot())
    cancelled = await booking.appointments.cancel_appointment(
        anna,
        person_id=anna.person_id,
        appointment_id=appointment_id,
        reason=CancelReason.MO_DECLINE,
        idempotency_key=uuid7(),
    )
    assert cancelled.value.cancel_reason is CancelReason.MO_DECLINE
    [newest] = await list_newest(booking.database.read, anna.person_id, limit=1)
    assert newest.written_in("ru").body.startswith("Вы отменили приём")
    told_by_the_clinic = cancelled_message(replace(cancelled.value, cancelled_by=uuid7()), CancelReason.MO_DECLINE)
    assert told_by_the_clinic.parameters["reason"] == "mo_decline"


async def test_a_cancelled_slot_can_be_booked_again_by_another(booking: Booking) -> None:
    anna, boris = citizens(2)
    slot_id = await booking.one_slot()
    assert await booking.cancel(anna, await booking.book(anna, slot_id)) is CANCELLED
    await booking.book(boris, slot_id)
    assert await booking.statuses() == [CANCELLED, CONFIRMED]


async def test_a_foreign_hold_or_appointment_answers_like_a_missing_one(booking: Booking) -> None:
    anna, boris = citizens(2)
    slot_id = await booking.one_slot()
    hold_id = await booking.hold(anna, slot_id)
    for missing in (hold_id, AppointmentId(uuid7())):
        with pytest.raises(HoldNotFound) as refused:
            await booking.book_held(boris, missing)
        assert refused.value.alternatives == ()
        with pytest.raises(AppointmentNotFound):
            await booking.cancel(boris, missing)
    assert await booking.statuses() == [HELD]
    await booking.book_held(anna, hold_id)
    with pytest.raises(AppointmentNotFound):
        await booking.cancel(boris, hold_id)
    found = await booking.appointments.by_ids(boris, person_id=boris.person_id, ids=[hold_id])
    assert found == {}
    assert await booking.statuses() == [CONFIRMED]


async def test_refuses_a_second_booking_of_one_hold_and_cancelling_a_hold(booking: Booking, anna: Principal) -> None:
    hold_id = await booking.hold(anna, await booking.one_slot())
    with pytest.raises(AppointmentNotFound):
        await booking.cancel(anna, hold_id)
    await booking.book_held(anna, hold_id)
    with pytest.raises(HoldNotFound):
        await booking.book_held(anna, hold_id)
    await booking.cancel(anna, hold_id)
    with pytest.raises(AlreadyCancelled):
        await booking.cancel(anna, hold_id)
    assert len(await booking.told()) == 2


async def test_refuses_to_cancel_once_it_has_begun(booking: Booking, anna: Principal) -> None:
    appointment_id = await booking.book(anna, await booking.one_slot(at=SOON))
    booking.clock.set(SOON)
    with pytest.raises(CancelTooLate):
        await booking.cancel(anna, appointment_id)
    assert (await booking.statuses(), len(await booking.told())) == ([CONFIRMED], 1)


async def test_refuses_a_second_appointment_of_one_specialty_until_the_first_is_over(
    booking: Booking, anna: Principal
) -> None:
    ids = await booking.registry.add_slots(await booking.one_place(), [SOON, SOON + timedelta(days=2)])
    first, second = await booking.hold(anna, ids[0]), await booking.hold(anna, ids[1])
    await booking.book_held(anna, first)
    with pytest.raises(DuplicateSpecialty):
        await booking.book_held(anna, second)
    assert await booking.statuses() == [CONFIRMED, HELD]
    booking.clock.set(SOON + timedelta(minutes=15))
    await booking.book(anna, ids[1])
    assert await booking.statuses() == [CONFIRMED, CONFIRMED, RELEASED]


async def test_nobody_acts_for_another_person_or_unconfirmed(booking: Booking, anna: Principal) -> None:
    slot_id = await booking.one_slot()
    actors = ((None, NotSignedIn), (make_principal(), AccessRefused))
    unconfirmed = make_principal(anna.person_id, assurance=Assurance.STANDARD)
    for actor, refusal in (*actors, (unconfirmed, AccountNotConfirmed)):
        with pytest.raises(refusal):
            await booking.appointments.hold_slot(
                actor, person_id=anna.person_id, slot_id=slot_id, idempotency_key=uuid7()
            )
        with pytest.raises(refusal):
            await booking.appointments.upcoming(actor, person_id=anna.person_id, limit=1)
    async with booking.database.reading() as session:
        connection = await session.connection()
        assert (await connection.execute(select(col(IdempotencyKeyRow.key)))).all() == []
        assert (await connection.execute(select(col(AppointmentRow.id)))).all() == []


async def test_upcoming_and_history_page_by_start(booking: Booking, anna: Principal) -> None:
    names = ["therapist", "dentist", "surgeon", "optician"]
    booked = [
        await booking.book(anna, await booking.one_slot(at=SOON + timedelta(hours=n), specialty=name))
        for n, name in enumerate(names)
    ]
    await booking.hold(anna, await booking.one_slot(at=SOON + timedelta(hours=9), specialty="held"))
    await booking.cancel(anna, booked[1])
    booking.clock.set(SOON + timedelta(minutes=15))
    upcoming = await booking.appointments.upcoming(anna, person_id=anna.person_id, limit=5)
    assert [one.id for one in upcoming.items] == [booked[2], booked[3]]
    assert not upcoming.has_next
    first = await booking.appointments.history(anna, person_id=anna.person_id, limit=3)
    assert ([one.id for one in first.items], first.has_next) == ([booked[3], booked[2], booked[1]], True)
    last = first.items[-1]
    rest = await booking.appointments.history(
        anna, person_id=anna.person_id, after=TimeKey(last.slot.starts_at, last.id), limit=3
    )
    assert ([one.id for one in rest.items], rest.has_next) == ([booked[0]], False)
