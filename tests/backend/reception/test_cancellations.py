"""A clinic cancels a day: what is shown is what is done, everybody is told or called, nothing is lost on the way."""

import asyncio
from collections import Counter
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import update
from sqlmodel import col, select
from uuid_utils.compat import uuid7

from backend.booking.appointment_tables import AppointmentRow
from backend.booking.errors import SlotWithdrawn
from backend.booking.states import (
    ACTIVE_STATUSES,
    ActorRole,
    AppointmentStatus,
    CancelReason,
)
from backend.booking.tables import ClinicRow, SlotRow
from backend.booking.values import AppointmentId, Registry, SlotId
from backend.database import Database
from backend.errors import NotFound
from backend.reception.cancellations import CancellationDesk
from backend.reception.errors import DatesRefused, KeptElsewhere, ProposalOutdated
from backend.reception.proposal_values import CallReason, ItemState, ProposalStatus
from backend.settings import DatabaseSettings
from identity.access import Action
from identity.errors import AccessRefused, NotSignedIn
from identity.principal import ActorKind, PersonId, Principal
from tests.factories.access import entries_of
from tests.factories.booking import Booking, Place, empty
from tests.factories.people import NOW, add_person, make_principal
from tests.factories.reception import OTHER_OGRN, OWN_OGRN, Reception, make_staff, states

DAY = NOW + timedelta(days=2)
LATER = DAY + timedelta(days=3)
OFFERED, CANCELLED = "appointment_replacement_offered", "appointment_cancelled"


def every_quarter(start: datetime, count: int) -> list[datetime]:
    return [start + timedelta(minutes=15 * number) for number in range(count)]


async def somebody(reception: Reception, **person: object) -> Principal:
    return make_principal(await add_person(reception.booking.database, **person))


async def appointments(database: Database) -> list[AppointmentRow]:
    async with database.reading() as session:
        return list(await session.exec(select(AppointmentRow).order_by(col(AppointmentRow.starts_at))))


async def channels_of(database: Database, slots: list[SlotId]) -> list[bool]:
    async with database.reading() as session:
        found = dict((await session.exec(select(SlotRow.id, SlotRow.channels))).all())
    return [bool(found[one]) for one in slots]


async def test_proposing_changes_nothing_and_says_what_would_be(reception: Reception, staff: Principal) -> None:
    booking = reception.booking
    place = await reception.own_place()
    slots = await booking.registry.add_slots(place, [*every_quarter(DAY, 4), LATER])
    reachable = await somebody(reception)
    silent = await somebody(reception, phone=None, email=None)
    booked, alone = await booking.book(reachable, slots[0]), await booking.book(silent, slots[1])
    await booking.hold(await somebody(reception), slots[2])
    told = await booking.told()
    view = await reception.propose(staff, place, starts_from=DAY)
    counts = (view.proposal.appointments, view.proposal.holds, view.proposal.free_slots)
    assert (counts, view.proposal.status) == ((2, 1, 1), ProposalStatus.PROPOSED)
    assert [(one.item.appointment_id, one.item.has_contact, one.item.replacement_slot_id) for one in view.items] == [
        (booked, True, slots[4]),
        (alone, False, None),
    ]
    assert states(view) == [ItemState.WAITING] * 2
    assert await booking.statuses() == [AppointmentStatus.CONFIRMED] * 2 + [AppointmentStatus.HELD]
    assert (await booking.told(), await channels_of(booking.database, slots)) == (told, [True] * 5)


async def test_who_can_be_told_gets_another_time_for_a_day_and_books_it(reception: Reception, staff: Principal) -> None:
    booking = reception.booking
    place = await reception.own_place()
    slots = await booking.registry.add_slots(place, [DAY, LATER])
    anna = await somebody(reception)
    booked = await booking.book(anna, slots[0])
    view = await reception.confirm(staff, (await reception.propose(staff, place, starts_from=DAY)).proposal.id)
    (item,) = (listed.item for listed in view.items)
    assert (view.proposal.status, item.state) == (ProposalStatus.DONE, ItemState.OFFERED)
    gone = await booking.find(anna, booked)
    assert (gone.status, gone.cancel_reason, gone.cancelled_as) == (
        AppointmentStatus.CANCELLED,
        CancelReason.MO_DECLINE,
        ActorRole.CLINIC,
    )
    assert item.hold_id is not None
    held = await booking.find(anna, item.hold_id)
    assert (held.status, held.slot.id, held.hold_expires_at) == (
        AppointmentStatus.HELD,
        slots[1],
        NOW + timedelta(days=1),
    )
    assert [kind for person, kind in await booking.told() if person == anna.person_id][1:] == [CANCELLED, OFFERED]
    assert booking.published[-1] == anna.person_id
    booking.clock.advance(timedelta(hours=23, minutes=59))
    assert await booking.book_held(anna, item.hold_id) is AppointmentStatus.CONFIRMED


