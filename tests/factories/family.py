"""A family over a real database: people, children on an account, and every use-case."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlmodel import col, select
from uuid_utils.compat import uuid7

from backend.clock import SettableClock
from backend.database import Database
from backend.family.service import build_family
from backend.family.values import Certificate, Grantee, GuardianshipDocument, Ward
from backend.profile.directory import Directory
from backend.profile.values import Phone, Sex, Snils
from identity.access import Action
from identity.audit_tables import AuditEntryRow
from identity.errors import IdentityRefusal
from identity.known_children import BirthCertificate, KnownChild, ToldChild
from identity.principal import ActorKind, PersonId, Principal
from identity.representation import Representations
from identity.representation_values import DocumentKind, GrantedRight, Term
from notifications.tables import NotificationRow
from tests.factories.access import access_control
from tests.factories.people import NOW, add_person, make_principal, snils_for

CERTIFICATE = BirthCertificate(series="II-ДМ", number="012345", act_record="120119400400500600701")
TYPED = Certificate(series="ii-дм", number="012 345", act_record="120119400400500600701")
CHILD_SNILS = snils_for(200_000_001)
WARD: Mapping[str, Any] = {
    "familyName": "Лисина",
    "givenName": "Вера",
    "birthDate": "2016-03-05",
    "sex": "FEMALE",
    "snils": "206-130-059 00",
    "documentKind": "GUARDIANSHIP_ACT",
    "documentNumber": "17-р",
    "issuedBy": "Отдел опеки",
    "firstDay": "2026-01-10",
    "lastDay": "2028-01-09",
}
"""What a guardian tells of a ward, as an input."""
GRANTEE_PHONE, GRANTEE_BORN = "+79105550200", date(1990, 7, 1)


@dataclass
class ChildrenInMemory:
    """Implements `KnownChildren` by what it is told."""

    known: dict[PersonId, list[KnownChild]] = field(default_factory=dict)

    async def list(self, person_id: PersonId) -> Sequence[KnownChild]:
        return list(self.known.get(person_id, ()))


def make_child(**given: Any) -> KnownChild:
    """Return a child of ten with a certificate unless told otherwise."""
    told = ToldChild(
        **{
            "subject": "1000000077",
            "family_name": "Соколов",
            "given_name": "Пётр",
            "patronymic": "Ильич",
            "birth_date": date(2016, 3, 5),
            "sex": "male",
            "snils": CHILD_SNILS,
            "certificate": CERTIFICATE,
            **given,
        }
    )
    return KnownChild(id=uuid7(), told=told, source="esia", as_of=NOW)


def make_ward(**given: Any) -> Ward:
    """Return a ward of ten unless told otherwise."""
    return Ward(
        **{
            "family_name": "Лисина",
            "given_name": "Вера",
            "patronymic": None,
            "birth_date": date(2016, 3, 5),
            "sex": Sex.FEMALE,
            "snils": Snils(snils_for(200_000_002)),
            **given,
        }
    )


def make_document(**given: Any) -> GuardianshipDocument:
    """Return an act of guardianship for two years unless told otherwise."""
    return GuardianshipDocument(
        **{
            "kind": DocumentKind.GUARDIANSHIP_ACT,
            "number": "17-р",
            "issued_by": "Отдел опеки города Калуги",
            "term": Term(date(2026, 1, 10), date(2028, 1, 9)),
            **given,
        }
    )


@dataclass
class Household:
    """Everything around one database and one clock."""

    database: Database
    clock: SettableClock = field(default_factory=lambda: SettableClock(NOW))
    children: ChildrenInMemory = field(default_factory=ChildrenInMemory)
    published: list[PersonId] = field(default_factory=list)

    def __post_init__(self) -> None:
        directory = Directory(clock=self.clock)
        self.access = access_control(self.database, self.clock, Representations(directory))
        self.family = build_family(
            database=self.database,
            access=self.access,
            clock=self.clock,
            published=self.published.append,
            known=self.children,
            directory=directory,
        )

    async def add(self, number: int, *, kind: ActorKind = ActorKind.CITIZEN, **given: Any) -> Principal:
        """Store a person with numbers of their own, and sign them in."""
        person_id = await add_person(
            self.database, **{"snils": snils_for(300_000_000 + number), "phone": f"+7911{number:07}", **given}
        )
        return make_principal(person_id, kind=kind)

    async def add_grantee(self) -> Principal:
        """Store the adult whom `grant` means."""
        return await self.add(2, phone=GRANTEE_PHONE, birth_date=GRANTEE_BORN)

    async def confirm(self, parent: Principal, child: KnownChild, typed: Certificate = TYPED) -> UUID:
        """Put a child on the parent's account and confirm it under a new key."""
        self.children.known.setdefault(parent.person_id, []).append(child)
        outcome = await self.family.children.confirm(
            parent, child_id=child.id, certificate=typed, idempotency_key=uuid7()
        )
        return outcome.value

    async def grant(
        self, grantor: Principal, *rights: tuple[GrantedRight, timedelta], phone: str = GRANTEE_PHONE
    ) -> tuple[UUID, str]:
        """Invite whoever has the telephone, under a new key; return the invitation's id and its code."""
        outcome = await self.family.grants.grant(
            grantor,
            grantee=Grantee(Phone(phone), None, GRANTEE_BORN),
            rights=[(right, self.clock() + span) for right, span in rights],
            idempotency_key=uuid7(),
        )
        return outcome.value.invitation.id, outcome.value.code

    async def open(self, reader: Principal, code: str) -> UUID:
        """Open an invitation under a new key."""
        return (await self.family.grants.open(reader, code=code, idempotency_key=uuid7())).value.id

    async def accept(self, reader: Principal, invitation_id: UUID) -> UUID:
        """Accept an invitation under a new key."""
        outcome = await self.family.grants.accept(reader, invitation_id=invitation_id, idempotency_key=uuid7())
        return outcome.value

    async def trust(self, grantor: Principal, grantee: Principal, *rights: tuple[GrantedRight, timedelta]) -> UUID:
        """Let one act for the other; return the representation's id."""
        _, code = await self.grant(grantor, *rights)
        return await self.accept(grantee, await self.open(grantee, code))

    async def end(self, actor: Principal, representation_id: UUID) -> None:
        """End a representation under a new key."""
        await self.family.endings.end(actor, representation_id=representation_id, idempotency_key=uuid7())

    async def may(self, actor: Principal, action: Action, person_id: PersonId) -> bool:
        """Ask for access, as every service does."""
        try:
            await self.access.admit(actor, action, person_id)
        except IdentityRefusal:
            return False
        return True

    async def told(self) -> list[tuple[PersonId, str, str]]:
        """Return person, kind and side of every message, in order of writing."""
        async with self.database.reading() as session:
            rows = (await session.exec(select(NotificationRow).order_by(col(NotificationRow.id)))).all()
        return [(PersonId(row.person_id), row.kind.value, row.parameters.get("side", "")) for row in rows]

    async def noted(self, person_id: PersonId) -> list[tuple[UUID, str, str | None]]:
        """Return actor, actions and capacity of a person's audit, in order."""
        chain = select(AuditEntryRow).where(col(AuditEntryRow.person_id) == person_id)
        async with self.database.reading() as session:
            rows = (await session.exec(chain.order_by(col(AuditEntryRow.sequence)))).all()
        return [(row.actor_id, row.actions, row.capacity.value if row.capacity else None) for row in rows]

    def move_to(self, instant: datetime) -> None:
        """Set the clock."""
        self.clock.set(instant)
