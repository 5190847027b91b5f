"""Fixtures of identity."""

from collections.abc import AsyncIterator

import pytest

from backend.database import Database
from tests.factories.identity import House, open_house


@pytest.fixture
async def house(database: Database) -> AsyncIterator[House]:
    """Identity and a simulated ESIA over real sockets, on each engine."""
    async with open_house(database) as house:
        yield house
