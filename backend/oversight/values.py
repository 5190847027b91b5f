"""What is read of the access log and of the officer's queue."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from identity.audit_tables import AuditOutcome
from identity.capacities import Capacity, Purpose
from identity.emergency_values import EmergencyCategory
from identity.own_accesses import actions_of
from identity.principal import ActorKind, PersonId
from identity.review_values import IN_TIME, ReviewId, ReviewSource, ReviewState, Verdict

STAFF = frozenset(
    {
        ActorKind.OPERATOR,
        ActorKind.INSURANCE_REPRESENTATIVE,
        ActorKind.CLINICIAN,
        ActorKind.AMBULANCE_CREW,
        ActorKind.AUDITOR,
        ActorKind.SERVICE,
    }
)
"""Who acts by their job, and so by their name."""


@dataclass(frozen=True, slots=True)
class LogFilter:
    """What of a log is wanted; what is left out does not narrow."""

    others_only: bool = False
    outcome: AuditOutcome | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """What became of an entry that the person said was not right."""

    reported_at: datetime
    state: ReviewState
    verdict: Verdict | None
    settled_at: datetime | None


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One entry of a person's log. With `times` above 1 it is of an hour that begins at `at`.

    `actions` are the words of `identity.access.Action`, by comma.
    """

    person_id: PersonId
    sequence: int
    at: datetime
    actor_id: PersonId
    actor_kind: ActorKind
    capacity: Capacity | None
    purpose: Purpose | None
    organization: str | None
    on_behalf_of: PersonId | None
    actions: str
    outcome: AuditOutcome
    times: int
    reference: UUID | None
    report: Report | None

    @property
    def is_actor_named(self) -> bool:
        """Say whether the log tells the actor's name: staff's always, family's where they were let in."""
        return self.actor_kind in STAFF or (self.outcome is AuditOutcome.ALLOWED and self.actor_id != self.person_id)


@dataclass(frozen=True, slots=True)
class LogPage:
    """A part of a log, newest first, with the names that are known, by id and by OGRN.

    `clinics` says where kiosks stand, by the id of a machine.
    """

    items: list[LogEntry]
    has_next: bool
    names: dict[PersonId, str] = field(repr=False)
    organizations: dict[str, str]
    clinics: Mapping[UUID, str]


@dataclass(frozen=True, slots=True)
class OwnHour:
    """What a person did with their own data in one session and hour that is not in the log yet."""

    hour: datetime
    actor_kind: ActorKind
    bits: int
    times: int
    machine_id: UUID | None = None
    clinic: str | None = None

    @property
    def actions(self) -> tuple[str, ...]:
        """Return the words of what was done, sorted."""
        return tuple(sorted(action.value for action in actions_of(self.bits)))


@dataclass(frozen=True, slots=True)
class EmergencyReviewed:
    """The emergency a review is about."""

    id: UUID
    actor_id: PersonId
    actor_kind: ActorKind
    organization: str | None
    category: EmergencyCategory
    reason: str = field(repr=False)
    opened_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class EntryReviewed:
    """The entry of the access log a review is about."""

    sequence: int
    at: datetime
    actor_id: PersonId
    actor_kind: ActorKind
    organization: str | None
    capacity: Capacity | None
    actions: str
    outcome: AuditOutcome
    times: int


@dataclass(frozen=True, slots=True)
class ReviewItem:
    """One thing in the queue, as an officer sees it: ids, kinds, times, the reason; never medical data."""

    id: ReviewId
    person_id: PersonId
    source: ReviewSource
    opened_at: datetime
    comment: str | None = field(repr=False)
    state: ReviewState
    verdict: Verdict | None
    note: str | None = field(repr=False)
    settled_at: datetime | None
    emergency: EmergencyReviewed | None
    entry: EntryReviewed | None

    @property
    def due_at(self) -> datetime:
        """Return until when it is to be settled."""
        return self.opened_at + IN_TIME

    def is_overdue(self, now: datetime) -> bool:
        """Say whether it is not settled although its time is over."""
        return self.state is not ReviewState.SETTLED and now >= self.due_at


@dataclass(frozen=True, slots=True)
class QueuePosition:
    """A place between two reviews of the queue: just after this one."""

    opened_at: datetime
    id: UUID


@dataclass(frozen=True, slots=True)
class QueuePage:
    """A part of the queue, oldest first."""

    items: list[ReviewItem]
    has_next: bool
