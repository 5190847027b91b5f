"""In every run, 2,000 random cases: ours and graphql-core see the same world and must be seen to do the same."""

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from graphql_schema.compiled.classes import PLAIN
from tests.graphql_schema.equality.beings import Being
from tests.graphql_schema.equality.campaign import Tally, compare_world, report
from tests.graphql_schema.equality.cases import CASES_PER_WORLD, Case, WorldSeed, world_seeds
from tests.graphql_schema.equality.compiled_door import Compiled
from tests.graphql_schema.equality.observation import Observer

CASES = 2_000

pytestmark = [
    pytest.mark.filterwarnings("ignore:coroutine .* was never awaited"),  # the observations compare these;
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),  # some are collected too late
    pytest.mark.timeout(600),  # under a minute alone; a busy machine takes longer
]


class Different(AssertionError):
    """A case that differs; it is reduced only when it is told, which is once hypothesis has shrunk its numbers."""

    def __init__(self, case: Case, observer: Observer, door: Compiled) -> None:
        super().__init__()
        self._all = (case, observer, door)

    def __str__(self) -> str:
        return report(*self._all)


@pytest.fixture(scope="module")
def observer() -> Iterator[Observer]:
    made = Observer()
    yield made
    made.close()


@pytest.fixture(scope="module")
def door() -> Compiled:
    return Compiled()


def test_the_compiled_executor_answers_as_graphql_core_does(observer: Observer, door: Compiled) -> None:
    tally = Tally()

    @settings(
        max_examples=CASES // CASES_PER_WORLD,
        deadline=None,
        database=None,
        derandomize=False,
        suppress_health_check=list(HealthCheck),
        phases=(Phase.generate, Phase.shrink),
    )
    @given(seed=world_seeds())
    def compare(seed: WorldSeed) -> None:
        case = compare_world(seed, observer, door, tally)
        if case is not None:
            raise Different(case, observer, door)

    compare()
    assert tally.failing
    assert any(issubclass(cls, Being) for cls in PLAIN), "generated code never took an object for a plain one"
    assert len(door.fallbacks) <= door.operations * 0.05
