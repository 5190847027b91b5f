"""One run: the parts that were asked for, on the engines that were asked for, and what they found."""

import os
import platform
import sqlite3
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from tests.bench.contests import CONTESTS, LEAST_ROUNDS, Contest, Engine, Part, Server
from tests.bench.growth import SIZES, measure_growth
from tests.bench.load import CONNECTIONS, generator_name
from tests.bench.measure import Say, measure
from tests.bench.processes import Cores
from tests.bench.region import CITIZENS
from tests.bench.results import Results
from tests.bench.slot_search import measure_search
from tests.bench.solo import measure_solo
from tests.bench.stage import Stage, set_stage
from tests.plugins.postgresql import find_binaries

_SLOW = frozenset({Server.STRAWBERRY, Server.ORM, Server.FLOOR, Server.POSTGRAPHILE})
"""Left out of a check: what they cost says nothing of ours."""

_ON_ALL_CORES = frozenset({Part.WORKERS, Part.CONTENTION})
"""Whose servers are several processes."""


@dataclass(frozen=True, slots=True)
class Options:
    """What was asked for."""

    engines: tuple[Engine, ...]
    parts: frozenset[Part]
    seconds: int
    rounds: int
    people: int
    is_check: bool = False

    def contests(self, engine: Engine) -> Iterator[Contest]:
        """Yield what is measured under load on one engine."""
        for contest in CONTESTS[engine]:
            if contest.part in self.parts:
                chosen = [one for one in contest.servers if not (self.is_check and one in _SLOW)]
                yield replace(contest, servers=tuple(chosen))

    @property
    def load_seconds(self) -> int:
        """Return how long servers are loaded in all, one second of warming up for each included."""
        contests = [contest for engine in self.engines for contest in self.contests(engine)]
        return sum(len(one.servers) * (self.rounds_of(one.part) * self.seconds + 1) for one in contests)

    def rounds_of(self, part: Part) -> int:
        """Return how many rounds a part takes; in a check no more than those took that its tolerance is of."""
        return self.rounds if self.is_check else max(self.rounds, LEAST_ROUNDS.get(part, 1))


def run(options: Options, say: Say) -> Results:
    """Measure everything that was asked for.

    Raises:
        BenchmarkFailed: Something did not start, or an answer is wrong or missing.
    """
    cores = Cores.of_this_machine()
    results = Results()
    with tempfile.TemporaryDirectory(prefix="zdr-bench-") as home:
        for engine in options.engines:
            if Part.SEARCH in options.parts:
                folder = Path(home) / f"search-{engine.value}"
                folder.mkdir()
                measure_search(engine, folder, cores, results, say=say)
            if not (any(options.contests(engine)) or _solo(options, engine)):
                continue
            folder = Path(home) / engine.value
            folder.mkdir()
            say(f"{engine}: preparing {options.people:,} people")
            with set_stage(engine, people=options.people, folder=folder, cores=cores) as stage:
                say(f"{engine}: seeded in {stage.region.seeding_seconds:.1f} s")
                _measure_all(stage, options, results, say)
        if Part.GROWTH in options.parts:
            folder = Path(home) / "growth"
            folder.mkdir()
            rounds = options.rounds_of(Part.GROWTH)
            measure_growth(folder, cores, results, say=say, seconds=options.seconds, rounds=rounds)
    for part in options.parts:
        results.parts[part.value] = circumstances_of(part, options, cores)
    return results


def _measure_all(stage: Stage, options: Options, results: Results, say: Say) -> None:
    for contest in options.contests(stage.engine):
        rounds = options.rounds_of(contest.part)
        results.add(measure(stage, contest, seconds=options.seconds, rounds=rounds, say=say))
    for part in _solo(options, stage.engine):
        say(f"{stage.engine}: {part}")
        if part in {Part.WORKERS, Part.PACED}:
            stage.end_servers()  # a tail of milliseconds tells of whatever else wakes up on the core
        measure_solo(stage, part, results, rounds=options.rounds_of(part), say=say)


def _solo(options: Options, engine: Engine) -> list[Part]:
    """Return the asked-for parts that are no contests; all but the queue's are measured once, on PostgreSQL."""
    parts = (Part.WORKERS, Part.PACED, Part.FANOUT, Part.COLD, Part.COMPILE, Part.MESSAGES, Part.CONTENTION)
    return [part for part in parts if part in options.parts and (engine is Engine.POSTGRESQL or part is Part.MESSAGES)]


def _of(part: Part, options: Options) -> Options:
    """Return the options as the part takes them."""
    people = SIZES[-1] if part is Part.GROWTH else options.people
    return replace(options, rounds=options.rounds_of(part), people=people)


def circumstances_of(part: Part, options: Options, cores: Cores) -> str:
    """Return when, how and on what a part was measured; nothing that names the machine."""
    options = _of(part, options)
    where = "the server on one, database and load on the others"
    if cores.server & cores.others:
        where = "server, database and load on the same one"
    elif part in _ON_ALL_CORES:
        where = "the servers on all, database and load on all but one"
    return (
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {options.rounds} rounds of {options.seconds} s, {CONNECTIONS} "
        f"connections by {generator_name()}, {CITIZENS} citizens in turn, {options.people:,} people; "
        f"{len(os.sched_getaffinity(0))} cores, {platform.machine()}, {where}; "
        f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, {_postgresql_version()}, "
        f"{_node_version()}"
    )


def _postgresql_version() -> str:
    return _version([str(find_binaries() / "postgres"), "--version"]).replace("postgres (PostgreSQL)", "PostgreSQL")


def _node_version() -> str:
    try:
        return f"Node {_version(['node', '--version']).removeprefix('v')}"
    except FileNotFoundError:
        return "no Node"


def _version(command: list[str]) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()  # noqa: S603 # our own words
