import asyncio
from collections.abc import AsyncIterator
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from enum import StrEnum
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Date,
    DateTime,
    Enum,
    Float,
    Integer,
    MetaData,
    Numeric,
    String,
    Table,
    Uuid,
    bindparam,
    func,
    insert,
    select,
)

from backend.database import Database
from backend.drivers.conversions import DialectName
from backend.reading import Statement, within
from backend.round_trips import Asked
from backend.shapes import Shape, alone
from backend.sql_texts import among


class Colour(StrEnum):
    RED = "red-stored"
    BLUE = "blue-stored"


@dataclass(frozen=True, slots=True)
class Probe:
    id: UUID
    at: datetime | None
    day: date | None
    colour: Colour | None
    words: str | None
    number: int | None
    weight: float | None
    is_true: bool | None
    facts: Any


def stored_words(members: type[StrEnum]) -> list[str]:
    return [member.value for member in members]


PROBES = Table(
    "probes",
    MetaData(),
    Column("id", Uuid, primary_key=True),
    Column("at", DateTime(timezone=True)),
    Column("day", Date),
    Column("colour", Enum(Colour, native_enum=False, length=32, values_callable=stored_words)),
    Column("words", String(100)),
    Column("number", Integer),
    Column("weight", Float),
    Column("is_true", Boolean),
    Column("facts", JSON(none_as_null=True)),
)
PROBE = Shape(Probe, *PROBES.c)
BY_ID = Statement(PROBE.select().where(PROBES.c.id == bindparam("id", type_=Uuid())), PROBE)
BY_IDS = Statement(PROBE.select().where(among(PROBES.c.id, "ids")).order_by(PROBES.c.id), PROBE)
COUNT = alone(func.count())
ALL = Statement(COUNT.select().select_from(PROBES), COUNT)

FACTS = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.text(st.characters(codec="utf-8", exclude_characters="\0")),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abcя", max_size=3), inner, max_size=3),
    max_leaves=5,
)
ZONES = st.builds(timezone, st.timedeltas(timedelta(hours=-23), timedelta(hours=23)))
VALUES = {
    "at": st.datetimes(datetime(2, 1, 1), datetime(9998, 1, 1), timezones=ZONES),  # noqa: DTZ001 # made aware by hypothesis
    "day": st.dates(),
    "colour": st.sampled_from(Colour),
    "words": st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=100),
    "number": st.integers(-(2**31), 2**31 - 1),
    "weight": st.floats(allow_nan=False, allow_infinity=False),
    "is_true": st.booleans(),
    "facts": FACTS.filter(lambda facts: facts is not None),
}
ROWS = st.fixed_dictionaries({"id": st.uuids(), **{name: st.none() | values for name, values in VALUES.items()}})
ON_A_USED_DATABASE = settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


@pytest.fixture
async def probes(database: Database) -> AsyncIterator[Database]:
    """A database with the table of probes."""
    async with database.transaction() as session:
        await (await session.connection()).run_sync(PROBES.create)
    yield database
    async with database.transaction() as session:
        await (await session.connection()).run_sync(PROBES.drop)


async def add(database: Database, *rows: dict[str, Any]) -> None:
    async with database.transaction() as session:
        connection = await session.connection()
        await connection.execute(PROBES.delete())
        await connection.execute(insert(PROBES), list(rows))


@ON_A_USED_DATABASE
@given(row=ROWS)
async def test_every_kind_of_column_comes_back_as_sqlalchemy_gives_it(probes: Database, row: dict[str, Any]) -> None:
    await add(probes, row)
    found = await probes.read.row(BY_ID, id=row["id"])
    async with probes.reading() as session:
        expected = (await (await session.connection()).execute(BY_ID.query, {"id": row["id"]})).one()
        in_session = await within(session).row(BY_ID, id=row["id"])
    carrier, trips = probes.read.trips, list[tuple[Asked, ...]]()
    with nullcontext() if carrier is None else carrier.observed(trips.append), probes.read.together():
        joined, nothing, count = await asyncio.gather(
            probes.read.rows(BY_ID, id=row["id"]), probes.read.rows(BY_IDS, ids=[]), probes.read.scalar(ALL)
        )
    assert (nothing, count) == ([], 1)
    assert [len(trip) for trip in trips] == ([] if carrier is None else [3]), "a joined one that fails is asked apart"
    assert [found] == [in_session] == joined == [Probe(*expected)]
    assert repr(joined) == repr([found])
    assert found is not None
    assert found.at is None or found.at.tzinfo is UTC or found.at.utcoffset() == timedelta(0)
    assert found == Probe(**row)
    assert [type(one) for one in (found.is_true, found.colour)] == [type(row["is_true"]), type(row["colour"])]


ID = alone(PROBES.c.id)
SEARCHED = tuple(name for name in VALUES if name != "facts")
EQUAL = {
    name: Statement(ID.select().where(PROBES.c[name] == bindparam("value", type_=PROBES.c[name].type)), ID)
    for name in SEARCHED
}
LISTED = {name: Statement(ID.select().where(among(PROBES.c[name], "values")), ID) for name in SEARCHED}


