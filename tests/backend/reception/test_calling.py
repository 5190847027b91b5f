"""Whom a cancelled day leaves to be called is on the list of 122 too, where there is a number to call (ADR 0040)."""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.call_backs.tables import CallBackRow
from backend.call_backs.values import CallBackReason, CallBackState
from backend.database import Database
from backend.reception.cancellations import CancellationDesk
from backend.reception.items import Items
from backend.reception.proposal_queries import items_of
from backend.reception.proposal_values import (
    CallReason,
    CancellationTerms,
    ItemState,
    Proposal,
    ProposalStatus,
)
from identity.principal import PersonId, Principal
from tests.backend.reception.test_cancellations import DAY, LATER, Killed, every_quarter, somebody
from tests.factories.call_backs import CallBackHouse
from tests.factories.people import NOW
from tests.factories.reception import Reception, states


async def call_backs(database: Database) -> list[CallBackRow]:
    async with database.reading() as session:
        return list(await session.exec(select(CallBackRow).order_by(col(CallBackRow.id))))


@contextmanager
def inserts_into_the_list(database: Database) -> Iterator[list[str]]:
    """Note each insert of call-backs."""
    found: list[str] = []

    def note(_connection: Any, _cursor: Any, sql: str, *_rest: Any) -> None:
        if sql.startswith("INSERT INTO call_backs"):
            found.append(sql)

    event.listen(database.engine.sync_engine, "before_cursor_execute", note)
    yield found
    event.remove(database.engine.sync_engine, "before_cursor_execute", note)


async def test_whoever_gets_no_other_time_and_has_a_number_is_put_down_by_one_insert(
    reception: Reception, staff: Principal
) -> None:
    booking = reception.booking
    place = await reception.own_place()
    slots = await booking.registry.add_slots(place, every_quarter(DAY, 6))
    people = [await somebody(reception, phone=f"+7910555{n:04}") for n in range(4)]
    silent = await somebody(reception, phone=None, email=None)
    by_mail = await somebody(reception, phone=None)
    for person, slot in zip([*people, silent, by_mail], slots, strict=True):
        await booking.book(person, slot)
    view = await reception.propose(staff, place, starts_from=DAY)
    with inserts_into_the_list(booking.database) as inserts:
        done = await reception.confirm(staff, view.proposal.id)
    assert len(inserts) == 1
    assert states(done) == [ItemState.TO_CALL] * 6  # the desk's own list is whole
    assert [one.item.call_reason for one in done.items].count(CallReason.NO_CONTACT) == 1
    rows = await call_backs(booking.database)
    assert {(row.person_id, row.called_number) for row in rows} == {
        (person.person_id, f"+7910555{n:04}") for n, person in enumerate(people)
    }
    assert {(row.reason, row.state, row.proposal_id, row.actor_id) for row in rows} == {
        (CallBackReason.CANCELLATION, CallBackState.WAITING, view.proposal.id, staff.person_id)
    }
    assert {(row.due_at, row.ends_at) for row in rows} == {(NOW, NOW.replace(hour=17))}


async def test_whoever_is_offered_another_time_is_not_called(reception: Reception, staff: Principal) -> None:
    booking = reception.booking
    place = await reception.own_place()
    slots = await booking.registry.add_slots(place, [DAY, LATER])
    await booking.book(await somebody(reception), slots[0])
    done = await reception.confirm(staff, (await reception.propose(staff, place, starts_from=DAY)).proposal.id)
    assert states(done) == [ItemState.OFFERED]
    assert await call_backs(booking.database) == []


async def test_two_visits_of_one_day_are_one_call_and_a_request_of_ones_own_swallows_none(
    reception: Reception, staff: Principal
) -> None:
    booking = reception.booking
    house = CallBackHouse(booking.database)
    place = await reception.own_place()
    other = await booking.registry.add_place(place.clinic_id, specialty="dentist")
    slots = await booking.registry.add_slots(place, every_quarter(DAY, 2))
    [later] = await booking.registry.add_slots(other, [DAY + timedelta(hours=3)])
    anna, boris = await somebody(reception), await somebody(reception, phone="+79105550118")
    for person, slot in ((anna, slots[0]), (anna, later), (boris, slots[1])):
        await booking.book(person, slot)
    asked = await house.ask(boris.person_id)
    view = await reception.propose(staff, place, starts_from=DAY)
    done = await reception.confirm(staff, view.proposal.id)
    assert states(done) == [ItemState.TO_CALL] * 3
    rows = await call_backs(booking.database)
    assert sorted((row.person_id, row.reason.value) for row in rows) == sorted(
        [(anna.person_id, "cancellation"), (boris.person_id, "booking"), (boris.person_id, "cancellation")]
    )
    assert asked in {row.id for row in rows}


