"""What a run goes through: a contest whose rounds lie far apart keeps its many rounds, in the run and in the words."""

import pytest

from tests.bench.contests import CONTESTS, Engine, Part, Server
from tests.bench.processes import Cores
from tests.bench.run import Options, circumstances_of

EVERYTHING = Options(tuple(Engine), frozenset(Part), seconds=2, rounds=3, people=300)


@pytest.mark.parametrize("engine", Engine)
def test_a_contest_is_run_in_no_fewer_rounds_than_it_asks_for(engine: Engine) -> None:
    declared = CONTESTS[engine]

    assert list(EVERYTHING.contests(engine)) == list(declared)
    assert [EVERYTHING.rounds_of(one) for one in EVERYTHING.contests(engine)] == [
        max(3, one.least_rounds) for one in declared
    ]


def test_the_time_of_load_counts_every_round_of_them() -> None:
    only = Options((Engine.POSTGRESQL,), frozenset({Part.WORKERS}), seconds=2, rounds=3, people=300)

    assert only.load_seconds == 2 * (9 * 2 + 1)


@pytest.mark.parametrize(("part", "rounds"), [(Part.WORKERS, 9), (Part.BARE, 15), (Part.HOME, 3), (Part.GROWTH, 45)])
def test_the_page_says_how_many_rounds_a_part_took(part: Part, rounds: int) -> None:
    assert f" {rounds} rounds of 2 s, " in circumstances_of(part, EVERYTHING, Cores.of_this_machine())


def test_a_check_takes_the_rounds_of_its_tolerance_and_leaves_out_whose_cost_says_nothing_of_ours() -> None:
    parts = frozenset({Part.NODE, Part.GATEWAY})
    check = Options((Engine.POSTGRESQL,), parts, seconds=1, rounds=3, people=300, is_check=True)
    gateway, node = check.contests(Engine.POSTGRESQL)

    assert Server.ORM not in gateway.servers
    assert Server.MERCURIUS_SCREEN in gateway.servers
    assert check.rounds_of(node) == 3