async def test_an_offer_that_nobody_takes_frees_its_slot(reception: Reception, staff: Principal) -> None:
    booking = reception.booking
    place = await reception.own_place()
    slots = await booking.registry.add_slots(place, [DAY, LATER])
    await booking.book(await somebody(reception), slots[0])
    await reception.confirm(staff, (await reception.propose(staff, place, starts_from=DAY)).proposal.id)
    booking.clock.advance(timedelta(days=1))
    await booking.hold(make_principal(), slots[1])


async def test_a_withdrawn_slot_releases_its_holds_and_says_so(reception: Reception, staff: Principal) -> None:
    booking = reception.booking
    place = await reception.own_place()
    slots = await booking.registry.add_slots(place, [DAY, LATER])
    anna = await somebody(reception)
    hold_id = await booking.hold(anna, slots[0])
    await reception.confirm(staff, (await reception.propose(staff, place, starts_from=DAY)).proposal.id)
    with pytest.raises(SlotWithdrawn) as refusal:
        await booking.book_held(anna, hold_id)
    assert [slot.id for slot in refusal.value.alternatives] == [slots[1]]
    assert await booking.events(anna, hold_id) == ["held", "released"]
    with pytest.raises(SlotWithdrawn):
        await booking.hold(make_principal(), slots[0])


async def test_a_doctors_range_leaves_the_other_doctors_alone(reception: Reception, staff: Principal) -> None:
    booking = reception.booking
    place = await reception.own_place()
    other = await booking.registry.add_place(place.clinic_id, family_name="Юдин")
    (mine,) = await booking.registry.add_slots(place, [DAY])
    theirs = await booking.registry.add_slots(other, [DAY, DAY + timedelta(minutes=15)])
    await booking.book(await somebody(reception), mine)
    await booking.book(await somebody(reception), theirs[0])
    view = await reception.propose(staff, place, starts_from=DAY, whole_clinic=False)
    assert (view.proposal.appointments, view.items[0].item.replacement_slot_id) == (1, theirs[1])
    await reception.confirm(staff, view.proposal.id)
    assert await channels_of(booking.database, [mine, *theirs]) == [False, True, True]


async def test_a_proposal_with_a_new_appointment_must_be_made_anew(reception: Reception, staff: Principal) -> None:
    booking = reception.booking
    place = await reception.own_place()
    slots = await booking.registry.add_slots(place, every_quarter(DAY, 2))
    view = await reception.propose(staff, place, starts_from=DAY)
    await booking.book(await somebody(reception), slots[0])
    with pytest.raises(ProposalOutdated):
        await reception.confirm(staff, view.proposal.id)
    assert await booking.statuses() == [AppointmentStatus.CONFIRMED]
    assert await channels_of(booking.database, slots) == [True, True]


async def test_a_proposal_lasts_a_quarter_of_an_hour(reception: Reception, staff: Principal) -> None:
    booking = reception.booking
    place = await reception.own_place()
    slots = await booking.registry.add_slots(place, [DAY])
    first, second = [await reception.propose(staff, place, starts_from=DAY) for _ in range(2)]
    booking.clock.advance(timedelta(minutes=15))
    await reception.confirm(staff, first.proposal.id)
    booking.clock.advance(timedelta(microseconds=1))
    with pytest.raises(ProposalOutdated):
        await reception.confirm(staff, second.proposal.id)
    assert await channels_of(booking.database, slots) == [False]


