"""The same for a schema made with Strawberry: its attributes, enums, inputs, permissions, extensions, `Info`."""

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from tests.graphql_schema.equality.compiled_door import Compiled
from tests.graphql_schema.equality.doors import Core
from tests.graphql_schema.equality.mutants import NoPropagation
from tests.graphql_schema.equality.observation import Observer
from tests.graphql_schema.equality.strawberry_cases import StrawberrySeed, first_difference

WORLDS = 130

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


@pytest.mark.parametrize("speculates", [True, False], ids=["speculative", "careful"])
def test_a_strawberry_schema_is_answered_as_by_graphql_core(speculates: bool, observer: Observer) -> None:
    door = Compiled(speculates=speculates)

    @settings(
        max_examples=WORLDS,
        deadline=None,
        database=None,
        derandomize=False,
        suppress_health_check=list(HealthCheck),
        phases=(Phase.explicit, Phase.generate, Phase.shrink),
    )
    @example(StrawberrySeed(893, 5, 5))  # two resolvers with arguments to convert that neither executor awaits
    @given(st.builds(StrawberrySeed, st.integers(0, 2**32 - 1), st.integers(1, 7), st.integers(1, 5)))
    def compare(seed: StrawberrySeed) -> None:
        difference = first_difference(seed, observer, door)
        assert difference is None, difference

    compare()
    assert (door.speculative > WORLDS // 4) is speculates


def test_a_planted_mistake_is_found_here_too(observer: Observer) -> None:
    mutant = Core(NoPropagation)
    assert any(first_difference(StrawberrySeed(number, 5, 4), observer, mutant) for number in range(60))
