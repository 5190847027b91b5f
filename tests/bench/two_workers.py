"""What a second worker is worth: two workers, beside two servers that share nothing, beside one server.

Where a machine has no second core free, the speed of two workers tells of its lack of cores, and their CPU a request of
how processes drive each other out of the caches of the cores that they share with database and load: two servers that
share nothing pay for that as well, and on two free cores they do twice what one does. What the workers need over those,
all on the same cores, is what they lose by having a parent, a listener and Redis in common.
"""

from collections import deque
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

from tests.bench.contests import Engine, Server
from tests.bench.facts import check_same_facts
from tests.bench.load import CONNECTIONS, Outcome, load, write_requests
from tests.bench.measure import Say
from tests.bench.processes import cpu_seconds_with_children
from tests.bench.report import Round, Series, cpu_ratio, speed_ratio
from tests.bench.results import Results
from tests.bench.stage import Served, Stage

_WORK = "home"
_SECONDS, _WARM_UP_SECONDS = 2, 3


def measure_workers(stage: Stage, results: Results, *, rounds: int, say: Say) -> None:
    """Load one server, two servers, and two workers in turn with as many connections in all, everything on all cores.

    Raises:
        BenchmarkFailed: Something did not start, or an answer is wrong or missing.
    """
    if reason := stage.can_start(Server.TWO_WORKERS):
        say(f"two workers are left out: {reason}")
        return
    everywhere = stage.cores.server | stage.cores.others
    with ExitStack() as servers:
        one, other = (servers.enter_context(stage.started(Server.GRAPHQL, cores=everywhere)) for _ in range(2))
        pair = servers.enter_context(stage.started(Server.TWO_WORKERS, cores=everywhere))
        shortest = check_same_facts(stage, _WORK, {Server.GRAPHQL: one, Server.TWO_WORKERS: pair})
        write_requests(list(stage.requests(Server.GRAPHQL, _WORK)), stage.folder / f"{_WORK}-{Server.GRAPHQL}.txt")
        rivals = {"one server": (one,), "two servers": (one, other), "two workers": (pair,)}
        for rival in rivals.values():
            _load(stage, rival, shortest[Server.GRAPHQL].shortest, seconds=_WARM_UP_SECONDS)
        found: dict[str, list[Round]] = {name: [] for name in rivals}
        for number in range(1, rounds + 1):
            turned = deque(rivals.items())
            turned.rotate(number)
            for name, rival in turned:
                done = _load(stage, rival, shortest[Server.GRAPHQL].shortest, seconds=_SECONDS)
                found[name].append(done)
                line = f"{_WORK} by {name} {number}/{rounds}"
                say(f"{line:<46} {done.requests_per_second:>9,.0f} req/s {done.server_cpu_ms:>8.3f} ms CPU")
    keep(found, results)


def keep(found: Mapping[str, Sequence[Round]], results: Results) -> None:
    """Keep what each cost, and the ratios of the two workers to the others, over the pairs of one round."""
    series = {name: Series(Engine.POSTGRESQL, _WORK, name, tuple(rounds)) for name, rounds in found.items()}
    for name, one in series.items():
        results.figures |= {
            f"workers: {name}, home req/s": round(one.median(lambda figure: figure.requests_per_second)),
            f"workers: {name}, ms CPU": round(one.median(lambda figure: figure.server_cpu_ms), 3),
        }
    for peer in ("two servers", "one server"):
        ratio = f"workers two workers:{peer}"
        results.ratios[f"{ratio} cpu"] = cpu_ratio(series["two workers"], series[peer])
        results.ratios[f"{ratio} speed"] = speed_ratio(series["two workers"], series[peer])


def _load(stage: Stage, servers: Sequence[Served], shortest: int, *, seconds: int) -> Round:
    """Load servers at once, each with its share of the connections; the times are those of the slower one."""

    def share(server: Served) -> Outcome:
        return load(
            stage.folder / f"{_WORK}-{Server.GRAPHQL}.txt",
            port=server.port,
            seconds=seconds,
            shortest=shortest,
            cores=stage.cores.others,
            connections=CONNECTIONS // len(servers),
        )

    before = sum(cpu_seconds_with_children(one.process_id) for one in servers)
    with ThreadPoolExecutor(len(servers)) as threads:
        outcomes = list(threads.map(share, servers))
    return Round(
        requests=sum(one.requests for one in outcomes),
        seconds=max(one.seconds for one in outcomes),
        p50_ms=max(one.p50_ms for one in outcomes),
        p99_ms=max(one.p99_ms for one in outcomes),
        server_cpu_seconds=sum(cpu_seconds_with_children(one.process_id) for one in servers) - before,
        database_cpu_seconds=None,
    )
