"""The rows that the schema with loaders is built of, and where it gets them from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol
from uuid import UUID

from notifications.messages import MessageKind, Severity


@dataclass(frozen=True, slots=True)
class PersonRecord:
    """A row of `persons`, as far as the screens show it."""

    id: UUID
    family_name: str
    given_name: str
    patronymic: str | None
    birth_date: date
    source: str
    as_of: datetime
    time_zone: str


@dataclass(frozen=True, slots=True)
class PolicyRecord:
    """A row of `policy_snapshots`; `data` is the register's answer."""

    data: Mapping[str, Any]
    as_of: datetime


@dataclass(frozen=True, slots=True)
class AppointmentRecord:
    """A row of `appointments`."""

    id: UUID
    status: str
    channel: str
    slot_id: UUID
    starts_at: datetime


@dataclass(frozen=True, slots=True)
class SlotRecord:
    """A row of `slots`, with the zone of its clinic."""

    id: UUID
    starts_at: datetime
    ends_at: datetime
    room: str | None
    clinic_id: UUID
    doctor_id: UUID
    specialty_id: UUID
    time_zone: str


@dataclass(frozen=True, slots=True)
class ClinicRecord:
    """A row of `clinics`."""

    id: UUID
    name: str
    address: str
    town: str
    latitude: float
    longitude: float
    time_zone: str
    phone: str


@dataclass(frozen=True, slots=True)
class DoctorRecord:
    """A row of `doctors`."""

    id: UUID
    family_name: str
    given_name: str
    patronymic: str | None


@dataclass(frozen=True, slots=True)
class SpecialtyRecord:
    """A row of `specialties`."""

    id: UUID
    code: str
    name_ru: str


@dataclass(frozen=True, slots=True)
class MessageRecord:
    """A row of `notifications`."""

    id: UUID
    kind: MessageKind
    severity: Severity
    parameters: Mapping[str, str]
    template_version: int
    created_at: datetime
    seen_at: datetime | None


class Rows(Protocol):
    """Reads one relation at a time; each call is one statement. Those by ids answer in any order."""

    async def person(self, person_id: UUID) -> PersonRecord: ...

    async def policy(self, person_id: UUID) -> PolicyRecord: ...

    async def appointments(self, person_id: UUID, now: datetime, limit: int) -> Sequence[AppointmentRecord]: ...

    async def messages(self, person_id: UUID, limit: int) -> Sequence[MessageRecord]: ...

    async def unread(self, person_id: UUID) -> int: ...

    async def free_slots(
        self, specialty_code: str, town: str | None, begin: datetime, now: datetime, limit: int
    ) -> Sequence[SlotRecord]: ...

    async def slots(self, ids: Sequence[UUID]) -> Sequence[SlotRecord]: ...

    async def clinics(self, ids: Sequence[UUID]) -> Sequence[ClinicRecord]: ...

    async def doctors(self, ids: Sequence[UUID]) -> Sequence[DoctorRecord]: ...

    async def specialties(self, ids: Sequence[UUID]) -> Sequence[SpecialtyRecord]: ...
