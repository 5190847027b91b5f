import asyncio
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from structlog.testing import capture_logs
from uuid_utils.compat import uuid7

from backend.clock import SettableClock
from backend.database import Database
from backend.profile.directory import Directory
from backend.profile.queries import find_person
from backend.profile.tables import PersonRow
from backend.profile.values import Person, Phone, Sex, Snils
from identity.ports import PersonDirectory, PersonFacts
from identity.principal import PersonId
from tests.factories.people import NOW

FACTS = PersonFacts(
    family_name="Соколова",
    given_name="Анна",
    patronymic=None,
    birth_date=date(1984, 5, 17),
    sex="female",
    snils="11223344595",
    phone="+79105550117",
    email="anna@example.org",
    source="esia",
    as_of=NOW,
)


async def record(database: Database, person_id: PersonId, facts: PersonFacts) -> None:
    directory: PersonDirectory = Directory(clock=SettableClock(NOW))
    async with database.transaction() as session:
        await directory.record(session, person_id, facts)


async def stored(database: Database, person_id: PersonId) -> Person:
    found = await find_person(database.read, person_id)
    assert found is not None
    return found


async def test_a_new_person_is_kept_with_source_and_time(database: Database) -> None:
    person_id = PersonId(uuid7())
    await record(database, person_id, FACTS)
    assert await stored(database, person_id) == Person(
        id=person_id,
        family_name="Соколова",
        given_name="Анна",
        patronymic=None,
        birth_date=date(1984, 5, 17),
        sex=Sex.FEMALE,
        snils=Snils("11223344595"),
        phone=Phone("+79105550117"),
        email="anna@example.org",
        source="esia",
        as_of=NOW,
        time_zone="Europe/Moscow",
    )


async def test_newer_facts_replace_and_older_ones_that_arrive_late_do_not(database: Database) -> None:
    person_id = PersonId(uuid7())
    await record(database, person_id, FACTS)
    newer = replace(FACTS, family_name="Орлова", phone=None, as_of=NOW + timedelta(seconds=1))
    await record(database, person_id, newer)
    await record(database, person_id, replace(FACTS, family_name="Старая"))
    person = await stored(database, person_id)
    assert (person.family_name, person.phone, person.as_of) == ("Орлова", None, NOW + timedelta(seconds=1))


async def test_the_zone_a_person_lives_in_survives_a_sign_in(database: Database) -> None:
    person_id = PersonId(uuid7())
    await record(database, person_id, FACTS)
    async with database.transaction() as session:
        row = await session.get_one(PersonRow, person_id)
        row.time_zone = "Asia/Kamchatka"
    await record(database, person_id, replace(FACTS, as_of=NOW + timedelta(days=1)))
    assert (await stored(database, person_id)).time_zone == "Asia/Kamchatka"


async def test_a_race_of_first_sign_ins_leaves_the_newest_facts(database: Database) -> None:
    person_id = PersonId(uuid7())
    versions = [replace(FACTS, given_name=f"Анна {n}", as_of=NOW + timedelta(seconds=n)) for n in range(8)]
    await asyncio.gather(*(record(database, person_id, facts) for facts in versions))
    assert (await stored(database, person_id)).given_name == "Анна 7"


@pytest.mark.parametrize(
    ("wrong", "code"),
    [({"snils": "11223344596"}, "SNILS_INVALID"), ({"phone": "+3804412345"}, "PHONE_INVALID")],
)
async def test_an_identifier_that_breaks_its_rule_is_left_out_and_only_its_name_is_logged(
    database: Database, wrong: dict[str, Any], code: str
) -> None:
    person_id = PersonId(uuid7())
    with capture_logs() as logs:
        await record(database, person_id, replace(FACTS, **wrong))
    (field,) = wrong
    assert logs == [
        {
            "event": "source_value_left_out",
            "log_level": "warning",
            "person_id": str(person_id),
            "field": field,
            "code": code,
        }
    ]
    person = await stored(database, person_id)
    assert getattr(person, field) is None
    assert person.family_name == "Соколова"


@pytest.mark.parametrize(
    ("changes", "is_known"),
    [
        ({}, True),
        ({"family_name": "Другая", "given_name": "Совсем"}, True),
        ({"birth_date": date(1984, 5, 18)}, False),
        ({"snils": "08765430300"}, False),
        ({"snils": None}, False),
        ({"snils": "11223344596"}, False),
    ],
)
async def test_somebody_is_known_by_snils_and_birth_date_and_never_by_name(
    database: Database, changes: dict[str, Any], is_known: bool
) -> None:
    person_id = PersonId(uuid7())
    await record(database, person_id, FACTS)
    async with database.transaction() as session:
        found = await Directory(clock=SettableClock(NOW)).known_as(session, replace(FACTS, **changes))
    assert found == (person_id if is_known else None)


async def test_two_of_one_snils_are_nobody_who_is_known(database: Database) -> None:
    for _ in range(2):
        await record(database, PersonId(uuid7()), FACTS)
    async with database.transaction() as session:
        assert await Directory(clock=SettableClock(NOW)).known_as(session, FACTS) is None
