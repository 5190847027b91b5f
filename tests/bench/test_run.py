"""What a run goes through: a part whose rounds lie far apart takes many of them, in the run and in the words."""

from dataclasses import replace

import pytest

from tests.bench.contests import CONTESTS, Engine, Part, Server
from tests.bench.processes import Cores
from tests.bench.report import Round, Spread
from tests.bench.results import Results
from tests.bench.run import Options, circumstances_of
from tests.bench.two_workers import keep

EVERYTHING = Options(tuple(Engine), frozenset(Part), seconds=2, rounds=3, people=300)


@pytest.mark.parametrize("engine", Engine)
def test_a_run_of_everything_goes_through_every_contest(engine: Engine) -> None:
    assert tuple(EVERYTHING.contests(engine)) == CONTESTS[engine]


def test_the_time_of_load_counts_every_round_of_a_part() -> None:
    only = Options((Engine.POSTGRESQL,), frozenset({Part.NODE}), seconds=2, rounds=3, people=300)

    assert only.load_seconds == 5 * (9 * 2 + 1)


def test_more_rounds_than_the_least_are_taken_when_they_are_asked_for() -> None:
    assert replace(EVERYTHING, rounds=20).rounds_of(Part.NODE) == 20


@pytest.mark.parametrize(
    ("part", "rounds"), [(Part.WORKERS, 15), (Part.PACED, 9), (Part.BARE, 15), (Part.HOME, 3), (Part.GROWTH, 45)]
)
def test_the_page_says_how_many_rounds_a_part_took(part: Part, rounds: int) -> None:
    assert f" {rounds} rounds of 2 s, " in circumstances_of(part, EVERYTHING, Cores.of_this_machine())


def test_the_page_says_what_runs_on_all_cores() -> None:
    cores = Cores(frozenset({0}), frozenset({1}))

    assert "the server on one, database and load on the others" in circumstances_of(Part.HOME, EVERYTHING, cores)
    assert "the servers on all, database and load on all but one" in circumstances_of(Part.WORKERS, EVERYTHING, cores)


def test_a_check_takes_the_rounds_of_its_tolerance_and_leaves_out_whose_cost_says_nothing_of_ours() -> None:
    parts = frozenset({Part.NODE, Part.GATEWAY})
    check = Options((Engine.POSTGRESQL,), parts, seconds=1, rounds=3, people=300, is_check=True)
    gateway, _ = check.contests(Engine.POSTGRESQL)

    assert Server.ORM not in gateway.servers
    assert Server.MERCURIUS_SCREEN in gateway.servers
    assert check.rounds_of(Part.NODE) == 3


def _round(requests: int, cpu_ms: float) -> Round:
    return Round(requests, 1.0, 1.0, 2.0, requests * cpu_ms / 1_000, None)


def test_two_workers_are_kept_beside_two_servers_round_by_round() -> None:
    found = {
        "one server": [_round(1_000, 1.0), _round(500, 2.0)],
        "two servers": [_round(1_400, 1.4), _round(700, 2.8)],
        "two workers": [_round(1_400, 1.4), _round(560, 3.5)],
    }
    results = Results()

    keep(found, results)

    assert results.ratios["workers two workers:two servers cpu"] == Spread(0.9, 0.8, 1.0)
    assert results.ratios["workers two workers:one server speed"] == Spread(1.26, 1.12, 1.4)
    assert results.figures["workers: two workers, ms CPU"] == 2.45
