"""Visits as the desk of a clinic sees them."""

from dataclasses import dataclass, field
from datetime import datetime

from backend.booking.values import AppointmentId
from identity.principal import PersonId


@dataclass(frozen=True, slots=True)
class Visit:
    """Whose a visit is, and by which organisation's clinic the person is seen."""

    appointment_id: AppointmentId
    person_id: PersonId
    ogrn: str | None


@dataclass(frozen=True, slots=True)
class Appeal:
    """What a person says against a no-show, as a desk reads it; `words` are theirs, shown and never logged."""

    appointment_id: AppointmentId
    person_id: PersonId
    words: str = field(repr=False)
    created_at: datetime
    starts_at: datetime
    clinic: str
    doctor: str
