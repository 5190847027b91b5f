"""Loads servers in turn and gathers what each round cost."""

from collections.abc import Callable, Iterator

from tests.bench.contests import SERVERS, Contest, Server
from tests.bench.facts import check_same_facts
from tests.bench.load import load, write_requests
from tests.bench.processes import cpu_seconds_with_children
from tests.bench.report import Round, Series
from tests.bench.stage import Served, Stage

Say = Callable[[str], None]

_WARM_UP_SECONDS, _WARM_UP_SECONDS_OF_NODE = 1, 5
"""V8 goes on compiling for some seconds: a round of a cold peer would flatter us."""


def measure(stage: Stage, contest: Contest, *, seconds: int, rounds: int, say: Say) -> list[Series]:
    """Prove that the servers of a contest answer the same, then load them in turn, round after round.

    Args:
        stage: Where the servers are started.
        contest: Who is loaded with what; a server that cannot be started here is left out, and `say` is told why.
        seconds: The length of one load.
        rounds: How often each server is loaded, after it was warmed up.
        say: Takes a line about the progress.

    Raises:
        BenchmarkFailed: An answer is wrong or missing.
    """
    servers = list(_startable(stage, contest, say))
    served: dict[Server, Served] = {one: stage.serve(one) for one in servers if one is not Server.FLOOR}
    shortest = check_same_facts(stage, contest.work, served)
    if Server.FLOOR in servers:
        stage.floor_bytes[contest.work] = shortest[servers[0]].median
        served[Server.FLOOR] = stage.servers.enter_context(stage.started(Server.FLOOR))
        shortest[Server.FLOOR] = shortest[servers[0]].of_floor()
    for server in servers:
        write_requests(list(stage.requests(server, contest.work)), stage.folder / f"{contest.work}-{server}.txt")
        load(
            stage.folder / f"{contest.work}-{server}.txt",
            port=served[server].port,
            seconds=_WARM_UP_SECONDS_OF_NODE if SERVERS[server].needs_node else _WARM_UP_SECONDS,
            shortest=shortest[server].shortest,
            cores=stage.cores.others,
            may_be_slow=True,
        )
    found: dict[Server, list[Round]] = {server: [] for server in servers}
    for number in range(1, rounds + 1):
        for server in servers:
            one = load_once(
                stage, server, served[server], contest.work, seconds=seconds, shortest=shortest[server].shortest
            )
            found[server].append(one)
            name = f"{stage.engine} {contest.work} {server} {number}/{rounds}"
            say(f"{name:<46} {one.requests_per_second:>9,.0f} req/s {one.server_cpu_ms:>8.3f} ms CPU")
    return [Series(stage.engine, contest.work, server, tuple(found[server])) for server in servers]


def load_once(stage: Stage, server: Server, served: Served, work: str, *, seconds: int, shortest: int) -> Round:
    """Load one server once; its requests have been written to the folder of the stage."""
    server_before, database_before = cpu_seconds_with_children(served.process_id), database_cpu(stage)
    outcome = load(
        stage.folder / f"{work}-{server}.txt",
        port=served.port,
        seconds=seconds,
        shortest=shortest,
        cores=stage.cores.others,
    )
    database_after = database_cpu(stage)
    is_known = database_before is not None and database_after is not None and server is not Server.FLOOR
    return Round(
        requests=outcome.requests,
        seconds=outcome.seconds,
        p50_ms=outcome.p50_ms,
        p99_ms=outcome.p99_ms,
        server_cpu_seconds=cpu_seconds_with_children(served.process_id) - server_before,
        database_cpu_seconds=(database_after or 0) - (database_before or 0) if is_known else None,
    )


def database_cpu(stage: Stage) -> float | None:
    """Return the CPU time of PostgreSQL so far; None on SQLite, which runs inside the server."""
    return None if stage.postgresql is None else cpu_seconds_with_children(stage.postgresql)


def _startable(stage: Stage, contest: Contest, say: Say) -> Iterator[Server]:
    for server in contest.servers:
        if (reason := stage.can_start(server)) is None:
            yield server
        else:
            say(f"{server} is left out: {reason}")
