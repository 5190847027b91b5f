"""A call outlives its number: the audit refers to the one, and nobody needs the other after a month (ADR 0040)."""

from datetime import timedelta

from backend.database import Database
from backend.entrypoints.bootstrap import sweeps
from identity.call_queries import forget_numbers
from identity.call_rules import SaidToBe
from tests.factories.calls import ANNA, NUMBER, CallHouse

DAYS = timedelta(days=30)


async def test_the_number_is_forgotten_thirty_days_after_the_end_and_the_call_is_not(database: Database) -> None:
    house = CallHouse(database)
    over = await house.open()
    await house.close(over)
    ended_at = house.clock()
    house.clock.advance(timedelta(minutes=1))
    going_on = await house.open()
    async with database.transaction() as session:
        assert await forget_numbers(session, ended_at + DAYS - timedelta(seconds=1)) == 0
        assert await forget_numbers(session, ended_at + DAYS) == 1
        assert await forget_numbers(session, ended_at + DAYS) == 0
    assert forget_numbers in {sweep for sweep, _ in sweeps().values()}
    assert [(one.id, one.caller_number) for one in await house.tickets()] == [(over, ""), (going_on, NUMBER)]


async def test_a_call_without_its_number_shows_none_and_finds_nobody_by_it(database: Database) -> None:
    house = CallHouse(database)
    call_id = await house.open()
    await house.close(call_id)
    async with database.transaction() as session:
        await forget_numbers(session, house.clock() + DAYS)
    async with database.reading() as session:
        found = await house.rules.read(session, house.operator, call_id, house.clock())
    assert found.caller_number is None
    assert SaidToBe(ANNA.name).at_number(found.caller_number).phone is None
