"""Who looked: newest first, with names, denials too, only for the person (S42)."""

from dataclasses import replace
from datetime import timedelta

import pytest

from backend.database import Database
from backend.oversight.values import LogEntry, LogFilter
from identity.access import Action
from identity.audit import Access, append
from identity.audit_tables import AuditOutcome
from identity.capacities import Capacity, Grounds, Mandate, Purpose
from identity.errors import AccessRefused, NotSignedIn
from identity.own_accesses import OwnAccesses, chain_hours
from identity.principal import ActorKind, PersonId, Principal
from tests.factories.consents import OGRN, OTHER_OGRN, clinician, staff
from tests.factories.oversight import Oversight
from tests.factories.people import NOW, add_person, make_principal

EVERY = LogFilter()


@pytest.fixture
def house(database: Database) -> Oversight:
    return Oversight(database)


async def write(
    house: Oversight, actor: Principal, person_id: PersonId, grounds: Grounds | None, *actions: Action, minutes: int = 0
) -> None:
    at = NOW + timedelta(minutes=minutes)
    async with house.database.transaction() as session:
        await append(session, [Access(actor, person_id, frozenset(actions), grounds, at=at)])


async def log_of(house: Oversight, person: Principal, wanted: LogFilter = EVERY) -> list[LogEntry]:
    return (await house.log.list_page(person, person.person_id, limit=100, wanted=wanted)).items


async def test_an_entry_says_who_for_whom_as_what_what_for_and_what(house: Oversight) -> None:
    person = make_principal(await add_person(house.database))
    caller = await add_person(house.database, given_name="Мария", patronymic=None)
    operator_id = await add_person(house.database, family_name="Петрова", given_name="Ольга")
    operator = replace(staff(ActorKind.OPERATOR), person_id=operator_id)
    mandate = Mandate(Capacity.OPERATOR_ON_CALL, on_behalf_of=caller)
    await write(
        house,
        operator,
        person.person_id,
        Grounds(mandate.capacity, mandate),
        Action.READ_POLICY,
        Action.READ_APPOINTMENTS,
    )
    house.organizations.known[OGRN] = "Служба 122"
    page = await house.log.list_page(person, person.person_id, limit=10)
    (entry,) = page.items
    assert (entry.actor_kind, entry.capacity, entry.purpose, entry.outcome, entry.times) == (
        ActorKind.OPERATOR,
        Capacity.OPERATOR_ON_CALL,
        Purpose.CALL,
        AuditOutcome.ALLOWED,
        1,
    )
    assert (entry.at, entry.actions, entry.report) == (NOW, "read_appointments,read_policy", None)
    assert page.names == {operator_id: "Петрова Ольга Петровна", caller: "Соколова Мария"}
    assert page.organizations == {OGRN: "Служба 122"}


async def test_staff_are_named_even_denied_but_a_denied_citizen_is_not(house: Oversight) -> None:
    person = make_principal(await add_person(house.database))
    doctor = replace(clinician(OTHER_OGRN), person_id=await add_person(house.database))
    parent, stranger = (
        make_principal(await add_person(house.database)),
        make_principal(await add_person(house.database)),
    )
    await write(house, doctor, person.person_id, None, Action.READ_POLICY)
    await write(house, parent, person.person_id, Grounds(Capacity.PARENT_OF_CHILD), Action.READ_POLICY)
    await write(house, stranger, person.person_id, None, Action.READ_POLICY)
    page = await house.log.list_page(person, person.person_id, limit=10)
    assert [one.actor_id for one in page.items] == [stranger.person_id, parent.person_id, doctor.person_id]
    assert page.names.keys() == {doctor.person_id, parent.person_id}
    assert page.organizations == {}


async def test_it_is_paged_newest_first_without_gap_or_double(house: Oversight) -> None:
    person = make_principal(await add_person(house.database))
    for minute in range(5):
        await write(house, clinician(), person.person_id, None, Action.READ_POLICY, minutes=minute)
    seen: list[int] = []
    before: int | None = None
    while True:
        page = await house.log.list_page(person, person.person_id, limit=2, before=before)
        seen += [one.sequence for one in page.items]
        await write(house, clinician(), person.person_id, None, Action.READ_POLICY)
        if not page.has_next:
            break
        before = page.items[-1].sequence
    assert seen == [5, 4, 3, 2, 1]


async def test_it_can_be_narrowed(house: Oversight) -> None:
    person = make_principal(await add_person(house.database))
    await write(house, person, person.person_id, Grounds(Capacity.SELF), Action.READ_POLICY)
    await write(house, clinician(), person.person_id, None, Action.READ_POLICY)
    await write(house, clinician(), person.person_id, Grounds(Capacity.CLINICIAN_BY_CONSENT), Action.READ_POLICY)
    found = {
        (others, outcome): [
            one.sequence for one in await log_of(house, person, LogFilter(others_only=others, outcome=outcome))
        ]
        for others in (False, True)
        for outcome in (None, *AuditOutcome)
    }
    assert found == {
        (False, None): [3, 2, 1],
        (False, AuditOutcome.ALLOWED): [3, 1],
        (False, AuditOutcome.DENIED): [2],
        (True, None): [3, 2],
        (True, AuditOutcome.ALLOWED): [3],
        (True, AuditOutcome.DENIED): [2],
    }


async def test_own_use_is_shown_apart_until_it_is_in_the_log(house: Oversight) -> None:
    person = make_principal(await add_person(house.database))
    own = OwnAccesses(house.clock)
    for action in (Action.READ_POLICY, Action.READ_POLICY, Action.READ_INBOX):
        own.note(person, action)
    house.clock.advance(timedelta(hours=1))
    own.note(person, Action.READ_PROFILE)
    await own.flush(house.database.transaction)
    hours = await house.log.own_hours(person, person.person_id)
    assert [(one.hour, one.actions, one.times, one.actor_kind) for one in hours] == [
        (NOW + timedelta(hours=1), ("read_profile",), 1, ActorKind.CITIZEN),
        (NOW, ("read_inbox", "read_policy"), 3, ActorKind.CITIZEN),
    ]
    async with house.database.transaction() as session:
        await chain_hours(session, NOW + timedelta(hours=1, minutes=30))
    assert [one.hour for one in await house.log.own_hours(person, person.person_id)] == [NOW + timedelta(hours=1)]
    assert [(one.actions, one.times, one.is_actor_named) for one in await log_of(house, person)] == [
        ("read_inbox,read_policy", 3, False)
    ]


async def test_nobody_else_reads_it(house: Oversight) -> None:
    person = make_principal(await add_person(house.database))
    await write(house, clinician(), person.person_id, None, Action.READ_POLICY)
    for kind in ActorKind:
        actor = staff(kind)
        for asked in (
            house.log.list_page(actor, person.person_id, limit=1),
            house.log.own_hours(actor, person.person_id),
            house.log.by_sequences(actor, person.person_id, [1]),
        ):
            with pytest.raises(AccessRefused):
                await asked
    with pytest.raises(NotSignedIn):
        await house.log.list_page(None, person.person_id, limit=1)
