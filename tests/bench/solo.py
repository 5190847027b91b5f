"""The parts that are no contests between servers."""

import subprocess
import sys

import orjson

from tests.bench.contention import measure_contention
from tests.bench.contests import Contest, Part, Server
from tests.bench.fanout import measure_fanout
from tests.bench.load import CONNECTIONS
from tests.bench.measure import Say, measure
from tests.bench.messages import measure_messages
from tests.bench.processes import BenchmarkFailed, started_on
from tests.bench.results import Results
from tests.bench.stage import Stage
from tests.bench.start import measure_cold, measure_compile, measure_toll
from tests.bench.two_workers import measure_workers

_SHARE_OF_PEAK = 0.7
_PEAK_SECONDS = 2
_PACED_SECONDS = 4
_FLOOR_ROUNDS = 3


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
        _measure_paced(stage, results, rounds, say)


def _measure_floor(stage: Stage, part: Part, results: Results, say: Say) -> None:
    """Measure the bare server beside a part, so that its milliseconds can be told as a ratio of this machine's own."""
    contest = Contest(part, "home", (Server.GRAPHQL, Server.FLOOR))
    _, floor = measure(stage, contest, seconds=_PEAK_SECONDS, rounds=_FLOOR_ROUNDS, say=say)
    results.figures[f"floor beside {part} ms CPU"] = round(floor.median(lambda one: one.server_cpu_ms), 5)


def _measure_paced(stage: Stage, results: Results, rounds: int, say: Say) -> None:
    """Find the peak of the home screen, then send 70 % of it evenly; ours and REST in turn, each with its own peaks.

    Of each the round with the median tail is kept.
    """
    contest = Contest(Part.PACED, "home", (Server.GRAPHQL, Server.REST))
    outcomes: dict[Server, list[dict[str, float]]] = {server: [] for server in contest.servers}
    for _ in range(rounds):
        for peak in measure(stage, contest, seconds=_PEAK_SECONDS, rounds=1, say=say):
            server = Server(peak.server)
            outcomes[server].append(_paced(stage, server, peak.rounds[0].requests_per_second * _SHARE_OF_PEAK, say))
    for server, name in ((Server.GRAPHQL, "home"), (Server.REST, "rest")):
        outcome = sorted(outcomes[server], key=lambda one: one["p99_ms"] / one["p50_ms"])[rounds // 2]
        results.figures |= {
            f"paced {name} req/s": round(outcome["rate"]),
            f"paced {name} p50 ms": round(outcome["p50_ms"], 2),
            f"paced {name} p99 ms": round(outcome["p99_ms"], 2),
        }


def _paced(stage: Stage, server: Server, rate: float, say: Say) -> dict[str, float]:
    file = stage.folder / f"home-{server}.txt"
    port = stage.serve(server).port
    words = [str(port), str(file), f"{rate:.1f}", str(_PACED_SECONDS), str(4 * CONNECTIONS)]
    with started_on(stage.cores.others):
        done = subprocess.run(  # noqa: S603 # our own words
            [sys.executable, "-m", "tests.bench.paced", *words], capture_output=True, timeout=60, check=False
        )
    if done.returncode != 0:
        raise BenchmarkFailed(f"the paced load failed: {done.stderr.decode()[-1500:]}")
    outcome: dict[str, float] = orjson.loads(done.stdout)
    if outcome["failures"]:
        raise BenchmarkFailed(f"{outcome['failures']} answers of the paced load were wrong")
    say(f"{server} paced at {rate:,.0f} req/s: p50 {outcome['p50_ms']:.2f} ms, p99 {outcome['p99_ms']:.2f} ms")
    return {**outcome, "rate": rate}
