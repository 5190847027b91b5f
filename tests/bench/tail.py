"""Latency at 70 % of the peak: ours, and REST beside it at 70 % of its own."""

import subprocess
import sys
from collections.abc import Sequence
from contextlib import ExitStack

import orjson

from tests.bench.contests import Contest, Part, Server
from tests.bench.load import CONNECTIONS
from tests.bench.measure import Say, measure
from tests.bench.processes import BenchmarkFailed, started_on
from tests.bench.report import Paced, Round
from tests.bench.results import Results
from tests.bench.stage import Stage
from tests.bench.undisturbed import undisturbed

_WORK = "home"
_SHARE_OF_PEAK = 0.7
_PEAK_SECONDS = 2
_PACED_SECONDS = 4
_NAMES = {
    (Server.GRAPHQL, True): "paced home",
    (Server.REST, True): "paced rest",
    (Server.GRAPHQL, False): "paced home on cores that halt",
}


def measure_tail(stage: Stage, results: Results, *, rounds: int, say: Say) -> None:
    """Find the peak of the home screen, then send 70 % of it evenly; ours and REST in turn, each with its own peaks.

    What is judged is measured on cores that do not halt; beside it stands what ours shows on those that do. Of each the
    round with the median tail is kept.

    Raises:
        BenchmarkFailed: An answer is wrong or missing.
    """
    contest = Contest(Part.PACED, _WORK, (Server.GRAPHQL, Server.REST))
    found: dict[str, list[Paced]] = {name: [] for name in _NAMES.values()}
    for _ in range(rounds):
        for series in measure(stage, contest, seconds=_PEAK_SECONDS, rounds=1, say=say):
            for (server, is_undisturbed), name in _NAMES.items():
                if server != series.server:
                    continue
                paced = _paced(stage, server, series.rounds[0], is_undisturbed=is_undisturbed)
                if paced is None:
                    say(f"{name} is left out: this user may give no real-time priority")
                    continue
                say(f"{name} at {paced.requests_per_second:,.0f} req/s: {paced.p50_ms:.2f}, {paced.p99_ms:.2f} ms")
                found[name].append(paced)
    for name, outcomes in found.items():
        if outcomes:
            keep(name, outcomes, results)


def keep(name: str, outcomes: Sequence[Paced], results: Results) -> None:
    """Keep the round with the median tail."""
    kept = sorted(outcomes, key=lambda one: one.tail)[len(outcomes) // 2]
    results.figures |= {
        f"{name} req/s": round(kept.requests_per_second),
        f"{name} p50 ms": round(kept.p50_ms, 2),
        f"{name} p99 ms": round(kept.p99_ms, 2),
        f"{name} peak p50 ms": round(kept.peak_p50_ms, 2),
    }


def _paced(stage: Stage, server: Server, peak: Round, *, is_undisturbed: bool) -> Paced | None:
    file = stage.folder / f"{_WORK}-{server}.txt"
    served = stage.serve(server)
    rate = peak.requests_per_second * _SHARE_OF_PEAK
    words = [str(served.port), str(file), f"{rate:.1f}", str(_PACED_SECONDS), str(4 * CONNECTIONS)]
    measured = [one for one in (served.process_id, stage.postgresql) if one is not None]
    with ExitStack() as around:
        if is_undisturbed and not around.enter_context(undisturbed(measured, stage.folder)):
            return None
        around.enter_context(started_on(stage.cores.others))
        done = subprocess.run(  # noqa: S603 # our own words
            [sys.executable, "-m", "tests.bench.paced", *words], capture_output=True, timeout=60, check=False
        )
    if done.returncode != 0:
        raise BenchmarkFailed(f"the paced load failed: {done.stderr.decode()[-1500:]}")
    outcome: dict[str, float] = orjson.loads(done.stdout)
    if outcome["failures"]:
        raise BenchmarkFailed(f"{outcome['failures']:.0f} answers of the paced load were wrong")
    return Paced(rate, outcome["p50_ms"], outcome["p99_ms"], peak.p50_ms)
