"""Every fault is planted and found, and a region without faults has none."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta
from typing import Any, TypeAlias
from uuid import UUID

import pytest
from sqlalchemy import delete, insert, text, update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession
from uuid_utils.compat import uuid7

from backend.booking.appointment_tables import AppointmentEventRow, AppointmentRow
from backend.booking.inspection import inspect
from backend.booking.inspection_queries import CHUNK
from backend.booking.inspection_rules import Fault, Flaw, Happened, Inspected, Limits, is_explained
from backend.booking.states import ActorRole, AppointmentStatus, EventKind
from backend.booking.tables import SlotRow
from backend.booking.values import AppointmentId, Channel
from identity.principal import Principal
from tests.factories.booking import Booking, Place, citizens
from tests.factories.people import NOW

S, K = AppointmentStatus, EventKind
SOON = NOW + timedelta(hours=3)


Found: TypeAlias = set[tuple[Fault, tuple[UUID, ...]]]


async def flaws(booking: Booking, limits: Limits = Limits()) -> Found:  # noqa: B008 # frozen
    async with booking.database.snapshot() as session:
        return await flaws_in(session, booking, limits)


async def flaws_in(session: AsyncSession, booking: Booking, limits: Limits) -> Found:
    found = [one async for one in inspect(session, now=booking.clock(), limits=limits)]
    return {(one.fault, one.appointment_ids) for one in found if isinstance(one, Flaw)}


class Undone(Exception):
    """Takes back what a test did to the shape of the database."""


@asynccontextmanager
async def without_index(booking: Booking, name: str) -> AsyncIterator[AsyncSession]:
    """Open a transaction in which an index is gone; it is back afterwards, and what was written is not there."""
    with suppress(Undone):
        async with booking.database.transaction() as session:
            await (await session.connection()).execute(text(f"DROP INDEX {name}"))
            yield session
            raise Undone


async def change(booking: Booking, appointment_id: UUID, **values: Any) -> None:
    async with booking.database.transaction() as session:
        await session.exec(update(AppointmentRow).where(col(AppointmentRow.id) == appointment_id).values(**values))


async def forget(booking: Booking, *appointment_ids: UUID) -> None:
    """Take away what is told of some appointments, or of all: as from before events were written."""
    told = delete(AppointmentEventRow)
    if appointment_ids:
        told = told.where(col(AppointmentEventRow.appointment_id).in_(appointment_ids))
    async with booking.database.transaction() as session:
        await (await session.connection()).execute(told)


async def tell(booking: Booking, appointment_id: UUID, kinds: Iterable[EventKind], *, slot_id: UUID) -> None:
    """Write events of an appointment, as what changes it does."""
    async with booking.database.transaction() as session:
        row = await session.get(AppointmentRow, appointment_id)
        assert row is not None
        rows = [
            AppointmentEventRow(
                person_id=row.person_id,
                appointment_id=row.id,
                kind=kind,
                at=row.created_at,
                role=ActorRole.PATIENT,
                slot_id=slot_id,
            )
            for kind in kinds
        ]
        session.add_all(rows)


async def two_booked(booking: Booking, anna: Principal, *, same_specialty: bool = False) -> tuple[UUID, UUID]:
    """Book two visits that may stand beside each other; return their ids by start."""
    slots = [
        await booking.one_slot(at=SOON, specialty="therapist"),
        await booking.one_slot(at=SOON + timedelta(hours=1), specialty="dentist"),
    ]
    first, second = [await booking.book(anna, slot) for slot in slots]
    if same_specialty:
        async with booking.database.transaction() as session:
            row = await session.get(AppointmentRow, first)
            assert row is not None
            specialty_id = row.specialty_id
            await session.exec(update(SlotRow).where(col(SlotRow.id) == slots[1]).values(specialty_id=specialty_id))
        await change(booking, second, specialty_id=specialty_id)
    return first, second


async def test_a_life_without_faults_has_none(booking: Booking, anna: Principal) -> None:
    first, _ = await two_booked(booking, anna)
    await booking.cancel(anna, AppointmentId(first))
    place = await booking.one_place(specialty="cardiologist")
    slot, other = await booking.registry.add_slots(place, [SOON + timedelta(hours=2), SOON + timedelta(hours=3)])
    await booking.hold(anna, slot)
    booking.clock.advance(timedelta(minutes=6))
    await booking.book(anna, other)
    assert await flaws(booking) == set()


async def test_two_claims_of_one_slot_are_found_where_the_index_is_gone(booking: Booking, anna: Principal) -> None:
    first = await booking.book(anna, await booking.one_slot())
    await forget(booking)
    async with without_index(booking, "appointments_one_active_per_slot") as session:
        row = await session.get(AppointmentRow, first)
        assert row is not None
        twin = {**row.model_dump(), "id": uuid7(), "person_id": uuid7()}
        await session.exec(insert(AppointmentRow).values(twin))
        assert await flaws_in(session, booking, Limits()) == {(Fault.TWO_CLAIMS_OF_SLOT, (first, twin["id"]))}
    assert await flaws(booking) == set()


async def test_a_claim_on_a_withdrawn_slot_is_found_until_it_is_over(booking: Booking, anna: Principal) -> None:
    slot = await booking.one_slot(at=SOON)
    visit = await booking.book(anna, slot)
    async with booking.database.transaction() as session:
        await session.exec(update(SlotRow).where(col(SlotRow.id) == slot).values(channels=0))
    assert await flaws(booking) == {(Fault.CLAIM_ON_WITHDRAWN_SLOT, (visit,))}
    booking.clock.advance(timedelta(hours=4))
    assert await flaws(booking) == set()


async def test_two_visits_at_the_same_time_are_found(booking: Booking, anna: Principal) -> None:
    first, second = await two_booked(booking, anna)
    later = {"starts_at": SOON + timedelta(minutes=14), "ends_at": SOON + timedelta(minutes=29)}
    async with booking.database.transaction() as session:
        row = await session.get(AppointmentRow, second)
        assert row is not None
        await session.exec(update(SlotRow).where(col(SlotRow.id) == row.slot_id).values(**later))
    await change(booking, second, **later)
    assert await flaws(booking) == {(Fault.OVERLAP, (first, second))}
    await change(booking, second, replaces_id=first)
    assert await flaws(booking) == set()


async def test_two_visits_of_one_specialty_are_found(booking: Booking, anna: Principal) -> None:
    first, second = await two_booked(booking, anna, same_specialty=True)
    assert await flaws(booking) == {(Fault.TWO_OF_SPECIALTY, (first, second))}
    booking.clock.advance(timedelta(hours=3, minutes=30))
    assert await flaws(booking) == set()


@pytest.mark.parametrize("column", ["starts_at", "ends_at", "specialty_id"])
async def test_what_is_not_as_its_slot_is_found(booking: Booking, anna: Principal, column: str) -> None:
    visit = await booking.book(anna, await booking.one_slot())
    wrong: dict[str, Any] = {
        "starts_at": SOON - timedelta(minutes=1),
        "ends_at": SOON + timedelta(hours=1),
        "specialty_id": (await booking.one_place(specialty="dentist")).specialty_id,
    }
    await change(booking, visit, **{column: wrong[column]})
    assert await flaws(booking) == {(Fault.NOT_AS_ITS_SLOT, (visit,))}
    await booking.cancel(anna, visit)
    assert await flaws(booking) == set()


async def test_a_referral_used_twice_is_found_where_the_index_is_gone(booking: Booking, anna: Principal) -> None:
    visits, referral_id = await two_booked(booking, anna), uuid7()
    await forget(booking)
    await change(booking, visits[0], referral_id=referral_id)
    async with without_index(booking, "appointments_one_per_referral") as session:
        second = update(AppointmentRow).where(col(AppointmentRow.id) == visits[1])
        await session.exec(second.values(referral_id=referral_id))
        assert await flaws_in(session, booking, Limits()) == {(Fault.REFERRAL_USED_TWICE, visits)}
        await session.exec(second.values(status=S.NO_SHOW))
        assert await flaws_in(session, booking, Limits()) == set()


@pytest.mark.parametrize("status", [S.PENDING, S.UNKNOWN, S.CANCELLING])
async def test_what_is_unsettled_too_long_is_found(
    booking: Booking, anna: Principal, status: AppointmentStatus
) -> None:
    visit = await booking.book(anna, await booking.one_slot())
    await forget(booking)
    await change(booking, visit, status=status, asked_at=NOW)
    booking.clock.advance(timedelta(hours=1))
    assert await flaws(booking) == set()
    booking.clock.advance(timedelta(seconds=1))
    assert await flaws(booking) == {(Fault.UNSETTLED_TOO_LONG, (visit,))}
    assert await flaws(booking, Limits(unsettled=timedelta(hours=2))) == set()


async def test_a_hold_that_nobody_sweeps_is_found(booking: Booking, anna: Principal) -> None:
    hold = await booking.hold(anna, await booking.one_slot())
    booking.clock.advance(timedelta(minutes=15))
    assert await flaws(booking) == set()
    booking.clock.advance(timedelta(seconds=1))
    assert await flaws(booking) == {(Fault.HOLD_LONG_OVER, (hold,))}


async def test_a_state_without_its_events_is_found_but_for_what_is_older_than_all_events(
    booking: Booking, anna: Principal
) -> None:
    slots = [await booking.one_slot(at=SOON + timedelta(hours=n), specialty=f"s{n}") for n in range(3)]
    older = await booking.book(anna, slots[0])
    booking.clock.advance(timedelta(seconds=1))
    told, untold = [await booking.book(anna, slot) for slot in slots[1:]]
    assert await flaws(booking) == set()
    await forget(booking, older, untold)
    assert await flaws(booking) == {(Fault.STATUS_UNEXPLAINED, (untold,))}
    await tell(booking, untold, [K.HELD, K.BOOKED, K.CANCELLED], slot_id=slots[2])
    assert await flaws(booking) == {(Fault.STATUS_UNEXPLAINED, (untold,))}
    assert older not in {told, untold}


CHAINS: list[tuple[list[EventKind], AppointmentStatus, bool]] = [
    ([K.HELD], S.HELD, True),
    ([K.HELD], S.RELEASED, True),  # by the clock, unsaid
    ([K.HELD, K.EXTENDED, K.RELEASED], S.RELEASED, True),
    ([K.HELD], S.CONFIRMED, False),
    ([K.HELD, K.BOOKED], S.CONFIRMED, True),
    ([K.BOOKED], S.CONFIRMED, False),
    ([K.HELD, K.HELD], S.HELD, False),
    ([K.HELD, K.BOOKED, K.BOOKED], S.CONFIRMED, False),
    ([K.HELD, K.AGREED], S.PENDING, True),
    ([K.HELD, K.ASKED, K.AGREED, K.BOOKED], S.CONFIRMED, True),
    ([K.HELD, K.AGREED, K.RELEASED], S.RELEASED, True),
    ([K.HELD, K.ASKED, K.AGREED, K.ASKED, K.CANCELLED], S.CANCELLED, True),
    ([K.HELD, K.ASKED], S.PENDING, True),
    ([K.HELD, K.ASKED], S.UNKNOWN, True),
    ([K.HELD, K.ASKED, K.BOOKED], S.CONFIRMED, True),
    ([K.HELD, K.ASKED, K.REFUSED], S.REFUSED, True),
    ([K.HELD, K.ASKED, K.REFUSED], S.CONFIRMED, True),
    ([K.HELD, K.BOOKED, K.ASKED], S.CANCELLING, True),
    ([K.HELD, K.BOOKED, K.ASKED, K.CANCELLED], S.CANCELLED, True),
    ([K.HELD, K.BOOKED, K.CANCELLED], S.CANCELLED, True),
    ([K.HELD, K.CANCELLED], S.CANCELLED, False),
    ([K.HELD, K.BOOKED, K.CHECKED_IN, K.ATTENDED], S.ATTENDED, True),
    ([K.HELD, K.BOOKED, K.NO_SHOW, K.APPEALED, K.APPEAL_SETTLED], S.ATTENDED, True),
    ([K.HELD, K.BOOKED, K.CANCELLED, K.ATTENDED], S.ATTENDED, False),
    ([], S.HELD, False),
]


@pytest.mark.parametrize(("kinds", "status", "explained"), CHAINS)
def test_events_lead_to_a_state_or_do_not(
    kinds: list[EventKind], status: AppointmentStatus, *, explained: bool
) -> None:
    one = inspected(status=status)
    assert is_explained(one, [happened(one, kind) for kind in kinds]) is explained


def test_events_lead_to_the_slot_that_was_moved_to() -> None:
    one, former = inspected(), uuid7()
    before = [happened(one, kind, slot_id=former) for kind in (K.HELD, K.BOOKED)]
    assert is_explained(one, [*before, happened(one, K.MOVED, from_slot_id=former)])
    assert not is_explained(one, [*before, happened(one, K.MOVED, from_slot_id=uuid7())])
    assert not is_explained(one, before)
    assert not is_explained(one, [*before, happened(one, K.CHECKED_IN)])


async def test_chunks_do_not_hide_what_lies_across_their_edges(booking: Booking) -> None:
    """One person's visits begin in one chunk and end in the next one."""
    place = await booking.one_place()
    people = [one.person_id for one in citizens(3)]
    for person in people:
        starts = [SOON + timedelta(minutes=n) for n in range(CHUNK // 2 + 1)]
        await plant(booking, place, person, starts)
    pairs = {ids for fault, ids in await flaws(booking) if fault is Fault.OVERLAP}
    assert len(pairs) == len(people) * sum(min(14, CHUNK // 2 - n) for n in range(CHUNK // 2))


def inspected(**given: Any) -> Inspected:
    """Return an appointment that is as its slot."""
    specialty_id, slot_id = uuid7(), uuid7()
    return Inspected(
        **{
            "person_id": uuid7(),
            "id": uuid7(),
            "slot_id": slot_id,
            "specialty_id": specialty_id,
            "starts_at": SOON,
            "ends_at": SOON + timedelta(minutes=15),
            "status": S.CONFIRMED,
            "created_at": NOW,
            "hold_expires_at": None,
            "replaces_id": None,
            "referral_id": None,
            "asked_at": None,
            "slot_specialty_id": specialty_id,
            "slot_starts_at": SOON,
            "slot_ends_at": SOON + timedelta(minutes=15),
            "slot_channels": 31,
            **given,
        }
    )


def happened(one: Inspected, kind: EventKind, **given: Any) -> Happened:
    """Return an event of an appointment."""
    return Happened(
        **{"appointment_id": one.id, "id": uuid7(), "kind": kind, "slot_id": one.slot_id, "from_slot_id": None, **given}
    )


async def plant(booking: Booking, place: Place, person_id: UUID, starts: list[datetime]) -> None:
    """Write visits of 15 minutes as no service would, in slots of a doctor of their own."""
    own = await booking.registry.add_place(place.clinic_id)
    slots = await booking.registry.add_slots(own, starts)
    rows = [
        {
            "id": uuid7(),
            "person_id": person_id,
            "actor_id": person_id,
            "slot_id": slot,
            "specialty_id": own.specialty_id,
            "starts_at": start,
            "ends_at": start + timedelta(minutes=15),
            "status": S.ATTENDED,
            "channel": Channel.APP,
            "created_at": NOW,
        }
        for slot, start in zip(slots, starts, strict=True)
    ]
    async with booking.database.transaction() as session:
        await (await session.connection()).execute(insert(AppointmentRow), rows)
