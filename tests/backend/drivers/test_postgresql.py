import asyncio
import hashlib
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import pytest
from sqlalchemy.engine import make_url

from backend.drivers.postgresql import SETTINGS_OF_READS, PostgresqlReads
from backend.errors import DatabaseBusy, DatabaseUnavailable
from tests.plugins.postgresql import PostgresqlServer

ONE = "SELECT 1"
FOREVER = "SELECT pg_sleep(60)"
PROCESS = "SELECT pg_backend_pid()"
_OURS = "query = $1 AND state = 'active' AND application_name = current_setting('application_name')"
IN_USE = f"SELECT count(*) FROM pg_stat_activity WHERE {_OURS}"  # noqa: S608 # our own words
END = f"SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE {_OURS}"  # noqa: S608 # our own words


def address(url: str) -> dict[str, Any]:
    """Connect under a name of this test alone: what another one left behind may still be at work in the server."""
    parts = make_url(url).translate_connect_args(username="user")
    test = hashlib.sha256(os.environ["PYTEST_CURRENT_TEST"].encode()).hexdigest()[:32]
    return {**parts, "server_settings": {"statement_timeout": "30s", "application_name": test}}


@asynccontextmanager
async def opened(
    url: str, *, most: int = 1, wait_seconds: float = 30, **changes: Any
) -> AsyncIterator[PostgresqlReads]:
    reads = PostgresqlReads({**address(url), **changes}, most=most, wait_seconds=wait_seconds)
    try:
        yield reads
    finally:
        await reads.close()


async def first(reads: PostgresqlReads, sql: str, *arguments: Any) -> Any:
    return (await reads.fetch(sql, arguments))[0][0]


async def until_asleep(watcher: PostgresqlReads, count: int = 1) -> None:
    """Wait until so many statements of ours are at work in the server."""
    asleep = -1
    while asleep != count:
        asleep = await first(watcher, IN_USE, FOREVER)


async def test_who_waits_too_long_is_told_that_the_database_is_busy(postgresql_url: str) -> None:
    async with opened(postgresql_url, wait_seconds=0.05) as reads, opened(postgresql_url) as watcher:
        sleeper = asyncio.create_task(reads.fetch(FOREVER, ()))
        await until_asleep(watcher)
        with pytest.raises(DatabaseBusy):
            await reads.fetch(ONE, ())
        sleeper.cancel()
        with pytest.raises(asyncio.CancelledError):
            await sleeper


async def test_each_of_many_waits_its_own_time_by_one_timer(postgresql_url: str) -> None:
    """Those who gave up before, or have had their turn, leave the timer to those who still wait."""
    async with opened(postgresql_url, wait_seconds=0.2) as reads, opened(postgresql_url) as watcher:
        loop = asyncio.get_running_loop()
        sleeper = asyncio.create_task(reads.fetch(FOREVER, ()))
        await until_asleep(watcher)

        async def waited() -> float:
            began = loop.time()
            with pytest.raises(DatabaseBusy):
                await reads.fetch(ONE, ())
            return loop.time() - began

        early = [asyncio.create_task(waited()) for _ in range(3)]
        await first(watcher, "SELECT 1 FROM pg_sleep(0.1)")
        late = [asyncio.create_task(waited()) for _ in range(2)]
        await asyncio.sleep(0)
        early[1].cancel()
        times = await asyncio.gather(early[0], early[2], *late)
        assert all(seconds >= 0.19 for seconds in times)
        assert reads._patience is None
        sleeper.cancel()
        await asyncio.gather(sleeper, early[1], return_exceptions=True)


async def test_a_cancelled_statement_ends_in_the_server_and_its_connection_serves_on(postgresql_url: str) -> None:
    async with opened(postgresql_url) as reads, opened(postgresql_url) as watcher:
        before = await first(reads, PROCESS)
        sleeper = asyncio.create_task(reads.fetch(FOREVER, ()))
        await until_asleep(watcher)
        sleeper.cancel()
        with pytest.raises(asyncio.CancelledError):
            await sleeper
        assert await first(reads, PROCESS) == before
        assert await first(watcher, IN_USE, FOREVER) == 0


