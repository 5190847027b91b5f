import pytest

from backend.database import Database
from identity.principal import Principal
from tests.factories.booking import Booking
from tests.factories.people import make_principal


@pytest.fixture
def booking(database: Database) -> Booking:
    return Booking(database)


@pytest.fixture
def anna() -> Principal:
    return make_principal()
