import asyncio
import threading
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import DateTime, Executable, Result, bindparam, column, literal, select, text
from sqlalchemy.exc import IntegrityError
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.database import Database
from backend.entrypoints.logs import scrub
from backend.errors import DatabaseBusy, DatabaseUnavailable
from backend.settings import DatabaseSettings


async def run(session: AsyncSession, statement: Executable) -> Result[Any]:
    return await (await session.connection()).execute(statement)


async def test_transaction_commits_on_leaving_and_rolls_back_on_error(database: Database) -> None:
    async with database.transaction() as session:
        await run(session, text("CREATE TABLE probe (n INTEGER)"))
        await run(session, text("INSERT INTO probe VALUES (1)"))
    with pytest.raises(RuntimeError):
        async with database.transaction() as session:
            await run(session, text("INSERT INTO probe VALUES (2)"))
            raise RuntimeError
    async with database.reading() as session:
        found = (await run(session, text("SELECT n FROM probe"))).scalars().all()
    async with database.transaction() as session:
        await run(session, text("DROP TABLE probe"))
    assert found == [1]


async def test_instants_come_back_aware_and_equal(database: Database) -> None:
    instant = datetime(2026, 11, 22, 3, 0, 0, 123456, tzinfo=timezone(timedelta(hours=12)))
    async with database.transaction() as session:
        await run(session, text("CREATE TABLE probe (at TIMESTAMP WITH TIME ZONE)"))
        at = bindparam("at", instant, DateTime(timezone=True))
        await run(session, text("INSERT INTO probe VALUES (:at)").bindparams(at))
    async with database.reading() as session:
        stored = select(column("at", DateTime(timezone=True))).select_from(text("probe"))
        found = (await run(session, stored)).scalar_one()
    async with database.transaction() as session:
        await run(session, text("DROP TABLE probe"))
    assert found == instant
    assert found.utcoffset() == timedelta(0)


async def test_naive_instants_are_refused(database: Database) -> None:
    with pytest.raises(Exception, match="naive"):
        async with database.reading() as session:
            await run(session, select(literal(datetime(2026, 11, 22), DateTime(timezone=True))))  # noqa: DTZ001 # the point


async def test_writers_wait_for_each_other_and_none_is_lost(database: Database) -> None:
    async with database.transaction() as session:
        await run(session, text("CREATE TABLE probe (n INTEGER)"))
        await run(session, text("INSERT INTO probe VALUES (0)"))

    async def add_one() -> None:
        async with database.transaction() as session:
            await run(session, text("UPDATE probe SET n = n + 1"))

    await asyncio.gather(*(add_one() for _ in range(32)))
    async with database.reading() as session:
        total = (await run(session, text("SELECT n FROM probe"))).scalar_one()
    async with database.transaction() as session:
        await run(session, text("DROP TABLE probe"))
    assert total == 32


async def test_a_locked_row_is_a_coded_retryable_error(database_settings: DatabaseSettings) -> None:
    impatient = Database(database_settings.model_copy(update={"lock_timeout_seconds": 0.05}))
    holder = Database(database_settings)
    try:
        async with holder.transaction() as session:
            await run(session, text("CREATE TABLE probe (n INTEGER)"))
            with pytest.raises(DatabaseBusy):
                async with impatient.transaction() as second:
                    await run(second, text("CREATE TABLE probe (n INTEGER)"))
            await run(session, text("DROP TABLE probe"))
    finally:
        await impatient.close()
        await holder.close()


async def test_an_absent_server_is_a_coded_retryable_error() -> None:
    absent = Database(DatabaseSettings(url="postgresql+asyncpg://nobody@127.0.0.1:1/none"))
    with pytest.raises(DatabaseUnavailable):
        async with absent.reading() as session:
            await run(session, text("SELECT 1"))
    await absent.close()


async def test_a_file_that_cannot_be_opened_is_a_coded_retryable_error(tmp_path: Path) -> None:
    before = set(threading.enumerate())
    database = Database(DatabaseSettings(url=f"sqlite+aiosqlite:///{tmp_path}/missing/x.sqlite"))
    with pytest.raises(DatabaseUnavailable):
        async with database.reading() as session:
            await run(session, text("SELECT 1"))
    await database.close()
    for left_by_the_driver in set(threading.enumerate()) - before:  # it says goodbye to this loop, so let it
        await asyncio.to_thread(left_by_the_driver.join, 5)


async def test_an_error_never_quotes_the_values_of_a_statement(database: Database) -> None:
    """S43: a name in a refused row must not reach a log."""
    insert = text("INSERT INTO probe VALUES (:name)").bindparams(name="Орлова")
    async with database.transaction() as session:
        await run(session, text("CREATE TABLE probe (name VARCHAR(20), CONSTRAINT short CHECK (length(name) < 3))"))
    with pytest.raises(IntegrityError) as refused:
        async with database.transaction() as session:
            await run(session, insert)
    async with database.transaction() as session:
        await run(session, text("DROP TABLE probe"))
    assert "Орлова" not in scrub(None, "error", {"exception": str(refused.value)})["exception"]


async def test_a_connection_is_waited_for_as_long_as_the_settings_say(database_settings: DatabaseSettings) -> None:
    database = Database(database_settings.model_copy(update={"pool_size": 1, "pool_timeout_seconds": 0.05}))
    async with database.reading() as holder:
        await run(holder, text("SELECT 1"))
        with pytest.raises(DatabaseBusy):
            async with database.reading() as other:
                await run(other, text("SELECT 1"))
    await database.close()


async def test_sqlite_is_durable_and_checks_foreign_keys(tmp_path: Path) -> None:
    database = Database(DatabaseSettings(url=f"sqlite+aiosqlite:///{tmp_path / 'one.sqlite'}"))
    async with database.reading() as session:
        found = [
            (await run(session, text(f"PRAGMA {name}"))).scalar_one()
            for name in ("journal_mode", "foreign_keys", "synchronous")
        ]
    await database.close()
    assert found == ["wal", 1, 2]
