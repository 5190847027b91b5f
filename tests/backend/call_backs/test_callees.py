"""Who is called for somebody else sees who looked at their number, and hears that nobody will call."""

from datetime import date, timedelta

import pytest

from backend.call_backs.values import CallBackId, CallBackOutcome
from identity.capacities import Capacity, Mandate
from identity.principal import PersonId
from tests.factories.access import entries_of
from tests.factories.call_backs import CallBackHouse
from tests.factories.calls import sums
from tests.factories.people import add_person, make_principal

HANDLED = ("handle_call_backs", "allowed")


async def asked_for_a_son(house: CallBackHouse) -> tuple[PersonId, PersonId, CallBackId]:
    """Let a mother ask for her son; return both and the request."""
    mother = await add_person(house.database, phone="+79105550118")
    son = await add_person(house.database, snils=None, phone=None, birth_date=date(2016, 2, 3))
    house.mandates[mother, son] = Mandate(Capacity.PARENT_OF_CHILD)
    return mother, son, await house.ask(son, actor=make_principal(mother))


async def test_looks_are_in_the_log_of_whom_it_is_about_and_of_who_is_called(house: CallBackHouse) -> None:
    mother, son, asked = await asked_for_a_son(house)
    await house.take()
    assert sums(await entries_of(house.database, mother)) == [HANDLED]
    assert sums(await entries_of(house.database, son))[-1:] == [HANDLED]
    await house.settle(asked, CallBackOutcome.REACHED)
    assert sums(await entries_of(house.database, mother)) == [HANDLED] * 2
    assert sums(await entries_of(house.database, son))[-2:] == [HANDLED] * 2


@pytest.mark.parametrize("outcome", [CallBackOutcome.WRONG_NUMBER, CallBackOutcome.NO_ANSWER])
async def test_who_waits_for_the_call_is_told_that_it_will_not_come(
    house: CallBackHouse, outcome: CallBackOutcome
) -> None:
    mother, son, asked = await asked_for_a_son(house)
    for pause in (timedelta(minutes=30), timedelta(hours=2), timedelta(0)):
        await house.take()
        assert await house.settle(asked, outcome) == "done"
        if outcome is CallBackOutcome.WRONG_NUMBER:
            break
        house.clock.advance(pause)
    assert (await house.told(mother), (await house.told(son))[-1:]) == (
        ["call_back_unreached"],
        ["call_back_unreached"],
    )
    assert set(house.published[-2:]) == {mother, son}


async def test_time_tells_it_to_both_once(house: CallBackHouse) -> None:
    mother, son, _ = await asked_for_a_son(house)
    await house.ask(mother)
    house.clock.advance(timedelta(hours=12))
    assert [await house.sweep() for _ in range(2)] == [2, 0]
    assert (await house.told(mother)).count("call_back_unreached") == 2
    assert (await house.told(son)).count("call_back_unreached") == 1
