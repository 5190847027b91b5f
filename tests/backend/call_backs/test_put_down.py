"""Whom clinics put down beside what people ask for themselves: once a cancellation, with time for every try."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest
from uuid_utils.compat import uuid7

from backend.call_backs.put_down import put_down
from backend.call_backs.terms import CallBackTerms
from backend.call_backs.values import CallBackId, CallBackState, Callee
from identity.principal import PersonId
from tests.factories.call_backs import PHONE, CallBackHouse, ended
from tests.factories.people import NOW, add_person, make_principal

MOSCOW = timedelta(hours=3)


async def put(
    house: CallBackHouse, *people: PersonId, proposal_id: UUID | None = None, number: str = PHONE
) -> list[PersonId]:
    """Put people down for a cancellation, a new one unless told otherwise; return who was."""
    callees = [Callee(one, number, "Europe/Moscow") for one in people]
    async with house.database.transaction() as session:
        return await put_down(session, callees, actor_id=uuid7(), proposal_id=proposal_id or uuid7(), now=house.clock())


async def test_a_person_is_put_down_once_for_each_cancellation_whatever_became_of_it(house: CallBackHouse) -> None:
    anna, first, second = await add_person(house.database), uuid7(), uuid7()
    assert await put(house, anna, proposal_id=first) == [anna]
    assert await put(house, anna, proposal_id=first) == []
    (row,) = await house.rows()
    assert await house.cancel(anna, CallBackId(row.id)) == "done"
    assert await put(house, anna, proposal_id=first) == []
    assert await put(house, anna, proposal_id=second) == [anna]
    assert [row.proposal_id for row in await house.rows()] == [first, second]


async def test_own_requests_and_those_of_clinics_stand_side_by_side(house: CallBackHouse) -> None:
    anna = await add_person(house.database)
    await put(house, anna)
    own = await house.ask(anna)
    assert await ended(house.ask(anna)) == "CALL_BACK_EXISTS"
    await put(house, anna)
    first, _, second = await house.rows()
    shown = await house.service.shown(make_principal(anna), person_id=anna)
    assert [one.id for one in shown] == [second.id, own, first.id]
    assert await house.cancel(anna, CallBackId(first.id)) == "done"
    assert [row.state for row in await house.rows()] == [
        CallBackState.CANCELLED,
        CallBackState.WAITING,
        CallBackState.WAITING,
    ]
    assert await house.cancel(anna, own) == "done"
    assert await house.ask(anna) != own
    assert (await house.rows())[2].state is CallBackState.WAITING


async def test_what_clinics_put_down_takes_up_nothing_of_a_days_requests(house: CallBackHouse) -> None:
    anna = await add_person(house.database)
    for _ in range(5):
        await put(house, anna)
    await house.ask(anna)


@pytest.mark.parametrize(
    ("now", "begins_at"),
    [
        (NOW.replace(hour=17) - timedelta(hours=3), NOW.replace(hour=14)),
        (NOW.replace(hour=17) - timedelta(hours=2, minutes=59), NOW.replace(day=23, hour=8) - MOSCOW),
        (NOW.replace(hour=16, minute=29), NOW.replace(day=23, hour=8) - MOSCOW),
    ],
    ids=["room", "no room", "evening"],
)
async def test_a_window_has_room_for_every_try_or_is_tomorrows(
    house: CallBackHouse, now: datetime, begins_at: datetime
) -> None:
    anna = await add_person(house.database)
    house.clock.set(now)
    await put(house, anna)
    (row,) = await house.rows()
    assert (row.begins_at, row.due_at) == (begins_at, begins_at)
    assert row.ends_at - row.begins_at >= CallBackTerms().for_all_attempts == timedelta(hours=3)


async def test_numbers_that_operators_do_not_call_stay_with_the_desk(house: CallBackHouse) -> None:
    anna = await add_person(house.database)
    assert await put(house, anna, number="+375291234567") == []
    assert await put(house, anna, number="+78095550117") == []
    assert await house.rows() == []


async def test_a_registered_number_that_operators_do_not_call_is_as_good_as_none(house: CallBackHouse) -> None:
    anna = await add_person(house.database, phone="+77012345678")
    assert await ended(house.ask(anna)) == "CALL_BACK_NUMBER_UNKNOWN"
    assert await ended(house.ask(anna, number="+375291234567")) == "PHONE_INVALID"
    await house.ask(anna, number=PHONE)
