"""The words of the search."""

import re
import unicodedata
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Generic, Self, TypeVar
from uuid import UUID

from backend.booking.values import (
    Channel,
    Clinic,
    ClinicId,
    DoctorId,
    MedicalOrganisation,
    Slot,
    Specialty,
)
from backend.profile.values import Sex
from backend.slot_search.errors import SearchHoursInvalid, SearchTextRefused
from geo.distance import Point
from identity.principal import PersonId

MINUTES_OF_DAY = 24 * 60
LONGEST_TEXT = 200
EVERY_DAY = 0b111_1111
_CONTROL = frozenset({"Cc", "Cs"})
T = TypeVar("T")
_TIME = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])|(24):(00)")


class Order(StrEnum):
    """In which order slots are told."""

    EARLIEST = "earliest"
    NEAREST = "nearest"
    DOCTOR = "doctor"


@dataclass(frozen=True, slots=True)
class HoursOfDay:
    """From which minute of the clinic's day (inclusive) until which (exclusive) a slot begins."""

    start: int = 0
    end: int = MINUTES_OF_DAY

    @classmethod
    def parse(cls, start: str | None, end: str | None) -> Self:
        """Read two times as HH:MM; what is left out is the day's own end.

        Raises:
            SearchHoursInvalid: There is no such time, or the hours end before they begin.
        """
        made = cls(0 if start is None else _minute(start), MINUTES_OF_DAY if end is None else _minute(end))
        if made.start >= made.end:
            raise SearchHoursInvalid
        return made


def _minute(text: str) -> int:
    if not _TIME.fullmatch(text):
        raise SearchHoursInvalid
    return int(text[:2]) * 60 + int(text[3:])


@dataclass(frozen=True, slots=True)
class SearchText:
    """What a person typed; its words are read by `vocabulary`."""

    text: str

    def __post_init__(self) -> None:
        """Refuse what nobody types.

        Raises:
            SearchTextRefused: Longer than 200 characters, or with control characters.
        """
        if len(self.text) > LONGEST_TEXT or any(unicodedata.category(one) in _CONTROL for one in self.text):
            raise SearchTextRefused


@dataclass(frozen=True, slots=True)
class SearchCriteria:
    """What is looked for; what is empty or None does not narrow the search; at most 100 of a kind.

    Attributes:
        text: In free words.
        specialty_codes: In one of these specialties.
        clinic_ids: In one of these clinics.
        doctor_ids: With one of these doctors.
        town: In this town.
        near: From where distances are told.
        radius_km: How far from `near` at most; above 0, up to 200.
        starts_from: Beginning at this instant or later.
        starts_before: Beginning before this instant.
        hours: Of the clinic's own day.
        weekdays: A mask of the clinic's own days, Monday is bit 0.
        channel: Through which door.
        person_id: Whom it must suit.
    """

    text: SearchText | None = None
    specialty_codes: tuple[str, ...] = ()
    clinic_ids: tuple[ClinicId, ...] = ()
    doctor_ids: tuple[DoctorId, ...] = ()
    town: str | None = None
    near: Point | None = None
    radius_km: float | None = None
    starts_from: datetime | None = None
    starts_before: datetime | None = None
    hours: HoursOfDay = field(default_factory=HoursOfDay)
    weekdays: int = EVERY_DAY
    channel: Channel = Channel.APP
    person_id: PersonId | None = None

    @property
    def asks_for_local_time(self) -> bool:
        """Whether the clinic's own clock or calendar decides."""
        return self.hours != HoursOfDay() or self.weekdays != EVERY_DAY


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page ended; `group_id` is the clinic or the doctor in an order that goes by one."""

    starts_at: datetime
    id: UUID
    group_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Referral:
    """A direction that nobody has used yet; the days are inclusive."""

    specialty_id: UUID
    issued_on: date
    expires_on: date


@dataclass(frozen=True, slots=True)
class Patient:
    """What decides about whether a person may take a slot; shown to nobody."""

    birth_date: date = field(repr=False)
    sex: Sex = field(repr=False)
    organisation_id: UUID | None = field(repr=False)
    referrals: tuple[Referral, ...] = field(repr=False)


class Reason(StrEnum):
    """Why nothing was found."""

    AGE = "age"
    ALL_TAKEN = "all_taken"
    ATTACHMENT = "attachment"
    BEYOND_HORIZON = "beyond_horizon"
    CHANNEL = "channel"
    NOTHING_MATCHES = "nothing_matches"
    NOT_RELEASED = "not_released"
    QUOTA = "quota"
    REFERRAL = "referral"
    SCHEDULE = "schedule"
    SEX = "sex"


@dataclass(frozen=True, slots=True)
class Absence:
    """One reason, with what it is about.

    Attributes:
        reason: Why.
        at: NOT_RELEASED: when the next slots are given out; BEYOND_HORIZON: when the first one can be booked.
        organisation: ATTACHMENT: where the person is attached, None for nowhere.
        specialty: REFERRAL: what needs one, where it is one specialty.
        age_from: AGE: from how many full years, where one limit decides.
        age_until: AGE: until how many, inclusive.
        suggestion: NOTHING_MATCHES: a word that is truly near the one that was not found.
    """

    reason: Reason
    at: datetime | None = None
    organisation: MedicalOrganisation | None = None
    specialty: Specialty | None = None
    age_from: int | None = None
    age_until: int | None = None
    suggestion: str | None = None


@dataclass(frozen=True, slots=True)
class Count(Generic[T]):
    """How many of the counted slots are of one kind."""

    of: T
    count: int


@dataclass(frozen=True, slots=True)
class Facets:
    """What the slots are like, most of a kind first, days in order; of the first ones only, where not `is_complete`."""

    specialties: tuple[Count[Specialty], ...]
    clinics: tuple[Count[Clinic], ...]
    towns: tuple[Count[str], ...]
    days: tuple[Count[date], ...]
    counted: int
    is_complete: bool


@dataclass(frozen=True, slots=True)
class FoundSlot:
    """A slot as SQL sees it."""

    id: UUID
    starts_at: datetime
    ends_at: datetime
    room: str | None
    as_of: datetime | None
    clinic_id: UUID
    doctor_id: UUID
    specialty_id: UUID


@dataclass(frozen=True, slots=True)
class Found:
    """A slot of a page, and the place it stands at."""

    slot: Slot
    place: Place
