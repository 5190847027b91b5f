"""The parts that are no contests between servers."""

from tests.bench.contention import measure_contention
from tests.bench.contests import Contest, Part, Server
from tests.bench.fanout import measure_fanout
from tests.bench.measure import Say, measure
from tests.bench.messages import measure_messages
from tests.bench.results import Results
from tests.bench.stage import Stage
from tests.bench.start import measure_cold, measure_compile, measure_toll
from tests.bench.tail import measure_tail
from tests.bench.two_workers import measure_workers

_FLOOR_SECONDS, _FLOOR_ROUNDS = 2, 3


def measure_solo(stage: Stage, part: Part, results: Results, *, rounds: int, say: Say) -> None:
    """Measure one part on a stage; `rounds` is for those that load servers in turn.

    Raises:
        BenchmarkFailed: Something did not start, or an answer is wrong or missing.
    """
    if part is Part.FANOUT:
        measure_fanout(stage, results, say)
        _measure_floor(stage, part, results, say)
    elif part is Part.COLD:
        measure_cold(stage, results, say)
    elif part is Part.COMPILE:
        measure_compile(stage, results, say)
        measure_toll(stage, results, say)
        _measure_floor(stage, part, results, say)
    elif part is Part.MESSAGES:
        measure_messages(stage, results, say)
    elif part is Part.CONTENTION:
        measure_contention(stage, results, say)
    elif part is Part.WORKERS:
        measure_workers(stage, results, rounds=rounds, say=say)
    else:
        measure_tail(stage, results, rounds=rounds, say=say)


def _measure_floor(stage: Stage, part: Part, results: Results, say: Say) -> None:
    """Measure the bare server beside a part, so that its milliseconds can be told as a ratio of this machine's own."""
    contest = Contest(part, "home", (Server.GRAPHQL, Server.FLOOR))
    _, floor = measure(stage, contest, seconds=_FLOOR_SECONDS, rounds=_FLOOR_ROUNDS, say=say)
    results.figures[f"floor beside {part} ms CPU"] = round(floor.median(lambda one: one.server_cpu_ms), 5)
