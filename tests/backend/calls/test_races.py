"""A call that is closed while it is used: the end and the use stand in one line, whichever comes first (S37)."""

import asyncio
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text
from uuid_utils.compat import uuid7

from backend.booking.values import AppointmentId, Channel, SlotId
from backend.database import Database
from identity.access import Action
from identity.call_queries import lock_open, use_open
from identity.errors import AccessRefused
from tests.factories.booking import Booking
from tests.factories.calls import CallHouse, add_insured, make_operator, outcome_of, sums
from tests.plugins.waiting import until


async def waits_for_a_lock(database: Database) -> bool:
    """Say whether somebody of this database stands in line for a lock."""
    if database.is_sqlite:
        queue = database._writers
        return queue is not None and bool(queue._waiters)
    statement = text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    async with database.reading() as session:
        return bool((await (await session.connection()).execute(statement)).scalar_one())


@pytest.fixture
def booking(house: CallHouse) -> Booking:
    return Booking(house.database, clock=house.clock)


def book(house: CallHouse, person_id: Any, hold_id: AppointmentId) -> Any:
    return outcome_of(
        house.appointments.book_appointment(
            house.operator, person_id=person_id, hold_id=hold_id, idempotency_key=uuid7()
        )
    )


async def held(house: CallHouse, person_id: Any, slot_id: SlotId) -> AppointmentId:
    hold = await house.appointments.hold_slot(
        house.operator, person_id=person_id, slot_id=slot_id, channel=Channel.CALL_122, idempotency_key=uuid7()
    )
    return hold.value.id


async def test_a_change_that_meets_the_closing_of_its_call_is_denied(house: CallHouse, booking: Booking) -> None:
    """The closing has the lock and is not committed; the booking waits for it, and then finds the call closed."""
    anna, call_id = await add_insured(house.database), await house.serve()
    hold_id = await held(house, anna, await booking.one_slot())
    async with house.database.transaction() as session:
        ticket = await lock_open(session, house.operator, call_id, house.clock())
        assert ticket is not None
        ticket.closed_at = house.clock()
        session.add(ticket)
        await session.flush()
        change = asyncio.create_task(book(house, anna, hold_id))
        await until(lambda: waits_for_a_lock(house.database), what="the booking to wait for the call")
        assert not change.done()
    assert await change == "ACCESS_REFUSED"
    assert [one.value for one in await booking.statuses()] == ["held"]
    assert await booking.told() == []
    assert sums(await house.entries(anna))[-1] == ("book_appointment", "denied")


async def test_a_call_that_is_used_is_closed_after_the_change(house: CallHouse) -> None:
    """The change has the lock and is not committed; the closing waits for it."""
    anna, call_id = await add_insured(house.database), await house.serve()
    async with house.access.writing(house.operator, Action.BOOK_APPOINTMENT, anna):
        closing = asyncio.create_task(house.close(call_id))
        await until(lambda: waits_for_a_lock(house.database), what="the closing to wait for the change")
        assert not closing.done()
        assert [one.closed_at for one in await house.tickets()] == [None]
    assert await closing == "done"
    assert sums(await house.entries(anna))[-1] == ("book_appointment", "allowed")
    assert await house.look(anna) == "ACCESS_REFUSED"


async def test_a_change_that_began_before_another_patient_was_chosen_waits_and_is_denied(house: CallHouse) -> None:
    anna, call_id = await add_insured(house.database), await house.serve()
    async with house.database.transaction() as session:
        ticket = await lock_open(session, house.operator, call_id, house.clock())
        assert ticket is not None
        ticket.patient_id = None
        session.add(ticket)
        await session.flush()
        look = asyncio.create_task(house.look(anna))
        await until(lambda: waits_for_a_lock(house.database), what="the look to wait for the call")
    assert await look == "ACCESS_REFUSED"


async def test_sixteen_openings_at_once_are_one_call(house: CallHouse) -> None:
    async def open_one() -> str:
        return await outcome_of(house.calls.open(house.operator, caller_number="+79105550198", idempotency_key=uuid7()))

    ended = Counter(await asyncio.gather(*(open_one() for _ in range(16))))
    assert ended == {"done": 1, "CALL_ALREADY_OPEN": 15}
    assert len(await house.tickets()) == 1


async def test_sixteen_wrong_answers_at_once_are_three_tries(house: CallHouse) -> None:
    anna, call_id = await add_insured(house.database), await house.open()
    ended = Counter(await asyncio.gather(*(house.verify(call_id, digits=f"{n:04}") for n in range(16))))
    assert ended == {"CALLER_NOT_VERIFIED": 3, "CALL_VERIFICATION_CLOSED": 13}
    assert len(await house.entries(anna)) == 3


async def test_looks_and_closings_at_once_end_in_one_history(house: CallHouse) -> None:
    anna, call_id = await add_insured(house.database), await house.serve()
    asked = [house.look(anna) for _ in range(12)]
    asked[6:6] = [house.close(call_id) for _ in range(2)]
    ended = await asyncio.gather(*asked)
    allowed = sum(outcome == ("read_profile", "allowed") for outcome in sums(await house.entries(anna)))
    looks = Counter(ended[:6] + ended[8:])
    assert looks["done"] == allowed
    assert looks["done"] + looks["ACCESS_REFUSED"] == 12
    assert await house.look(anna) == "ACCESS_REFUSED"


async def test_the_use_of_a_call_locks_it_and_no_other(house: CallHouse) -> None:
    anna, other = await add_insured(house.database), make_operator()
    await house.serve()
    await house.serve(other)
    async with house.database.transaction() as session:
        used = await use_open(session, house.operator, anna, house.clock() + timedelta(minutes=1))
        assert used is not None
        assert used.used_at == house.clock() + timedelta(minutes=1)
        if not house.database.is_sqlite:  # there one writer follows another whatever they write
            async with house.database.transaction() as another:
                assert await use_open(another, other, anna, house.clock()) is not None


async def test_a_refused_change_leaves_the_caller_of_it_an_exception_and_nothing_else(house: CallHouse) -> None:
    anna = await add_insured(house.database)
    with pytest.raises(AccessRefused):
        async with house.access.writing(house.operator, Action.BOOK_APPOINTMENT, anna):
            raise AssertionError("nobody may get here")
    assert sums(await house.entries(anna)) == [("book_appointment", "denied")]
