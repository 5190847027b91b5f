import pytest

from backend.database import Database
from identity.principal import Principal
from tests.factories.booking import Booking
from tests.factories.people import make_principal
from tests.factories.reception import Reception, make_staff


@pytest.fixture
def reception(database: Database) -> Reception:
    return Reception(Booking(database))


@pytest.fixture
def anna() -> Principal:
    return make_principal()


@pytest.fixture
def staff() -> Principal:
    return make_staff()
