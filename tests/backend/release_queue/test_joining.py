"""Who may queue for what and when, that each act is done once, and what the waiting list leaves alone; both engines."""

import asyncio
from datetime import date, timedelta
from uuid import UUID

import pytest
from sqlmodel import select
from uuid_utils.compat import uuid7

from backend.booking.appointment_tables import AppointmentRow
from backend.booking.entitlement_tables import ReferralRow
from backend.booking.errors import (
    AgeNotAllowed,
    ChannelNotAllowed,
    DuplicateSpecialty,
    NoShowBlocked,
    ReferralRequired,
    ReferralUsed,
    SexNotAllowed,
    SlotTooFar,
)
from backend.booking.states import AppointmentStatus, PlaceState
from backend.booking.tables import ClinicRow, SpecialtyRow
from backend.booking.values import Channel, Registry
from backend.profile.values import Sex
from backend.release_queue.errors import (
    PlaceExists,
    PlaceNotFound,
    PlaceOver,
    QueueNotFound,
    QueueNotOpen,
    QueueOver,
    TooManyPlaces,
)
from backend.release_queue.values import PlaceId, PostId, Wish
from identity.errors import AccessRefused
from identity.principal import ActorKind, PersonId
from tests.factories.booking import DENTIST, citizens
from tests.factories.people import NOW, add_person, make_principal
from tests.factories.queues import RELEASE, Hall

SECOND = timedelta(seconds=1)


async def test_a_queue_opens_half_an_hour_before_and_is_joined_while_it_stands(hall: Hall) -> None:
    _, post, _ = await hall.doctor(slots=1)
    anna, boris, sonya = citizens(3)
    hall.clock.set(NOW - SECOND)
    with pytest.raises(QueueNotOpen):
        await hall.join(anna, post)
    assert await hall.queue_rows() == []
    hall.clock.set(NOW)
    await hall.join(anna, post)
    await hall.open()
    hall.clock.set(RELEASE + timedelta(minutes=60) - SECOND)
    await hall.join(boris, post)
    hall.clock.advance(SECOND)
    with pytest.raises(QueueOver):
        await hall.join(sonya, post)
    assert len(await hall.rows()) == 2


async def test_nobody_joins_a_queue_that_has_ended_or_of_times_that_are_booked(hall: Hall) -> None:
    _, post, slots = await hall.doctor(slots=1)
    anna, boris, sonya = citizens(3)
    await hall.join(anna, post)
    await hall.open()
    await hall.booking.book(anna, slots[0])
    with pytest.raises(QueueOver):
        await hall.join(boris, post)
    await hall.queues.look()
    with pytest.raises(QueueOver):
        await hall.join(sonya, post)
    [row] = await hall.rows()
    assert row.state is PlaceState.USED


async def test_there_is_no_queue_of_what_does_not_exist_or_goes_to_whoever_is_first(hall: Hall) -> None:
    doctor, post, slots = await hall.doctor(slots=1)
    (anna,) = citizens(1)
    for wrong, at in ((PostId(uuid7()), RELEASE), (post, RELEASE + SECOND)):
        with pytest.raises(QueueNotFound):
            await hall.join(anna, wrong, released_at=at)
    await hall.release(doctor, slots, by_queue=False)
    with pytest.raises(QueueNotFound):
        await hall.join(anna, post)
    await hall.release(doctor, slots)
    async with hall.database.transaction() as session:
        (await session.get_one(ClinicRow, doctor.clinic_id)).kept_by = Registry.FER
    with pytest.raises(QueueNotFound):
        await hall.join(anna, post)
    assert await hall.queue_rows() == []


async def test_switched_off_a_queue_that_somebody_joined_goes_on(hall: Hall) -> None:
    doctor, post, slots = await hall.doctor(slots=1)
    anna, boris = citizens(2)
    await hall.join(anna, post)
    await hall.release(doctor, slots, by_queue=False)
    await hall.join(boris, post)
    await hall.open()
    assert await hall.states([anna, boris]) == [PlaceState.TURN, PlaceState.QUEUED]