async def test_who_gave_it_up_meanwhile_is_neither_told_nor_called(reception: Reception, staff: Principal) -> None:
    booking = reception.booking
    place = await reception.own_place()
    slots = await booking.registry.add_slots(place, [DAY, LATER])
    anna = await somebody(reception)
    booked = await booking.book(anna, slots[0])
    view = await reception.propose(staff, place, starts_from=DAY)
    await booking.cancel(anna, booked)
    assert states(await reception.confirm(staff, view.proposal.id)) == [ItemState.GONE]
    assert OFFERED not in {kind for _, kind in await booking.told()}


async def test_a_lost_replacement_is_replaced_and_in_the_end_the_desk_calls(
    reception: Reception, staff: Principal
) -> None:
    booking = reception.booking
    place = await reception.own_place()
    slots = await booking.registry.add_slots(place, [*every_quarter(DAY, 2), LATER, LATER + timedelta(hours=1)])
    for slot in slots[:2]:
        await booking.book(await somebody(reception), slot)
    view = await reception.propose(staff, place, starts_from=DAY)
    assert {one.item.replacement_slot_id for one in view.items} == set(slots[2:])
    await booking.hold(make_principal(), slots[2])
    done = await reception.confirm(staff, view.proposal.id)
    assert Counter(states(done)) == Counter({ItemState.OFFERED: 1, ItemState.TO_CALL: 1})
    assert {one.item.call_reason for one in done.items} == {None, CallReason.NO_REPLACEMENT}


class Killed(BaseException):
    """Ends a process in the middle."""


async def test_what_a_killed_process_left_is_gone_on_with(reception: Reception, staff: Principal) -> None:
    booking = reception.booking
    place = await reception.own_place()
    slots = await booking.registry.add_slots(place, [*every_quarter(DAY, 4), *every_quarter(LATER, 4)])
    people = [await somebody(reception) for _ in range(4)]
    for person, slot in zip(people, slots[:4], strict=True):
        await booking.book(person, slot)
    told: list[PersonId] = []

    def kill(person_id: PersonId) -> None:
        told.append(person_id)
        if len(told) == 2:
            raise Killed

    dying = CancellationDesk(reception.desk, booking=booking.terms, published=kill)
    view = await reception.propose(staff, place, starts_from=DAY)
    with pytest.raises(Killed):
        await dying.confirm(staff, proposal_id=view.proposal.id, idempotency_key=uuid7())
    middle = await reception.cancellations.proposal(staff, proposal_id=view.proposal.id)
    assert states(middle) == [ItemState.OFFERED] * 2 + [ItemState.WAITING] * 2
    assert (middle.proposal.status, await channels_of(booking.database, slots[:4])) == (
        ProposalStatus.CONFIRMED,
        [False] * 4,
    )
    assert await reception.cancellations.items.go_on() == 2
    done = await reception.cancellations.proposal(staff, proposal_id=view.proposal.id)
    assert (states(done), done.proposal.status) == ([ItemState.OFFERED] * 4, ProposalStatus.DONE)
    assert Counter(kind for _, kind in await booking.told())[OFFERED] == 4
    assert await reception.cancellations.items.go_on() == 0


async def test_confirming_twice_does_it_once(reception: Reception, staff: Principal) -> None:
    booking = reception.booking
    place = await reception.own_place()
    slots = await booking.registry.add_slots(place, [DAY, LATER])
    await booking.book(await somebody(reception), slots[0])
    view = await reception.propose(staff, place, starts_from=DAY)
    first = await reception.confirm(staff, view.proposal.id)
    assert await reception.confirm(staff, view.proposal.id) == first
    assert await booking.statuses() == [AppointmentStatus.CANCELLED, AppointmentStatus.HELD]


async def test_every_look_at_the_people_is_in_their_audit(reception: Reception, staff: Principal) -> None:
    booking = reception.booking
    place = await reception.own_place()
    slots = await booking.registry.add_slots(place, [DAY])
    anna = await somebody(reception)
    await booking.book(anna, slots[0])
    await reception.propose(staff, place, starts_from=DAY)
    entries = await entries_of(booking.database, anna.person_id)
    assert [(entry.actor_id, entry.actions) for entry in entries] == [(staff.person_id, Action.MANAGE_SCHEDULES.value)]


