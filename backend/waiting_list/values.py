"""The words of the waiting list: ids, enums and frozen values."""

from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from typing import NewType
from uuid import UUID

from backend.booking.states import AppointmentStatus
from backend.booking.values import (
    AppointmentId,
    Channel,
    Clinic,
    ClinicId,
    Doctor,
    DoctorId,
    Slot,
    SlotId,
    Specialty,
    SpecialtyId,
)
from identity.principal import PersonId

EntryId = NewType("EntryId", UUID)

EVERY_DAY = 0b111_1111
"""The mask of all weekdays; Monday is the lowest bit."""

DAY_MINUTES = 24 * 60


class EntryState(StrEnum):
    """Where somebody stands who waits. Source: domain reference, §3 "Waiting list"; PAUSED is ours."""

    WAITING = "waiting"
    OFFERED = "offered"
    PAUSED = "paused"
    BOOKED = "booked"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


OPEN_STATES = (EntryState.WAITING, EntryState.OFFERED, EntryState.PAUSED)
"""Those that are not final: they keep a place."""

COMPETING_STATES = (EntryState.WAITING, EntryState.OFFERED)
"""Those that may get a slot before somebody who joined later."""


class OfferOutcome(StrEnum):
    """What became of an offer."""

    OPEN = "open"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody waits for, as they say it; what is None or empty does not narrow it.

    Attributes:
        specialty_code: Which specialty.
        clinic_ids: In one of these clinics; at least one.
        doctor_id: With this doctor.
        first_day: From this day on, by the clinic's calendar; today when None.
        last_day: To this day, inclusive; by the terms when None.
        hours_from: Beginning at this time of the clinic's day or later.
        hours_until: Beginning before this time of the clinic's day; None for midnight.
        weekdays: On these days, Monday is 1.
        referral_id: By this referral; the fitting one that is over soonest when None.
        channel: Through which door.
    """

    specialty_code: str
    clinic_ids: tuple[ClinicId, ...]
    doctor_id: DoctorId | None = None
    first_day: date | None = None
    last_day: date | None = None
    hours_from: time | None = None
    hours_until: time | None = None
    weekdays: frozenset[int] = frozenset()
    referral_id: UUID | None = None
    channel: Channel = Channel.APP


@dataclass(frozen=True, slots=True)
class Window:
    """When a slot may begin, by the clock of its clinic.

    `begins_at` and `ends_at` (UTC, exclusive) hold it in whichever of the clinics: the days alone decide.
    """

    first_day: date
    last_day: date
    minute_from: int
    minute_until: int
    weekdays: int
    begins_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Waiting:
    """Somebody who waits for a slot of a clinic, as the rules see them; a row for each clinic of an entry."""

    id: EntryId
    person_id: PersonId
    clinic_id: ClinicId
    specialty_id: SpecialtyId
    doctor_id: DoctorId | None
    window: Window
    channel: Channel
    referral_id: UUID | None
    place: int


@dataclass(frozen=True, slots=True)
class FreeSlot:
    """A free slot for which somebody may wait; `time_zone` is its clinic's."""

    id: SlotId
    specialty_id: SpecialtyId
    clinic_id: ClinicId
    doctor_id: DoctorId
    starts_at: datetime
    time_zone: str


@dataclass(frozen=True, slots=True)
class OpenOffer:
    """An offer that is not settled, the hold it stands by as it is now, and how many offers before had no answer."""

    id: AppointmentId
    person_id: PersonId
    entry_id: EntryId
    specialty_id: SpecialtyId
    expires_at: datetime
    hold_status: AppointmentStatus
    hold_expires_at: datetime | None
    unanswered: int


@dataclass(frozen=True, slots=True)
class Offer:
    """A slot that is kept for the person until `expires_at` (UTC, exclusive); its id is the hold's."""

    id: AppointmentId
    entry_id: EntryId
    slot: Slot
    offered_at: datetime
    expires_at: datetime
    hold_status: AppointmentStatus
    hold_expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class EntryFacts:
    """An entry as it stands in its table, and how many people are ahead."""

    id: EntryId
    person_id: PersonId
    specialty: Specialty
    doctor: Doctor | None
    window: Window
    channel: Channel
    referral_id: UUID | None
    state: EntryState
    unanswered: int
    joined_at: datetime
    ended_at: datetime | None
    ahead: int


@dataclass(frozen=True, slots=True)
class Entry:
    """Somebody's place in the list.

    Attributes:
        state: As it is now, by the clock: an offer that is over or booked is not open, whoever has yet to write it.
        ahead: How many people are ahead; None where it is final.
        clinics: By name.
        offer: What is kept for the person now.
    """

    facts: EntryFacts
    state: EntryState
    ahead: int | None
    clinics: tuple[Clinic, ...]
    offer: Offer | None