async def test_a_request_whose_window_has_passed_swallows_nobody_swept_or_not(
    reception: Reception, staff: Principal
) -> None:
    booking = reception.booking
    house = CallBackHouse(booking.database)
    place = await reception.own_place()
    [slot] = await booking.registry.add_slots(place, [DAY])
    anna = await somebody(reception)
    await booking.book(anna, slot)
    await house.ask(anna.person_id)
    booking.clock.advance(timedelta(hours=12))
    done = await reception.confirm(staff, (await reception.propose(staff, place, starts_from=DAY)).proposal.id)
    assert (done.proposal.status, states(done)) == (ProposalStatus.DONE, [ItemState.TO_CALL])
    rows = await call_backs(booking.database)
    assert [row.proposal_id for row in rows] == [None, done.proposal.id]


class Overtaken(Items):
    """Another process settles an appointment after whom to call was read, before what waits is counted."""

    settles: Callable[[], Awaitable[None]]

    async def _put_down(self, session: AsyncSession, proposal: Proposal) -> None:
        await super()._put_down(session, proposal)
        await self.settles()


async def test_who_is_settled_by_another_process_meanwhile_is_put_down(reception: Reception, staff: Principal) -> None:
    booking = reception.booking
    if booking.database.is_sqlite:  # there one writer follows another
        return
    place = await reception.own_place()
    slots = await booking.registry.add_slots(place, every_quarter(DAY, 2))
    for number, slot in enumerate(slots):
        await booking.book(await somebody(reception, phone=f"+7910555{number:04}"), slot)
    view = await reception.propose(staff, place, starts_from=DAY)
    dying = CancellationDesk(reception.desk, booking=booking.terms, published=_die)
    with pytest.raises(Killed):
        await dying.confirm(staff, proposal_id=view.proposal.id, idempotency_key=view.proposal.id)
    items = reception.cancellations.items
    overtaken = Overtaken(
        booking.database,
        booking.clock,
        booking=booking.terms,
        terms=CancellationTerms(),
        published=booking.published.append,
    )
    proposal = (await reception.cancellations.proposal(staff, proposal_id=view.proposal.id)).proposal

    async def settle_the_other() -> None:
        (waiting,) = [
            one for one in await items_of(booking.database.read, proposal.id) if one.state is ItemState.WAITING
        ]
        assert await items._settle(proposal, waiting)  # what the other process has got to

    overtaken.settles = settle_the_other
    await overtaken.settle(proposal, limit=0)
    await items.go_on()
    done = await reception.cancellations.proposal(staff, proposal_id=view.proposal.id)
    assert done.proposal.status is ProposalStatus.DONE
    assert len({row.person_id for row in await call_backs(booking.database)}) == 2


async def test_what_a_killed_process_left_is_put_down_by_the_sweep_once(reception: Reception, staff: Principal) -> None:
    booking = reception.booking
    place = await reception.own_place()
    slots = await booking.registry.add_slots(place, every_quarter(DAY, 3))
    for number, slot in enumerate(slots):
        await booking.book(await somebody(reception, phone=f"+7910555{number:04}"), slot)
    told: list[PersonId] = []

    def kill(person_id: PersonId) -> None:
        told.append(person_id)
        if len(told) == 3:
            raise Killed

    dying = CancellationDesk(reception.desk, booking=booking.terms, published=kill)
    view = await reception.propose(staff, place, starts_from=DAY)
    with pytest.raises(Killed):
        await dying.confirm(staff, proposal_id=view.proposal.id, idempotency_key=view.proposal.id)
    middle = await reception.cancellations.proposal(staff, proposal_id=view.proposal.id)
    assert (states(middle), middle.proposal.status) == ([ItemState.TO_CALL] * 3, ProposalStatus.CONFIRMED)
    assert await call_backs(booking.database) == []
    await reception.cancellations.items.go_on()
    done = await reception.cancellations.proposal(staff, proposal_id=view.proposal.id)
    assert done.proposal.status is ProposalStatus.DONE
    assert len(await call_backs(booking.database)) == 3
    await reception.cancellations.items.go_on()
    assert len(await call_backs(booking.database)) == 3


async def test_what_was_called_is_not_put_down_again_by_a_later_part(reception: Reception, staff: Principal) -> None:
    """Parts are of fifty: whoever was called after the first one is not called for the second."""
    booking = reception.booking
    house = CallBackHouse(booking.database)
    place = await reception.own_place()
    slots = await booking.registry.add_slots(place, every_quarter(DAY, 2))
    for number, slot in enumerate(slots):
        await booking.book(await somebody(reception, phone=f"+7910555{number:04}"), slot)
    view = await reception.propose(staff, place, starts_from=DAY)
    dying = CancellationDesk(reception.desk, booking=booking.terms, published=_die)
    with pytest.raises(Killed):
        await dying.confirm(staff, proposal_id=view.proposal.id, idempotency_key=view.proposal.id)
    current = await reception.cancellations.proposal(staff, proposal_id=view.proposal.id)
    items = reception.cancellations.items
    await items.settle(current.proposal, limit=0)
    first = await house.take()
    await house.cancel(first.taken.person_id, first.taken.listed.id)
    await items.settle(current.proposal, limit=10)
    rows = await call_backs(booking.database)
    assert [row.state for row in rows] == [CallBackState.CANCELLED, CallBackState.WAITING]
    assert len({row.person_id for row in rows}) == 2


def _die(_person_id: PersonId) -> None:
    raise Killed
