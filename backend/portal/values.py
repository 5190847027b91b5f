"""What a portal says and is told."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from backend.booking.eligibility import Referral
from backend.booking.values import (
    AppointmentId,
    Clinic,
    Doctor,
    Specialty,
)
from backend.profile.values import Sex, Snils
from identity.names import FullName
from identity.principal import PersonId


@dataclass(frozen=True, slots=True)
class SaidPatient:
    """Whom a portal names; all of it must be one person's."""

    snils: Snils = field(repr=False)
    name: FullName
    birth_date: date = field(repr=False)
    sex: Sex = field(repr=False)


@dataclass(frozen=True, slots=True)
class PortalSession:
    """A session as it stands; `expires_at` decides whether it is open."""

    person_id: PersonId
    id: UUID
    referral_id: UUID | None
    is_open: bool


@dataclass(frozen=True, slots=True)
class Opened:
    """A session that was opened: an id for the patient that is good in it alone, and the referrals they have."""

    patient_id: UUID
    referrals: Sequence[tuple[Referral, Specialty]]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a portal says of a booking beside its slot: the clinic's OID, to be sure, and by which referral."""

    clinic_oid: str | None = None
    referral_number: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class PortalOutcome:
    """What came of a slot in a session; neither `appointment_id` nor `refused_with` while it is not settled."""

    appointment_id: AppointmentId | None
    refused_with: str | None
    is_withdrawn: bool

    @property
    def is_settled(self) -> bool:
        """Return whether it ended, one way or the other."""
        return self.appointment_id is not None or self.refused_with is not None


@dataclass(frozen=True, slots=True)
class PortalResource:
    """A doctor at a clinic of ours, as what; `id` is opaque and says nothing of the doctor."""

    id: UUID
    clinic: Clinic
    doctor: Doctor
    specialty: Specialty