async def test_one_place_a_person_and_five_queues_at_a_time(hall: Hall) -> None:
    (anna,) = citizens(1)
    posts = [(await hall.doctor(slots=1, specialty=f"specialty-{number}"))[1] for number in range(6)]
    places = [await hall.join(anna, post) for post in posts[:5]]
    with pytest.raises(PlaceExists):
        await hall.join(anna, posts[0])
    with pytest.raises(TooManyPlaces):
        await hall.join(anna, posts[5])
    await hall.leave(anna, places[0])
    await hall.join(anna, posts[5])
    assert len(await hall.service.places(anna, person_id=anna.person_id)) == 6


async def test_whoever_used_their_turn_has_no_other(hall: Hall) -> None:
    _, post, slots = await hall.doctor(slots=2)
    anna, boris = citizens(2)
    await hall.join(anna, post)
    await hall.join(boris, post)
    await hall.open()
    await hall.booking.hold(anna, slots[0])
    with pytest.raises(PlaceExists):
        await hall.join(anna, post)


async def test_a_join_told_twice_is_one_place_and_a_leave_told_twice_changes_nothing(hall: Hall) -> None:
    _, post, _ = await hall.doctor(slots=1)
    (anna,), key = citizens(1), uuid7()
    wish = Wish(post, RELEASE)
    told = [await hall.service.join(anna, person_id=anna.person_id, wish=wish, idempotency_key=key) for _ in range(2)]
    assert [one.replayed for one in told] == [False, True]
    assert told[0].value.facts.id == told[1].value.facts.id
    for _ in range(2):
        assert (await hall.leave(anna, told[0].value.facts.id)).state is PlaceState.LEFT
    assert len(await hall.rows()) == 1


async def test_two_joins_of_one_person_at_once_are_one_place(hall: Hall) -> None:
    _, post, _ = await hall.doctor(slots=1)
    (anna,) = citizens(1)
    outcomes = await asyncio.gather(*(hall.join(anna, post) for _ in range(3)), return_exceptions=True)
    assert sorted(isinstance(one, PlaceExists) for one in outcomes) == [False, True, True]
    assert len(await hall.rows()) == len(await hall.queue_rows()) == 1


async def test_what_is_anothers_is_not_there_and_what_is_over_stays_over(hall: Hall) -> None:
    _, post, slots = await hall.doctor(slots=1)
    anna, boris = citizens(2)
    place = await hall.join(anna, post)
    with pytest.raises(AccessRefused):
        await hall.service.places(boris, person_id=anna.person_id)
    for actor, wrong in ((boris, place), (anna, PlaceId(uuid7()))):
        with pytest.raises(PlaceNotFound):
            await hall.leave(actor, wrong)
    await hall.open()
    await hall.booking.hold(anna, slots[0])
    with pytest.raises(PlaceOver):
        await hall.leave(anna, place)
    assert (await hall.place(anna)).state is PlaceState.USED


async def test_each_door_is_for_those_who_stand_behind_it(hall: Hall) -> None:
    _, post, _ = await hall.doctor(slots=1)
    (anna,) = citizens(1)
    for channel in (Channel.REGISTRY, Channel.CALL_122, Channel.INFOMAT):
        with pytest.raises(ChannelNotAllowed):
            await hall.join(anna, post, channel=channel)
    desk = make_principal(kind=ActorKind.CLINICIAN)
    with pytest.raises(AccessRefused):
        await hall.join(desk, post, channel=Channel.REGISTRY)
    await hall.join(anna, post, channel=Channel.EPGU)
    assert [row.channel for row in await hall.rows()] == [Channel.EPGU]


async def test_whom_no_slot_could_be_held_for_does_not_queue(hall: Hall) -> None:
    doctor, post, _ = await hall.doctor(slots=2)
    other = await hall.booking.registry.add_slots(doctor, [NOW + timedelta(days=2)])
    (anna,) = citizens(1)
    await hall.booking.book(anna, other[0])
    with pytest.raises(DuplicateSpecialty):
        await hall.join(anna, post)
    async with hall.database.transaction() as session:
        (await session.get_one(ClinicRow, doctor.clinic_id)).age_from = 18
        (await session.exec(select(SpecialtyRow))).one().sex = Sex.FEMALE
    young = await add_person(hall.database, birth_date=date(2010, 1, 1), sex=Sex.FEMALE)
    man = await add_person(hall.database, birth_date=date(1980, 1, 1), sex=Sex.MALE, snils="11223344596")
    for person_id, kind in ((young, AgeNotAllowed), (man, SexNotAllowed)):
        with pytest.raises(kind):
            await hall.join(make_principal(person_id), post)
    assert await hall.rows() == []


