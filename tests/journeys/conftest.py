"""The running region of a journey, once on each engine and under each executor."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from backend.settings import DatabaseSettings, Executor
from tests.journeys.phone import Phone
from tests.journeys.region import Region, keys_made_once, running_region


@pytest.fixture(scope="session")
def development_keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Keys made once for every journey of this worker."""
    return keys_made_once(tmp_path_factory.mktemp("keys"))


@pytest.fixture(params=[Executor.ALWAYS, Executor.NEVER], ids=["compiled", "interpreted"])
def executor(request: pytest.FixtureRequest) -> Executor:
    """Every journey runs compiled and by graphql-core's own executor, and must not know which."""
    chosen: Executor = request.param
    return chosen


@pytest.fixture
async def region(
    database_settings: DatabaseSettings, tmp_path: Path, development_keys: Path, executor: Executor
) -> AsyncIterator[Region]:
    """A seeded, served region on SQLite and on PostgreSQL, under both executors."""
    folder = tmp_path / "data"
    async with running_region(database_settings, folder, development_keys, executor=executor) as running:
        yield running


@pytest.fixture
async def anna(region: Region) -> Phone:
    """Anna's phone, signed in."""
    phone = Phone(region)
    await phone.sign_in("anna")
    return phone
