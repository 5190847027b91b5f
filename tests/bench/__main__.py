"""`python -m tests.bench`: the whole run, bounded in time, on 127.0.0.1 only."""

import os
import platform
import signal
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from backend.entrypoints.logs import configure_logging
from tests.bench.load import CONNECTIONS, generator_name, load, write_requests
from tests.bench.processes import BenchmarkFailed, Cores, cpu_seconds, cpu_seconds_with_children
from tests.bench.region import CITIZENS
from tests.bench.report import Round, Series, render_table, replace_section
from tests.bench.stage import Engine, Stage, set_stage
from tests.bench.works import Server, Work
from tests.plugins.postgresql import find_binaries

DOCUMENT = Path(__file__).parents[2] / "docs" / "performance.md"
SECONDS, ROUNDS, PEOPLE = 3, 3, 300
LONGEST_LOAD_SECONDS = 180
LONGEST_RUN_SECONDS = 240
_WORKS = 2


@dataclass(frozen=True, slots=True)
class Options:
    """What was asked for."""

    engines: tuple[Engine, ...]
    seconds: int
    rounds: int
    people: int

    @property
    def load_seconds(self) -> int:
        """Return how long servers are loaded in all, one second of warming up for each included."""
        return len(self.engines) * _WORKS * len(Server) * (self.rounds * self.seconds + 1)

    @property
    def limit_seconds(self) -> int:
        """Return when the run is given up; seeding more people than usual may take longer."""
        return LONGEST_RUN_SECONDS + len(self.engines) * (self.people - PEOPLE) // 1_000

    @property
    def is_whole(self) -> bool:
        """Whether the outcome may stand in the documentation."""
        return len(self.engines) == len(Engine) and self.seconds >= SECONDS and self.rounds >= ROUNDS


def main(
    seconds: Annotated[int, typer.Option(min=1, help="Length of one round.")] = SECONDS,
    rounds: Annotated[int, typer.Option(min=1, help="Rounds of each server.")] = ROUNDS,
    people: Annotated[int, typer.Option(min=PEOPLE, help="People of the demo region.")] = PEOPLE,
    engine: Annotated[Engine | None, typer.Option(help="Only this database; the document is left as it is.")] = None,
) -> None:
    """Load the home screen and the slot search, beside REST and the bare server, and write docs/performance.md."""
    if sys.platform != "linux":
        _fail("the CPU figures come from /proc: this needs Linux")
    options = Options((engine,) if engine else tuple(Engine), seconds, rounds, people)
    if options.load_seconds > LONGEST_LOAD_SECONDS:
        _fail(f"{options.load_seconds} s of load; at most {LONGEST_LOAD_SECONDS} s: fewer rounds or seconds")
    configure_logging(as_json=False, level="WARNING")
    try:
        with _limited(options.limit_seconds):
            section = _run(options)
    except BenchmarkFailed as error:
        _fail(str(error))
    _say(f"\n{section}")
    if options.is_whole:
        DOCUMENT.write_text(replace_section(DOCUMENT.read_text(), section))
        _say(f"\nwritten: docs/{DOCUMENT.name}")


def _run(options: Options) -> str:
    cores = Cores.of_this_machine()
    measured: list[Series] = []
    seeding: dict[Engine, float] = {}
    with tempfile.TemporaryDirectory(prefix="zdr-bench-") as home:
        for engine in options.engines:
            folder = Path(home) / engine.value
            folder.mkdir()
            _say(f"{engine}: preparing {options.people:,} people")
            with set_stage(engine, people=options.people, folder=folder, cores=cores) as stage:
                seeding[engine] = stage.region.seeding_seconds
                measured += _measure(stage, engine, options, folder, cores)
    table = render_table(measured, ours=Server.GRAPHQL, peers=(Server.REST, Server.FLOOR))
    return f"{_circumstances(options, seeding, cores)}\n\n{table}"


def _measure(stage: Stage, engine: Engine, options: Options, folder: Path, cores: Cores) -> Iterator[Series]:
    for work in stage.works:
        rounds: dict[Server, list[Round]] = {server: [] for server in Server}
        for server in Server:
            write_requests(work.requests(server), folder / f"{work.name}-{server}.txt")
            _load(stage, work, server, seconds=1, folder=folder, cores=cores)
        for number in range(1, options.rounds + 1):
            for server in Server:
                one = _load(stage, work, server, seconds=options.seconds, folder=folder, cores=cores)
                rounds[server].append(one)
                name = f"{engine} {work.name} {server} {number}/{options.rounds}"
                _say(f"{name:<32} {one.requests_per_second:>9,.0f} req/s {one.server_cpu_ms:>8.3f} ms CPU")
        yield from (Series(engine, work.name, server, tuple(rounds[server])) for server in Server)


def _load(stage: Stage, work: Work, server: Server, *, seconds: int, folder: Path, cores: Cores) -> Round:
    served = stage.servers[server]
    server_before, database_before = cpu_seconds(served.process_id), _database_cpu(stage)
    outcome = load(
        folder / f"{work.name}-{server}.txt",
        port=served.port,
        seconds=seconds,
        shortest=stage.works[work].shortest[server],
        cores=cores.others,
    )
    database_after = _database_cpu(stage)
    is_known = database_before is not None and database_after is not None and server is not Server.FLOOR
    return Round(
        requests=outcome.requests,
        seconds=outcome.seconds,
        p50_ms=outcome.p50_ms,
        p99_ms=outcome.p99_ms,
        server_cpu_seconds=cpu_seconds(served.process_id) - server_before,
        database_cpu_seconds=(database_after or 0) - (database_before or 0) if is_known else None,
    )


def _database_cpu(stage: Stage) -> float | None:
    return None if stage.postgresql is None else cpu_seconds_with_children(stage.postgresql)


def _circumstances(options: Options, seeding: dict[Engine, float], cores: Cores) -> str:
    seeded = ", ".join(f"{engine} {seconds:.1f} s" for engine, seconds in seeding.items())
    shared = "the same core" if cores.server & cores.others else "the others"
    return (
        f"Run of {datetime.now(UTC):%Y-%m-%d %H:%M} UTC: {options.rounds} rounds of {options.seconds} s each, "
        f"{CONNECTIONS} connections by {generator_name()}, {CITIZENS} citizens in turn.\n"
        f"{len(os.sched_getaffinity(0))} cores, {platform.machine()}: the server on one, database and load on "
        f"{shared}. Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, {_postgresql_version()}.\n"
        f"Seeding {options.people:,} people: {seeded}."
    )


def _postgresql_version() -> str:
    command = [str(find_binaries() / "postgres"), "--version"]
    version = subprocess.run(command, capture_output=True, text=True, check=True).stdout  # noqa: S603 # our own words
    return version.strip().replace("postgres (PostgreSQL)", "PostgreSQL")


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


@contextmanager
def _limited(seconds: int) -> Iterator[None]:
    """End the run, and everything that it started, when it takes too long or is asked to end."""

    def give_up(_number: int, _frame: object) -> None:
        raise BenchmarkFailed(f"not done in {seconds} s")

    def leave(_number: int, _frame: object) -> None:
        raise SystemExit(143)

    signal.signal(signal.SIGALRM, give_up)
    signal.signal(signal.SIGTERM, leave)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)


def _fail(reason: str) -> None:
    sys.stderr.write(f"{reason}\n")
    raise SystemExit(1)


if __name__ == "__main__":
    typer.run(main)
