"""What PostgreSQL or its driver refuses is our bug: it is named, nothing is quoted, and the connection serves on."""

import asyncio

import asyncpg
import pytest

from tests.backend.drivers.test_postgresql import ONE, PROCESS, address, first, opened


async def test_a_refused_parameter_leaves_no_lock(postgresql_url: str) -> None:
    """The statement is prepared by then, and PostgreSQL keeps its locks until the next one has run."""
    writer = await asyncpg.connect(**address(postgresql_url))
    try:
        await writer.execute("CREATE TABLE probe (n integer)")
        async with opened(postgresql_url) as reads:
            with pytest.raises(ValueError, match="not of its type") as refused:
                await reads.fetch("SELECT n FROM probe WHERE n = $1", ("Орлова",))
            assert "Орлова" not in str(refused.value)
            await asyncio.gather(*reads._settling)
            await writer.execute("SET lock_timeout = '5s'")
            await writer.execute("ALTER TABLE probe ADD m integer")
    finally:
        await writer.execute("DROP TABLE probe")
        await writer.close()


@pytest.mark.parametrize(
    ("sql", "argument", "said"),
    [
        ("SELECT $1::int", "Орлова", "a parameter is not of its type, or beyond its range"),
        ("SELECT $1::int", 2**40, "a parameter is not of its type, or beyond its range"),
        ("SELECT $1::text", "Орлова\0", "PostgreSQL refused a value: 22021 CharacterNotInRepertoireError"),
        ("SELECT $1::text::int", "Орлова", "PostgreSQL refused a value: 22P02 InvalidTextRepresentationError"),
        ("SELECT $1::int * 1024", 2**30, "PostgreSQL refused a value: 22003 NumericValueOutOfRangeError"),
    ],
)
async def test_a_refused_value_says_who_refused_it_and_why_and_is_not_quoted(
    postgresql_url: str, sql: str, argument: object, said: str
) -> None:
    async with opened(postgresql_url) as reads:
        with pytest.raises(ValueError, match=r"\w") as refused:
            await reads.fetch(sql, (argument,))
        assert str(refused.value) == said
        assert refused.value.__suppress_context__
        assert await first(reads, ONE) == 1


async def test_a_wrong_statement_is_a_bug_and_its_connection_serves_on(postgresql_url: str) -> None:
    async with opened(postgresql_url) as reads:
        before = await first(reads, PROCESS)
        with pytest.raises(asyncpg.UndefinedTableError):
            await reads.fetch("SELECT * FROM nowhere", ())
        assert await first(reads, PROCESS) == before
