"""The services over each engine."""

from pathlib import Path

import pytest

from backend.database import Database
from tests.factories.rights import RightsHouse


@pytest.fixture
def house(database: Database, tmp_path: Path) -> RightsHouse:
    """The rights of the subject over an empty database and folder."""
    return RightsHouse(database, tmp_path / "exports")
