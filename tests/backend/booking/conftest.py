from collections.abc import AsyncIterator

import pytest

from backend.database import Database
from backend.settings import DatabaseSettings


@pytest.fixture
async def patient(database_settings: DatabaseSettings) -> AsyncIterator[Database]:
    """Give the database with time to wait: what is told is under test, not how busy this machine is."""
    waits = {"lock_timeout_seconds": 60, "pool_timeout_seconds": 60, "statement_timeout_seconds": 60}
    patient = Database(database_settings.model_copy(update=waits))
    yield patient
    await patient.close()
