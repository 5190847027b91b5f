"""Calls of 122 over one database and one clock: people with policies, who represents whom, and an operator."""

from collections.abc import Awaitable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession
from uuid_utils.compat import uuid7

from backend.booking.appointments import AppointmentService
from backend.calls.codes import MessageCodes
from backend.calls.service import CallService
from backend.clock import SettableClock
from backend.database import Database
from backend.policy.insurers import Insurers, KnownPeople
from backend.policy.queries import Snapshot, save_snapshot
from backend.policy.values import InsuredPerson, Insurer, Policy, PolicyRecord
from backend.profile.values import Sex, Snils
from identity.access import Action
from identity.audit_tables import AuditEntryRow
from identity.call_mandates import CallMandates
from identity.call_rules import SaidToBe
from identity.call_tables import CallTicketRow
from identity.calls import Calls
from identity.capacities import Mandate
from identity.errors import IdentityRefusal
from identity.insured_people import InsuredPeople
from identity.names import FullName
from identity.principal import ActorKind, PersonId, Principal
from notifications.tables import NotificationRow
from tests.factories.access import access_control
from tests.factories.people import NOW, add_person, make_principal, snils_for
from tests.factories.policies import make_policy

NUMBER = "+79105550199"
OGRN = "1027700132195"
BORN = date(1984, 5, 17)
DIGITS = "1233"
"""The last four of the policy that `make_policy` gives."""

ANNA = SaidToBe(FullName("Соколова", "Анна", "Петровна"), BORN)
"""Whom `make_person` makes."""


def make_operator(organization: str = OGRN) -> Principal:
    """Return an operator at their desk, in a session of their own."""
    return replace(make_principal(kind=ActorKind.OPERATOR), organization=organization)


@dataclass
class Representation:
    """Who may act for whom, as told; read anew at each question."""

    mandates: dict[tuple[PersonId, PersonId], Mandate] = field(default_factory=dict)

    async def may(
        self, session: AsyncSession, caller_id: PersonId, patient_id: PersonId, now: datetime
    ) -> Mandate | None:
        assert session.in_transaction()
        return self.mandates.get((caller_id, patient_id))


