"""A thousand documents, two threads, lists in lists, huge lists, deep documents."""

import gc
import linecache
import threading
import tracemalloc
import weakref
from collections.abc import Iterator
from typing import Any

import pytest
from graphql import build_schema, parse

from graphql_schema.compiled.operations import CompiledOperation, OperationCompiler
from tests.graphql_schema.equality.pairs import equal

SCHEMA = build_schema(
    "type Query { name: String  self: Query  numbers: [Int!]  people: [Query!]  deep: [[[[[[Int]]]]]] }"
)

_OF_DOCUMENTS = [
    tracemalloc.Filter(True, place) for place in ("*/graphql_schema/compiled/*", "*/graphql/*", "<compiled*")
]
"""Where a document is allocated; the rest of the process, such as servers in threads, goes on."""


def _documents(first: int, count: int) -> Iterator[str]:
    return (f"{{ a{number}: name }}" for number in range(first, first + count))


def test_ten_thousand_documents_do_not_fill_the_cache() -> None:
    """Two hundred times as many as it holds: each of the rest would be found alive, and in the lines of its text."""
    compiler = OperationCompiler(SCHEMA, most_operations=50)
    kept: list[weakref.ref[CompiledOperation]] = []
    lines = len(linecache.cache)
    for text in _documents(0, 10_000):
        operation = compiler.compile(parse(text))
        operation.execute(root_value={"name": "Anna"})
        kept.append(weakref.ref(operation))
    del operation
    gc.collect()
    assert sum(ref() is not None for ref in kept) == 50
    assert len(linecache.cache) - lines <= 50


def test_memory_does_not_grow_with_the_documents() -> None:
    compiler = OperationCompiler(SCHEMA, most_operations=20)

    def use(texts: Iterator[str]) -> int:
        for text in texts:
            compiler.compile(parse(text)).execute(root_value={"name": "Anna"})
        gc.collect()
        ours = tracemalloc.take_snapshot().filter_traces(_OF_DOCUMENTS)
        return sum(trace.size for trace in ours.traces)

    tracemalloc.start(1)
    try:
        use(_documents(0, 200))
        before = use(_documents(200, 200))
        after = use(_documents(1_000, 600))
    finally:
        tracemalloc.stop()
    assert after - before < 200_000


def test_the_least_used_operation_goes_first() -> None:
    compiler = OperationCompiler(SCHEMA, most_operations=2)
    first, second, third = (parse(text) for text in _documents(0, 3))
    kept = compiler.compile(first)
    compiler.compile(second)
    assert compiler.compile(first) is kept
    compiler.compile(third)
    assert compiler.compile(first) is kept


def test_threads_that_compile_one_document_at_once_share_one_operation() -> None:
    compiler = OperationCompiler(SCHEMA)
    document = parse("{ name self { name people { name numbers } } }")
    start = threading.Barrier(8)
    made: list[CompiledOperation] = []
    answers: list[Any] = []

    def work() -> None:
        start.wait()
        operation = compiler.compile(document)
        made.append(operation)
        root = {"name": "Anna", "self": {"name": "Boris", "people": [{"name": "Vera", "numbers": [1]}]}}
        answers.append(operation.execute(root_value=root))

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 8
    assert len({id(operation) for operation in made} | {id(compiler.compile(document))}) == 1
    person = {"name": "Boris", "people": [{"name": "Vera", "numbers": [1]}]}
    assert [answer.data for answer in answers] == [{"name": "Anna", "self": person}] * 8


def test_two_threads_execute_one_operation_with_their_own_variables() -> None:
    compiler = OperationCompiler(build_schema("type Query { echo(n: Int!): Int  self: Query }"))
    operation = compiler.compile(parse("query ($n: Int!) { echo(n: $n) self { echo(n: $n) } }"))
    wrong: list[Any] = []

    def work(number: int) -> None:
        source: dict[str, Any] = {"echo": lambda _info, n: n}
        source["self"] = source
        for _ in range(300):
            result: Any = operation.execute(root_value=source, variable_values={"n": number})
            if result.data != {"echo": number, "self": {"echo": number}}:
                wrong.append(result)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


async def test_lists_in_lists_are_walked_to_the_ground() -> None:
    deep: list[Any] = [[[[[[1, None, 2], []], None]], []]]
    data, errors, _ = await equal(SCHEMA, "{ deep }", lambda: {"deep": deep})
    assert data == f"{{'deep': {deep}}}"
    assert errors is None


async def test_a_list_that_holds_itself_ends_at_the_type() -> None:
    circle: list[Any] = []
    circle.append(circle)
    _, errors, _ = await equal(SCHEMA, "{ deep }", lambda: {"deep": circle})
    assert errors is not None


def test_a_list_of_200_000_items_is_completed() -> None:
    root = {"numbers": list(range(200_000)), "people": [{"name": "Anna"}] * 20_000}
    result: Any = OperationCompiler(SCHEMA).compile(parse("{ numbers people { name } }")).execute(root_value=root)
    assert result.errors is None
    assert result.data == root


async def test_one_wrong_item_at_the_end_of_a_huge_list_is_found() -> None:
    data, errors, _ = await equal(SCHEMA, "{ numbers }", lambda: {"numbers": [*range(199_999), None]})
    assert data == "{'numbers': None}"
    assert errors is not None
    assert "['numbers', 199999]" in str(errors[0])


@pytest.mark.parametrize("depth", [5, 30, 60, 150])
async def test_a_deep_document_is_answered_as_by_graphql_core(depth: int) -> None:
    root: dict[str, Any] = {"name": "Anna"}
    root["self"] = root
    data, errors, _ = await equal(SCHEMA, "{ self " * depth + "{ name }" + " }" * depth, lambda: root)
    assert errors is None
    assert data.count("'self'") == depth


async def test_deep_lists_of_objects_are_answered_as_by_graphql_core() -> None:
    root: dict[str, Any] = {"name": "Anna"}
    root["people"] = [root, root]
    await equal(SCHEMA, "{ people " * 9 + "{ name }" + " }" * 9, lambda: root)
    root["people"] = [root, {"name": "Boris", "people": [None]}]
    await equal(SCHEMA, "{ people " * 9 + "{ name }" + " }" * 9, lambda: root)


async def test_a_circle_of_data_ends_with_the_document() -> None:
    root: dict[str, Any] = {"name": "Anna", "numbers": (1, 2)}
    root["people"] = [root]
    data, errors, _ = await equal(SCHEMA, "{ people { people { name numbers } } }", lambda: root)
    assert data == "{'people': [{'people': [{'name': 'Anna', 'numbers': [1, 2]}]}]}"
    assert errors is None
