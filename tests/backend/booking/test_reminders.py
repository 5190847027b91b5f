"""A reminder follows its appointment: planned, changed and dropped with it, and never for who has booked lately."""

from dataclasses import replace
from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import col, select
from uuid_utils.compat import uuid7

from backend.booking.reminders import BOOKED_LATELY, REMINDED_BEFORE, plan_reminder, reminder_time
from backend.booking.states import CancelReason
from backend.booking.values import Appointment, AppointmentId, Channel
from identity.principal import Principal
from notifications import planning
from notifications.channels.port import Channel as Way
from notifications.delivery_tables import DeliveryRow, DeliveryState, PlannedRow
from tests.factories.booking import Booking
from tests.factories.deliveries import Post
from tests.factories.people import NOW

FAR = NOW + timedelta(days=5)


async def book(booking: Booking, anna: Principal, at: datetime = FAR) -> Appointment:
    slot_id = await booking.one_slot(at=at)
    held = await booking.appointments.hold_slot(
        anna, person_id=anna.person_id, slot_id=slot_id, channel=Channel.APP, idempotency_key=uuid7()
    )
    done = await booking.appointments.book_appointment(
        anna, person_id=anna.person_id, hold_id=held.value.id, idempotency_key=uuid7()
    )
    return done.value


async def cancel(booking: Booking, anna: Principal, appointment_id: AppointmentId) -> None:
    await booking.appointments.cancel_appointment(
        anna,
        person_id=anna.person_id,
        appointment_id=appointment_id,
        reason=CancelReason.PATIENT_DECLINE,
        idempotency_key=uuid7(),
    )


async def plans(booking: Booking) -> list[datetime]:
    async with booking.database.reading() as session:
        return list(await session.exec(select(PlannedRow.due_at).order_by(col(PlannedRow.due_at))))


async def tell_due(booking: Booking) -> int:
    async with booking.database.transaction() as session:
        return await planning.tell_due(session, booking.clock())


async def sms_states(booking: Booking) -> list[DeliveryState]:
    query = select(DeliveryRow.state).where(col(DeliveryRow.channel) == Way.SMS).order_by(col(DeliveryRow.id))
    async with booking.database.reading() as session:
        return [DeliveryState(state) for state in await session.exec(query)]


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)),  # noqa: DTZ001 # only a difference is asked
    st.timedeltas(timedelta(minutes=1), timedelta(days=30)),
)
def test_a_reminder_is_a_day_before_and_a_day_after_the_booking_or_there_is_none(
    booked_at: datetime, ahead: timedelta
) -> None:
    starts_at = booked_at + ahead
    due_at = reminder_time(starts_at=starts_at, booked_at=booked_at)
    assert (due_at is None) == (ahead < REMINDED_BEFORE + BOOKED_LATELY)
    if due_at is not None:
        assert starts_at - due_at == REMINDED_BEFORE
        assert due_at - booked_at >= BOOKED_LATELY


async def test_it_is_told_once_a_day_before(booking: Booking, anna: Principal) -> None:
    await book(booking, anna)
    assert await plans(booking) == [FAR - REMINDED_BEFORE]
    assert await tell_due(booking) == 0
    booking.clock.set(FAR - REMINDED_BEFORE)
    assert [await tell_due(booking), await tell_due(booking)] == [1, 0]
    assert [kind for _, kind in await booking.told()] == ["appointment_booked", "appointment_reminder"]
    assert await plans(booking) == []


async def test_who_books_for_tomorrow_is_not_reminded(booking: Booking, anna: Principal) -> None:
    await book(booking, anna, NOW + timedelta(hours=47))
    assert await plans(booking) == []


async def test_cancelling_drops_it_and_what_was_told_of_it_goes_no_further(booking: Booking, anna: Principal) -> None:
    appointment = await book(booking, anna)
    booking.clock.set(FAR - REMINDED_BEFORE)
    await Post(booking.database).add_device(anna.person_id)  # so that the SMS waits
    await tell_due(booking)
    assert await sms_states(booking) == [DeliveryState.WAITING]
    await cancel(booking, anna, appointment.id)
    assert await sms_states(booking) == [DeliveryState.CANCELLED]
    other = await book(booking, anna, FAR + timedelta(days=9))
    assert await plans(booking) == [FAR + timedelta(days=8)]
    await cancel(booking, anna, other.id)
    assert await plans(booking) == []


async def test_a_moved_appointment_is_recalled_at_its_new_time_only(booking: Booking, anna: Principal) -> None:
    appointment = await book(booking, anna)
    for moved_to, expected in ((FAR + timedelta(days=2), 1), (NOW + timedelta(hours=30), 0), (FAR, 1)):
        moved = replace(appointment, slot=replace(appointment.slot, starts_at=moved_to))
        async with booking.database.transaction() as session:
            await plan_reminder(session, moved, now=NOW)
        assert await plans(booking) == [moved_to - REMINDED_BEFORE] * expected
