import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from backend.drivers.sqlite import SqliteReads
from backend.errors import DatabaseBusy, DatabaseUnavailable

ONE = "SELECT 1"
FOREVER = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"


@asynccontextmanager
async def opened(
    path: Path,
    *,
    kind: type[SqliteReads] = SqliteReads,
    most: int = 1,
    wait_seconds: float = 30,
    statement_seconds: float = 30,
) -> AsyncIterator[SqliteReads]:
    before = set(threading.enumerate())
    reads = kind(
        {"database": str(path), "timeout": 0.05},
        most=most,
        wait_seconds=wait_seconds,
        statement_seconds=statement_seconds,
    )
    try:
        yield reads
    finally:
        await reads.close()
        assert not [one for one in set(threading.enumerate()) - before if one.name == "sqlite-reads"]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file with a thousand rows."""
    path = tmp_path / "one.sqlite"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE probe (n INTEGER PRIMARY KEY)")
    connection.executemany("INSERT INTO probe VALUES (?)", [(n,) for n in range(1_000)])
    connection.commit()
    connection.close()
    return path


class Counted(SqliteReads):
    """Notes how many statements each hop back from a thread answers."""

    def _answered(self, loop: Any, thread: Any, answers: Any, is_done: bool) -> None:
        hops.append(len(answers))
        super()._answered(loop, thread, answers, is_done)


hops: list[int] = []


async def test_what_is_asked_together_is_answered_together_and_each_gets_its_own(file: Path) -> None:
    hops.clear()
    async with opened(file, kind=Counted) as reads:
        found = await asyncio.gather(*(reads.fetch("SELECT n FROM probe WHERE n = ?", (n,)) for n in range(200)))
    assert [rows[0][0] for rows in found] == list(range(200))
    assert sum(hops) == 200
    assert 200 / 16 <= len(hops) < 100


async def handed_out() -> None:
    """Let what was asked go to a thread, so that the next one does not go with it."""
    for _ in range(3):
        await asyncio.sleep(0)


async def test_who_reads_does_not_switch_the_file_to_another_journal(file: Path) -> None:
    """Whoever writes does: two that switch at once refuse each other the lock, and wait for nothing."""
    async with opened(file) as reads:
        assert await reads.fetch("SELECT count(*) FROM probe", ()) == [(1_000,)]
        assert await reads.fetch("PRAGMA journal_mode", ()) == [("delete",)]


async def test_a_statement_that_takes_too_long_is_busy_and_others_are_answered(file: Path) -> None:
    async with opened(file, statement_seconds=0.05) as reads:
        both = (reads.fetch(FOREVER, ()), reads.fetch(ONE, ()))
        found: list[Any] = await asyncio.gather(*both, return_exceptions=True)
        assert isinstance(found[0], DatabaseBusy)
        assert found[1] == [(1,)]


async def test_who_waits_too_long_is_told_that_the_database_is_busy(file: Path) -> None:
    async with opened(file, wait_seconds=0.05, statement_seconds=0.5) as reads:
        slow = asyncio.create_task(reads.fetch(FOREVER, ()))
        await handed_out()
        with pytest.raises(DatabaseBusy):
            await reads.fetch(ONE, ())
        with pytest.raises(DatabaseBusy):
            await slow
        assert await reads.fetch(ONE, ()) == [(1,)]


async def test_a_quick_statement_does_not_wait_for_a_slow_one_on_another_thread(file: Path) -> None:
    async with opened(file, most=2) as reads:
        slow = asyncio.create_task(reads.fetch(FOREVER, ()))
        await handed_out()
        assert await reads.fetch(ONE, ()) == [(1,)]
        assert not slow.done()
        slow.cancel()  # not waited for until its time is over: that may come first on a machine that stands still
        with pytest.raises(asyncio.CancelledError):
            await slow


async def test_cancelling_at_any_step_leaves_a_reader_that_answers(file: Path) -> None:
    async with opened(file, most=2) as reads:
        for steps in range(20):
            tasks = [asyncio.create_task(reads.fetch("SELECT n FROM probe WHERE n = ?", (n,))) for n in range(6)]
            for _ in range(steps):
                await asyncio.sleep(0)
            for task in tasks[::2]:
                task.cancel()
            found: list[Any] = await asyncio.gather(*tasks, return_exceptions=True)
            assert found[1::2] == [[(1,)], [(3,)], [(5,)]]
        assert await reads.fetch(ONE, ()) == [(1,)]


async def test_a_slow_statement_that_nobody_waits_for_any_more_is_given_up(file: Path) -> None:
    async with opened(file) as reads:
        slow = asyncio.create_task(reads.fetch(FOREVER, ()))
        await handed_out()
        slow.cancel()
        async with asyncio.timeout(20):  # its own time would be thirty seconds
            assert await reads.fetch(ONE, ()) == [(1,)]


def test_a_loop_that_was_closed_in_mid_question_does_not_hinder_the_next(file: Path) -> None:
    reads = SqliteReads({"database": str(file), "timeout": 0.05}, most=1, wait_seconds=20, statement_seconds=0.2)

    async def leave_at_once() -> None:
        asking = asyncio.create_task(reads.fetch(FOREVER, ()))
        await handed_out()
        asking.cancel()

    async def ask_and_close() -> Any:
        try:
            return await reads.fetch(ONE, ())
        finally:
            await reads.close()

    asyncio.run(leave_at_once())
    assert asyncio.run(ask_and_close()) == [(1,)]


async def test_reads_cannot_write(file: Path) -> None:
    async with opened(file) as reads:
        for text in ("DELETE FROM probe", "CREATE TABLE other (n)"):
            with pytest.raises(sqlite3.OperationalError, match="readonly"):
                await reads.fetch(text, ())
        assert await reads.fetch("SELECT count(*) FROM probe", ()) == [(1_000,)]


async def test_a_file_that_cannot_be_opened_is_unavailable(tmp_path: Path) -> None:
    async with opened(tmp_path / "missing" / "x.sqlite") as reads:
        for _ in range(2):
            with pytest.raises(DatabaseUnavailable):
                await reads.fetch(ONE, ())


async def test_a_wrong_statement_is_a_bug_and_the_thread_serves_on(file: Path) -> None:
    async with opened(file) as reads:
        with pytest.raises(sqlite3.OperationalError, match="no such table"):
            await reads.fetch("SELECT * FROM nowhere", ())
        with pytest.raises(OverflowError):
            await reads.fetch("SELECT ?", (2**80,))
        assert await reads.fetch(ONE, ()) == [(1,)]


async def test_a_locked_file_is_busy(file: Path) -> None:
    holder = sqlite3.connect(file, isolation_level=None)
    holder.execute("PRAGMA locking_mode = EXCLUSIVE")
    holder.execute("BEGIN EXCLUSIVE")
    async with opened(file) as reads:
        with pytest.raises(DatabaseBusy):
            await reads.fetch("SELECT * FROM probe", ())
        holder.execute("ROLLBACK")
        holder.close()
        assert len(await reads.fetch("SELECT * FROM probe", ())) == 1_000
