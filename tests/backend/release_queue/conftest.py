import pytest

from backend.database import Database
from tests.factories.queues import Hall


@pytest.fixture
def hall(database: Database) -> Hall:
    return Hall(database)
