"""How much an operator takes and a person asks, and what a request does that the sweep is just ending."""

from datetime import timedelta

from sqlmodel import select

from backend.call_backs.tables import CallBackRow
from backend.call_backs.terms import CallBackTerms
from identity.call_rules import MOST_CALL_BACKS_OF_OPERATOR, THROTTLED_FOR
from tests.backend.call_backs.test_desk import REACHED, people
from tests.factories.access import entries_of
from tests.factories.call_backs import CallBackHouse, ended
from tests.factories.calls import make_operator


async def test_nobody_reads_the_list_through_by_taking(house: CallBackHouse) -> None:
    """A telephone book of patients is not to be had by calling nobody."""
    (anna,) = await people(house, 1)
    operator = house.house.operator
    for _ in range(MOST_CALL_BACKS_OF_OPERATOR):
        await house.house.close(await house.house.open())
    await house.ask(anna)
    assert MOST_CALL_BACKS_OF_OPERATOR == 60
    assert await ended(house.take()) == "CALL_THROTTLED"
    assert await entries_of(house.database, anna) == []
    assert await house.desk.taken(operator) is None
    taken = await house.take(make_operator())
    assert await house.settle(taken.taken.listed.id, REACHED) == "CALL_BACK_NOT_TAKEN"
    house.clock.advance(THROTTLED_FOR)
    assert (await house.take()).taken.person_id == anna


async def test_what_was_refused_for_being_too_much_is_not_there(house: CallBackHouse) -> None:
    (anna,) = await people(house, 1)
    for _ in range(CallBackTerms().most_a_day - 1):
        await house.cancel(anna, await house.ask(anna))
    last = await house.ask(anna)
    assert await ended(house.ask(anna)) == "CALL_BACK_EXISTS"  # the index says so before anything is counted
    await house.cancel(anna, last)
    for _ in range(2):
        assert await ended(house.ask(anna)) == "TOO_MANY_CALL_BACKS"
    assert len(await house.rows()) == 5
    assert await house.told(anna) == ["call_back_requested"] * 5


async def test_asking_while_the_sweep_ends_ones_last_request_is_to_be_tried_again(house: CallBackHouse) -> None:
    if house.database.is_sqlite:  # there one writer follows another
        return
    (anna,) = await people(house, 1)
    await house.ask(anna)
    house.clock.advance(timedelta(hours=11))
    async with house.database.transaction() as session:
        await session.exec(select(CallBackRow).with_for_update())
        assert await ended(house.ask(anna)) == "DATABASE_BUSY"
    await house.ask(anna)
    assert [row.state.value for row in await house.rows()] == ["missed", "waiting"]
