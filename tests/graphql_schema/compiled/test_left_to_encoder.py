"""Instants and dates that stay as they are become the same bytes as those that are written out."""

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import orjson
import pytest
from graphql import GraphQLField, GraphQLNonNull, GraphQLObjectType, GraphQLSchema, execute, parse
from hypothesis import example, given
from hypothesis import strategies as st

from graphql_schema.compiled.operations import OperationCompiler
from graphql_schema.schema import build_schema

_TYPES = build_schema()._schema.type_map
_QUERY = GraphQLObjectType(
    "Query",
    {
        "instant": GraphQLField(GraphQLNonNull(_TYPES["DateTime"])),  # type: ignore[arg-type] # a scalar
        "other": GraphQLField(_TYPES["DateTime"]),  # type: ignore[arg-type] # a scalar
        "day": GraphQLField(_TYPES["Date"]),  # type: ignore[arg-type] # a scalar
    },
)
SCHEMA = GraphQLSchema(_QUERY)
DOCUMENT = parse("{ instant other day }")
COMPILED = OperationCompiler(SCHEMA, left_to_encoder={"DateTime": datetime, "Date": date}).compile(DOCUMENT)

_ZONES = st.sampled_from(["UTC", "Europe/Moscow", "Asia/Kamchatka", "Asia/Kolkata", "Africa/Monrovia"]).map(ZoneInfo)
_OFFSETS = st.integers(-1439, 1439).map(lambda minutes: timezone(timedelta(minutes=minutes)))
_INSTANTS = st.datetimes(min_value=datetime(2, 1, 1), max_value=datetime(9998, 12, 31), timezones=_ZONES | _OFFSETS)  # noqa: DTZ001 # bounds of a strategy that adds zones


@given(_INSTANTS, st.none() | _INSTANTS, st.none() | st.dates())
@example(datetime(1971, 1, 1, tzinfo=ZoneInfo("Africa/Monrovia")), None, None)
@example(datetime(1, 1, 1, tzinfo=UTC), datetime(2026, 11, 22, 8, 30, 0, 1, tzinfo=UTC), date(1, 1, 1))
def test_the_bytes_are_the_same(instant: datetime, other: datetime | None, day: date | None) -> None:
    root = {"instant": instant, "other": other, "day": day}
    written: Any = execute(SCHEMA, DOCUMENT, root)
    left: Any = COMPILED.execute(root_value=root)
    assert (written.errors, left.errors) == (None, None)
    assert orjson.dumps(left.data) == orjson.dumps(written.data)


@pytest.mark.parametrize("wrong", [datetime(2026, 1, 1), "2026", 5, date(2026, 1, 1), ValueError("x")])  # noqa: DTZ001 # naive is what is wrong
def test_what_is_wrong_is_as_wrong_as_ever(wrong: Any) -> None:
    root = {"instant": datetime(2026, 1, 1, tzinfo=UTC), "other": wrong, "day": None}
    written: Any = execute(SCHEMA, DOCUMENT, root)
    left: Any = COMPILED.execute(root_value=root)
    assert [str(error) for error in left.errors or ()] == [str(error) for error in written.errors or ()]
    assert orjson.dumps(left.data) == orjson.dumps(written.data)
