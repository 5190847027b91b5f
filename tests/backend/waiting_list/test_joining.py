"""Who may wait for what, and that each act is done once; on both engines."""

import asyncio
from datetime import date, timedelta

import pytest
from sqlmodel import select
from uuid_utils.compat import uuid7

from backend.booking.appointments import AppointmentService
from backend.booking.entitlement_tables import ReferralRow
from backend.booking.errors import (
    AgeNotAllowed,
    ChannelNotAllowed,
    ReferralExpired,
    ReferralRequired,
)
from backend.booking.tables import ClinicRow, SpecialtyRow
from backend.booking.values import Channel, Registry
from backend.errors import Refusal
from backend.profile.values import Sex
from backend.waiting_list.errors import (
    ClinicKeepsItsOwn,
    EntryExists,
    EntryNotFound,
    EntryOver,
    TooManyEntries,
    WishInvalid,
)
from backend.waiting_list.values import EntryId, EntryState, Wish
from identity.errors import AccessRefused
from tests.factories.booking import DENTIST, THERAPIST, citizens
from tests.factories.people import NOW, add_person, make_principal
from tests.factories.waiting import WaitingRoom


async def test_one_entry_a_specialty_and_ten_a_person(room: WaitingRoom) -> None:
    (anna,) = citizens(1)
    codes = [f"specialty-{number}" for number in range(11)]
    places = [await room.booking.one_place(specialty=code) for code in codes]
    for place, code in zip(places[:10], codes[:10], strict=True):
        await room.join(anna, place, specialty=code)
    with pytest.raises(TooManyEntries):
        await room.join(anna, places[10], specialty=codes[10])
    with pytest.raises(EntryExists):
        await room.join(anna, places[0], specialty=codes[0])
    assert len(await room.service.entries(anna, person_id=anna.person_id)) == 10


async def test_ten_who_join_at_once_have_ten_places(room: WaitingRoom) -> None:
    place, people = await room.booking.one_place(), citizens(5)
    await asyncio.gather(*(room.join(one, place) for one in people))
    assert sorted(row.place for row in (await room.rows()).values()) == [1, 2, 3, 4, 5]


async def test_a_join_told_twice_is_one_entry(room: WaitingRoom) -> None:
    place, (anna,), key = await room.booking.one_place(), citizens(1), uuid7()
    wish = Wish(THERAPIST, (place.clinic_id,))
    told = [await room.service.join(anna, person_id=anna.person_id, wish=wish, idempotency_key=key) for _ in range(2)]
    assert [one.replayed for one in told] == [False, True]
    assert told[0].value.facts.id == told[1].value.facts.id


async def test_nobody_waits_where_nothing_can_be_held_or_nobody_is_seen(room: WaitingRoom) -> None:
    place, teeth = await room.booking.one_place(), await room.booking.one_place(specialty=DENTIST)
    (anna,) = citizens(1)
    refused: list[tuple[type[Refusal], Wish]] = [
        (WishInvalid, Wish(DENTIST, (place.clinic_id,))),
        (WishInvalid, Wish(THERAPIST, ())),
        (WishInvalid, Wish(THERAPIST, (place.clinic_id, teeth.clinic_id))),
        (WishInvalid, Wish(THERAPIST, (place.clinic_id,), doctor_id=teeth.doctor_id)),
        (ChannelNotAllowed, Wish(THERAPIST, (place.clinic_id,), channel=Channel.REGISTRY)),
        (ReferralRequired, Wish(THERAPIST, (place.clinic_id,), referral_id=uuid7())),
    ]
    for kind, wish in refused:
        with pytest.raises(kind):
            await room.service.join(anna, person_id=anna.person_id, wish=wish, idempotency_key=uuid7())
    async with room.database.transaction() as session:
        (await session.get_one(ClinicRow, place.clinic_id)).kept_by = Registry.FER
    with pytest.raises(ClinicKeepsItsOwn):
        await room.join(anna, place)
    assert await room.rows() == {}


async def test_age_counts_on_every_day_of_the_window(room: WaitingRoom) -> None:
    place = await room.booking.one_place()
    async with room.database.transaction() as session:
        (await session.get_one(ClinicRow, place.clinic_id)).age_from = 18
    soon = await add_person(room.database, birth_date=date(2008, 12, 1), sex=Sex.FEMALE)
    later = await add_person(room.database, birth_date=date(2009, 1, 1), sex=Sex.FEMALE, snils="11223344596")
    await room.join(make_principal(soon), place)
    with pytest.raises(AgeNotAllowed):
        await room.join(make_principal(later), place)


async def test_what_takes_a_referral_is_waited_for_with_one(room: WaitingRoom) -> None:
    place, (anna,) = await room.booking.one_place(), citizens(1)
    async with room.database.transaction() as session:
        specialty = (await session.exec(select(SpecialtyRow))).one()
        specialty.direct_booking = False
        specialty_id = specialty.id
    with pytest.raises(ReferralRequired):
        await room.join(anna, place)
    async with room.database.transaction() as session:
        session.add(
            ReferralRow(
                person_id=anna.person_id,
                number="R-1",
                specialty_id=specialty_id,
                issued_on=NOW.date(),
                expires_on=NOW.date() + timedelta(days=3),
                source="test",
                as_of=NOW,
            )
        )
    with pytest.raises(ReferralExpired):
        await room.join(anna, place, first_day=NOW.date() + timedelta(days=4))
    await room.join(anna, place)


async def test_what_is_over_stays_over_and_what_is_anothers_is_not_there(room: WaitingRoom) -> None:
    place, (anna, boris) = await room.booking.one_place(), citizens(2)
    waits = await room.join(anna, place)
    with pytest.raises(AccessRefused):
        await room.service.entries(boris, person_id=anna.person_id)
    for act in ("pause", "resume", "leave", "decline"):
        with pytest.raises(EntryNotFound):
            await room.act(act, boris, waits)
        with pytest.raises(EntryNotFound):
            await room.act(act, anna, EntryId(uuid7()))
    assert (await room.act("leave", anna, waits)).state is EntryState.CANCELLED
    assert (await room.act("leave", anna, waits)).state is EntryState.CANCELLED
    for act in ("pause", "resume"):
        with pytest.raises(EntryOver):
            await room.act(act, anna, waits)
    await room.join(anna, place)


async def test_a_hold_booked_by_whoever_knows_nothing_of_lists_is_settled_by_the_look(room: WaitingRoom) -> None:
    place, (anna,) = await room.booking.one_place(), citizens(1)
    await room.booking.registry.add_slots(place, [NOW + timedelta(days=1)])
    await room.join(anna, place)
    await room.offering.look()
    offer = (await room.entry(anna)).offer
    assert offer is not None
    unaware = AppointmentService(
        database=room.database, access=room.booking.access, clock=room.clock, published=room.booking.published.append
    )
    await unaware.book_appointment(anna, person_id=anna.person_id, hold_id=offer.id, idempotency_key=uuid7())
    assert (await room.entry(anna)).state is EntryState.BOOKED, "as it is read, even before it is written"
    await room.offering.look()
    assert (await room.rows())[anna.person_id].state is EntryState.BOOKED
    assert await room.outcomes() == ["accepted"]
