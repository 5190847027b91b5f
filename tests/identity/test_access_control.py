"""Admission: own rights at once, others' by mandate and never without their entry in the audit (S36, S41)."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession
from uuid_utils.compat import uuid7

from backend.clock import SettableClock
from backend.database import Database
from backend.errors import DatabaseBusy
from identity.access import Action
from identity.access_control import AccessControl
from identity.audit_tables import AuditEntryRow, AuditHeadRow, AuditOutcome
from identity.capacities import Capacity, Category, Grounds, Mandate
from identity.errors import AccessRefused, AccountNotConfirmed, NotSignedIn
from identity.principal import ActorKind, Assurance, PersonId, Principal
from tests.factories.access import access_control
from tests.factories.people import NOW, add_person, make_principal


@dataclass
class Relations:
    """A source of mandates that says what it is told to."""

    mandates: list[Mandate] = field(default_factory=list)
    asked: int = 0
    kinds: frozenset[ActorKind] = frozenset(ActorKind)

    async def find(
        self, session: AsyncSession, actor: Principal, person_id: PersonId, now: datetime
    ) -> Sequence[Mandate]:
        assert session.in_transaction()
        self.asked += 1
        return list(self.mandates)


PARENT = Mandate(Capacity.PARENT_OF_TEENAGER, withheld=frozenset({Category.HIV}), reference=uuid7())


@dataclass
class House:
    """One access control and all that it works with."""

    database: Database
    relations: Relations
    control: AccessControl
    clock: SettableClock

    async def entries(self) -> list[AuditEntryRow]:
        async with self.database.reading() as session:
            return list((await session.exec(select(AuditEntryRow).order_by(col(AuditEntryRow.sequence)))).all())


@pytest.fixture
def house(database: Database) -> House:
    clock, relations = SettableClock(NOW), Relations()
    return House(database, relations, access_control(database, clock, relations), clock)


async def test_own_data_are_opened_without_asking_anybody(house: House) -> None:
    actor = make_principal()
    assert await house.control.admit(actor, Action.READ_POLICY, actor.person_id) == Grounds(Capacity.SELF)
    assert house.relations.asked == 0
    assert await house.entries() == []


async def test_public_data_need_nobody(house: House) -> None:
    assert (await house.control.admit(None, Action.READ_REFERENCE, None)).capacity is None


async def test_nobody_gets_in_without_signing_in(house: House) -> None:
    with pytest.raises(NotSignedIn):
        await house.control.admit(None, Action.READ_POLICY, PersonId(uuid7()))
    assert await house.entries() == []


async def test_a_mandate_opens_and_is_written_before_the_answer(house: House) -> None:
    person, parent = await add_person(house.database), make_principal()
    house.relations.mandates = [PARENT]
    grounds = await house.control.admit(parent, Action.READ_APPOINTMENTS, person)
    assert grounds == Grounds(Capacity.PARENT_OF_TEENAGER, PARENT)
    assert grounds.withheld == {Category.HIV}
    (entry,) = await house.entries()
    assert (entry.person_id, entry.actor_id, entry.capacity) == (person, parent.person_id, PARENT.capacity)
    assert (entry.actions, entry.outcome, entry.reference) == (
        "read_appointments",
        AuditOutcome.ALLOWED,
        PARENT.reference,
    )


async def test_a_refusal_is_written_too_but_not_of_somebody_who_does_not_exist(house: House) -> None:
    person, stranger = await add_person(house.database), make_principal()
    for asked in (person, PersonId(uuid7())):
        with pytest.raises(AccessRefused):
            await house.control.admit(stranger, Action.READ_POLICY, asked)
    (entry,) = await house.entries()
    assert (entry.person_id, entry.outcome, entry.capacity) == (person, AuditOutcome.DENIED, None)


@pytest.mark.parametrize(
    ("mandate", "kind", "action"),
    [
        (Mandate(Capacity.PARENT_OF_CHILD, until=NOW), ActorKind.CITIZEN, Action.READ_POLICY),
        (Mandate(Capacity.TRUSTED_ADULT, rights=frozenset({Action.READ_POLICY})), ActorKind.CITIZEN, Action.HOLD_SLOT),
        (Mandate(Capacity.PARENT_OF_CHILD), ActorKind.OPERATOR, Action.READ_POLICY),
        (Mandate(Capacity.PARENT_OF_TEENAGER), ActorKind.CITIZEN, Action.READ_INBOX),
        (Mandate(Capacity.INSURER_OF_PERSON), ActorKind.INSURANCE_REPRESENTATIVE, Action.READ_APPOINTMENTS),
    ],
    ids=["ended", "less was granted", "another sign-in", "not of this capacity", "not the insurer's"],
)
async def test_a_mandate_that_does_not_reach_so_far_is_none(
    house: House, mandate: Mandate, kind: ActorKind, action: Action
) -> None:
    person = await add_person(house.database)
    house.relations.mandates = [mandate]
    with pytest.raises(AccessRefused):
        await house.control.admit(make_principal(kind=kind), action, person)
    assert [entry.outcome for entry in await house.entries()] == [AuditOutcome.DENIED]


async def test_a_mandate_does_not_replace_a_confirmed_account(house: House) -> None:
    person = await add_person(house.database)
    house.relations.mandates = [Mandate(Capacity.PARENT_OF_CHILD)]
    with pytest.raises(AccountNotConfirmed):
        await house.control.admit(make_principal(assurance=Assurance.STANDARD), Action.READ_POLICY, person)


async def test_what_one_request_asks_together_is_one_entry(house: House) -> None:
    person, parent = await add_person(house.database), make_principal()
    house.relations.mandates = [PARENT]
    asked = (Action.READ_PROFILE, Action.READ_POLICY, Action.READ_APPOINTMENTS, Action.READ_INBOX, Action.READ_POLICY)
    with house.control.request("trace-1"):
        outcomes = await asyncio.gather(
            *(house.control.admit(parent, action, person) for action in asked), return_exceptions=True
        )
    assert [type(one) for one in outcomes] == [Grounds, Grounds, Grounds, AccessRefused, Grounds]
    allowed, denied = sorted(await house.entries(), key=lambda one: one.outcome)
    assert allowed.actions == "read_appointments,read_policy,read_profile"
    assert denied.actions == "read_inbox"
    assert {allowed.trace_id, denied.trace_id} == {"trace-1"}
    assert house.relations.asked == 1


async def test_without_the_audit_there_is_no_answer(house: House) -> None:
    person = await add_person(house.database)
    house.relations.mandates = [PARENT]
    await house.control.admit(make_principal(), Action.READ_POLICY, person)
    async with house.database.transaction() as session:
        await session.exec(delete(AuditHeadRow))  # the next entry meets the first one's place
    with house.control.request("trace"), pytest.raises(IntegrityError):
        await house.control.admit(make_principal(), Action.READ_POLICY, person)
    with pytest.raises(IntegrityError):
        async with house.control.writing(make_principal(), Action.BOOK_APPOINTMENT, person):
            raise AssertionError("nobody may get here")
    assert len(await house.entries()) == 1


async def test_a_change_and_its_entry_are_committed_together_or_not_at_all(house: House) -> None:
    person, parent = await add_person(house.database), make_principal()
    house.relations.mandates = [Mandate(Capacity.GUARDIAN)]
    with pytest.raises(DatabaseBusy):
        async with house.control.writing(parent, Action.BOOK_APPOINTMENT, person):
            raise DatabaseBusy
    assert await house.entries() == []
    async with house.control.writing(parent, Action.BOOK_APPOINTMENT, person) as (session, grounds):
        assert session.in_transaction()
        assert grounds.capacity is Capacity.GUARDIAN
    assert [entry.actions for entry in await house.entries()] == ["book_appointment"]


async def test_a_refused_change_leaves_only_its_denial(house: House) -> None:
    person = await add_person(house.database)
    with pytest.raises(AccessRefused):
        async with house.control.writing(make_principal(), Action.BOOK_APPOINTMENT, person):
            raise AssertionError("nobody may get here")
    assert [entry.outcome for entry in await house.entries()] == [AuditOutcome.DENIED]


async def test_staff_at_their_desk_need_no_person_and_others_have_no_desk(house: House) -> None:
    operator = make_principal(kind=ActorKind.OPERATOR)
    assert (await house.control.admit(operator, Action.HANDLE_CALL, None)).capacity is Capacity.OPERATOR_DESK
    with pytest.raises(AccessRefused):
        await house.control.admit(make_principal(), Action.HANDLE_CALL, None)


async def test_a_mandate_ends_by_the_clock(house: House) -> None:
    person, parent = await add_person(house.database), make_principal()
    house.relations.mandates = [Mandate(Capacity.PARENT_OF_CHILD, until=NOW + timedelta(seconds=1))]
    await house.control.admit(parent, Action.READ_POLICY, person)
    house.clock.advance(timedelta(seconds=1))
    with pytest.raises(AccessRefused):
        await house.control.admit(parent, Action.READ_POLICY, person)
