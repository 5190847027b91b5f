import pytest

from backend.database import Database
from tests.factories.waiting import WaitingRoom


@pytest.fixture
def room(database: Database) -> WaitingRoom:
    return WaitingRoom(database)
