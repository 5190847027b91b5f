"""The relations through statements that are written out once; Mercurius runs the very same texts (`sql_export`)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any
from uuid import UUID

from sqlalchemy import DateTime, Integer, Uuid, bindparam, func, select
from sqlmodel import col

from backend.booking.appointment_tables import AppointmentRow
from backend.booking.states import AppointmentStatus
from backend.booking.tables import (
    ClinicRow,
    DoctorRow,
    SlotRow,
    SpecialtyRow,
)
from backend.policy.tables import PolicySnapshotRow
from backend.profile.tables import PersonRow
from backend.reading import Reader, Statement
from backend.shapes import Shape, alone
from backend.sql_texts import among
from notifications.tables import NotificationRow
from tests.bench.peers.rows import (
    AppointmentRecord,
    ClinicRecord,
    DoctorRecord,
    MessageRecord,
    PersonRecord,
    PolicyRecord,
    SlotRecord,
    SpecialtyRecord,
)

_PERSON = bindparam("person_id", type_=Uuid())
_LIMIT = bindparam("limit", type_=Integer())
_NOW = bindparam("now", type_=DateTime(timezone=True))


def _columns(table: type, *names: str) -> tuple[Any, ...]:
    return tuple(col(getattr(table, name)) for name in names)


_person = Shape(
    PersonRecord,
    *_columns(
        PersonRow,
        *("id", "family_name", "given_name", "patronymic", "birth_date", "source", "as_of", "time_zone"),
    ),
)
_policy = Shape(PolicyRecord, *_columns(PolicySnapshotRow, "data", "as_of"))
_appointment = Shape(AppointmentRecord, *_columns(AppointmentRow, "id", "status", "channel", "slot_id", "starts_at"))
_slot = Shape(
    SlotRecord,
    *_columns(SlotRow, "id", "starts_at", "ends_at", "room", "clinic_id", "doctor_id", "specialty_id"),
    col(ClinicRow.time_zone),
)
_clinic = Shape(
    ClinicRecord,
    *_columns(ClinicRow, "id", "name", "address", "town", "latitude", "longitude", "time_zone", "phone"),
)
_doctor = Shape(DoctorRecord, *_columns(DoctorRow, "id", "family_name", "given_name", "patronymic"))
_specialty = Shape(SpecialtyRecord, *_columns(SpecialtyRow, "id", "code", "name_ru"))
_message = Shape(
    MessageRecord,
    *_columns(NotificationRow, "id", "kind", "severity", "parameters", "template_version", "created_at", "seen_at"),
)

PERSON = Statement(_person.select().where(col(PersonRow.id) == _PERSON), _person)
POLICY = Statement(_policy.select().where(col(PolicySnapshotRow.person_id) == _PERSON), _policy)
APPOINTMENTS = Statement(
    _appointment.select()
    .where(
        col(AppointmentRow.person_id) == _PERSON,
        col(AppointmentRow.status) == AppointmentStatus.CONFIRMED,
        col(AppointmentRow.ends_at) > _NOW,
    )
    .order_by(col(AppointmentRow.starts_at), col(AppointmentRow.id))
    .limit(_LIMIT),
    _appointment,
)
MESSAGES = Statement(
    _message.select()
    .where(col(NotificationRow.person_id) == _PERSON)
    .order_by(col(NotificationRow.created_at).desc(), col(NotificationRow.id).desc())
    .limit(_LIMIT),
    _message,
)
_count = func.count()
UNREAD = Statement(
    select(_count)
    .select_from(NotificationRow)
    .where(col(NotificationRow.person_id) == _PERSON, col(NotificationRow.seen_at).is_(None)),
    alone(_count),
)
SLOTS = Statement(
    _slot.select()
    .join_from(SlotRow, ClinicRow, col(ClinicRow.id) == col(SlotRow.clinic_id))
    .where(among(col(SlotRow.id), "ids")),
    _slot,
)
CLINICS = Statement(_clinic.select().where(among(col(ClinicRow.id), "ids")), _clinic)
DOCTORS = Statement(_doctor.select().where(among(col(DoctorRow.id), "ids")), _doctor)
SPECIALTIES = Statement(_specialty.select().where(among(col(SpecialtyRow.id), "ids")), _specialty)

STATEMENTS: Mapping[str, Statement[Any]] = MappingProxyType(
    {
        "person": PERSON,
        "policy": POLICY,
        "appointments": APPOINTMENTS,
        "messages": MESSAGES,
        "unread": UNREAD,
        "slots": SLOTS,
        "clinics": CLINICS,
        "doctors": DOCTORS,
        "specialties": SPECIALTIES,
    }
)
"""By the name under which they are exported."""


class KeptRows:
    """Implements `Rows`, but for the search, which is compared elsewhere."""

    def __init__(self, reader: Reader) -> None:
        """Read through `reader`."""
        self._reader = reader

    async def person(self, person_id: UUID) -> PersonRecord:
        return await self._reader.scalar(PERSON, person_id=person_id)

    async def policy(self, person_id: UUID) -> PolicyRecord:
        return await self._reader.scalar(POLICY, person_id=person_id)

    async def appointments(self, person_id: UUID, now: datetime, limit: int) -> Sequence[AppointmentRecord]:
        return await self._reader.rows(APPOINTMENTS, person_id=person_id, now=now, limit=limit)

    async def messages(self, person_id: UUID, limit: int) -> Sequence[MessageRecord]:
        return await self._reader.rows(MESSAGES, person_id=person_id, limit=limit)

    async def unread(self, person_id: UUID) -> int:
        return await self._reader.scalar(UNREAD, person_id=person_id)

    async def free_slots(
        self, specialty_code: str, town: str | None, begin: datetime, now: datetime, limit: int
    ) -> Sequence[SlotRecord]:
        raise NotImplementedError("the search has no loaders")

    async def slots(self, ids: Sequence[UUID]) -> Sequence[SlotRecord]:
        return await self._reader.rows(SLOTS, ids=ids)

    async def clinics(self, ids: Sequence[UUID]) -> Sequence[ClinicRecord]:
        return await self._reader.rows(CLINICS, ids=ids)

    async def doctors(self, ids: Sequence[UUID]) -> Sequence[DoctorRecord]:
        return await self._reader.rows(DOCTORS, ids=ids)

    async def specialties(self, ids: Sequence[UUID]) -> Sequence[SpecialtyRecord]:
        return await self._reader.rows(SPECIALTIES, ids=ids)
