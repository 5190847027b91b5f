"""The public door: results, fallbacks, the cache."""

import threading
from collections.abc import Mapping
from typing import Any

import graphql
import pytest
from graphql import DocumentNode, ExecutionResult, GraphQLSchema, build_schema, parse

from graphql_schema.compiled.operation import MOST_PROGRAMS
from graphql_schema.compiled.operations import Fallback, OperationCompiler, execute, subscribe

SCHEMA = build_schema("""
    type Query { name: String, count(of: Int = 3): Int!, class: Query, list: [[Int!]] }
    type Mutation { first: Int, second: Int }
    type Subscription { tick: Int }
""")


class Source:
    """A source of values for the schema."""

    name = "Анна"

    def count(self, _info: object, of: int | None) -> int | None:
        """Give the argument back."""
        return of


def _compare(schema: GraphQLSchema, document: DocumentNode, **request: Any) -> ExecutionResult:
    expected = graphql.execute(schema, document, **request)
    actual = OperationCompiler(schema).compile(document).execute(**request)
    assert actual == expected
    assert isinstance(actual, ExecutionResult)
    return actual


@pytest.mark.parametrize("variables", [None, {}, {"of": 4}, {"of": None}, {"of": 2**31}, {"of": "4"}, {"with": False}])
def test_answers_as_graphql_core(variables: Mapping[str, Any] | None) -> None:
    document = parse("query Q($of: Int, $with: Boolean = true) { name @include(if: $with) count(of: $of) }")
    _compare(SCHEMA, document, root_value=Source(), variable_values=variables)


def test_wrong_variables_give_no_data() -> None:
    result = _compare(SCHEMA, parse("query ($of: Int!) { count(of: $of) }"), root_value=Source())
    assert result.data is None
    assert result.errors is not None
    assert "to be provided" in result.errors[0].message


def test_suggestions_are_hidden_from_errors() -> None:
    schema = build_schema("enum Colour { RED } type Query { paint(colour: Colour): Int }")
    compiled = OperationCompiler(schema).compile(parse("query ($c: Colour) { paint(colour: $c) }"))
    shown, hidden = (
        compiled.execute(variable_values={"c": "REDD"}, hide_suggestions=hide_suggestions)
        for hide_suggestions in (False, True)
    )
    assert isinstance(shown, ExecutionResult)
    assert isinstance(hidden, ExecutionResult)
    assert "Did you mean" in str(shown.errors)
    assert "Did you mean" not in str(hidden.errors)


def test_source_is_printable_and_the_same_each_time() -> None:
    document = parse("query Screen { name list class { class { count } } }")
    first, second = (OperationCompiler(SCHEMA).compile(document).source for _ in range(2))
    assert first == second
    assert "# Screen\ndef function(r, v, q):" in first


def test_the_same_document_is_compiled_once_and_the_oldest_forgotten() -> None:
    compiler = OperationCompiler(SCHEMA, most_operations=2)
    documents = [parse("{ name }") for _ in range(3)]
    first = compiler.compile(documents[0])
    assert compiler.compile(documents[0]) is first
    compiler.compile(documents[1])
    compiler.compile(documents[0])
    second = compiler.compile(documents[1])
    assert compiler.compile(documents[1]) is second
    compiler.compile(documents[2])
    assert compiler.compile(documents[1]) is second
    assert compiler.compile(documents[0]) is not first


