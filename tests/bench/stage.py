"""One engine's stage: the database, the simulators, our server and its peers, all on loopback, ended in order."""

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from backend.clock import system_clock
from backend.entrypoints.development import completed
from backend.settings import Settings
from tests.bench.processes import Cores, free_port, running, started_on
from tests.bench.region import Region, prepare_region
from tests.bench.works import Server, Sizes, Work, check_same_facts, home_screen, slot_search
from tests.plugins.postgresql import PostgresqlServer

_UNLIMITED_COST = 1_000_000_000
"""The cost budget of a minute is the one setting that differs from what ships: otherwise the load meets 429."""

_COMMAND = str(Path(sys.executable).with_name("zdorovye"))


class Engine(StrEnum):
    """Which database."""

    SQLITE = "sqlite"
    POSTGRESQL = "postgresql"


@dataclass(frozen=True, slots=True)
class Served:
    """One server under measurement."""

    port: int
    process_id: int


@dataclass(frozen=True, slots=True)
class Stage:
    """Everything that runs; `postgresql` is the id of its first process, or None."""

    region: Region
    works: Mapping[Work, Sizes]
    servers: Mapping[Server, Served]
    postgresql: int | None


@contextmanager
def set_stage(engine: Engine, *, people: int, folder: Path, cores: Cores) -> Iterator[Stage]:
    """Start everything for one engine and prove that GraphQL and REST answer the same; end it all on leaving.

    Raises:
        BenchmarkFailed: Something did not start, or an answer is wrong.
    """
    patience = 20 + people / 2_000  # the simulators generate everybody again
    with ExitStack() as stack:
        url, postgresql = _database(engine, folder, cores, stack)
        port, simulators_port = free_port(), free_port()
        stack.enter_context(_environment(url, folder, port=port, simulators_port=simulators_port))
        region = prepare_region(completed(Settings(), system_clock), people)

        def start(name: str, *command: str, on: frozenset[int]) -> int:
            process = running(command, name=name, folder=folder, cores=on, patience_seconds=patience)
            return stack.enter_context(process)

        start("simulators", _COMMAND, "simulate", "--people", str(people), on=cores.others)
        servers = {Server.GRAPHQL: Served(port, start("graphql", _COMMAND, "serve", on=cores.server))}
        peer = (sys.executable, "-m", "tests.bench.peers")
        rest_port = free_port()
        servers[Server.REST] = Served(rest_port, start("rest", *peer, "rest", str(rest_port), on=cores.server))
        works = _checked_works(region, servers)
        sizes = [f"{work.floor_path}={found.median}" for work, found in works.items()]
        floor_port = free_port()
        floor = start("floor", *peer, "floor", str(floor_port), *sizes, on=cores.server)
        servers[Server.FLOOR] = Served(floor_port, floor)
        yield Stage(region, works, servers, postgresql)


def _checked_works(region: Region, servers: Mapping[Server, Served]) -> dict[Work, Sizes]:
    graphql, rest = (f"http://127.0.0.1:{servers[one].port}" for one in (Server.GRAPHQL, Server.REST))
    works = (home_screen(region.tokens), slot_search(region.tokens, region.tomorrow))
    return {work: check_same_facts(work, graphql=graphql, rest=rest) for work in works}


def _database(engine: Engine, folder: Path, cores: Cores, stack: ExitStack) -> tuple[str, int | None]:
    """Return the URL of an empty database, and the id of PostgreSQL's first process."""
    if engine is Engine.SQLITE:
        return f"sqlite+aiosqlite:///{folder / 'bench.sqlite'}", None
    server = PostgresqlServer(durable=True)
    stack.callback(server.stop)
    with started_on(cores.others):
        server.start()
    return server.url(), server.process_id


@contextmanager
def _environment(url: str, folder: Path, *, port: int, simulators_port: int) -> Iterator[None]:
    """Set our variables for this process and its children, and no other of ours."""
    before = dict(os.environ)
    for name in [name for name in os.environ if name.startswith("ZDOROVYE_")]:
        del os.environ[name]
    os.environ |= {
        "ZDOROVYE_DATABASE__URL": url,
        "ZDOROVYE_DATA_DIR": str(folder),
        "ZDOROVYE_PORT": str(port),
        "ZDOROVYE_SIMULATORS_PORT": str(simulators_port),
        "ZDOROVYE_GRAPHQL__COST_PER_MINUTE": str(_UNLIMITED_COST),
    }
    try:
        yield
    finally:
        os.environ.clear()
        os.environ |= before
