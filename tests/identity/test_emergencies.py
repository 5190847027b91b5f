"""Breaking the glass: reason, time box, limits (S40)."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import func, select

from backend.database import Database
from identity import emergencies
from identity.access import RULES, Action
from identity.capacities import Capacity
from identity.emergencies import EmergencyMandates, open_emergency
from identity.emergency_errors import EmergencyLimitReached, EmergencyReasonInvalid, EmergencyStillOpen
from identity.emergency_tables import EmergencyCountRow, EmergencyRow
from identity.emergency_values import Emergency, EmergencyCategory, EmergencyTerms, Reason
from identity.principal import ActorKind, PersonId, Principal
from tests.factories.consents import OTHER_OGRN, clinician, staff
from tests.factories.people import NOW, add_person

REASON = Reason.parse(EmergencyCategory.UNCONSCIOUS, "Без сознания, документов нет")
TERMS = EmergencyTerms(most_a_day=3)
HALF_AN_HOUR = timedelta(minutes=30)


async def broken(
    database: Database, actor: Principal, person_id: PersonId, *, at: timedelta = timedelta()
) -> Emergency:
    async with database.transaction() as session:
        return await open_emergency(session, actor, person_id, REASON, terms=TERMS, now=NOW + at)


async def capacities(
    database: Database, actor: Principal, person_id: PersonId, *, at: timedelta = timedelta()
) -> list[Capacity]:
    async with database.transaction() as session:
        return [one.capacity for one in await EmergencyMandates().find(session, actor, person_id, NOW + at)]


async def count(database: Database) -> tuple[int, int]:
    async with database.reading() as session:
        opened = (await session.exec(select(func.count()).select_from(EmergencyRow))).one()
        counted = (await session.exec(select(func.coalesce(func.sum(EmergencyCountRow.opened), 0)))).one()
    return opened, int(counted)


@given(st.text(max_size=600))
def test_a_reason_is_ten_to_five_hundred_printable_characters_with_a_letter(text: str) -> None:
    said = " ".join(text.split())
    is_good = 10 <= len(said) <= 500 and said.isprintable() and any(one.isalpha() for one in said)
    if is_good:
        assert Reason.parse(EmergencyCategory.OTHER, text).text == said
    else:
        with pytest.raises(EmergencyReasonInvalid):
            Reason.parse(EmergencyCategory.OTHER, text)


@pytest.mark.parametrize(
    "text", ["", "нет", "          ", "1234567890 1234567890", "а" * 501, "........................"]
)
def test_a_reason_that_says_nothing_is_none(text: str) -> None:
    with pytest.raises(EmergencyReasonInvalid):
        Reason.parse(EmergencyCategory.OTHER, text)


def test_a_reason_does_not_show_itself() -> None:
    assert "сознания" not in repr(REASON)


@pytest.mark.parametrize(
    ("kind", "capacity"),
    [
        (ActorKind.CLINICIAN, Capacity.CLINICIAN_IN_EMERGENCY),
        (ActorKind.AMBULANCE_CREW, Capacity.CREW_IN_EMERGENCY),
    ],
)
async def test_it_opens_for_half_an_hour_to_the_instant(
    database: Database, kind: ActorKind, capacity: Capacity
) -> None:
    person, actor = await add_person(database), staff(kind)
    emergency = await broken(database, actor, person)
    assert emergency.expires_at == NOW + HALF_AN_HOUR
    assert await capacities(database, actor, person) == [capacity]
    assert await capacities(database, actor, person, at=HALF_AN_HOUR - timedelta(microseconds=1)) == [capacity]
    assert await capacities(database, actor, person, at=HALF_AN_HOUR) == []


async def test_it_opens_nothing_to_colleagues_in_another_job_or_of_another_person(database: Database) -> None:
    person, other, doctor = await add_person(database), await add_person(database), clinician()
    await broken(database, doctor, person)
    assert await capacities(database, clinician(), person) == []
    assert await capacities(database, doctor, other) == []
    assert await capacities(database, replace(doctor, organization=OTHER_OGRN), person) == []
    assert await capacities(database, replace(doctor, kind=ActorKind.AMBULANCE_CREW), person) == []


async def test_it_is_not_extended_but_opened_anew_with_a_reason(database: Database) -> None:
    person, doctor = await add_person(database), clinician()
    first = await broken(database, doctor, person)
    with pytest.raises(EmergencyStillOpen):
        await broken(database, doctor, person, at=HALF_AN_HOUR - timedelta(microseconds=1))
    assert await count(database) == (1, 1)
    second = await broken(database, doctor, person, at=HALF_AN_HOUR)
    assert second.id != first.id
    assert await count(database) == (2, 2)


async def test_an_actor_has_a_limit_a_day_whoever_it_is_about(database: Database) -> None:
    doctor, people = clinician(), [await add_person(database) for _ in range(4)]
    for person in people[:3]:
        await broken(database, doctor, person)
    with pytest.raises(EmergencyLimitReached):
        await broken(database, doctor, people[3])
    assert await count(database) == (3, 3)
    await broken(database, clinician(), people[3])
    tomorrow = timedelta(days=1)
    await broken(database, doctor, people[3], at=tomorrow)
    assert await count(database) == (5, 5)


async def test_of_many_at_once_no_more_than_the_limit_are_opened(database: Database) -> None:
    doctor, people = clinician(), [await add_person(database) for _ in range(8)]
    outcomes = await asyncio.gather(*(broken(database, doctor, person) for person in people), return_exceptions=True)
    refused = [one for one in outcomes if isinstance(one, EmergencyLimitReached)]
    assert len(refused) == 5
    assert await count(database) == (3, 3)


async def test_of_many_at_once_for_one_person_one_is_opened(database: Database) -> None:
    doctor, person = clinician(), await add_person(database)
    outcomes = await asyncio.gather(*(broken(database, doctor, person) for _ in range(6)), return_exceptions=True)
    assert sum(isinstance(one, Emergency) for one in outcomes) == 1
    assert await count(database) == (1, 1)


async def test_it_can_be_ended_early_but_not_moved(database: Database) -> None:
    person, doctor = await add_person(database), clinician()
    emergency = await broken(database, doctor, person)
    early = timedelta(minutes=5)
    async with database.transaction() as session:
        await emergencies.end(session, person, emergency.id, NOW + early)
    assert await capacities(database, doctor, person, at=early) == []
    async with database.transaction() as session:
        await emergencies.end(session, person, emergency.id, NOW + timedelta(hours=1))
        found = await emergencies.find(session, person, emergency.id)
    assert found == replace(emergency, expires_at=NOW + early)


def test_whoever_may_break_the_glass_gets_a_capacity_of_their_own() -> None:
    may = RULES[Action.BREAK_GLASS].capacities
    assert may == {Capacity.CLINICIAN_DESK, Capacity.CREW_DESK}
    assert set(emergencies.OPENS) == {ActorKind.CLINICIAN, ActorKind.AMBULANCE_CREW}
