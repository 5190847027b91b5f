"""Instants and dates that stay as they are become the same bytes as those that are written out."""

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any, cast
from zoneinfo import ZoneInfo

import orjson
import pytest
import strawberry
from graphql import GraphQLField, GraphQLNonNull, GraphQLObjectType, GraphQLSchema, execute, parse
from hypothesis import example, given
from hypothesis import strategies as st
from strawberry.schema.config import StrawberryConfig

from graphql_schema.compiled.operations import Bailout, OperationCompiler
from graphql_schema.execution import LEFT_TO_ENCODER
from graphql_schema.scalars import SCALARS
from graphql_schema.schema import build_schema

_TYPES = build_schema()._schema.type_map


@strawberry.type
class Times:
    instant: datetime
    other: datetime | None
    day: date | None


@strawberry.type
class Query:
    @strawberry.field
    def times(self) -> Times | None:
        return cast("Times", self)


_OF_STRAWBERRY = strawberry.Schema(Query, config=StrawberryConfig(scalar_map=SCALARS))._schema
_TIMES = parse("{ times { instant other day } }")
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
COMPILED = OperationCompiler(SCHEMA, left_to_encoder=LEFT_TO_ENCODER).compile(DOCUMENT)


def _of_attributes(root: dict[str, Any], told: list[Bailout]) -> Any:
    """Execute for attributes, by speculative code that has not bailed out yet."""
    compiler = OperationCompiler(_OF_STRAWBERRY, left_to_encoder=LEFT_TO_ENCODER, on_bailout=told.append)
    return compiler.compile(_TIMES).execute(root_value=Times(**root))


_ZONES = st.sampled_from(["UTC", "Europe/Moscow", "Asia/Kamchatka", "Asia/Kolkata", "Africa/Monrovia"]).map(ZoneInfo)
_OFFSETS = st.integers(-1439, 1439).map(lambda minutes: timezone(timedelta(minutes=minutes)))
_INSTANTS = st.datetimes(min_value=datetime(2, 1, 1), max_value=datetime(9998, 12, 31), timezones=_ZONES | _OFFSETS)  # noqa: DTZ001 # bounds of a strategy that adds zones


@given(_INSTANTS, st.none() | _INSTANTS, st.none() | st.dates())
@example(datetime(1971, 1, 1, tzinfo=ZoneInfo("Africa/Monrovia")), None, None)
@example(datetime(1, 1, 1, tzinfo=UTC), datetime(2026, 11, 22, 8, 30, 0, 1, tzinfo=UTC), date(1, 1, 1))
def test_the_bytes_are_the_same(instant: datetime, other: datetime | None, day: date | None) -> None:
    root: dict[str, Any] = {"instant": instant, "other": other, "day": day}
    written: Any = execute(SCHEMA, DOCUMENT, root)
    left: Any = COMPILED.execute(root_value=root)
    assert (written.errors, left.errors) == (None, None)
    assert orjson.dumps(left.data) == orjson.dumps(written.data)
    attributes = _of_attributes(root, [])
    assert attributes.errors is None
    assert orjson.dumps(attributes.data) == orjson.dumps({"times": written.data})


def test_attributes_are_left_by_speculative_code() -> None:
    told: list[Bailout] = []
    root = {"instant": datetime(2026, 1, 1, tzinfo=UTC), "other": None, "day": date(2026, 1, 1)}
    assert _of_attributes(root, told).data == {"times": root}
    assert told == []


@pytest.mark.parametrize("wrong", [datetime(2026, 1, 1), "2026", 5, date(2026, 1, 1), ValueError("x")])  # noqa: DTZ001 # naive is what is wrong
def test_what_is_wrong_is_as_wrong_as_ever(wrong: Any) -> None:
    root: dict[str, Any] = {"instant": datetime(2026, 1, 1, tzinfo=UTC), "other": wrong, "day": None}
    written: Any = execute(SCHEMA, DOCUMENT, root)
    left: Any = COMPILED.execute(root_value=root)
    attributes = _of_attributes(root, [])
    assert [error.message for error in attributes.errors or ()] == [error.message for error in written.errors or ()]
    assert orjson.dumps(attributes.data) == orjson.dumps({"times": written.data})
    assert (left.data["instant"], attributes.data["times"]["instant"]) == (root["instant"], root["instant"])
    assert [str(error) for error in left.errors or ()] == [str(error) for error in written.errors or ()]
    assert orjson.dumps(left.data) == orjson.dumps(written.data)
