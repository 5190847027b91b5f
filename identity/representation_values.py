"""Who acts for whom, as values: the kinds, what one adult may let another do, and one representation."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType
from uuid import UUID

from identity.access import Action
from identity.principal import PersonId

LONGEST_NOTE = 1_000
"""How many characters an officer may write about a decision."""


class RepresentationKind(StrEnum):
    """On what it rests: a birth, an act of guardianship, or the person's own trust."""

    PARENT = "parent"
    GUARDIAN = "guardian"
    TRUSTED = "trusted"


class GrantedRight(StrEnum):
    """What one adult lets another do, each with an end of its own."""

    READ = "read"
    BOOK = "book"
    COLLECT = "collect"


ACTIONS_OF: Mapping[GrantedRight, frozenset[Action]] = MappingProxyType(
    {
        GrantedRight.READ: frozenset(
            {Action.READ_PROFILE, Action.READ_POLICY, Action.READ_APPOINTMENTS, Action.READ_CALL_BACKS}
        ),
        GrantedRight.BOOK: frozenset(
            {
                Action.HOLD_SLOT,
                Action.BOOK_APPOINTMENT,
                Action.CANCEL_APPOINTMENT,
                Action.CHANGE_WAITING_LIST,
                Action.CHANGE_CALL_BACKS,
                Action.APPEAL_NO_SHOW,
            }
        ),
        GrantedRight.COLLECT: frozenset(),
    }
)
"""What each right opens. Nothing can be collected here yet, so COLLECT opens nothing; it is kept for pharmacies."""


class EndReason(StrEnum):
    """Why it ended."""

    BY_PERSON = "by_person"
    BY_REPRESENTATIVE = "by_representative"
    BY_OFFICER = "by_officer"
    EXPIRED = "expired"
    REPLACED = "replaced"


class DocumentKind(StrEnum):
    """What proves a relation by law."""

    BIRTH_CERTIFICATE = "birth_certificate"
    GUARDIANSHIP_ACT = "guardianship_act"
    COURT_DECISION = "court_decision"


@dataclass(frozen=True, slots=True)
class Term:
    """The days a guardianship holds, both inclusive, on the ward's own calendar."""

    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Representation:
    """One adult acting for one person, not ended by anybody.

    `ends` has the end of each granted right (TRUSTED only), `term` the days of a guardianship; instants are aware UTC.
    """

    id: UUID
    person_id: PersonId
    representative_id: PersonId
    kind: RepresentationKind
    begun_at: datetime
    ends: Mapping[GrantedRight, datetime]
    term: Term | None