def test_two_threads_compile_one_document_once() -> None:
    compiler, document = OperationCompiler(SCHEMA), parse("{ name class { name } }")
    barrier, found = threading.Barrier(8), []

    def compile_it() -> None:
        barrier.wait()
        found.append(compiler.compile(document))

    threads = [threading.Thread(target=compile_it) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len({id(operation) for operation in found}) == 1


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{ name } query Other { name }", "no such operation"),
        ("{ ... @defer { name } }", "@defer or @stream"),
        ("{ list @stream(initialCount: 1) }", "@defer or @stream"),
        ("query ($a: String) { name @include(if: $a) }", "no Boolean"),
        ("{" + "class {" * 60 + "name" + "}" * 61, "deeper than"),
    ],
)
def test_what_is_not_covered_is_told_at_each_execution(text: str, reason: str) -> None:
    told: list[Fallback] = []
    document = parse(text)
    compiled = OperationCompiler(SCHEMA, on_fallback=told.append).compile(document)
    request: dict[str, Any] = {"root_value": {"name": "x"}, "variable_values": {"a": "x"}}
    for _ in range(2):
        try:
            expected = graphql.execute(SCHEMA, document, **request)
        except graphql.GraphQLError as error:
            with pytest.raises(graphql.GraphQLError, match=error.message[:20]):
                compiled.execute(**request)
        else:
            assert compiled.execute(**request) == expected
    assert len(told) == 2
    assert all(reason in fallback.reason for fallback in told)


def test_unknown_predicates_leave_all_to_graphql_core() -> None:
    told: list[Fallback] = []
    compiler = OperationCompiler(SCHEMA, on_fallback=told.append, is_awaitable=lambda _value: False)
    assert compiler.compile(parse("{ name }")).execute(root_value={"name": "x"}) == ExecutionResult({"name": "x"}, None)
    assert len(told) == 1


def test_choices_of_included_fields_are_bounded() -> None:
    told: list[Fallback] = []
    names = [f"v{number}" for number in range(8)]
    definitions = ", ".join(f"${name}: Boolean!" for name in names)
    fields = " ".join(f"f{name}: name @include(if: ${name})" for name in names)
    document = parse(f"query ({definitions}) {{ {fields} }}")
    compiled = OperationCompiler(SCHEMA, on_fallback=told.append).compile(document)
    for number in range(2 ** len(names)):
        variables = {name: bool(number >> bit & 1) for bit, name in enumerate(names)}
        result = compiled.execute(root_value={"name": "x"}, variable_values=variables)
        assert isinstance(result, ExecutionResult)
        assert result.data == {f"f{name}": "x" for name in names if variables[name]}
    assert len(told) == 2 ** len(names) - MOST_PROGRAMS


def test_an_invalid_schema_raises_as_in_graphql_core() -> None:
    with pytest.raises(TypeError, match="Query root type must be provided"):
        OperationCompiler(build_schema("type Other { a: Int }")).compile(parse("{ a }"))


async def test_mutations_run_one_after_another() -> None:
    log: list[str] = []

    class Root:
        async def first(self, _info: object) -> int:
            log.append("first begins")
            await _turn()
            log.append("first ends")
            return 1

        def second(self, _info: object) -> int:
            log.append("second")
            return 2

    result = execute(SCHEMA, parse("mutation { first second }"), Root())
    assert not isinstance(result, ExecutionResult)
    assert await result == ExecutionResult({"first": 1, "second": 2}, None)
    assert log == ["first begins", "first ends", "second"]


async def _turn() -> None:
    """Let others go first."""
    future = graphql.pyutils.gather_with_cancel(_nothing(), _nothing())
    await future


async def _nothing() -> None:
    """Do nothing, in a task of its own."""


async def test_each_event_of_a_subscription_is_answered() -> None:
    async def events(_info: object) -> Any:
        yield {"tick": 1}
        yield {"tick": "wrong"}

    stream = subscribe(SCHEMA, parse("subscription { tick }"), {"tick": events})
    assert hasattr(stream, "__aiter__")
    results = [result async for result in stream]
    assert [result.data for result in results] == [{"tick": 1}, {"tick": None}]
    assert results[1].errors is not None
    assert results[1].errors[0].path == ["tick"]


def test_options_that_are_not_covered_go_to_graphql_core(caplog: pytest.LogCaptureFixture) -> None:
    def upper(resolve: Any, source: Any, info: Any, **arguments: Any) -> Any:
        return resolve(source, info, **arguments).upper()

    with caplog.at_level("INFO"):
        result = execute(SCHEMA, parse("{ name }"), {"name": "x"}, middleware=[upper])
    assert result == ExecutionResult({"name": "X"}, None)
    assert "middleware" in caplog.text
