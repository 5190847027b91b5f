"""The words of queues for releases: ids and frozen values. Instants are UTC."""

from dataclasses import dataclass
from datetime import datetime
from typing import NewType
from uuid import UUID

from backend.booking.eligibility import SlotTerms
from backend.booking.states import AppointmentStatus, PlaceState
from backend.booking.values import Channel, Clinic, Doctor, DoctorId, Slot, SlotTime, Specialty
from identity.principal import PersonId

PostId = NewType("PostId", UUID)
QueueId = NewType("QueueId", UUID)
PlaceId = NewType("PlaceId", UUID)


@dataclass(frozen=True, slots=True)
class Wish:
    """Which release somebody queues for: of which post, through which door, by which referral."""

    post_id: PostId
    released_at: datetime
    channel: Channel = Channel.APP
    referral_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Post:
    """A place of work as joining sees it; `terms` are what its clinic and specialty ask of a person."""

    id: PostId
    doctor_id: DoctorId
    releases_by_queue: bool
    terms: SlotTerms


@dataclass(frozen=True, slots=True)
class Told:
    """Whom and what a queue is for, as messages say it."""

    doctor: Doctor
    clinic: Clinic
    specialty: Specialty


@dataclass(frozen=True, slots=True)
class Queue:
    """A queue as it stands in its table."""

    id: QueueId
    post_id: PostId
    released_at: datetime
    ends_at: datetime
    drawn_at: datetime | None
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Release:
    """What a post gives out from one instant on, as people see it before they join.

    Attributes:
        slots: How many times there are, given out or not.
        free: How many of them nobody keeps now.
        participants: How many have a turn, or may get one.
        ended_at: When its queue ended; None where none has.
    """

    post_id: PostId
    released_at: datetime
    doctor: Doctor
    clinic: Clinic
    specialty: Specialty
    slots: int
    free: int
    participants: int
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Competitor:
    """Somebody who has a turn or may get one, as the rules see them.

    `visit_id` is an appointment of the specialty that they have ahead: they could not take another. `of_channel` is how
    many compete through the same channel, those that were not read too.
    """

    id: PlaceId
    person_id: PersonId
    channel: Channel
    state: PlaceState
    place: int | None
    turn_until: datetime | None
    visit_id: UUID | None
    of_channel: int = 0

    @property
    def key(self) -> tuple[PersonId, PlaceId]:
        """Return what its row is found by."""
        return self.person_id, self.id


@dataclass(frozen=True, slots=True)
class ReleasedSlot:
    """A slot of a release, with the active claim that it has."""

    time: SlotTime
    claim: AppointmentStatus | None
    claim_expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class Share:
    """How many slots of a reception a channel may give out still."""

    schedule_id: UUID
    channel: Channel
    left: int


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be written about a queue now.

    Attributes:
        missed: Those whose turn is over.
        left: Those who have an appointment by now.
        turns: Those who get a turn, in order, and until when.
        is_over: Whether it ends: there is nothing any more for whoever still competes.
    """

    missed: tuple[Competitor, ...]
    left: tuple[Competitor, ...]
    turns: tuple[tuple[Competitor, datetime], ...]
    is_over: bool

    @property
    def is_empty(self) -> bool:
        """Return whether there is nothing to write."""
        return not (self.missed or self.left or self.turns or self.is_over)


@dataclass(frozen=True, slots=True)
class PlaceFacts:
    """A place as it stands in its table, and the numbers of its queue."""

    id: PlaceId
    person_id: PersonId
    queue: Queue
    told: Told
    channel: Channel
    referral_id: UUID | None
    state: PlaceState
    place: int | None
    joined_at: datetime
    turn_until: datetime | None
    ended_at: datetime | None
    ahead: int
    participants: int
    free: int


@dataclass(frozen=True, slots=True)
class Place:
    """Somebody's place in a queue, as it is now by the clock.

    Attributes:
        state: Whoever has yet to write it.
        ahead: How many get a turn before; None before the draw, and where the place is over.
        turn_until: When the turn ends; None without one.
        refresh_after_seconds: When to look again; None where nothing changes any more.
        slots: What the person can hold now, by start; empty without a turn.
    """

    facts: PlaceFacts
    state: PlaceState
    ahead: int | None
    turn_until: datetime | None
    ended_at: datetime | None
    refresh_after_seconds: int | None
    slots: tuple[Slot, ...]
