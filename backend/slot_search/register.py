"""Who sees people where and as what, held in memory: what a search is about, as sets of posts.

A set of posts is a whole number with a bit for each post, so that narrowing is one operation of the processor's: the
reference data of a region are thousands of rows, its slots are millions.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import TypeVar
from uuid import UUID

from backend.booking.values import (
    Clinic,
    ClinicId,
    Doctor,
    MedicalOrganisation,
    Slot,
    SlotId,
    Specialty,
)
from backend.profile.values import Sex
from backend.slot_search.everyday_names import EVERYDAY_NAMES
from backend.slot_search.morphology import words_of
from backend.slot_search.values import FoundSlot
from backend.slot_search.vocabulary import Vocabulary

Key = TypeVar("Key")


@dataclass(frozen=True, slots=True)
class Limits:
    """Whom a clinic or a specialty sees: full years, both inclusive; None does not limit."""

    age_from: int | None = None
    age_until: int | None = None
    sex: Sex | None = None
    needs_attachment: bool = False

    def sees_age(self, years: int) -> bool:
        """Say whether somebody of so many full years is seen."""
        return (self.age_from is None or years >= self.age_from) and (self.age_until is None or years <= self.age_until)


@dataclass(frozen=True, slots=True)
class KnownClinic:
    """A clinic and whom it sees."""

    clinic: Clinic
    limits: Limits


@dataclass(frozen=True, slots=True)
class KnownSpecialty:
    """A specialty and whom it sees."""

    specialty: Specialty
    limits: Limits


@dataclass(frozen=True, slots=True)
class Post:
    """A doctor's place of work."""

    id: UUID
    doctor_id: UUID
    clinic_id: UUID
    specialty_id: UUID


@dataclass(frozen=True)
class Reference:
    """The rows that a register is made of, each in the order of its id."""

    clinics: tuple[KnownClinic, ...]
    doctors: tuple[Doctor, ...]
    specialties: tuple[KnownSpecialty, ...]
    posts: tuple[Post, ...]


class Register:
    """Immutable; another one is made when the reference data have changed."""

    def __init__(self, reference: Reference) -> None:
        """Sort the posts by all that can narrow a search."""
        self.reference = reference
        self.posts = reference.posts
        self.every = (1 << len(self.posts)) - 1
        self.clinics: Mapping[UUID, KnownClinic] = {known.clinic.id: known for known in reference.clinics}
        self.doctors: Mapping[UUID, Doctor] = {doctor.id: doctor for doctor in reference.doctors}
        self.specialties: Mapping[UUID, KnownSpecialty] = {known.specialty.id: known for known in reference.specialties}
        self.of_clinic = _masks(post.clinic_id for post in self.posts)
        self.organisations: Mapping[UUID, MedicalOrganisation] = {
            known.clinic.organisation.id: known.clinic.organisation for known in reference.clinics
        }
        self.of_organisation = self._joined(
            (known.clinic.organisation.id, known.clinic.id) for known in reference.clinics
        )
        self.of_doctor = _masks(post.doctor_id for post in self.posts)
        self.of_specialty = _masks(post.specialty_id for post in self.posts)
        self.of_town = self._joined((known.clinic.town, known.clinic.id) for known in reference.clinics)
        self.of_zone = self._joined((known.clinic.time_zone, known.clinic.id) for known in reference.clinics)
        self.names: Mapping[UUID, list[str]] = {doctor.id: words_of(doctor.full_name) for doctor in reference.doctors}
        self.id_of_code = {known.specialty.code: known.specialty.id for known in reference.specialties}

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """Every word that leads somewhere; made at the first search by text, in a few seconds at most."""
        return Vocabulary(self._texts())

    def posts_in(self, mask: int) -> Iterator[Post]:
        """Yield the posts of a set."""
        for place, bit in enumerate(reversed(f"{mask:b}")):
            if bit == "1":
                yield self.posts[place]

    def whole(self, found: FoundSlot) -> Slot | None:
        """Return a slot with its clinic, doctor and specialty; None where one of them is not known yet."""
        clinic, specialty = self.clinics.get(found.clinic_id), self.specialties.get(found.specialty_id)
        doctor = self.doctors.get(found.doctor_id)
        if clinic is None or doctor is None or specialty is None:
            return None
        return Slot(
            id=SlotId(found.id),
            starts_at=found.starts_at,
            ends_at=found.ends_at,
            room=found.room,
            clinic=clinic.clinic,
            doctor=doctor,
            specialty=specialty.specialty,
            as_of=found.as_of,
        )

    def _joined(self, named: Iterable[tuple[Key, ClinicId]]) -> Mapping[Key, int]:
        masks: dict[Key, int] = {}
        for name, clinic_id in named:
            masks[name] = masks.get(name, 0) | self.of_clinic.get(clinic_id, 0)
        return MappingProxyType(masks)

    def _texts(self) -> Iterator[tuple[str, int]]:
        for known in self.reference.clinics:
            clinic = known.clinic
            yield f"{clinic.name} {clinic.town} {clinic.address}", self.of_clinic.get(clinic.id, 0)
        for doctor in self.reference.doctors:
            yield doctor.full_name, self.of_doctor.get(doctor.id, 0)
        for one in self.reference.specialties:
            specialty = one.specialty
            everyday = EVERYDAY_NAMES.get(specialty.code, "")
            mask = self.of_specialty.get(specialty.id, 0)
            yield f"{specialty.name_ru} {specialty.name_en} {everyday}", mask


def _masks(ids: Iterable[UUID]) -> Mapping[UUID, int]:
    masks: dict[UUID, int] = {}
    for place, one in enumerate(ids):
        masks[one] = masks.get(one, 0) | 1 << place
    return MappingProxyType(masks)
