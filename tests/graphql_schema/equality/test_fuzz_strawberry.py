"""The same for a schema made with Strawberry: its attributes, enums, inputs, permissions, extensions, `Info`."""

from collections.abc import Iterator

import pytest
from graphql import GraphQLSchema, print_schema
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st
from strawberry.execution import optimized_is_awaitable

from tests.graphql_schema.equality.cases import is_subscription
from tests.graphql_schema.equality.compiled_door import Compiled
from tests.graphql_schema.equality.documents import Drawn, draw_document
from tests.graphql_schema.equality.doors import Core, Door, Request
from tests.graphql_schema.equality.literals import draw_variable_values
from tests.graphql_schema.equality.mutants import NoPropagation
from tests.graphql_schema.equality.observation import Observation, Observer, differences
from tests.graphql_schema.equality.plans import Plan, Run, dice_of
from tests.graphql_schema.equality.strawberry_world import SCHEMA

WORLDS, PLANS = 130, 4
CORE_SCHEMA: GraphQLSchema = SCHEMA._schema

pytestmark = [
    pytest.mark.filterwarnings("ignore:coroutine .* was never awaited"),  # the observations compare these;
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),  # some are collected too late
    pytest.mark.timeout(600),  # under a minute alone; a busy machine takes longer
]


@pytest.fixture(scope="module")
def observer() -> Iterator[Observer]:
    made = Observer()
    yield made
    made.close()


@pytest.fixture(scope="module")
def door() -> Compiled:
    return Compiled()


def _observe(observer: Observer, door: Door, drawn: Drawn, values: dict[str, object], plan: Plan) -> Observation:
    run = Run(plan)
    is_awaitable = optimized_is_awaitable
    request = Request(
        CORE_SCHEMA, drawn.document, drawn.operation_name, dict(values), None, run, is_awaitable=is_awaitable
    )
    subscription = is_subscription(drawn.document, drawn.operation_name)
    return observer.observe(door, request, run, subscription=subscription)


def _first_difference(seed: int, breadth: int, depth: int, observer: Observer, door: Door) -> str | None:
    dice = dice_of(seed)
    drawn = draw_document(CORE_SCHEMA, dice, breadth=breadth, depth=depth)
    for kind in range(PLANS):
        faults = 0.0 if kind == 0 else dice.choice([0.02, 0.1, 0.3])
        plan = Plan(dice.randrange(2**32), faults, dice.choice([0.0, 0.5]), dice.randrange(1, 3))
        values = draw_variable_values(CORE_SCHEMA, drawn.variables, dice, 0.02 if kind > 1 else 0.0)
        expected = _observe(observer, Core(), drawn, values, plan)
        if found := differences(expected, _observe(observer, door, drawn, values, plan)):
            told = "\n".join(found)
            return f"{print_schema(CORE_SCHEMA)}\n{drawn.text}\n{drawn.operation_name!r} {values!r}\n{plan!r}\n{told}"
    return None


@settings(
    max_examples=WORLDS,
    deadline=None,
    database=None,
    derandomize=False,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.generate, Phase.shrink),
)
@example(seed=893, breadth=5, depth=5)  # two resolvers with arguments to convert that neither executor awaits
@given(seed=st.integers(0, 2**32 - 1), breadth=st.integers(1, 7), depth=st.integers(1, 5))
def test_a_strawberry_schema_is_answered_as_by_graphql_core(
    seed: int, breadth: int, depth: int, observer: Observer, door: Compiled
) -> None:
    difference = _first_difference(seed, breadth, depth, observer, door)
    assert difference is None, difference


def test_a_planted_mistake_is_found_here_too(observer: Observer) -> None:
    assert any(_first_difference(seed, 5, 4, observer, Core(NoPropagation)) for seed in range(60))
