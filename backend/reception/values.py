"""The words of the registry desk: ids and frozen values."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import NewType
from uuid import UUID

from backend.booking.values import (
    Channel,
    Clinic,
    ClinicId,
    Doctor,
    DoctorId,
    Specialty,
    SpecialtyId,
)

PostId = NewType("PostId", UUID)
TemplateId = NewType("TemplateId", UUID)


@dataclass(frozen=True, slots=True)
class DeskClinic:
    """A clinic as its own desk sees it; `time_zone` is IANA."""

    id: ClinicId
    time_zone: str


@dataclass(frozen=True, slots=True)
class DeskPost:
    """A post of the desk's own clinic."""

    id: PostId
    clinic_id: ClinicId
    doctor_id: DoctorId
    specialty_id: SpecialtyId
    room: str | None
    time_zone: str


@dataclass(frozen=True, slots=True)
class ListedPost:
    """A post as the desk reads it: who sees people where, as what."""

    id: PostId
    room: str | None
    clinic: Clinic
    doctor: Doctor
    specialty: Specialty
    releases_by_queue: bool


@dataclass(frozen=True, slots=True)
class Release:
    """From when slots are given out: at a time of the clinic's clock, so many days before theirs."""

    days_before: int
    at: time


@dataclass(frozen=True, slots=True)
class Template:
    """How a post receives on one weekday (ISO, 1 is Monday); times are of the clinic's clock, days inclusive.

    Attributes:
        weekday: 1 to 7.
        opens: When reception begins.
        closes: When it ends; a slot that would run past it is not made.
        slot_minutes: Length of each slot.
        channels: Through which doors its slots are given out.
        quotas: The most that a channel gives out of one reception; a channel without one may give out all.
        release: From when on; None from the start.
        valid_from: The first day.
        valid_to: The last one; None for no end.
    """

    weekday: int
    opens: time
    closes: time
    slot_minutes: int
    channels: frozenset[Channel]
    quotas: Mapping[Channel, int]
    release: Release | None
    valid_from: date
    valid_to: date | None


@dataclass(frozen=True, slots=True)
class StoredTemplate:
    """A template that the clinic has."""

    id: TemplateId
    post_id: PostId
    template: Template


@dataclass(frozen=True, slots=True)
class PlannedReception:
    """One day's reception as a template makes it; `times` are start and end (UTC) of each slot, in order."""

    day: date
    opens: time
    closes: time
    slot_minutes: int
    channels: int
    quotas: Mapping[Channel, int]
    released_at: datetime | None
    times: tuple[tuple[datetime, datetime], ...]


@dataclass(frozen=True, slots=True)
class ReceptionPlan:
    """What publishing makes of one reception.

    Attributes:
        reception: Of which.
        made: The slots that are new.
        there: How many are there already, given out or withdrawn; they stay as they are.
        overlapping: How many are left out, because the doctor has another slot at a part of that time.
    """

    reception: PlannedReception
    made: tuple[tuple[datetime, datetime], ...]
    there: int
    overlapping: int


@dataclass(frozen=True, slots=True)
class Publication:
    """What a publication made, in numbers."""

    receptions: int
    made: int
    there: int
    overlapping: int


@dataclass(frozen=True, slots=True)
class Closure:
    """What closing a reception did: how many free slots were withdrawn, and how many stay because people have them."""

    withdrawn: int
    claimed: int