@ON_A_USED_DATABASE
@given(row=st.fixed_dictionaries({"id": st.uuids(), **VALUES}))
async def test_every_kind_of_parameter_finds_what_was_stored(probes: Database, row: dict[str, Any]) -> None:
    await add(probes, row)
    for name in SEARCHED:
        assert await probes.read.rows(EQUAL[name], value=row[name]) == [row["id"]], name
        assert await probes.read.rows(LISTED[name], values=[row[name]]) == [row["id"]], name
        async with probes.reading() as session:
            connection = await session.connection()
            assert (await connection.scalars(LISTED[name].query, {"values": [row[name]]})).all() == [row["id"]], name


async def test_a_list_of_any_length_is_one_text(probes: Database) -> None:
    ids = [UUID(int=number) for number in range(300)]
    await add(probes, *({"id": one} for one in ids))
    for wanted in ([], ids[:1], ids, [UUID(int=10_000)]):
        found = await probes.read.rows(BY_IDS, ids=wanted)
        assert [probe.id for probe in found] == [one for one in wanted if one in ids]


async def test_a_naive_instant_is_refused_before_anything_is_sent(probes: Database) -> None:
    naive = datetime(2026, 11, 22)  # noqa: DTZ001 # the point
    told: list[Statement[Any]] = []
    with probes.read.observed(told.append), pytest.raises(ValueError, match="naive"):
        await probes.read.rows(EQUAL["at"], value=naive)
    with pytest.raises(ValueError, match="naive"):
        await probes.read.rows(LISTED["at"], values=[naive])


async def test_parameters_are_given_by_name_no_more_and_no_less(probes: Database) -> None:
    for wrong in ({}, {"id": UUID(int=1), "other": 2}):
        with pytest.raises(TypeError):
            await probes.read.rows(BY_ID, **wrong)


async def test_a_value_of_the_wrong_type_is_refused_without_being_quoted(probes: Database) -> None:
    """S43: a name given where a number belongs must not reach a log."""
    with pytest.raises((ValueError, AttributeError)) as refused:
        await probes.read.rows(BY_ID, id="Орлова")
    with pytest.raises(ValueError, match="not a member") as no_member:
        await probes.read.rows(EQUAL["colour"], value="Орлова")
    for error in (refused.value, no_member.value):
        assert "Орлова" not in str(error)
        assert error.__cause__ is None


async def test_reads_cannot_write(probes: Database) -> None:
    await add(probes, {"id": UUID(int=1)})
    write = Statement(ID.select(), ID)
    for text in ("DELETE FROM probes", "INSERT INTO probes (id) VALUES (NULL)", "DROP TABLE probes"):
        with pytest.raises(Exception, match=r"read-only|readonly"):
            await probes.read._driver.fetch(text, ())
    assert await probes.read.rows(write) == [UUID(int=1)]


async def test_a_read_sees_what_was_committed_and_a_transaction_its_own_writes(probes: Database) -> None:
    assert await probes.read.scalar(ALL) == 0
    async with probes.transaction() as session:
        await (await session.connection()).execute(insert(PROBES), {"id": UUID(int=1)})
        assert (await within(session).scalar(ALL), await probes.read.scalar(ALL)) == (1, 0)
    assert await probes.read.scalar(ALL) == 1


async def test_no_row_is_none(probes: Database) -> None:
    assert await probes.read.row(BY_ID, id=UUID(int=1)) is None
    async with probes.reading() as session:
        assert await within(session).row(BY_ID, id=UUID(int=1)) is None


async def test_many_tasks_on_few_connections_each_get_their_own_answer(probes: Database) -> None:
    ids = [UUID(int=number) for number in range(200)]
    await add(probes, *({"id": one, "number": one.int} for one in ids))
    found = await asyncio.gather(*(probes.read.rows(BY_ID, id=one) for one in ids))
    assert [(probe.id, probe.number) for [probe] in found] == [(one, one.int) for one in ids]


async def test_a_reader_that_was_closed_opens_again(probes: Database) -> None:
    await probes.read.close()
    assert await probes.read.scalar(ALL) == 0


@pytest.mark.parametrize("dialect", ["postgresql", "sqlite"])
def test_the_text_and_its_names_are_public(dialect: DialectName) -> None:
    text = BY_ID.sql(dialect)
    assert text.sql.endswith({"postgresql": "WHERE probes.id = $1::UUID", "sqlite": "WHERE probes.id = ?"}[dialect])
    assert text.names == ("id",)
    given = text.bind(id=UUID(int=1))
    assert given == ((UUID(int=1),) if dialect == "postgresql" else ("0" * 31 + "1",))


def test_what_is_constant_stands_in_the_text() -> None:
    constant = Statement(ID.select().where(PROBES.c.words == "it's", PROBES.c.number.in_([1, 2])).limit(3), ID)
    for dialect in ("postgresql", "sqlite"):
        text = constant.sql(dialect)
        assert "'it''s'" in text.sql
        assert "IN (1, 2)" in text.sql
        assert text.names == ()


def test_a_statement_that_cannot_be_kept_is_refused_when_it_is_built() -> None:
    with pytest.raises(ValueError, match="exactly the columns"):
        Statement(select(PROBES.c.day), ID)
    with pytest.raises(ValueError, match="among"):
        Statement(ID.select().where(PROBES.c.id.in_(bindparam("ids", expanding=True))), ID)
    price = Table("prices", MetaData(), Column("price", Numeric))
    with pytest.raises(TypeError, match="no conversion"):
        Statement(select(price.c.price), alone(price.c.price))
