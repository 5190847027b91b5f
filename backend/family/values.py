"""What is told about acting for others, as values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from backend.profile.values import Person, Phone, Sex, Snils
from identity.capacities import Capacity, Category
from identity.representation_tables import GuardianshipState, InvitationState
from identity.representation_values import DocumentKind, GrantedRight, Term


@dataclass(frozen=True, slots=True)
class Relation:
    """One acts for another now, seen from one side: `person` is the other side.

    `rights` has what is given with its end; `until` is when that changes or ends by itself next, `ends_at` when all of
    it does. Instants are aware UTC.
    """

    id: UUID
    person: Person
    capacity: Capacity
    rights: Mapping[GrantedRight, datetime]
    withheld: frozenset[Category]
    until: datetime
    ends_at: datetime
    begun_at: datetime


@dataclass(frozen=True, slots=True)
class Grantee:
    """Whom an adult means: by a telephone or a SNILS, and by the birth date; whether there is one is never told."""

    phone: Phone | None
    snils: Snils | None
    birth_date: date = field(repr=False)


@dataclass(frozen=True, slots=True)
class Invitation:
    """An offer to act for an adult; `person` is the one to act for where the reader is invited, else None."""

    id: UUID
    state: InvitationState
    rights: Mapping[GrantedRight, datetime]
    created_at: datetime
    expires_at: datetime
    person: Person | None = None


@dataclass(frozen=True, slots=True)
class Offer:
    """A new invitation and the code that it is opened with."""

    invitation: Invitation
    code: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate of birth as a parent types it."""

    series: str = field(repr=False)
    number: str = field(repr=False)
    act_record: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Ward:
    """Whom a guardian names, and by what an officer finds them."""

    family_name: str = field(repr=False)
    given_name: str = field(repr=False)
    patronymic: str | None = field(repr=False)
    birth_date: date = field(repr=False)
    sex: Sex = field(repr=False)
    snils: Snils


@dataclass(frozen=True, slots=True)
class GuardianshipDocument:
    """What makes somebody a guardian, and for which days."""

    kind: DocumentKind
    number: str = field(repr=False)
    issued_by: str = field(repr=False)
    term: Term


@dataclass(frozen=True, slots=True)
class Guardianship:
    """A guardianship that somebody has told of, as it stands."""

    id: UUID
    guardian_id: UUID
    state: GuardianshipState
    ward: Ward
    document: GuardianshipDocument
    requested_at: datetime
    settled_at: datetime | None


@dataclass(frozen=True, slots=True)
class GuardianshipCheck:
    """A guardianship as an officer sees it; `ended_at` is when what it gave was ended, None while it stands."""

    told: Guardianship
    guardian: Person | None
    note: str | None = field(repr=False)
    representation_id: UUID | None
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class CheckPosition:
    """A place between two guardianships of the queue: just after this one."""

    requested_at: datetime
    id: UUID


@dataclass(frozen=True, slots=True)
class CheckPage:
    """A part of the queue, the first told first."""

    items: list[GuardianshipCheck]
    has_next: bool
