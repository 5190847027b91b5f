"""Cases: a schema, a document, variables and a plan, all drawn from a few numbers that hypothesis may shrink."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from graphql import DocumentNode, OperationDefinitionNode, OperationType
from hypothesis import strategies as st

from tests.graphql_schema.equality.documents import Drawn, draw_document
from tests.graphql_schema.equality.doors import Core, Door, Request
from tests.graphql_schema.equality.literals import draw_variable_values
from tests.graphql_schema.equality.observation import Observation, Observer, differences
from tests.graphql_schema.equality.plans import Key, Plan, Run, dice_of
from tests.graphql_schema.equality.sandbox import Sandbox, sandbox

DOCUMENTS = 2
PLANS = 4
CASES_PER_WORLD = DOCUMENTS * PLANS


@dataclass(frozen=True, slots=True)
class WorldSeed:
    """The numbers a world of cases is drawn from; smaller ones make smaller worlds."""

    schema: int
    types: int
    documents: int
    breadth: int
    depth: int
    longest: int


def world_seeds() -> st.SearchStrategy[WorldSeed]:
    """Return the strategy of worlds."""
    seed = st.integers(0, 2**32 - 1)
    return st.builds(
        WorldSeed,
        schema=seed,
        types=st.integers(1, 5),
        documents=seed,
        breadth=st.integers(1, 7),
        depth=st.integers(1, 5),
        longest=st.integers(1, 4),
    )


@dataclass(frozen=True, slots=True)
class Case:
    """One request and the world it meets; it can be executed any number of times."""

    sandbox: Sandbox
    drawn: Drawn
    values: dict[str, Any]
    plan: Plan
    hide_suggestions: bool

    @property
    def subscription(self) -> bool:
        """Tell whether the operation to execute is a subscription (the last of those that bear the name)."""
        return is_subscription(self.drawn.document, self.drawn.operation_name)

    def observe(self, observer: Observer, door: Door) -> tuple[Observation, Run]:
        """Execute the case through a door."""
        run = Run(self.plan)
        root_type = self.sandbox.schema.query_type
        root = None if self.plan.seed % 3 == 0 else self.sandbox.world.root(run, root_type)
        request = Request(
            self.sandbox.schema,
            self.drawn.document,
            self.drawn.operation_name,
            dict(self.values),
            root,
            run,
            self.hide_suggestions,
        )
        return observer.observe(door, request, run, subscription=self.subscription), run

    def compare(self, observer: Observer, door: Door) -> list[str]:
        """Execute the case by graphql-core and through a door, and return the differences."""
        expected, _ = self.observe(observer, Core())
        actual, _ = self.observe(observer, door)
        return differences(expected, actual)

    def with_document(self, document: DocumentNode, text: str) -> "Case":
        """Return the same case with another document."""
        return replace(self, drawn=replace(self.drawn, document=document, text=text))

    def reproduction(self) -> str:
        """Return all that is needed to see the case again, as text."""
        return (
            f"--- schema\n{self.sandbox.text}\n--- document (operation {self.drawn.operation_name!r})\n"
            f"{self.drawn.text}\n--- variables\n{self.values!r}\n--- plan\n{self.plan!r}"
            f"\n--- hide_suggestions={self.hide_suggestions}\n"
        )


def is_subscription(document: DocumentNode, operation_name: str | None) -> bool:
    """Tell whether the operation of a name, or the only one, is a subscription."""
    operations = [one for one in document.definitions if isinstance(one, OperationDefinitionNode)]
    chosen = [one for one in operations if operation_name is None or (one.name and one.name.value == operation_name)]
    return bool(chosen) and chosen[-1].operation is OperationType.SUBSCRIPTION


def cases(seed: WorldSeed) -> Iterator[Case]:
    """Draw the cases of a world: some documents, each with quiet, faulty, waiting and mixed plans."""
    box = sandbox(seed.schema, seed.types)
    dice = dice_of(seed.documents)
    for _ in range(DOCUMENTS):
        drawn = draw_document(box.schema, dice, breadth=seed.breadth, depth=seed.depth)
        for kind in range(PLANS):
            faults = 0.0 if kind == 0 else dice.choice([0.02, 0.1, 0.3])
            waits = 0.0 if kind == 1 else dice.choice([0.0, 0.15, 0.5, 0.9])
            values = draw_variable_values(box.schema, drawn.variables, dice, 0.02 if kind > 1 else 0.0)
            plan = Plan(dice.randrange(2**32), faults, waits, seed.longest)
            yield Case(box, drawn, values, plan, dice.random() < 0.2)


def places(case: Case) -> set[Key]:
    """Return the places a case's execution by graphql-core reaches."""
    observer = Observer()
    try:
        return case.observe(observer, Core())[1].reached
    finally:
        observer.close()
