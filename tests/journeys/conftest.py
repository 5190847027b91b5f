"""The running region of a journey: compiled on PostgreSQL, and by graphql-core's own executor on SQLite."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from backend.settings import DatabaseSettings, Executor
from tests.journeys.phone import Phone
from tests.journeys.region import Region, keys_made_once, running_region, seed_small_region
from tests.plugins.engines import PATIENT, fresh_url, migrated_url, sqlite_copy

CORNERS = ("sqlite-interpreted", "postgresql-compiled")
"""Each engine and each executor once: an executor knows no database, and a database no executor."""

EXECUTORS = {"compiled": Executor.ALWAYS, "interpreted": Executor.NEVER}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a journey in each corner that it asks for: of databases, of executors, or of both."""
    asked = [name for name in ("seeded_settings", "executor") if name in metafunc.fixturenames]
    if len(asked) == 2:
        metafunc.parametrize(asked, [corner.split("-") for corner in CORNERS], ids=CORNERS, indirect=True)
    elif asked == ["seeded_settings"]:
        metafunc.parametrize("seeded_settings", ["sqlite", "postgresql"], indirect=True)
    elif asked:
        metafunc.parametrize("executor", list(EXECUTORS), indirect=True)


@pytest.fixture(scope="session")
def development_keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Keys made once for every journey of this worker."""
    return keys_made_once(tmp_path_factory.mktemp("keys"))


@pytest.fixture
def executor(request: pytest.FixtureRequest) -> Executor:
    """Every journey runs compiled and by graphql-core's own executor, and must not know which."""
    return EXECUTORS[request.param]


@pytest.fixture(scope="session")
def seeded_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small region in a file, seeded once for every journey of this worker."""
    file = tmp_path_factory.mktemp("seeded") / "region.sqlite"
    asyncio.run(seed_small_region(DatabaseSettings(url=sqlite_copy(file), **PATIENT)))
    return file


@pytest.fixture(scope="session")
def seeded_postgresql(request: pytest.FixtureRequest) -> str:
    """The same in PostgreSQL: the URL of a database to copy."""
    url = migrated_url(request)
    asyncio.run(seed_small_region(DatabaseSettings(url=url, **PATIENT)))
    return url


@pytest.fixture
def seeded_settings(request: pytest.FixtureRequest, tmp_path: Path) -> DatabaseSettings:
    """Settings of this test's own copy of the small region: once on each engine."""
    if request.param == "postgresql":
        url = fresh_url(request, template=request.getfixturevalue("seeded_postgresql"))
    else:
        url = sqlite_copy(tmp_path / "region.sqlite", of=request.getfixturevalue("seeded_sqlite"))
    return DatabaseSettings(url=url, **PATIENT)


@pytest.fixture
def patience_with_register() -> float:
    """How many seconds the register may take; a test of its time-out says fewer."""
    return 20


@pytest.fixture
async def region(
    seeded_settings: DatabaseSettings,
    tmp_path: Path,
    development_keys: Path,
    executor: Executor,
    patience_with_register: float,
) -> AsyncIterator[Region]:
    """A seeded, served region on SQLite and on PostgreSQL, and under both executors."""
    folder = tmp_path / "data"
    async with running_region(
        seeded_settings,
        folder,
        development_keys,
        executor=executor,
        patience_with_register=patience_with_register,
    ) as running:
        yield running


@pytest.fixture
async def anna(region: Region) -> Phone:
    """Anna's phone, signed in."""
    phone = Phone(region)
    await phone.sign_in("anna")
    return phone
