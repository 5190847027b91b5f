from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlmodel import col
from uuid_utils.compat import uuid7

from backend.booking.appointments import release_expired
from backend.booking.errors import (
    AlreadyCancelled,
    AppointmentNotFound,
    BookingRefusal,
    CancelTooLate,
    ChannelNotAllowed,
    DuplicateSpecialty,
    HoldExpired,
    HoldNotFound,
    SlotInPast,
    SlotNotFound,
    SlotTaken,
    SlotTooFar,
    TimeOverlap,
)
from backend.booking.messages import cancelled as cancelled_message
from backend.booking.tables import AppointmentRow
from backend.booking.values import (
    AppointmentId,
    AppointmentStatus,
    CancelReason,
    Channel,
    SlotId,
    TimeKey,
    channel_mask,
)
from backend.database import Database
from backend.idempotency import IdempotencyKeyReused, IdempotencyKeyRow
from backend.inbox.queries import list_newest
from identity.errors import AccessRefused, AccountNotConfirmed, NotSignedIn
from identity.principal import Assurance, Principal
from tests.factories.booking import DENTIST, Booking, citizens
from tests.factories.people import NOW, make_principal

HELD, CONFIRMED = AppointmentStatus.HELD, AppointmentStatus.CONFIRMED
CANCELLED, RELEASED = AppointmentStatus.CANCELLED, AppointmentStatus.RELEASED
SOON = NOW + timedelta(hours=3)
FIVE_MINUTES = timedelta(minutes=5)


@pytest.fixture
def booking(database: Database) -> Booking:
    return Booking(database)


@pytest.fixture
def anna() -> Principal:
    return make_principal()


async def cancel(booking: Booking, actor: Principal, appointment_id: AppointmentId) -> AppointmentStatus:
    outcome = await booking.appointments.cancel_appointment(
        actor,
        person_id=actor.person_id,
        appointment_id=appointment_id,
        reason=CancelReason.PATIENT_DECLINE,
        idempotency_key=uuid7(),
    )
    return outcome.value.status


async def book_held(booking: Booking, actor: Principal, hold_id: AppointmentId) -> AppointmentStatus:
    outcome = await booking.appointments.book_appointment(
        actor, person_id=actor.person_id, hold_id=hold_id, idempotency_key=uuid7()
    )
    return outcome.value.status


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
    assert await cancel(booking, anna, await booking.book(anna, slot_id)) is CANCELLED
    await booking.book(boris, slot_id)
    assert await booking.statuses() == [CANCELLED, CONFIRMED]


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
        await book_held(booking, anna, hold_id)
    assert [slot.id for slot in refused.value.alternatives] == ids
    assert (await booking.statuses(), await booking.told(), booking.published) == ([HELD], [], [])


async def test_a_hold_taken_over_by_another_is_expired_for_its_owner(booking: Booking) -> None:
    anna, boris = citizens(2)
    slot_id = await booking.one_slot()
    hold_id = await booking.hold(anna, slot_id)
    booking.clock.advance(FIVE_MINUTES)
    await booking.book(boris, slot_id)
    with pytest.raises(HoldExpired) as refused:
        await book_held(booking, anna, hold_id)
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
    [
        (NOW - timedelta(minutes=1), SlotInPast),
        (NOW, SlotInPast),
        (NOW + timedelta(days=14, seconds=1), SlotTooFar),
    ],
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


async def test_a_foreign_hold_or_appointment_answers_like_a_missing_one(booking: Booking) -> None:
    anna, boris = citizens(2)
    slot_id = await booking.one_slot()
    hold_id = await booking.hold(anna, slot_id)
    for missing in (hold_id, AppointmentId(uuid7())):
        with pytest.raises(HoldNotFound) as refused:
            await book_held(booking, boris, missing)
        assert refused.value.alternatives == ()
        with pytest.raises(AppointmentNotFound):
            await cancel(booking, boris, missing)
    assert await booking.statuses() == [HELD]
    await book_held(booking, anna, hold_id)
    with pytest.raises(AppointmentNotFound):
        await cancel(booking, boris, hold_id)
    found = await booking.appointments.by_ids(boris, person_id=boris.person_id, ids=[hold_id])
    assert found == {}
    assert await booking.statuses() == [CONFIRMED]


async def test_refuses_a_second_booking_of_one_hold_and_cancelling_a_hold(booking: Booking, anna: Principal) -> None:
    hold_id = await booking.hold(anna, await booking.one_slot())
    with pytest.raises(AppointmentNotFound):
        await cancel(booking, anna, hold_id)
    await book_held(booking, anna, hold_id)
    with pytest.raises(HoldNotFound):
        await book_held(booking, anna, hold_id)
    await cancel(booking, anna, hold_id)
    with pytest.raises(AlreadyCancelled):
        await cancel(booking, anna, hold_id)
    assert len(await booking.told()) == 2


async def test_refuses_to_cancel_once_it_has_begun(booking: Booking, anna: Principal) -> None:
    appointment_id = await booking.book(anna, await booking.one_slot(at=SOON))
    booking.clock.set(SOON)
    with pytest.raises(CancelTooLate):
        await cancel(booking, anna, appointment_id)
    assert (await booking.statuses(), len(await booking.told())) == ([CONFIRMED], 1)


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


async def test_refuses_a_second_appointment_of_one_specialty_until_the_first_is_over(
    booking: Booking, anna: Principal
) -> None:
    ids = await booking.registry.add_slots(await booking.one_place(), [SOON, SOON + timedelta(days=2)])
    first, second = await booking.hold(anna, ids[0]), await booking.hold(anna, ids[1])
    await book_held(booking, anna, first)
    with pytest.raises(DuplicateSpecialty):
        await book_held(booking, anna, second)
    assert await booking.statuses() == [CONFIRMED, HELD]
    booking.clock.set(SOON + timedelta(minutes=15))
    await booking.book(anna, ids[1])
    assert await booking.statuses() == [CONFIRMED, CONFIRMED, RELEASED]


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
            await cancel(booking, anna, appointment_id)
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
    await cancel(booking, anna, booked[1])
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
