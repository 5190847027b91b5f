import pytest

from backend.database import Database
from tests.factories.family import Household


@pytest.fixture
def house(database: Database) -> Household:
    return Household(database)
