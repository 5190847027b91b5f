"""What a doctor and a clinic tell of themselves."""

from dataclasses import dataclass
from datetime import time
from enum import StrEnum
from typing import Any, Self
from uuid import UUID


class DoctorCategory(StrEnum):
    """How a commission has qualified a doctor. Source: приказ Минздрава 458н, квалификационные категории."""

    SECOND = "second"
    FIRST = "first"
    HIGHEST = "highest"


class Access(StrEnum):
    """What helps people to get in and about."""

    RAMP = "ramp"
    LIFT = "lift"
    TOILET = "toilet"
    TACTILE_SIGNS = "tactile_signs"
    INDUCTION_LOOP = "induction_loop"
    SIGN_LANGUAGE = "sign_language"
    PARKING = "parking"


@dataclass(frozen=True, slots=True)
class Education:
    """Where somebody learned what, and until which year."""

    institution: str
    qualification: str
    year: int


@dataclass(frozen=True, slots=True)
class OpeningHours:
    """One day of the week, Monday is 0; times by the clinic's clock."""

    weekday: int
    opens: time
    closes: time


@dataclass(frozen=True, slots=True)
class NamedPhone:
    """A telephone (E.164) and what it is for."""

    number: str
    purpose: str


@dataclass(frozen=True, slots=True)
class DoctorProfile:
    """A doctor's training; languages are ISO 639 codes."""

    doctor_id: UUID
    category: DoctorCategory | None
    practising_since: int | None
    education: tuple[Education, ...]
    languages: tuple[str, ...]
    programmes: tuple[str, ...]

    @classmethod
    def read(  # noqa: PLR0917 # a shape gives its columns by their place
        cls,
        doctor_id: UUID,
        category: DoctorCategory | None,
        practising_since: int | None,
        education: list[Any],
        languages: list[str],
        programmes: list[str],
    ) -> Self:
        """Read a row."""
        learned = tuple(Education(**one) for one in education)
        return cls(doctor_id, category, practising_since, learned, tuple(languages), tuple(programmes))


@dataclass(frozen=True, slots=True)
class ClinicProfile:
    """When a clinic is open, how to get in, and what it offers."""

    clinic_id: UUID
    hours: tuple[OpeningHours, ...]
    accessibility: tuple[Access, ...]
    directions: str | None
    phones: tuple[NamedPhone, ...]
    programmes: tuple[str, ...]

    @classmethod
    def read(  # noqa: PLR0917 # a shape gives its columns by their place
        cls,
        clinic_id: UUID,
        hours: list[Any],
        accessibility: list[str],
        directions: str | None,
        phones: list[Any],
        programmes: list[str],
    ) -> Self:
        """Read a row."""
        opened = tuple(
            OpeningHours(one["weekday"], time.fromisoformat(one["opens"]), time.fromisoformat(one["closes"]))
            for one in hours
        )
        ways, numbers = tuple(map(Access, accessibility)), tuple(NamedPhone(**one) for one in phones)
        return cls(clinic_id, opened, ways, directions, numbers, tuple(programmes))
