"""Depth, aliases, directives, sensitive mutations and cost, measured in linear time (S1-S5)."""

from typing import Any

import pytest
from graphql import GraphQLSchema, build_schema, parse

from backend.settings import GraphQLSettings
from graphql_schema.execution import Runners
from graphql_schema.faults import RequestRefused
from graphql_schema.limits import Analysis, analyse
from graphql_schema.preparation import Preparation, check_cost

SCHEMA = build_schema("""
    type Query { viewer: Viewer  slots(first: Int): SlotConnection  hello: String }
    type Viewer { name: String!  friend: Viewer  children: [Viewer!]!  slots(first: Int): SlotConnection }
    type SlotConnection { edges: [SlotEdge!]!  nodes: [Slot!]! }
    type SlotEdge { node: Slot! }
    type Slot { id: ID!  doctor: Viewer }
    type Mutation { bookAppointment: String  holdSlot: String  other: String }
""")
LIMITS = GraphQLSettings()


def _analyse(text: str, schema: GraphQLSchema = SCHEMA, *, introspection: bool = True) -> Analysis:
    return analyse(schema, parse(text), LIMITS, introspection=introspection)


def _details(text: str) -> list[Any]:
    return [fault.extensions["detail"] for fault in _analyse(text).faults]


def _cost(text: str, **variables: Any) -> int:
    (cost,) = _analyse(text).costs
    return cost.evaluate(variables)


def _nested(depth: int) -> str:
    return "{ viewer " + "{ friend " * (depth - 2) + "{ name }" + "}" * (depth - 1)


def _bomb(levels: int, leaf: str = "name") -> str:
    fragments = " ".join(
        f"fragment F{level} on Viewer {{ ...F{level + 1} ...F{level + 1} }}" for level in range(levels)
    )
    return f"{{ viewer {{ ...F0 }} }} {fragments} fragment F{levels} on Viewer {{ {leaf} }}"


def test_allows_depth_12_and_refuses_13() -> None:
    """S1."""
    assert _details(_nested(12)) == []
    assert _details(_nested(13)) == ["depth: 13 where 12 are allowed"]


def test_counts_depth_through_fragments() -> None:
    """S1."""
    chain = " ".join(f"fragment F{n} on Viewer {{ friend {{ ...F{n + 1} }} }}" for n in range(12))
    text = f"{{ viewer {{ ...F0 }} }} {chain} fragment F12 on Viewer {{ name }}"

    assert _details(text) == ["depth: 14 where 12 are allowed"]


def test_allows_15_aliases_of_one_field_and_refuses_16() -> None:
    """S4."""
    assert _details("{" + " ".join(f"a{n}: hello" for n in range(15)) + "}") == []
    assert _details("{" + " ".join(f"a{n}: hello" for n in range(16)) + "}") == [
        "aliases of one field: 16 where 15 are allowed"
    ]


def test_counts_aliases_as_often_as_their_fragment_is_spread() -> None:
    """S4."""
    assert "aliases of one field: 32 where 15 are allowed" in _details(_bomb(5, leaf="a: name"))


def test_bounds_repetitions_of_one_field() -> None:
    """What makes the rule of overlapping fields quadratic."""
    assert _details("{" + "hello " * 100 + "}") == []
    assert _details("{" + "hello " * 101 + "}") == ["occurrences of one field: 101 where 100 are allowed"]


def test_the_work_on_doubling_fragments_grows_linearly() -> None:
    """S3: 90 levels would be 2**90 expansions."""
    steps = {levels: _analyse(_bomb(levels)).steps for levels in (30, 60, 90)}

    assert steps[60] - steps[30] == steps[90] - steps[60]
    assert steps[90] < 90 * 10


def test_a_bomb_of_90_levels_is_refused_as_too_complex() -> None:
    """S3."""
    preparation = Preparation(SCHEMA, LIMITS, Runners(SCHEMA), open_schema=True)

    with pytest.raises(RequestRefused) as raised:
        preparation.prepare(_bomb(90))

    assert {fault.code for fault in raised.value.faults} == {"QUERY_TOO_COMPLEX"}


def test_the_cost_of_a_bomb_with_a_variable_is_evaluated_in_linear_time() -> None:
    """S3: the plan keeps shared fragments shared."""
    text = "query($n: Int)" + _bomb(25, leaf="slots(first: $n) { nodes { id } }")

    assert _cost(text, n=2) == min(10**9, 1 + 2**25 * (1 + 2 * 2))


def test_the_work_on_nested_fields_grows_linearly() -> None:
    """S3."""
    steps = [_analyse(_nested(depth)).steps for depth in (20, 40, 60)]

    assert steps[1] - steps[0] == steps[2] - steps[1] == 20


@pytest.mark.parametrize(
    "text",
    [
        "{ ...Nope }",
        "{ viewer { ...A } } fragment A on Viewer { ...B } fragment B on Viewer { ...A name }",
        "{ viewer { ...A } } fragment A on Nothing { name { deeper } }",
        "{ nothing { at { all } } } mutation { nor(first: $here) { x } }",
        "subscription { nothing }",
    ],
)
def test_lives_with_documents_that_are_wrong_in_other_ways(text: str) -> None:
    """S11."""
    assert _analyse(text).faults == ()