async def test_what_takes_a_referral_is_queued_for_with_one_that_is_not_used(hall: Hall) -> None:
    _, post, _ = await hall.doctor(slots=1)
    (anna,) = citizens(1)
    async with hall.database.transaction() as session:
        specialty = (await session.exec(select(SpecialtyRow))).one()
        specialty.direct_booking = False
        specialty_id = specialty.id
    with pytest.raises(ReferralRequired):
        await hall.join(anna, post)
    referral = ReferralRow(
        person_id=anna.person_id,
        number="R-1",
        specialty_id=specialty_id,
        issued_on=NOW.date(),
        expires_on=NOW.date() + timedelta(days=3),
        source="test",
        as_of=NOW,
    )
    referral_id = referral.id
    async with hall.database.transaction() as session:
        session.add(referral)
    place = await hall.join(anna, post)
    await hall.leave(anna, place)
    visit = await past_visit(hall, anna.person_id, referral_id=referral_id, status=AppointmentStatus.ATTENDED)
    async with hall.database.transaction() as session:
        session.add(visit)
    with pytest.raises(ReferralUsed):
        await hall.join(anna, post)


async def test_whoever_misses_visits_does_not_queue_through_the_app(hall: Hall) -> None:
    _, post, _ = await hall.doctor(slots=1)
    (anna,) = citizens(1)
    for days in (1, 2, 3):
        visit = await past_visit(hall, anna.person_id, status=AppointmentStatus.NO_SHOW, days=days)
        async with hall.database.transaction() as session:
            session.add(visit)
    with pytest.raises(NoShowBlocked):
        await hall.join(anna, post)


async def test_what_comes_into_no_horizon_while_the_queue_stands_is_not_queued_for(hall: Hall) -> None:
    doctor, post, _ = await hall.doctor(slots=1)
    (anna,) = citizens(1)
    ends = RELEASE + SECOND + timedelta(minutes=60)
    far = await hall.booking.registry.add_slots(doctor, [ends + timedelta(days=14, seconds=1)])
    await hall.release(doctor, far, at=RELEASE + SECOND)
    hall.clock.advance(SECOND)
    with pytest.raises(SlotTooFar):
        await hall.join(anna, post, released_at=RELEASE + SECOND)
    soon = await hall.booking.registry.add_slots(doctor, [ends + timedelta(days=14)])
    await hall.release(doctor, soon, at=RELEASE + SECOND)
    await hall.join(anna, post, released_at=RELEASE + SECOND)


async def test_a_person_joins_one_queue_five_times_and_sees_twenty_places(hall: Hall) -> None:
    (anna,) = citizens(1)
    posts = [(await hall.doctor(slots=1, specialty=f"specialty-{number}"))[1] for number in range(5)]
    open_place = await hall.join(anna, posts[0])
    for post in posts[1:]:
        for _ in range(5):
            await hall.leave(anna, await hall.join(anna, post))
    with pytest.raises(PlaceExists):
        await hall.join(anna, posts[1])
    assert len(await hall.rows()) == 21
    shown = await hall.service.places(anna, person_id=anna.person_id)
    assert len(shown) == 20
    assert (shown[0].facts.id, shown[0].facts.participants, shown[0].facts.free) == (open_place, 1, 1)
    assert {(one.facts.ahead, one.facts.participants, one.facts.free) for one in shown[1:]} == {(0, 0, 0)}


async def past_visit(
    hall: Hall, person_id: PersonId, *, status: AppointmentStatus, days: int = 1, referral_id: UUID | None = None
) -> AppointmentRow:
    doctor = await hall.booking.one_place(specialty=DENTIST)
    starts_at = NOW - timedelta(days=days)
    [slot_id] = await hall.booking.registry.add_slots(doctor, [starts_at])
    return AppointmentRow(
        person_id=person_id,
        actor_id=person_id,
        slot_id=slot_id,
        specialty_id=doctor.specialty_id,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=15),
        status=status,
        channel=Channel.APP,
        created_at=starts_at,
        confirmed_at=starts_at,
        referral_id=referral_id,
    )
