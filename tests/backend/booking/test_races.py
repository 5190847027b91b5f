"""Many at once for one thing (R53, R54, R56): the counts are exact on both engines."""

import asyncio
from collections import Counter
from collections.abc import Awaitable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import select
from uuid_utils.compat import uuid7

from backend.booking.appointment_tables import AppointmentRow
from backend.booking.errors import BookingRefusal, DuplicateSpecialty, SlotTaken, TimeOverlap
from backend.booking.slot_queries import lock_slot
from backend.booking.states import AppointmentStatus, CancelReason
from backend.booking.values import AppointmentId, Channel, SlotId
from backend.database import Database
from backend.errors import DatabaseBusy
from backend.idempotency import IdempotencyInFlight
from backend.settings import DatabaseSettings
from identity.principal import Principal
from tests.factories.booking import DENTIST, Booking, citizens
from tests.factories.people import NOW, make_principal

SOON = NOW + timedelta(hours=3)
HELD, CONFIRMED = AppointmentStatus.HELD, AppointmentStatus.CONFIRMED
CLIENTS = 64


async def hold_and_book(booking: Booking, actor: Principal, slot_id: SlotId) -> AppointmentId | BookingRefusal:
    try:
        return await booking.book(actor, slot_id)
    except BookingRefusal as refusal:
        return refusal


async def book_held(booking: Booking, actor: Principal, hold_id: AppointmentId, key: UUID | None = None) -> str:
    try:
        outcome = await booking.appointments.book_appointment(
            actor, person_id=actor.person_id, hold_id=hold_id, idempotency_key=key or uuid7()
        )
    except (BookingRefusal, IdempotencyInFlight) as error:
        return error.code
    return "replayed" if outcome.replayed else "booked"


async def gather(*asked: Awaitable[Any]) -> list[Any]:
    return list(await asyncio.gather(*asked))


async def test_64_clients_race_for_one_slot_and_one_gets_it(database: Database) -> None:
    booking = Booking(database)
    ids = await booking.registry.add_slots(
        await booking.one_place(), [SOON + timedelta(minutes=15 * n) for n in range(4)]
    )
    ended = await gather(*(hold_and_book(booking, actor, ids[0]) for actor in citizens(CLIENTS)))
    refused = [one for one in ended if isinstance(one, BookingRefusal)]
    assert len(refused) == CLIENTS - 1
    assert {type(one) for one in refused} == {SlotTaken}
    assert {tuple(slot.id for slot in one.alternatives) for one in refused} == {tuple(ids[1:])}
    assert await booking.statuses() == [CONFIRMED]
    assert [kind for _, kind in await booking.told()] == ["appointment_booked"]
    assert len(booking.published) == 1


async def test_64_clients_race_for_8_slots_and_each_slot_has_one(database: Database) -> None:
    booking = Booking(database)
    ids = await booking.registry.add_slots(
        await booking.one_place(), [SOON + timedelta(minutes=15 * n) for n in range(8)]
    )
    ended = await gather(
        *(hold_and_book(booking, actor, ids[n % len(ids)]) for n, actor in enumerate(citizens(CLIENTS)))
    )
    assert sum(not isinstance(one, BookingRefusal) for one in ended) == len(ids)
    assert await booking.statuses() == [CONFIRMED] * len(ids)
    assert len(await booking.told()) == len(ids)


async def test_two_doors_at_once_give_a_slot_to_one(database: Database) -> None:
    booking = Booking(database)
    slot_id = await booking.one_slot()

    async def hold(number: int, actor: Principal) -> Channel | None:
        channel = (Channel.APP, Channel.EPGU)[number % 2]
        try:
            await booking.hold(actor, slot_id, channel=channel)
        except SlotTaken:
            return None
        return channel

    ended = await gather(*(hold(number, actor) for number, actor in enumerate(citizens(CLIENTS))))
    [winner] = [channel for channel in ended if channel is not None]
    async with database.reading() as session:
        [kept] = await session.exec(select(AppointmentRow))
    assert (kept.status, kept.channel) == (HELD, winner)