async def test_another_organisations_desk_finds_nothing(reception: Reception, staff: Principal) -> None:
    place = await reception.own_place()
    slots = await reception.booking.registry.add_slots(place, [DAY])
    view = await reception.propose(staff, place, starts_from=DAY)
    stranger, operator = make_staff(OTHER_OGRN), make_staff(kind=ActorKind.OPERATOR)
    for actor, kind in ((stranger, NotFound), (operator, AccessRefused), (make_principal(), AccessRefused)):
        with pytest.raises(kind):
            await reception.propose(actor, place, starts_from=DAY)
        with pytest.raises(kind):
            await reception.cancellations.proposal(actor, proposal_id=view.proposal.id)
        with pytest.raises(kind):
            await reception.confirm(actor, view.proposal.id)
    with pytest.raises(NotSignedIn):
        await reception.cancellations.proposal(None, proposal_id=view.proposal.id)
    assert await channels_of(reception.booking.database, slots) == [True]


async def test_refuses_a_range_that_is_over_and_a_clinic_kept_elsewhere(reception: Reception, staff: Principal) -> None:
    place = await reception.own_place()
    with pytest.raises(DatesRefused):
        await reception.propose(staff, place, starts_from=NOW - timedelta(days=3))
    async with reception.booking.database.transaction() as session:
        await (await session.connection()).execute(update(ClinicRow).values(kept_by=Registry.FER))
    with pytest.raises(KeptElsewhere):
        await reception.propose(staff, place, starts_from=DAY)


BOOKED = st.lists(st.tuples(st.integers(0, 7), st.booleans()), min_size=1, max_size=6, unique_by=lambda one: one[0])
FREE = st.lists(st.integers(0, 40), max_size=6, unique=True)


async def play(database: Database, booked: list[tuple[int, bool]], free: list[int]) -> None:
    """Book some slots of a day, cancel the day, and look at what became of everybody."""
    await empty(database)
    reception = Reception(Booking(database))
    booking = reception.booking
    place: Place = await reception.own_place()
    day = await booking.registry.add_slots(place, every_quarter(DAY, 8))
    others = await booking.registry.add_slots(place, [DAY + timedelta(days=1, hours=hour) for hour in free] or [LATER])
    people: dict[AppointmentId, tuple[Principal, bool]] = {}
    for number, has_contact in booked:
        given_contact = {} if has_contact else {"phone": None, "email": None}
        person = await somebody(reception, **given_contact)
        people[await booking.book(person, day[number])] = (person, has_contact)
    staff = make_staff(OWN_OGRN)
    view = await reception.propose(staff, place, starts_from=DAY, hours=2)
    done = await reception.confirm(staff, view.proposal.id)
    told = Counter(person for person, kind in await booking.told() if kind == OFFERED)
    rows = {row.id: row for row in await appointments(database)}
    assert {listed.item.appointment_id for listed in done.items} == set(people)
    for listed in done.items:
        item, (person, has_contact) = listed.item, people[listed.item.appointment_id]
        assert rows[item.appointment_id].status is AppointmentStatus.CANCELLED
        kept = [
            row for row in rows.values() if row.person_id == person.person_id and row.status is AppointmentStatus.HELD
        ]
        is_offered = item.state is ItemState.OFFERED
        assert (len(kept), told[person.person_id]) == ((1, 1) if is_offered else (0, 0))
        assert is_offered or item.state is ItemState.TO_CALL
        assert has_contact or item.call_reason is CallReason.NO_CONTACT
        assert all(row.slot_id in others for row in kept)
    reachable = sum(has_contact for _, has_contact in booked)
    assert states(done).count(ItemState.OFFERED) == min(reachable, len(others))
    keeping = Counter(row.slot_id for row in rows.values() if row.status in ACTIVE_STATUSES)
    assert set(keeping.values()) <= {1}


def test_everybody_ends_as_exactly_one_of_told_and_called(database_settings: DatabaseSettings) -> None:
    with asyncio.Runner() as runner:
        database = Database(database_settings)

        @settings(max_examples=3, deadline=None, suppress_health_check=list(HealthCheck))
        @given(booked=BOOKED, free=FREE)
        def check(booked: list[tuple[int, bool]], free: list[int]) -> None:
            runner.run(play(database, booked, free))

        try:
            check()
        finally:
            runner.run(database.close())
