"""Calling back over each engine."""

import pytest

from backend.database import Database
from tests.factories.call_backs import CallBackHouse


@pytest.fixture
def house(database: Database) -> CallBackHouse:
    """The services with all that surrounds them, and one operator."""
    return CallBackHouse(database)