@dataclass
class CallHouse:
    """The services over one database and one clock."""

    database: Database
    clock: SettableClock = field(default_factory=lambda: SettableClock(NOW))
    represented: Representation = field(default_factory=Representation)
    published: list[PersonId] = field(default_factory=list)
    operator: Principal = field(default_factory=make_operator)

    def __post_init__(self) -> None:
        """Join the services."""
        database, clock = self.database, self.clock
        self.access = access_control(database, clock, CallMandates(self.represented), InsuredPeople(Insurers()))
        self.rules = Calls(people=KnownPeople(), represented=self.represented, codes=[MessageCodes()])
        self.calls = CallService(
            database=database,
            access=self.access,
            clock=clock,
            calls=self.rules,
            published=self.published.append,
        )
        self.appointments = AppointmentService(
            database=database, access=self.access, clock=clock, published=self.published.append
        )

    async def open(self, operator: Principal | None = None, *, number: str = NUMBER) -> UUID:
        """Open a call under a new key; return its id."""
        opened = await self.calls.open(operator or self.operator, caller_number=number, idempotency_key=uuid7())
        return opened.value.id

    async def verify(
        self,
        call_id: UUID,
        said: SaidToBe = ANNA,
        *,
        digits: str | None = DIGITS,
        code: str | None = None,
        operator: Principal | None = None,
        key: UUID | None = None,
    ) -> str:
        """Verify by the policy unless a code is given; return how it ended."""
        return await outcome_of(
            self.calls.verify_caller(
                operator or self.operator,
                call_id=call_id,
                said=said,
                policy_digits=None if code else digits,
                code=code,
                idempotency_key=key or uuid7(),
            )
        )

    async def choose(self, call_id: UUID, said: SaidToBe | None = None, *, operator: Principal | None = None) -> str:
        """Choose a patient, the caller unless named; return how it ended."""
        return await outcome_of(
            self.calls.choose_patient(operator or self.operator, call_id=call_id, patient=said, idempotency_key=uuid7())
        )

    async def close(self, call_id: UUID, *, operator: Principal | None = None) -> str:
        """End a call; return how it ended."""
        return await outcome_of(self.calls.close(operator or self.operator, call_id=call_id, idempotency_key=uuid7()))

    async def send_code(self, call_id: UUID, said: SaidToBe = ANNA) -> str:
        """Send a code; return how it ended."""
        return await outcome_of(
            self.calls.send_code(self.operator, call_id=call_id, said=said, idempotency_key=uuid7())
        )

    async def serve(self, operator: Principal | None = None) -> UUID:
        """Open a call in which Anna is verified and is the patient; return its id."""
        call_id = await self.open(operator)
        assert await self.verify(call_id, operator=operator) == "done"
        assert await self.choose(call_id, operator=operator) == "done"
        return call_id

    async def look(
        self, person_id: PersonId, action: Action = Action.READ_PROFILE, *, operator: Principal | None = None
    ) -> str:
        """Look at a person; return how it ended."""
        return await outcome_of(self.access.admit(operator or self.operator, action, person_id))

    async def tickets(self) -> list[CallTicketRow]:
        """Return every ticket, in order of opening."""
        async with self.database.reading() as session:
            return list((await session.exec(select(CallTicketRow).order_by(col(CallTicketRow.id)))).all())

    async def entries(self, person_id: PersonId) -> list[AuditEntryRow]:
        """Return what stands in a person's access log."""
        statement = select(AuditEntryRow).where(col(AuditEntryRow.person_id) == person_id)
        async with self.database.reading() as session:
            return list((await session.exec(statement.order_by(col(AuditEntryRow.sequence)))).all())

    async def codes(self) -> list[tuple[PersonId, str]]:
        """Return whom codes were sent, and which."""
        async with self.database.reading() as session:
            found = (await session.exec(select(NotificationRow).order_by(col(NotificationRow.id)))).all()
        return [(PersonId(one.person_id), one.parameters["code"]) for one in found]


async def outcome_of(asked: Awaitable[object]) -> str:
    """Return "done", or the code of the refusal."""
    try:
        await asked
    except IdentityRefusal as refusal:
        return refusal.code
    return "done"


async def add_insured(
    database: Database, *, number: int = 1, birth_date: date = BORN, ogrn: str | None = OGRN, **given: Any
) -> PersonId:
    """Store a person, Anna unless told otherwise, and the register's answer about them, just fetched."""
    snils = snils_for(112_233_000 + number)
    person_id = await add_person(database, snils=snils, birth_date=birth_date, **given)
    await insure(database, person_id, number=number, born=birth_date, ogrn=ogrn)
    return person_id


async def insure(
    database: Database,
    person_id: PersonId,
    *,
    number: int = 1,
    born: date = BORN,
    ogrn: str | None = OGRN,
    fetched_at: datetime = NOW,
    **policy: Any,
) -> None:
    """Keep an answer of the register about a person."""
    insured = InsuredPerson(snils=Snils(snils_for(112_233_000 + number)), birth_date=born, sex=Sex.FEMALE)
    kept: Policy = make_policy(insurer=Insurer(name="СМО", phone=None, ogrn=ogrn), **policy)
    record = PolicyRecord(holder=insured, policy=kept, as_of=fetched_at)
    async with database.transaction() as session:
        await save_snapshot(session, person_id, Snapshot(record=record, fetched_at=fetched_at))


def sums(entries: Sequence[AuditEntryRow]) -> list[tuple[str, str]]:
    """Return what was done and how it ended, entry by entry."""
    return [(one.actions, one.outcome.value) for one in entries]
