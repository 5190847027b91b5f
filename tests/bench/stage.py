"""One engine's stage: the database, the simulators, and every server that is asked for, all on loopback."""

import os
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from backend.clock import system_clock
from backend.entrypoints.development import completed
from backend.settings import Settings
from mobile_contracts.manifest import HOME
from tests.bench.contests import PORT, SERVERS, Engine, Server
from tests.bench.load import Request
from tests.bench.processes import Cores, free_port, running, started_on
from tests.bench.region import Region, prepare_region
from tests.bench.sql_export import export_statements
from tests.bench.works import Work, for_floor, home_facts, home_screen, slot_search
from tests.plugins.postgresql import PostgresqlServer
from tests.plugins.redis import RedisServer
from tests.plugins.redis import find_binary as find_redis

_UNLIMITED = 1_000_000_000
"""Cost of a minute and connections of a person: the two settings that differ from what ships, or the load meets 429."""

_COMMAND = str(Path(sys.executable).with_name("zdorovye"))
_PEERS = Path(__file__).with_name("peers")
_SHAPES = {Server.MERCURIUS_LOADERS: "relations", Server.MERCURIUS_SCREEN: "screen"}
"""Which statements a server in another language is given, but for those that take a statement a section."""

_FLOOR_BYTES = {"home": 6_000, "slots": 22_000}
"""What the bare server answers, when nobody has measured the real answers yet."""


@dataclass(frozen=True, slots=True)
class Served:
    """One server under measurement."""

    port: int
    process_id: int


@dataclass(slots=True)
class Stage:
    """Everything that runs for one engine; ended as a whole by `set_stage`."""

    engine: Engine
    folder: Path
    cores: Cores
    region: Region
    works: Mapping[str, Work]
    postgresql: int | None
    patience_seconds: float
    sql_files: Mapping[str, Path]
    stack: ExitStack
    floor_bytes: dict[str, int] = field(default_factory=lambda: dict(_FLOOR_BYTES))
    servers: ExitStack = field(default_factory=ExitStack)
    _served: dict[Server, Served] = field(default_factory=dict)
    _redis: RedisServer | None = None

    def serve(self, server: Server) -> Served:
        """Start a server on the server's core, unless it runs already.

        Raises:
            BenchmarkFailed: It did not start.
        """
        if server not in self._served:
            self._served[server] = self.servers.enter_context(self.started(server))
        return self._served[server]

    def end_servers(self) -> None:
        """End every server: even those that nobody asks now and then take the core from the one that is measured."""
        self._served.clear()
        self.servers.close()

    @contextmanager
    def started(
        self,
        server: Server,
        command: Sequence[str] | None = None,
        *,
        cores: frozenset[int] | None = None,
        patience_seconds: float = 0,
        environment: Mapping[str, str] = MappingProxyType({}),
    ) -> Iterator[Served]:
        """Start one more process of a server, or of another command in its place, and end it on leaving.

        It runs on the server's core, unless others are given, and may take as long to start as others, unless longer.
        """
        port = free_port()
        words = [str(port) if word == PORT else word for word in command or SERVERS[server].command]
        if server is Server.FLOOR and command is None:
            words += [f"/{name}={size}" for name, size in self.floor_bytes.items()]
        own = {"ZDOROVYE_PORT": str(port), **self._environment_of(server), **environment}
        with running(
            words,
            name=f"{server}-{port}",
            folder=self.folder,
            cores=self.cores.server if cores is None else cores,
            patience_seconds=max(self.patience_seconds, patience_seconds),
            environment=own,
        ) as process_id:
            yield Served(port, process_id)

    def requests(self, server: Server, work: str) -> tuple[Request, ...]:
        """Return what a server is sent for a work."""
        if server is Server.FLOOR:
            return for_floor(self.works[work])
        return self.works[work].asked(SERVERS[server].asked)

    def can_start(self, server: Server) -> str | None:
        """Return why a server cannot be measured here, or None."""
        if SERVERS[server].needs_redis and find_redis() is None:
            return "Redis is missing"
        if not SERVERS[server].needs_node:
            return None
        if shutil.which("node") is None:
            return "Node is missing"
        return None if (_PEERS / "node_modules").is_dir() else "run `npm ci` in tests/bench/peers first"

    def _environment_of(self, server: Server) -> dict[str, str]:
        if SERVERS[server].needs_node:
            shape = _SHAPES.get(server, "sections")
            return {"BENCH_STATEMENTS": str(self.sql_files[shape])} if self.sql_files else {}
        if SERVERS[server].needs_redis:
            return {"ZDOROVYE_REDIS_URL": self.redis_url()}
        return {}

    def redis_url(self) -> str:
        """Return where the one Redis of this stage is, which is started for who asks first; `can_start` has looked."""
        if self._redis is None:
            binary = find_redis()
            assert binary is not None  # `can_start` has looked
            self._redis = RedisServer(binary)
            self.stack.callback(self._redis.stop)
            with started_on(self.cores.others):
                self._redis.start()
        return self._redis.url