async def test_a_cancelled_wait_takes_no_turn_away(postgresql_url: str) -> None:
    async with opened(postgresql_url) as reads:
        for cancelled in range(5):
            tasks = [asyncio.create_task(first(reads, "SELECT $1::int", number)) for number in range(5)]
            await asyncio.sleep(0)
            tasks[cancelled].cancel()
            found = await asyncio.gather(*tasks, return_exceptions=True)
            expected: list[Any] = [0, 1, 2, 3, 4]
            assert isinstance(found[cancelled], asyncio.CancelledError)
            assert found[:cancelled] + found[cancelled + 1 :] == expected[:cancelled] + expected[cancelled + 1 :]
        assert await first(reads, ONE) == 1


async def test_a_turn_given_in_the_moment_of_the_cancellation_is_passed_on(postgresql_url: str) -> None:
    async with opened(postgresql_url) as reads:
        holder = await reads._acquire()
        waiting = asyncio.create_task(reads.fetch(ONE, ()))
        await asyncio.sleep(0)
        reads._release(holder)  # the turn is set, and the task not yet run
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        assert await first(reads, ONE) == 1


async def test_cancelling_at_any_step_leaves_a_reader_that_answers(postgresql_url: str) -> None:
    async with opened(postgresql_url, most=2) as reads:
        for steps in range(40):
            tasks = [asyncio.create_task(first(reads, "SELECT $1::int", number)) for number in range(6)]
            for _ in range(steps):
                await asyncio.sleep(0)
            for task in tasks[::2]:
                task.cancel()
            found = await asyncio.gather(*tasks, return_exceptions=True)
            assert found[1::2] == [1, 3, 5]
            assert all(isinstance(one, asyncio.CancelledError) or one in {0, 2, 4} for one in found[::2])
        await asyncio.gather(*reads._settling)
        assert (reads._free, len(reads._idle) <= 2, len(reads._waiting)) == (2, True, 0)


async def test_many_tasks_share_few_connections_and_get_their_own_answers(postgresql_url: str) -> None:
    named = {"application_name": "crowd"}  # those of tests before may still be leaving
    async with opened(postgresql_url, most=6, server_settings=named) as reads, opened(postgresql_url) as watcher:
        found = await asyncio.gather(*(reads.fetch("SELECT $1::int, pg_backend_pid()", (n,)) for n in range(200)))
        assert [rows[0][0] for rows in found] == list(range(200))
        assert len({rows[0][1] for rows in found}) == 6
        ours = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'crowd'"
        assert await first(watcher, ours) == 6


async def test_a_connection_that_the_server_ended_is_replaced_unnoticed(postgresql_url: str) -> None:
    async with opened(postgresql_url, most=2) as reads, opened(postgresql_url) as watcher:
        before = {rows[0][0] for rows in await asyncio.gather(*(reads.fetch(PROCESS, ()) for _ in range(2)))}
        for process in before:
            await first(watcher, "SELECT pg_terminate_backend($1, 5000)", process)
        after = {rows[0][0] for rows in await asyncio.gather(*(reads.fetch(PROCESS, ()) for _ in range(2)))}
        assert not before & after


async def test_a_statement_that_the_server_breaks_off_is_asked_again_once(postgresql_url: str) -> None:
    async with opened(postgresql_url) as reads, opened(postgresql_url) as watcher:
        sleeper = asyncio.create_task(reads.fetch(FOREVER, ()))
        for _ in range(2):
            await until_asleep(watcher)
            assert await first(watcher, END, FOREVER)
        with pytest.raises(DatabaseUnavailable):
            await sleeper
        assert await first(reads, ONE) == 1


async def test_a_restart_of_the_server_is_survived() -> None:
    server = PostgresqlServer()
    try:
        await asyncio.to_thread(server.start)
        async with opened(server.url(), most=3) as reads:
            assert [row[0][0] for row in await asyncio.gather(*(reads.fetch(ONE, ()) for _ in range(3)))] == [1, 1, 1]
            await asyncio.to_thread(server.restart)
            assert [row[0][0] for row in await asyncio.gather(*(reads.fetch(ONE, ()) for _ in range(3)))] == [1, 1, 1]
    finally:
        await asyncio.to_thread(server.stop)


