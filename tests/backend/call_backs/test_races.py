"""Several at once: nobody is called twice, and one of two that change the same wins."""

import asyncio
from collections import Counter

from backend.call_backs.values import CallBackOutcome, CallBackState
from identity.capacities import Capacity, Mandate
from tests.backend.call_backs.test_desk import people
from tests.factories.call_backs import CallBackHouse, ended
from tests.factories.calls import make_operator
from tests.factories.people import make_principal


async def test_operators_who_take_at_once_get_different_people(house: CallBackHouse) -> None:
    for person in await people(house, 5):
        await house.ask(person)
    operators = [make_operator() for _ in range(8)]
    outcomes = await asyncio.gather(*(ended(house.take(one)) for one in operators))
    assert Counter(outcomes) == {"done": 5, "NO_CALL_BACK_DUE": 3}
    taken = [one.taken.person_id for each in operators if (one := await house.desk.taken(each))]
    assert len(set(taken)) == len(taken) == 5
    assert len({row.call_id for row in await house.rows()}) == 5


async def test_one_operator_who_takes_twice_at_once_gets_one(house: CallBackHouse) -> None:
    for person in await people(house, 3):
        await house.ask(person)
    outcomes = await asyncio.gather(*(ended(house.take()) for _ in range(3)))
    assert Counter(outcomes)["done"] == 1
    assert set(outcomes) <= {"done", "CALL_BACK_UNSETTLED", "CALL_ALREADY_OPEN", "NO_CALL_BACK_DUE"}
    assert [row.state.value for row in await house.rows()].count("taken") == 1


async def test_a_person_who_asks_twice_at_once_is_called_once(house: CallBackHouse) -> None:
    (anna,) = await people(house, 1)
    outcomes = await asyncio.gather(*(ended(house.ask(anna)) for _ in range(4)))
    assert Counter(outcomes) == {"done": 1, "CALL_BACK_EXISTS": 3}
    assert len(await house.rows()) == 1
    assert await house.told(anna) == ["call_back_requested"]


async def test_taking_and_giving_up_at_once_end_as_one_of_them(house: CallBackHouse) -> None:
    for anna in await people(house, 6):
        asked, operator = await house.ask(anna), make_operator()
        taking, giving_up = await asyncio.gather(ended(house.take(operator)), house.cancel(anna, asked))
        row = next(row for row in await house.rows() if row.id == asked)
        if giving_up == "done":
            assert row.state is CallBackState.CANCELLED
        else:
            assert giving_up == "DATABASE_BUSY"
            assert (taking, row.state) == ("done", CallBackState.TAKEN)
            assert await house.cancel(anna, asked) == "done"


async def test_who_acts_for_somebody_gives_up_while_an_operator_takes_and_nobody_waits_for_ever(
    house: CallBackHouse,
) -> None:
    """The one has the audit's head and wants the request, the other has the request and wants the head."""
    mother = (await people(house, 7))[-1]
    for son in (await people(house, 6))[:6]:
        house.mandates[mother, son] = Mandate(Capacity.PARENT_OF_CHILD)
        asked, operator = await house.ask(son, actor=make_principal(mother)), make_operator()
        taking, giving_up = await asyncio.gather(
            ended(house.take(operator)), house.cancel(son, asked, actor=make_principal(mother))
        )
        assert taking in {"done", "NO_CALL_BACK_DUE"}
        assert giving_up in {"done", "DATABASE_BUSY"}
        row = next(row for row in await house.rows() if row.id == asked)
        assert row.state is (CallBackState.CANCELLED if giving_up == "done" else CallBackState.TAKEN)
        if giving_up != "done":
            assert await house.settle(asked, CallBackOutcome.NOT_NEEDED, operator=operator) == "done"


async def test_settling_twice_at_once_counts_once(house: CallBackHouse) -> None:
    (anna,) = await people(house, 1)
    asked = await house.ask(anna)
    await house.take()
    outcomes = await asyncio.gather(*(house.settle(asked, CallBackOutcome.NO_ANSWER) for _ in range(4)))
    assert Counter(outcomes) == {"done": 1, "CALL_BACK_NOT_TAKEN": 3}
    assert [row.attempts for row in await house.rows()] == [1]


async def test_sweeping_at_once_tells_once(house: CallBackHouse) -> None:
    persons = await people(house, 3)
    for person in persons:
        await house.ask(person)
    house.clock.set(house.clock().replace(hour=23))
    assert sum(await asyncio.gather(*(house.sweep() for _ in range(3)))) == 3
    for person in persons:
        assert await house.told(person) == ["call_back_requested", "call_back_unreached"]
        assert len(await house.service.shown(make_principal(person), person_id=person)) == 1
