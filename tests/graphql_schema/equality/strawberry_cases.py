"""Cases on the Strawberry schema: a document drawn from a number, with quiet, faulty and waiting plans."""

from collections.abc import Callable
from dataclasses import dataclass

from graphql import GraphQLSchema, print_schema
from strawberry.execution import optimized_is_awaitable

from tests.graphql_schema.equality.cases import is_subscription
from tests.graphql_schema.equality.documents import Drawn, draw_document
from tests.graphql_schema.equality.doors import Core, Door, Request
from tests.graphql_schema.equality.literals import draw_variable_values
from tests.graphql_schema.equality.observation import Observation, Observer, differences
from tests.graphql_schema.equality.plans import Plan, Run, dice_of
from tests.graphql_schema.equality.strawberry_world import SCHEMA

CASES_PER_SEED = 4
CORE_SCHEMA: GraphQLSchema = SCHEMA._schema


@dataclass(frozen=True, slots=True)
class StrawberrySeed:
    """The numbers that cases are drawn from; smaller ones make smaller documents."""

    number: int
    breadth: int
    depth: int


def first_difference(
    seed: StrawberrySeed, observer: Observer, door: Door, count: Callable[[Observation], None] = lambda _: None
) -> str | None:
    """Compare the cases of a seed until one differs; return that as text.

    Args:
        seed: What they are drawn from.
        observer: Lets them run.
        door: The executor under test.
        count: Told what graphql-core makes of each.
    """
    dice = dice_of(seed.number)
    drawn = draw_document(CORE_SCHEMA, dice, breadth=seed.breadth, depth=seed.depth)
    for kind in range(CASES_PER_SEED):
        faults = 0.0 if kind == 0 else dice.choice([0.02, 0.1, 0.3])
        plan = Plan(dice.randrange(2**32), faults, dice.choice([0.0, 0.5]), dice.randrange(1, 3))
        values = draw_variable_values(CORE_SCHEMA, drawn.variables, dice, 0.02 if kind > 1 else 0.0)
        expected = _observe(observer, Core(), drawn, values, plan)
        count(expected)
        if found := differences(expected, _observe(observer, door, drawn, values, plan)):
            told = "\n".join(found)
            return f"{print_schema(CORE_SCHEMA)}\n{drawn.text}\n{drawn.operation_name!r} {values!r}\n{plan!r}\n{told}"
    return None


def _observe(observer: Observer, door: Door, drawn: Drawn, values: dict[str, object], plan: Plan) -> Observation:
    run = Run(plan)
    is_awaitable = optimized_is_awaitable
    request = Request(
        CORE_SCHEMA, drawn.document, drawn.operation_name, dict(values), None, run, is_awaitable=is_awaitable
    )
    subscription = is_subscription(drawn.document, drawn.operation_name)
    return observer.observe(door, request, run, subscription=subscription)