@pytest.mark.parametrize(
    ("text", "cost"),
    [
        ("{ hello }", 1),
        ("{ viewer { name } }", 2),
        ("{ slots { nodes { id } } }", 1 + 20 * 2),
        ("{ slots(first: 3) { edges { node { id } } } }", 1 + 3 * 3),
        ("{ viewer { children { name } } }", 2 + 5 * 1),
        ("{ slots(first: 10) { nodes { doctor { slots(first: 10) { nodes { id } } } } } }", 1 + 10 * (3 + 10 * 2)),
        ("{ ...A ...A } fragment A on Query { hello }", 2),
        ("{ __typename viewer { ... on Viewer { name } ... { name } } }", 4),
    ],
)
def test_cost_is_fields_times_list_sizes(text: str, cost: int) -> None:
    """S2."""
    assert _cost(text) == cost


@pytest.mark.parametrize(
    ("definition", "variables", "size"),
    [
        ("$n: Int", {"n": 7}, 7),
        ("$n: Int = 9", {}, 9),
        ("$n: Int = 9", {"n": 7}, 7),
        ("$n: Int", {}, 20),
        ("$n: Int", {"n": None}, 20),
        ("$n: Int", {"n": "many"}, 100),
        ("$n: Int", {"n": True}, 100),
        ("$n: Int", {"n": -1}, 100),
    ],
)
def test_cost_follows_variables_and_takes_the_worst_case_for_odd_ones(
    definition: str, variables: dict[str, Any], size: int
) -> None:
    """S2."""
    assert _cost(f"query({definition}) {{ slots(first: $n) {{ nodes {{ id }} }} }}", **variables) == 1 + size * 2


def test_refuses_an_operation_above_the_limit_of_cost() -> None:
    """S2."""
    preparation = Preparation(SCHEMA, LIMITS, Runners(SCHEMA), open_schema=True)
    text = "query($n: Int) { slots(first: 100) { nodes { doctor { slots(first: $n) { nodes { id } } } } } }"
    operation = preparation.prepare(text).choose(None)

    assert check_cost(operation, {"n": 5}, LIMITS) == 1 + 100 * (3 + 5 * 2)
    with pytest.raises(RequestRefused) as raised:
        check_cost(operation, {"n": 100}, LIMITS)
    assert raised.value.faults[0].extensions == {
        "detail": "cost: 20301 where 5000 are allowed",
        "limit": 5_000,
        "actual": 20_301,
    }


@pytest.mark.parametrize(
    "text",
    [
        "mutation { bookAppointment b: bookAppointment }",
        "mutation { bookAppointment holdSlot }",
        "mutation { ...A ...A } fragment A on Mutation { holdSlot }",
        "mutation A { holdSlot } mutation B { bookAppointment }",
    ],
)
def test_refuses_more_than_one_sensitive_mutation_a_document(text: str) -> None:
    """S4."""
    assert _details(text) == ["sensitive mutations in a document: 2 where 1 are allowed"]


def test_allows_one_sensitive_mutation_beside_others() -> None:
    assert _details("mutation { bookAppointment other a: other }") == []


def test_refuses_more_than_50_directives() -> None:
    """S5."""
    assert _details("{ hello " + "@include(if: true) " * 50 + "}") == []
    assert _details("{ hello " + "@include(if: true) " * 51 + "}") == ["directives: 51 where 50 are allowed"]


def test_refuses_more_than_20_operations() -> None:
    assert _details(" ".join(f"query Q{n} {{ hello }}" for n in range(21))) == ["operations: 21 where 20 are allowed"]


@pytest.mark.parametrize(
    "text",
    [
        "{ hello " + "#" * 15_000 + "\n}",
        "{ viewer { " + "name " * 997 + "} }",
    ],
)
def test_refuses_more_than_15000_characters_or_1000_tokens(text: str) -> None:
    """S5."""
    with pytest.raises(RequestRefused) as raised:
        Preparation(SCHEMA, LIMITS, Runners(SCHEMA), open_schema=True).prepare(text)

    assert [fault.code for fault in raised.value.faults] == ["QUERY_TOO_COMPLEX"]


def test_a_valid_document_is_prepared_once_and_a_wrong_one_is_not_kept() -> None:
    preparation = Preparation(SCHEMA, LIMITS, Runners(SCHEMA), open_schema=True)

    assert preparation.prepare("{ hello }") is preparation.prepare("{ hello }")
    for _ in range(2):
        with pytest.raises(RequestRefused):
            preparation.prepare("{ nothing }")


def test_the_schema_describes_itself_only_where_it_is_open() -> None:
    """S8."""
    text = "{ ...A } fragment A on Query { __schema { types { name } } }"

    assert _analyse(text).faults == ()
    assert [fault.code for fault in _analyse(text, introspection=False).faults] == ["INTROSPECTION_DISABLED"]


def test_suggestions_are_made_only_where_the_schema_is_open() -> None:
    """S8."""
    messages = []
    for open_schema in (True, False):
        with pytest.raises(RequestRefused) as raised:
            Preparation(SCHEMA, LIMITS, Runners(SCHEMA), open_schema=open_schema).prepare("{ helo }")
        messages.append(raised.value.faults[0].message)

    assert messages == [
        "Cannot query field 'helo' on type 'Query'. Did you mean 'hello'?",
        "Cannot query field 'helo' on type 'Query'.",
    ]
