"""What compiled operations leave to graphql-core is counted, where they bail out is kept; the log is told the first."""

from typing import Any, cast

import strawberry
from graphql import parse
from structlog.testing import capture_logs

from graphql_schema.compiled.operations import Bailout
from graphql_schema.execution import Runners


@strawberry.type
class Person:
    age: int
    name: str


@strawberry.type
class Query:
    @strawberry.field
    def person(self) -> Person | None:
        return cast("Person", self)


SCHEMA = strawberry.Schema(Query)._schema  # Strawberry has no public name for it


def _execute(runners: Runners, text: str, value: object) -> Any:
    return runners.compiled(parse(text), "Screen").execute(root_value=value)


def test_a_fallback_is_counted_each_time_and_told_once() -> None:
    runners = Runners(SCHEMA)
    document = parse("query Screen($with: Boolean = true) { person @include(if: $with) { age } }")
    with capture_logs() as logs:
        for _ in range(3):
            runners.compiled(document, "Screen").execute(variable_values={"with": None})
    assert list(runners.fallbacks.values()) == [3]
    assert [(one["event"], one["operation_name"], one["log_level"]) for one in logs] == [
        ("graphql_fallback", "Screen", "warning")
    ]


def test_a_bail_out_is_told_once_a_field_whatever_the_value() -> None:
    runners = Runners(SCHEMA)
    with capture_logs() as logs:
        for wrong in ("about seven", "Анна"):
            result = _execute(runners, "query Screen { person { age } }", Person(age=cast("Any", wrong), name="Анна"))
            assert result.errors
    assert runners.bailouts == {Bailout("Screen", "Query.person")}
    assert logs == [
        {
            "event": "graphql_bailout",
            "operation_name": "Screen",
            "coordinate": "Query.person",
            "log_level": "info",
        }
    ]


def test_bail_outs_are_kept_up_to_a_bound() -> None:
    runners = Runners(SCHEMA, most_kinds=2)
    with capture_logs() as logs:
        for number in range(5):
            document = parse(f"query Screen{number} {{ person {{ age }} }}")
            runners.compiled(document, None).execute(root_value=Person(age=cast("Any", "x"), name=""))
    assert len(runners.bailouts) == len(logs) == 2
