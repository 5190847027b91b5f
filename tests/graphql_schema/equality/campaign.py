"""A campaign of many cases: `python -m tests.graphql_schema.equality.campaign [cases]`, on all cores."""

import multiprocessing
import os
import random
import secrets
import sys
import time
import warnings
from dataclasses import dataclass, field

from tests.graphql_schema.equality.cases import CASES_PER_WORLD, Case, WorldSeed, cases
from tests.graphql_schema.equality.compiled_door import Compiled
from tests.graphql_schema.equality.doors import Core, Door
from tests.graphql_schema.equality.observation import Observation, Observer, differences
from tests.graphql_schema.equality.plans import dice_of
from tests.graphql_schema.equality.reduction import reduce_case
from tests.graphql_schema.equality.strawberry_cases import CASES_PER_SEED, StrawberrySeed, first_difference

_MOST_REPORTS = 3
_STRAWBERRY = 4
"""Each fourth world is one of Strawberry's, where code is speculative."""


@dataclass(slots=True)
class Tally:
    """What a campaign counted."""

    cases: int = 0
    failing: int = 0
    waiting: int = 0
    streaming: int = 0
    events: int = 0
    fallbacks: int = 0
    speculative: int = 0
    different: int = 0
    reports: list[str] = field(default_factory=list)

    def count(self, expected: Observation) -> None:
        """Count a case by what graphql-core made of it."""
        self.cases += 1
        self.failing += any(errors for _, errors, _ in expected.answers)
        self.waiting += "awaited" in expected.ending
        self.streaming += "stream" in expected.ending
        self.events += len(expected.events)

    def add(self, other: "Tally") -> None:
        """Add what another process counted."""
        for name in ("cases", "failing", "waiting", "streaming", "events", "fallbacks", "speculative", "different"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.reports += other.reports

    def __str__(self) -> str:
        return (
            f"{self.cases} cases: {self.failing} with errors, {self.waiting} async, {self.streaming} streams,"
            f" {self.events} calls and other events; {self.speculative} partly speculative,"
            f" {self.fallbacks} fallbacks to graphql-core;"
            f" {self.different} differences"
        )


def report(case: Case, observer: Observer, door: Door) -> str:
    """Reduce a case that differs, and say how it does."""
    smallest = reduce_case(case, lambda smaller: bool(smaller.compare(observer, door)))
    return smallest.reproduction() + "\n".join(smallest.compare(observer, door))


def compare_world(seed: WorldSeed, observer: Observer, door: Door, tally: Tally) -> Case | None:
    """Compare all the cases of a world; return the first that differs."""
    first = None
    for case in cases(seed):
        expected, _ = case.observe(observer, Core())
        actual, _ = case.observe(observer, door)
        tally.count(expected)
        if differences(expected, actual):
            tally.different += 1
            first = first or case
    return first


def random_world(dice: random.Random) -> WorldSeed:
    """Draw the numbers of a world, within the bounds of the hypothesis strategy."""
    return WorldSeed(
        schema=dice.randrange(2**32),
        types=dice.randint(1, 5),
        documents=dice.randrange(2**32),
        breadth=dice.randint(1, 7),
        depth=dice.randint(1, 5),
        longest=dice.randint(1, 4),
    )


def campaign(seed: int, count: int) -> Tally:
    """Run `count` cases, or a few more, drawn from a seed."""
    warnings.simplefilter("ignore")  # an observation catches what matters itself
    dice, tally, door, observer = dice_of(seed), Tally(), Compiled(), Observer()
    try:
        for number in range(-(-count // CASES_PER_WORLD)):
            if number % _STRAWBERRY == 0:
                _compare_strawberry(dice, observer, door, tally)
                continue
            world = random_world(dice)
            case = compare_world(world, observer, door, tally)
            if case is not None and len(tally.reports) < _MOST_REPORTS:
                tally.reports.append(f"{world}\n{report(case, observer, door)}")
    finally:
        observer.close()
    tally.fallbacks, tally.speculative = len(door.fallbacks), door.speculative
    return tally


def _compare_strawberry(dice: random.Random, observer: Observer, door: Door, tally: Tally) -> None:
    for _ in range(CASES_PER_WORLD // CASES_PER_SEED):
        seed = StrawberrySeed(dice.randrange(2**32), dice.randint(1, 7), dice.randint(1, 5))
        found = first_difference(seed, observer, door, tally.count)
        if found is not None:
            tally.different += 1
            tally.reports.append(f"{seed}\n{found}")


def main(arguments: list[str]) -> int:
    """Run a campaign on all cores and print what it found; the exit status is 1 when there was a difference."""
    count = int(arguments[0]) if arguments else 100_000
    processes = int(os.environ.get("FUZZ_PROCESSES", "0")) or os.cpu_count() or 1
    first = int(os.environ.get("FUZZ_SEED", "0")) or secrets.randbits(32)
    chunks = max(processes, count // 2_000)
    began = time.monotonic()
    tally = Tally()
    with multiprocessing.get_context("spawn").Pool(processes) as pool:
        seeds = [(first + number, -(-count // chunks)) for number in range(chunks)]
        for part in pool.starmap(campaign, seeds, chunksize=1):
            tally.add(part)
    for text in tally.reports[:_MOST_REPORTS]:
        sys.stdout.write(f"{text}\n\n")
    sys.stdout.write(f"{tally} in {time.monotonic() - began:.0f} s (FUZZ_SEED={first}, {processes} processes)\n")
    return 1 if tally.different else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
