"""Joined statements on a real PostgreSQL: the times of their own, and what one of them does to the others."""

import asyncio

import asyncpg
import pytest

from backend.drivers.failures import StatementTooSlow
from backend.errors import DatabaseBusy, DatabaseUnavailable
from backend.round_trips import Asked, RoundTrips
from tests.backend.drivers.test_postgresql import FOREVER, IN_USE, ONE, PROCESS, first, opened, until_asleep
from tests.plugins.waiting import until

NUMBER = "SELECT $1::int"
LONG = "SELECT pg_sleep(61)"


async def ask_together(trips: RoundTrips, *asked: Asked) -> list[object]:
    """Ask in one scope; return the first value of each, or its error."""

    async def value(one: Asked) -> object:
        rows = await trips.fetch(one.sql, one.arguments)
        return rows[0][0]

    with trips.together():
        found: list[object] = await asyncio.gather(*map(value, asked), return_exceptions=True)
    return found


async def test_a_statement_may_have_a_shorter_time_of_its_own(postgresql_url: str) -> None:
    """It ends in the server too, and the time that it waits for a connection is not counted."""
    async with opened(postgresql_url) as reads, opened(postgresql_url) as watcher:
        before = await first(reads, PROCESS)
        with pytest.raises(StatementTooSlow):
            await reads.fetch(LONG, (), seconds=0.05)
        assert await first(reads, PROCESS) == before
        assert await first(watcher, IN_USE, LONG) == 0
        holder = asyncio.create_task(reads.fetch("SELECT pg_sleep(2.2)", ()))
        await asyncio.sleep(0)
        assert await reads.fetch(ONE, (), seconds=2) == [(1,)]
        await holder


async def test_a_wait_for_a_connection_is_told_from_a_slow_statement(postgresql_url: str) -> None:
    """The one is not asked again in parts, the other is (see `backend/round_trips.py`)."""
    slow = {"statement_timeout": "20ms"}
    async with opened(postgresql_url, server_settings=slow) as reads:
        with pytest.raises(StatementTooSlow):
            await reads.fetch(FOREVER, ())
    async with opened(postgresql_url, wait_seconds=0.05) as reads, opened(postgresql_url) as watcher:
        sleeper = asyncio.create_task(reads.fetch(FOREVER, ()))
        await until_asleep(watcher)
        with pytest.raises(DatabaseBusy) as busy:
            await reads.fetch(ONE, ())
        assert type(busy.value) is DatabaseBusy
        sleeper.cancel()
        with pytest.raises(asyncio.CancelledError):
            await sleeper
        await asyncio.gather(*reads._settling)


async def test_a_wrong_statement_fails_alone_and_its_connection_serves_on(postgresql_url: str) -> None:
    seen: list[tuple[Asked, ...]] = []
    async with opened(postgresql_url) as reads:
        trips = RoundTrips(reads, joined_seconds=10, patience_seconds=30)
        with trips.observed(seen.append):
            found = await ask_together(trips, Asked(NUMBER, (1,)), Asked("SELECT n FROM nowhere", ()), Asked(ONE, ()))
        assert (found[0], type(found[1]), found[2]) == (1, asyncpg.UndefinedTableError, 1)
        assert [len(trip) for trip in seen] == [3, 1, 1, 1]
        assert await first(reads, ONE) == 1


async def test_a_parameter_of_the_wrong_type_fails_alone_and_is_not_quoted(postgresql_url: str) -> None:
    async with opened(postgresql_url) as reads:
        trips = RoundTrips(reads, joined_seconds=10, patience_seconds=30)
        found = await ask_together(trips, Asked(NUMBER, ("Орлова",)), Asked(f"{NUMBER} AS n", (2,)))
    assert (type(found[0]), found[1]) == (ValueError, 2)
    assert "Орлова" not in str(found[0])


async def test_a_slow_statement_delays_the_others_once(postgresql_url: str) -> None:
    """Then the combination is kept apart: the others no longer wait for it."""
    seen: list[tuple[Asked, ...]] = []
    slow = Asked("SELECT count(*) FROM generate_series(1, 10), pg_sleep(60)", ())
    settings = {"statement_timeout": "300ms"}
    async with opened(postgresql_url, most=2, server_settings=settings) as reads:
        trips = RoundTrips(reads, joined_seconds=0.1, patience_seconds=30)
        with trips.observed(seen.append):
            for _ in range(2):
                assert [type(one) for one in await ask_together(trips, Asked(NUMBER, (1,)), slow)] == [
                    int,
                    StatementTooSlow,
                ]
        assert [len(trip) for trip in seen] == [2, 1, 1, 1, 1]
        await asyncio.gather(*reads._settling)


async def test_who_left_a_trip_ends_it_in_the_server_once_all_have(postgresql_url: str) -> None:
    async with opened(postgresql_url) as reads, opened(postgresql_url) as watcher:
        trips = RoundTrips(reads, joined_seconds=60, patience_seconds=90)
        asked = (Asked(NUMBER, (1,)), Asked(f"{FOREVER} AS slept", ()))
        both = asyncio.create_task(ask_together(trips, *asked))
        at_work = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'SELECT ARRAY%pg_sleep%' AND state = 'active'"

        async def has_begun() -> bool:
            return bool(await first(watcher, at_work) == 1)

        await until(has_begun, what="the joined statement in the server")
        both.cancel()
        with pytest.raises(asyncio.CancelledError):
            await both
        assert await first(reads, ONE) == 1
        assert await first(watcher, at_work) == 0


async def test_a_database_that_is_away_fails_each_at_once(postgresql_url: str) -> None:
    seen: list[tuple[Asked, ...]] = []
    async with opened(postgresql_url, port=1) as reads:
        trips = RoundTrips(reads, joined_seconds=10, patience_seconds=30)
        with trips.observed(seen.append):
            found = await ask_together(trips, Asked(NUMBER, (1,)), Asked(ONE, ()))
    assert [type(one) for one in found] == [DatabaseUnavailable] * 2
    assert len(seen) == 1
