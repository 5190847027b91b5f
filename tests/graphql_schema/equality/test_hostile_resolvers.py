"""Resolvers that raise, lie, never end or are cancelled; loaders that fail for one key; schemas of yesterday."""

import asyncio
from typing import Any

import pytest
from graphql import GraphQLSchema, build_schema
from strawberry.dataloader import DataLoader

from tests.graphql_schema.equality.pairs import EXECUTIONS, awaited, both, compiled, equal, settled

SCHEMA = build_schema("""
    type Query { number: Int  sure: Int!  person: Person  people: [Person!]  slow(n: Int = 1): Int  other: Int }
    type Person { name: String!  friend: Person  friends: [Person] }
""")


@pytest.mark.parametrize(
    ("root", "message"),
    [
        ({"number": lambda _info: 1 / 0}, "division by zero"),
        ({"number": object()}, "Int cannot represent non-integer value: <object instance>"),
        ({"number": 2**31}, "Int cannot represent non 32-bit signed integer value: 2147483648"),
        ({"number": ValueError("as a value")}, "as a value"),
        ({"number": float("nan")}, "Int cannot represent non-integer value: nan"),
        ({"number": [1]}, "Int cannot represent non-integer value: [1]"),
    ],
)
async def test_a_wrong_value_is_an_error_at_its_path(root: dict[str, Any], message: str) -> None:
    theirs, ours = await both(SCHEMA, "{ number }", lambda: root)
    assert ours.data == theirs.data == {"number": None}
    assert ours.errors is not None
    assert [(error.message, error.path) for error in ours.errors] == [(message, ["number"])]
    assert ours.formatted == theirs.formatted


async def test_a_wrong_list_item_nulls_what_may_be_null() -> None:
    people = [{"name": "Anna"}, {"name": None}, {"name": "Boris"}]
    data, errors, _ = await equal(SCHEMA, "{ people { name } number }", lambda: {"people": people, "number": 1})
    assert data == "{'people': None, 'number': 1}"
    assert errors is not None
    assert len(errors) == 1


async def test_a_deadline_cancels_every_resolver_and_leaves_nothing() -> None:
    seen: list[str] = []

    def hang(name: str) -> Any:
        async def resolve(_info: Any, **_arguments: Any) -> int:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                seen.append(name)
                raise
            return 1

        return resolve

    root = {
        "number": hang("number"),
        "slow": hang("slow"),
        "other": 3,
        "person": {"name": "Anna", "friend": {"name": hang("name"), "friends": [{"name": hang("item")}]}},
    }
    operation = compiled(SCHEMA, "{ number slow other person { friend { name friends { name } } } }")
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            result = operation.execute(root_value=root)
            assert asyncio.iscoroutine(result)
            await result
    assert await settled() == []
    assert sorted(seen) == ["item", "name", "number", "slow"]


async def test_a_cancelled_request_leaves_other_requests_alone() -> None:
    gate = asyncio.Event()

    async def number(_info: Any) -> int:
        await gate.wait()
        return 7

    operation = compiled(SCHEMA, "{ number }")
    first, second = (asyncio.ensure_future(awaited(operation.execute(root_value={"number": number}))) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    gate.set()
    with pytest.raises(asyncio.CancelledError):
        await first
    assert (await second).data == {"number": 7}
    assert await settled() == []


async def test_a_resolver_that_is_cancelled_cancels_the_execution_as_in_graphql_core() -> None:
    async def number(_info: Any) -> int:
        raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        await both(SCHEMA, "{ number other }", lambda: {"number": number})
    with pytest.raises(asyncio.CancelledError):
        await compiled(SCHEMA, "{ number other }").execute(root_value={"number": number})  # type: ignore[misc] # it waits
    assert await settled() == []


async def test_an_error_in_non_null_leaves_no_sibling_unawaited() -> None:
    ended: list[int] = []

    async def slow(_info: Any, n: int) -> int:
        for _ in range(n):
            await asyncio.sleep(0)
        ended.append(n)
        return n

    def root() -> dict[str, Any]:
        return {"slow": slow, "sure": lambda _info: 1 / 0}

    await equal(SCHEMA, "{ a: slow(n: 1) b: slow(n: 3) sure c: slow }", root)
    assert await settled() == []
    assert sorted(ended) == sorted([1, 3] * EXECUTIONS)  # `c` was never called


async def test_a_loader_that_fails_for_one_key_of_many_nulls_one_item() -> None:
    batches: list[list[int]] = []

    async def load(keys: list[int]) -> list[dict[str, str] | Exception]:
        batches.append(keys)
        return [ValueError(f"no {key}") if key == 3 else {"name": f"person {key}"} for key in keys]

    def root() -> dict[str, Any]:
        loader: DataLoader[int, dict[str, str]] = DataLoader(load)
        return {"person": {"name": "Anna", "friends": [loader.load(key) for key in range(6)]}}

    data, errors, _ = await equal(SCHEMA, "{ person { friends { name } } }", root)
    assert "{'name': 'person 2'}, None, {'name': 'person 4'}" in data
    assert errors is not None
    assert len(errors) == 1
    assert batches == [[0, 1, 2, 3, 4, 5]] * EXECUTIONS


NEW = build_schema("type Query { number(kind: String): Int  person: Stranger }  type Stranger { name: String }")
OLD_DOCUMENTS = (
    "{ number sure }",
    "{ number(gone: 3) }",
    "{ person { name friend { name } } }",
    "{ person { ... on Person { name } name } }",
    "query ($n: Person) { number }",
    "query ($n: Int) { number(gone: $n) }",
    "fragment F on Person { name } { person { ...F name } }",
    "{ person }",
    "{ number { name } }",
    "mutation { number }",
    "subscription { number }",
    "{ ...Gone }",
    "{ number @include(if: $gone) }",
    "{ number @include }",
    "{ number(kind: $gone) }",
)


@pytest.mark.parametrize("text", OLD_DOCUMENTS)
async def test_a_document_of_an_older_schema_is_answered_as_by_graphql_core(text: str) -> None:
    await equal(NEW, text, lambda: {"number": 1, "sure": 2, "person": {"name": "Anna", "friend": {"name": "Boris"}}})


async def test_an_invalid_schema_is_refused_as_by_graphql_core() -> None:
    with pytest.raises(TypeError, match="Query root type must be provided"):
        compiled(GraphQLSchema(), "{ number }").execute()
