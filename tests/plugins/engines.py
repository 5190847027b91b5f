"""Every test that asks for `database` runs on SQLite and on a real PostgreSQL."""

import asyncio
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import create_async_engine
from sqlmodel import SQLModel

from backend.database import Database
from backend.entrypoints.migrations.run import upgrade
from backend.settings import DatabaseSettings
from tests.plugins.postgresql import PostgresqlServer

TEMPLATE = "zdorovye_template"
PATIENT = {
    "connect_timeout_seconds": 15,
    "lock_timeout_seconds": 35,
    "statement_timeout_seconds": 40,
    "pool_timeout_seconds": 50,
}
"""A busy test machine is no reason to fail: what tests of time-outs need, they set themselves.

No two are alike, and all are shorter than the deadline of a request in a journey (60 s) and unlike that of an idle
transaction (30 s): how long something hung says what it waited for.
"""

_state: dict[str, Any] = {}


async def _administer(url: str, *statements: str) -> None:
    engine = create_async_engine(make_url(url).set(database="postgres"), isolation_level="AUTOCOMMIT")
    async with engine.connect() as connection:
        for statement in statements:
            await connection.execute(text(statement))
    await engine.dispose()


def _url(database: str) -> str:
    return make_url(_state["postgresql"]).set(database=database).render_as_string(hide_password=False)


def pytest_configure(config: pytest.Config) -> None:
    """Start the server and make both templates, once a run; a worker is only told where they are."""
    if config.option.collectonly:
        return
    if (given := getattr(config, "workerinput", None)) is not None:
        _state.update(postgresql=given["postgresql"], folder=Path(given["folder"]), worker=given["workerid"])
        return
    folder = Path(tempfile.mkdtemp(prefix="zdr-test-"))
    _state.update(folder=folder, worker="main", owner=True)
    if given_url := os.environ.get("DATABASE_URL"):
        _state["postgresql"] = given_url
    else:
        server = PostgresqlServer()
        _state["server"] = server  # before the start, so that a failed one is ended too
        server.start()
        _state["postgresql"] = server.url()
    asyncio.run(
        _administer(
            _state["postgresql"], f"DROP DATABASE IF EXISTS {TEMPLATE} WITH (FORCE)", f"CREATE DATABASE {TEMPLATE}"
        )
    )
    upgrade(_url(TEMPLATE))
    upgrade(f"sqlite+aiosqlite:///{folder / 'template.sqlite'}")


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell an xdist worker where the servers are."""
    node.workerinput.update(postgresql=_state["postgresql"], folder=str(_state["folder"]))


def pytest_unconfigure(config: pytest.Config) -> None:
    """Leave no process and no file behind."""
    if not _state.pop("owner", False):
        return
    if server := _state.get("server"):
        server.stop()
    shutil.rmtree(_state["folder"], ignore_errors=True)


@pytest.fixture(scope="session")
def postgresql_url() -> Iterator[str]:
    """URL of this worker's own database, migrated and empty."""
    name = f"zdorovye_{_state['worker']}_{os.getpid()}"
    asyncio.run(_administer(_state["postgresql"], f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}"))
    yield _url(name)
    asyncio.run(_administer(_state["postgresql"], f"DROP DATABASE {name} WITH (FORCE)"))


def fresh_url(request: pytest.FixtureRequest, *, template: str | None = None) -> str:
    """Return the URL of a new PostgreSQL database, dropped after the fixture that asks: without any table, or a copy.

    Args:
        request: Of the fixture that asks.
        template: URL of the database to copy; nobody may be connected to it.
    """
    name = f"fresh_{uuid4().hex}"
    copied = f" TEMPLATE {make_url(template).database}" if template else ""
    asyncio.run(_administer(_state["postgresql"], f"CREATE DATABASE {name}{copied}"))
    request.addfinalizer(lambda: asyncio.run(_administer(_state["postgresql"], f"DROP DATABASE {name} WITH (FORCE)")))
    return _url(name)


def migrated_url(request: pytest.FixtureRequest) -> str:
    """Return the URL of a new PostgreSQL database with every table, empty, dropped after the fixture that asks."""
    return fresh_url(request, template=_url(TEMPLATE))


def sqlite_copy(file: Path, *, of: Path | None = None) -> str:
    """Return the URL of a copy: of another SQLite file, or of the migrated and empty one."""
    shutil.copy(of or _state["folder"] / "template.sqlite", file)
    return f"sqlite+aiosqlite:///{file}"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_settings(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[DatabaseSettings]:
    """Settings of an empty, migrated database: once on each engine; a PostgreSQL one is emptied afterwards."""
    if request.param == "postgresql":
        sweeper: Sweeper = request.getfixturevalue("sweeper")
        yield DatabaseSettings(url=request.getfixturevalue("postgresql_url"), **PATIENT)
        sweeper.empty()
        return
    yield DatabaseSettings(url=sqlite_copy(tmp_path / "test.sqlite"), **PATIENT)


@pytest.fixture
async def database(database_settings: DatabaseSettings) -> AsyncIterator[Database]:
    """Give an empty, migrated database: once on each engine."""
    database = Database(database_settings)
    yield database
    await database.close()


class Sweeper:
    """Empties a worker's own PostgreSQL database after each test, over one connection on a loop of its own."""

    def __init__(self, url: str) -> None:
        self._loop = asyncio.new_event_loop()
        plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
        self._connection = self._loop.run_until_complete(
            asyncpg.connect(plain, server_settings={"session_replication_role": "replica"})
        )
        self._statement = ";".join(str(table.delete()) for table in SQLModel.metadata.sorted_tables)

    def empty(self) -> None:
        """Delete every row of every table, whatever the foreign keys, in one transaction."""
        self._loop.run_until_complete(self._connection.execute(self._statement))

    def close(self) -> None:
        """Leave nothing open."""
        self._loop.run_until_complete(self._connection.close())
        self._loop.close()


@pytest.fixture(scope="session")
def sweeper(postgresql_url: str) -> Iterator[Sweeper]:
    """Sweep this worker's own database."""
    sweeper = Sweeper(postgresql_url)
    yield sweeper
    sweeper.close()
