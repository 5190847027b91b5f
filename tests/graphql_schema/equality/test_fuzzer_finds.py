"""The fuzzer is itself put to the proof: it finds planted mistakes soon, and reduces them."""

from collections.abc import Iterator
from typing import Any

import pytest
from graphql import Executor

from tests.graphql_schema.equality.campaign import Tally, compare_world, random_world, report
from tests.graphql_schema.equality.cases import Case, WorldSeed, cases
from tests.graphql_schema.equality.compiled_door import Compiled
from tests.graphql_schema.equality.doors import Core, Door
from tests.graphql_schema.equality.mutants import MUTANTS, NoPropagation
from tests.graphql_schema.equality.observation import Observer
from tests.graphql_schema.equality.plans import dice_of

pytestmark = [
    pytest.mark.filterwarnings("ignore:coroutine .* was never awaited"),  # graphql-core leaves some, and mutants do
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
_WITHIN = 1_500


@pytest.fixture
def observer() -> Iterator[Observer]:
    made = Observer()
    yield made
    made.close()


def _first_found(observer: Observer, mutant: type[Executor[Any]]) -> tuple[int, Case] | None:
    dice, number = dice_of(1), 0
    while number < _WITHIN:
        for case in cases(random_world(dice)):
            number += 1
            if case.compare(observer, Core(mutant)):
                return number, case
    return None


@pytest.mark.parametrize("mutant", MUTANTS)
def test_finds_a_planted_mistake(observer: Observer, mutant: type[Executor[Any]]) -> None:
    assert _first_found(observer, mutant) is not None


def test_finds_nothing_between_graphql_core_and_itself(observer: Observer) -> None:
    dice, tally = dice_of(2), Tally()
    for _ in range(25):
        assert compare_world(random_world(dice), observer, Core(Executor), tally) is None
    assert tally.cases == 200


@pytest.mark.parametrize("door", [Core(), Compiled()])
@pytest.mark.parametrize(
    "seed",
    [
        pytest.param(WorldSeed(2, 2, 1, 1, 1, 3), id="a coroutine hangs on another that nobody awaits"),
        pytest.param(WorldSeed(1933084260, 5, 1533168368, 4, 2, 4), id="a task's end is told in the last turn"),
    ],
)
def test_nothing_is_seen_too_late(observer: Observer, seed: WorldSeed, door: Door) -> None:
    assert compare_world(seed, observer, door, Tally()) is None


def test_a_case_is_wide_enough(observer: Observer) -> None:
    dice, tally = dice_of(3), Tally()
    for _ in range(25):
        compare_world(random_world(dice), observer, Core(), tally)
    assert tally.failing > 40
    assert tally.waiting > 40
    assert tally.streaming > 5
    assert tally.events > 5 * tally.cases


def test_a_found_case_is_reduced_and_told(observer: Observer) -> None:
    found = _first_found(observer, NoPropagation)
    assert found is not None
    text = report(found[1], observer, Core(NoPropagation))
    assert "--- schema\nscalar Even" in text
    assert "--- variables" in text
    assert "answers:\n  graphql-core:" in text
    document = text.split("--- document")[1].split("--- variables")[0]
    assert len(document) <= len(found[1].drawn.text)