@contextmanager
def set_stage(engine: Engine, *, people: int, folder: Path, cores: Cores) -> Iterator[Stage]:
    """Start a database with the demo region and its simulators; end them and every server on leaving.

    Raises:
        BenchmarkFailed: Something did not start.
    """
    patience = 20 + people / 2_000  # the simulators generate everybody again
    with ExitStack() as stack:
        url, postgresql = _database(engine, folder, cores, stack)
        simulators_port = free_port()
        stack.enter_context(_environment(url, folder, simulators_port=simulators_port))
        settings = completed(Settings(), system_clock)
        region = prepare_region(settings, people)
        stack.enter_context(
            running(
                [_COMMAND, "simulate", "--people", str(people)],
                name="simulators",
                folder=folder,
                cores=cores.others,
                patience_seconds=patience,
            )
        )
        is_sqlite = engine is Engine.SQLITE
        sql_files = {} if is_sqlite else export_statements(settings, region.tokens[0], folder)
        os.environ["BENCH_CONNECTIONS"] = str(settings.database.pool_size)
        works = (
            home_screen(region.tokens),
            slot_search(region.tokens, region.tomorrow),
            home_facts(region.tokens, region.person_ids),
        )
        yield Stage(
            engine=engine,
            folder=folder,
            cores=cores,
            region=region,
            works={work.name: work for work in works},
            postgresql=postgresql,
            patience_seconds=patience,
            sql_files=sql_files,
            stack=stack,
            servers=stack.enter_context(ExitStack()),
        )


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
def _environment(url: str, folder: Path, *, simulators_port: int) -> Iterator[None]:
    """Set our variables for this process and its children, and no other of ours.

    All servers of a stage say one public address, so that one token serves them all.
    """
    before = dict(os.environ)
    for name in [name for name in os.environ if name.startswith("ZDOROVYE_")]:
        del os.environ[name]
    os.environ |= {
        "ZDOROVYE_DATABASE__URL": url,
        "ZDOROVYE_DATA_DIR": str(folder),
        "ZDOROVYE_PUBLIC_URL": "http://127.0.0.1:8000",
        "ZDOROVYE_SIMULATORS_PORT": str(simulators_port),
        "ZDOROVYE_NOTIFICATIONS__SMTP__PORT": str(free_port()),
        "ZDOROVYE_NOTIFICATIONS__DELIVERY__IN_SERVER": "false",  # as in production, where a worker sends
        "ZDOROVYE_TRUSTED_DOCUMENTS_ONLY": "true",
        "ZDOROVYE_IDENTITY__TOKENS__ACCESS_LIFETIME_SECONDS": "3600",  # longer than the longest run
        "ZDOROVYE_GRAPHQL__COST_PER_MINUTE": str(_UNLIMITED),
        "ZDOROVYE_GRAPHQL__MAX_CONNECTIONS_OF_PERSON": str(_UNLIMITED),
        "BENCH_SCHEMA": str(HOME / "schema" / "schema.graphql"),
        "BENCH_DATABASE": url.replace("postgresql+asyncpg", "postgresql"),
    }
    try:
        yield
    finally:
        os.environ.clear()
        os.environ |= before
