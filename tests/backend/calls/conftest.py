"""Calls over each engine."""

import pytest

from backend.database import Database
from tests.factories.calls import CallHouse


@pytest.fixture
def house(database: Database) -> CallHouse:
    """The services with all that surrounds them, and one operator."""
    return CallHouse(database)
