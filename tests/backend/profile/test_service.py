from datetime import UTC, date, datetime

import pytest
from uuid_utils.compat import uuid7

from backend.clock import SettableClock
from backend.database import Database
from backend.errors import NotFound
from backend.profile.service import ProfileService
from identity.errors import AccessRefused, NotSignedIn
from identity.principal import Assurance, PersonId
from tests.factories.access import access_control
from tests.factories.people import NOW, add_person, make_principal


def service(database: Database, now: datetime = NOW) -> ProfileService:
    clock = SettableClock(now)
    return ProfileService(database=database, access=access_control(database, clock), clock=clock)


async def test_a_person_reads_the_own_profile_even_unconfirmed(database: Database) -> None:
    person_id = await add_person(database)
    person = await service(database).get_person(make_principal(person_id, assurance=Assurance.SIMPLIFIED), person_id)
    assert (person.id, person.given_name) == (person_id, "Анна")


async def test_a_stranger_and_nobody_are_refused(database: Database) -> None:
    person_id = await add_person(database)
    with pytest.raises(AccessRefused):
        await service(database).get_person(make_principal(), person_id)
    with pytest.raises(NotSignedIn):
        await service(database).get_person(None, person_id)


async def test_a_person_nobody_recorded_is_not_found(database: Database) -> None:
    person_id = PersonId(uuid7())
    with pytest.raises(NotFound):
        await service(database).get_person(make_principal(person_id), person_id)


async def test_age_is_counted_in_the_persons_own_zone(database: Database) -> None:
    born = date(2008, 11, 23)
    east = await add_person(database, birth_date=born, time_zone="Asia/Kamchatka")
    west = await add_person(database, birth_date=born, time_zone="Europe/Kaliningrad")
    profile = service(database, datetime(2026, 11, 22, 12, 0, tzinfo=UTC))
    people = [await profile.get_person(make_principal(person_id), person_id) for person_id in (east, west)]
    assert [profile.age_of(person) for person in people] == [18, 17]
