"""An insurer's representative sees whom their company insures, as far as their level goes (item 3 of the issue)."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from backend.database import Database
from backend.policy.insurers import INSURER_TRUSTED_FOR, Insurers, KnownPeople
from backend.policy.values import PolicyKind, PolicyStatus
from identity.access import Action
from identity.call_ports import KnownPerson
from identity.insured_people import ACTIONS_OF_LEVEL
from identity.names import FullName
from identity.principal import ActorKind, PersonId, Principal
from tests.factories.calls import BORN, OGRN, CallHouse, add_insured, insure, outcome_of, sums
from tests.factories.people import NOW, add_person, make_principal, snils_for

OTHER = "1027739008440"
TICK = timedelta(seconds=1)
REFUSED = "ACCESS_REFUSED"


@pytest.fixture
def house(database: Database) -> CallHouse:
    return CallHouse(database)


def representative(level: int | None, organization: str | None) -> Principal:
    return replace(make_principal(kind=ActorKind.INSURANCE_REPRESENTATIVE), organization=organization, level=level)


async def look(
    house: CallHouse,
    person_id: PersonId,
    action: Action = Action.READ_PROFILE,
    *,
    level: int | None = 2,
    organization: str | None = OGRN,
) -> str:
    return await outcome_of(house.access.admit(representative(level, organization), action, person_id))


@pytest.mark.parametrize("level", [1, 2, 3])
@pytest.mark.parametrize("action", [action for action in Action if action is not Action.READ_REFERENCE])
async def test_a_level_may_what_its_row_says(house: CallHouse, level: int, action: Action) -> None:
    person = await add_insured(house.database)
    expected = "done" if action in ACTIONS_OF_LEVEL[level] else REFUSED
    assert await look(house, person, action, level=level) == expected


def test_the_levels_are_these() -> None:
    profile, policy = Action.READ_PROFILE, Action.READ_POLICY
    assert dict(ACTIONS_OF_LEVEL) == {1: {profile}, 2: {profile, policy}, 3: {profile, policy}}


async def test_the_look_is_in_the_persons_log_with_the_company(house: CallHouse) -> None:
    person = await add_insured(house.database)
    await look(house, person)
    (entry,) = await house.entries(person)
    assert (entry.organization, entry.actor_kind) == (OGRN, ActorKind.INSURANCE_REPRESENTATIVE)
    assert sums([entry]) == [("read_profile", "allowed")]


@pytest.mark.parametrize(
    "given",
    [
        {"organization": OTHER},
        {"organization": None},
        {"organization": ""},
        {"level": None},
        {"level": 0},
        {"level": 4},
    ],
    ids=str,
)
async def test_another_company_and_an_unknown_level_see_nobody(house: CallHouse, given: dict[str, Any]) -> None:
    person = await add_insured(house.database)
    assert await look(house, person, **given) == REFUSED
    assert sums(await house.entries(person)) == [("read_profile", "denied")]


async def test_without_an_answer_of_the_register_nobody_is_insured(house: CallHouse) -> None:
    person = await add_person(house.database)
    assert await look(house, person) == REFUSED
    nameless = await add_insured(house.database, number=3, ogrn=None)
    assert await look(house, nameless) == REFUSED
    assert await look(house, nameless, organization=None) == REFUSED


async def test_a_change_of_insurer_denies_the_next_request(house: CallHouse) -> None:
    person = await add_insured(house.database)
    assert await look(house, person) == "done"
    await insure(house.database, person, ogrn=OTHER)
    assert await look(house, person) == REFUSED
    assert await look(house, person, organization=OTHER) == "done"


@pytest.mark.parametrize("status", [PolicyStatus.SUSPENDED, PolicyStatus.CLOSED])
async def test_a_policy_that_is_not_active_insures_nobody(house: CallHouse, status: PolicyStatus) -> None:
    person = await add_insured(house.database)
    await insure(house.database, person, status=status)
    assert await look(house, person) == REFUSED


async def test_an_old_answer_says_nothing_of_today(house: CallHouse) -> None:
    person = await add_insured(house.database)
    house.clock.set(NOW + INSURER_TRUSTED_FOR - TICK)
    assert await look(house, person) == "done"
    house.clock.set(NOW + INSURER_TRUSTED_FOR)
    assert await look(house, person) == REFUSED


async def test_an_answer_about_another_snils_is_not_about_the_person(house: CallHouse) -> None:
    person = await add_person(house.database, snils=snils_for(555_555_555))
    await insure(house.database, person, number=1)
    async with house.database.transaction() as session:
        assert await Insurers().insurer_of(session, person, NOW) is None


async def test_people_are_found_by_birth_with_the_digits_of_their_own_policy_only(house: CallHouse) -> None:
    name = FullName("Соколова", "Анна", "Петровна")
    insured = await add_insured(house.database, number=1)
    without = await add_person(house.database, snils=None)
    old = await add_insured(house.database, number=3)
    await insure(house.database, old, number=3, kind=PolicyKind.TEMPORARY, enp=None)
    foreign = await add_person(house.database, snils=snils_for(555_555_555))
    await insure(house.database, foreign, number=1)
    await add_insured(house.database, number=5, birth_date=date(1984, 5, 18))
    async with house.database.transaction() as session:
        found = await KnownPeople().born_on(session, BORN)
    assert list(found) == [
        KnownPerson(insured, name, "1233"),
        KnownPerson(without, name, None),
        KnownPerson(old, name, None),
        KnownPerson(foreign, name, None),
    ]
