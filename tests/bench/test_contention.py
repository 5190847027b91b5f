from typing import Any

import pytest

from backend.booking.history_check import Kind, Operation, Told
from tests.bench.contenders import Contended
from tests.bench.contention import judge
from tests.bench.results import Results
from tests.bench.targets import contention

MS = 1_000_000


def history() -> list[Operation]:
    """Return a hundred clients who book one slot after the other, each in 2 ms, and give it up again."""
    told, at = [], 0
    for client in range(100):
        for kind in (Kind.HOLD, Kind.BOOK, Kind.CANCEL):
            told.append(Operation(kind, "slot", client, at, at + 2 * MS, Told.YES))
            at += 3 * MS
    return told


def test_what_clients_were_told_becomes_figures() -> None:
    silent = Operation(Kind.HOLD, "slot", 100, 900 * MS, None, Told.NOTHING)
    outcome = judge(Contended([*history(), silent], {}, retries=3), doubles=0, flaws=0)
    assert (outcome.unexplained, outcome.answers, outcome.unanswered, outcome.retries) == (0, 300, 1, 3)
    assert outcome.booking_ms == pytest.approx((2, 2))
    assert outcome.seconds == pytest.approx(0.899)


def test_a_lie_is_counted() -> None:
    lie = Operation(Kind.HOLD, "slot", 100, 4 * MS, 4 * MS, Told.YES)
    assert judge(Contended([*history(), lie], {}, retries=0), doubles=0, flaws=0).unexplained == 1


@pytest.mark.parametrize(
    ("given", "is_met"),
    [({}, True), ({"doubles": 1}, False), ({"slots unexplained": 1}, False), ({"booking p99 ms": 251.0}, False)],
)
def test_a_double_a_lie_or_a_slow_booking_misses_the_target(given: dict[str, Any], *, is_met: bool) -> None:
    figures = {"doubles": 0, "slots unexplained": 0, "faults in the database": 0, "booking p99 ms": 250.0, **given}
    results = Results(
        figures={f"contention {name}": one for name, one in figures.items()} | {"contention requests/s": 90}
    )
    assert contention(results)[1] is is_met
    assert contention(Results()) == ("", None)