async def test_one_person_racing_for_overlapping_slots_gets_one(database: Database) -> None:
    booking, anna = Booking(database), make_principal()
    ids = [await booking.one_slot(at=SOON, specialty=f"specialty-{n}") for n in range(8)]
    ended = await gather(*(hold_and_book(booking, anna, slot_id) for slot_id in ids))
    assert Counter(type(one) for one in ended if isinstance(one, BookingRefusal)) == {TimeOverlap: 7}
    assert await booking.statuses() == [CONFIRMED]


async def test_one_person_racing_to_book_one_specialty_twice_gets_one(database: Database) -> None:
    booking, anna = Booking(database), make_principal()
    place = await booking.one_place(specialty=DENTIST)
    ids = await booking.registry.add_slots(place, [SOON + timedelta(hours=n) for n in range(8)])
    holds = [await booking.hold(anna, slot_id) for slot_id in ids]
    ended = await gather(*(book_held(booking, anna, hold_id) for hold_id in holds))
    assert Counter(ended) == {"booked": 1, DuplicateSpecialty.code: 7}
    assert await booking.statuses() == [CONFIRMED] + [HELD] * 7
    assert len(await booking.told()) == 1


async def test_one_key_sent_many_times_at_once_books_once(database: Database) -> None:
    booking, anna, key = Booking(database), make_principal(), uuid7()
    hold_id = await booking.hold(anna, await booking.one_slot())
    ended = Counter(await gather(*(book_held(booking, anna, hold_id, key) for _ in range(16))))
    assert ended["booked"] == 1
    assert set(ended) <= {"booked", "replayed", IdempotencyInFlight.code}
    assert await book_held(booking, anna, hold_id, key) == "replayed"
    assert (await booking.statuses(), len(await booking.told()), len(booking.published)) == ([CONFIRMED], 1, 1)


async def test_booking_and_cancelling_at_once_end_in_one_history(database: Database) -> None:
    booking, anna = Booking(database), make_principal()
    appointment_id = await booking.book(anna, await booking.one_slot())

    async def cancel() -> str:
        try:
            await booking.appointments.cancel_appointment(
                anna,
                person_id=anna.person_id,
                appointment_id=appointment_id,
                reason=CancelReason.PATIENT_DECLINE,
                idempotency_key=uuid7(),
            )
        except BookingRefusal as refusal:
            return refusal.code
        return "cancelled"

    ended = Counter(await gather(*(cancel() for _ in range(8))))
    assert ended == {"cancelled": 1, "ALREADY_CANCELLED": 7}
    assert [kind for _, kind in await booking.told()] == ["appointment_booked", "appointment_cancelled"]


async def test_an_owner_and_a_rival_race_for_an_ending_hold_and_one_wins(database: Database) -> None:
    booking, anna = Booking(database), make_principal()
    slot_id = await booking.one_slot()
    hold_id = await booking.hold(anna, slot_id)
    booking.clock.advance(timedelta(minutes=5))
    owner, *rivals = await gather(
        book_held(booking, anna, hold_id), *(hold_and_book(booking, actor, slot_id) for actor in citizens(8))
    )
    assert owner == "HOLD_EXPIRED"
    assert sum(not isinstance(one, BookingRefusal) for one in rivals) == 1
    assert await booking.statuses() == [CONFIRMED, AppointmentStatus.RELEASED]


async def test_a_claim_waits_for_the_slots_lock_before_anything_else(
    database: Database, database_settings: DatabaseSettings
) -> None:
    """R54: and a lock that cannot be had is retryable, with nothing done."""
    booking, anna = Booking(database), make_principal()
    slot_id = await booking.one_slot()
    impatient = Database(database_settings.model_copy(update={"lock_timeout_seconds": 0.05}))
    async with database.transaction() as session:
        await lock_slot(session, slot_id)
        with pytest.raises(DatabaseBusy):
            await Booking(impatient).hold(anna, slot_id)
    await impatient.close()
    assert await booking.statuses() == []
    await booking.hold(anna, slot_id)
