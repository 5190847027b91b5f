"""The running region of a journey, once on each engine."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from backend.settings import DatabaseSettings
from tests.journeys.phone import Phone
from tests.journeys.region import Region, keys_made_once, running_region


@pytest.fixture(scope="session")
def development_keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Keys made once for every journey of this worker."""
    return keys_made_once(tmp_path_factory.mktemp("keys"))


@pytest.fixture
async def region(database_settings: DatabaseSettings, tmp_path: Path, development_keys: Path) -> AsyncIterator[Region]:
    """A seeded, served region on SQLite and on PostgreSQL."""
    async with running_region(database_settings, tmp_path / "data", development_keys) as running:
        yield running


@pytest.fixture
async def anna(region: Region) -> Phone:
    """Anna's phone, signed in."""
    phone = Phone(region)
    await phone.sign_in("anna")
    return phone