async def test_a_statement_that_takes_too_long_is_busy_and_its_connection_serves_on(postgresql_url: str) -> None:
    async with opened(postgresql_url, server_settings={"statement_timeout": "20ms"}) as reads:
        before = await first(reads, PROCESS)
        with pytest.raises(DatabaseBusy):
            await reads.fetch(FOREVER, ())
        assert await first(reads, PROCESS) == before


async def test_nothing_is_sent_but_the_statement(postgresql_url: str) -> None:
    async with opened(postgresql_url) as reads:
        await reads.fetch(ONE, ())
        [connection] = reads._idle
        sent: list[str] = []
        connection.add_query_logger(lambda record: sent.append(record.query))
        for _ in range(3):
            await reads.fetch(ONE, ())
        await asyncio.sleep(0)
        assert sent == [ONE] * 3
        assert await first(reads, "SELECT count(*) FROM pg_prepared_statements WHERE statement = $1", ONE) == 1


async def test_a_changed_table_is_read_on_with_the_same_statement(postgresql_url: str) -> None:
    writer = await asyncpg.connect(**address(postgresql_url))
    try:
        await writer.execute("CREATE TABLE probe (n integer)")
        await writer.execute("INSERT INTO probe VALUES (1)")
        async with opened(postgresql_url) as reads:
            assert await first(reads, "SELECT n FROM probe") == 1
            await writer.execute("ALTER TABLE probe ALTER n TYPE text")
            assert await first(reads, "SELECT n FROM probe") == "1"
    finally:
        await writer.execute("DROP TABLE probe")
        await writer.close()


async def test_an_unknown_host_or_database_is_unavailable(postgresql_url: str) -> None:
    for change in ({"port": 1}, {"database": "nowhere"}):
        async with opened(postgresql_url, **change) as reads:
            for _ in range(2):
                with pytest.raises(DatabaseUnavailable):
                    await reads.fetch(ONE, ())


async def test_a_server_that_does_not_answer_is_waited_for_once() -> None:
    """R61: two time-outs in a row would outlast the deadline of the whole request, and no section would be shown."""
    calls: list[asyncio.StreamWriter] = []

    async def stay_silent(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        calls.append(writer)

    silent = await asyncio.start_server(stay_silent, "127.0.0.1", 0)
    url = f"postgresql://user@127.0.0.1:{silent.sockets[0].getsockname()[1]}/nowhere"
    async with silent, opened(url, timeout=0.1, ssl=False) as reads:
        with pytest.raises(DatabaseUnavailable):
            await reads.fetch(ONE, ())
        assert len(calls) == 1
        for writer in calls:
            writer.close()


async def test_closing_waits_for_nobody_and_closes_all(postgresql_url: str) -> None:
    async with opened(postgresql_url, most=2) as reads, opened(postgresql_url) as watcher:
        sleeper = asyncio.create_task(reads.fetch(FOREVER, ()))
        await until_asleep(watcher)
        await reads.fetch(ONE, ())
        await reads.close()
        assert reads._idle == []
        sleeper.cancel()
        with pytest.raises(asyncio.CancelledError):
            await sleeper
        assert reads._idle == []


async def test_closing_in_any_moment_of_a_cancellation_closes_the_connection_and_keeps_its_place(
    postgresql_url: str,
) -> None:
    for steps in range(6):
        async with opened(postgresql_url, wait_seconds=5) as reads, opened(postgresql_url) as watcher:
            await reads.fetch(ONE, ())
            [connection] = reads._idle
            sleeper = asyncio.create_task(reads.fetch(FOREVER, ()))
            await until_asleep(watcher)
            sleeper.cancel()
            for _ in range(steps):
                await asyncio.sleep(0)
            await reads.close()
            await asyncio.gather(sleeper, return_exceptions=True)
            assert connection.is_closed()
            assert await first(reads, ONE) == 1
            await watcher.fetch(END, (FOREVER,))  # whoever closed before the server heard of it left a sleeper


async def test_a_connection_begins_with_what_reads_need(postgresql_url: str) -> None:
    async with opened(postgresql_url) as reads:
        found = {name: await first(reads, f"SHOW {name}") for name in SETTINGS_OF_READS}
    assert found == {"default_transaction_read_only": "on", "random_page_cost": "1.1"}
