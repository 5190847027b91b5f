"""One subscription watched by a thousand clients: what a message costs the server that they are connected to.

Our inbox is changed through a second server, which tells the first one by Redis: what a change costs whoever makes it
is not the price of telling a thousand people about it. The peers are given the new state in so many words.
"""

import subprocess
import sys
import threading
from collections.abc import Mapping
from contextlib import AbstractContextManager, ExitStack
from dataclasses import asdict
from typing import Any

import orjson

from tests.bench.contests import PEERS, PORT, Server
from tests.bench.measure import Say
from tests.bench.processes import (
    BenchmarkFailed,
    cpu_seconds_with_children,
    resident_megabytes,
    started_on,
)
from tests.bench.report import Spread
from tests.bench.results import Results
from tests.bench.stage import Served, Stage
from tests.bench.watchers import Plan

WATCHERS, EVENTS, REPEATS = 1_000, 60, 3
LONGEST_SECONDS = 120

# any document may be sent: the benchmark has a subscription of its own
_ANY_DOCUMENT = {"ZDOROVYE_TRUSTED_DOCUMENTS_ONLY": "false", "ZDOROVYE_GRAPHQL__EXECUTOR": "always"}

_TICKERS: Mapping[str, tuple[Server, tuple[str, ...] | None]] = {
    "ours": (Server.WITH_REDIS, None),
    "strawberry.asgi": (Server.STRAWBERRY, (sys.executable, "-m", "tests.bench.peers", "ticker", PORT)),
    "mercurius": (Server.MERCURIUS, ("node", f"{PEERS}/mercurius.mjs", "ticker", PORT)),
}


def measure_fanout(stage: Stage, results: Results, say: Say) -> None:
    """Measure our server, then stock Strawberry and Mercurius with the payload that ours sent."""
    payload: dict[str, Any] | None = None
    found: dict[str, list[float]] = {}
    for name, (server, command) in _TICKERS.items():
        if reason := stage.can_start(server):
            say(f"fan-out of {name} is left out: {reason}")
            continue
        found[name] = []
        with ExitStack() as stack:
            served = stack.enter_context(stage.started(server, command, environment=_ANY_DOCUMENT))
            changed = served if command else stack.enter_context(_beside(stage))
            for number in range(REPEATS):
                megabytes = resident_megabytes(served.process_id)
                outcome, cpu_seconds, grown = _watch(stage, served, changed, payload if name != "ours" else None)
                cpu_us = cpu_seconds / outcome["messages"] * 1e6
                found[name].append(cpu_us)
                if number == 0:
                    results.figures[f"fan-out {name} MiB per 1000 watchers"] = round(grown - megabytes, 1)
                rate = outcome["messages"] / outcome["seconds"]
                results.figures[f"fan-out {name} messages/s delivered"] = round(rate)
                say(f"fan-out {name}: {cpu_us:.1f} us CPU a message, {rate:,.0f} messages/s, {outcome['bytes']} bytes")
                payload = payload or outcome["payload"]
        spread = Spread.of(found[name])
        results.figures[f"fan-out {name} us CPU a message"] = spread.median
        results.figures[f"fan-out {name} messages/s of one core"] = round(1e6 / spread.median)
        if name != "ours":
            pairs = zip(found["ours"], found[name], strict=True)
            results.ratios[f"fan-out ours:{name} cpu"] = Spread.of(theirs / mine for mine, theirs in pairs)


def _beside(stage: Stage) -> AbstractContextManager[Served]:
    """Start the server through which the inbox is changed, beside the database."""
    return stage.started(Server.WITH_REDIS, environment=_ANY_DOCUMENT, cores=stage.cores.others)


def _watch(
    stage: Stage, served: Served, changed: Served, payload: dict[str, Any] | None
) -> tuple[dict[str, Any], float, float]:
    """Return what the clients counted, the server's CPU seconds meanwhile, and its memory with all of them."""
    plan = Plan(served.port, changed.port, WATCHERS, EVENTS, stage.region.tokens[0], payload)
    command = [sys.executable, "-m", "tests.bench.watchers", orjson.dumps(asdict(plan)).decode()]
    with started_on(stage.cores.others):
        process = subprocess.Popen(  # noqa: S603 # our own words
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
    deadline = threading.Timer(LONGEST_SECONDS, process.kill)
    deadline.start()
    try:
        assert process.stdin is not None
        assert process.stdout is not None
        ready = process.stdout.readline()
        before = cpu_seconds_with_children(served.process_id)
        megabytes = resident_megabytes(served.process_id)
        if ready:
            process.stdin.write("go\n")
            process.stdin.flush()
        line = process.stdout.readline()
        spent = cpu_seconds_with_children(served.process_id) - before
        _rest, errors = process.communicate()
    finally:
        deadline.cancel()
        if process.poll() is None:
            process.kill()
            process.wait(5)
    if not line:
        raise BenchmarkFailed(f"the watchers failed: {errors[-1500:]}")
    return orjson.loads(line), spent, megabytes
