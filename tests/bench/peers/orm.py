"""The relations as an ordinary gateway reads them: an ORM session a query, whole rows."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func
from sqlmodel import col, select

from backend.booking.appointment_tables import AppointmentRow
from backend.booking.states import ACTIVE_STATUSES, AppointmentStatus
from backend.booking.tables import (
    ClinicRow,
    DoctorRow,
    SlotRow,
    SpecialtyRow,
)
from backend.booking.values import Channel
from backend.database import Database
from backend.policy.tables import PolicySnapshotRow
from backend.profile.tables import PersonRow
from notifications.tables import NotificationRow
from tests.bench.peers.rows import SlotRecord


class OrmRows:
    """Implements `Rows`; what it returns are ORM objects, which have the attributes of the records."""

    def __init__(self, database: Database) -> None:
        """Read from `database`."""
        self._database = database

    async def _all(self, statement: Any) -> Sequence[Any]:
        async with self._database.reading() as session:
            found: Sequence[Any] = (await session.exec(statement)).all()
            return found

    async def person(self, person_id: UUID) -> Any:
        return (await self._all(select(PersonRow).where(PersonRow.id == person_id)))[0]

    async def policy(self, person_id: UUID) -> Any:
        return (await self._all(select(PolicySnapshotRow).where(PolicySnapshotRow.person_id == person_id)))[0]

    async def appointments(self, person_id: UUID, now: datetime, limit: int) -> Sequence[Any]:
        return await self._all(
            select(AppointmentRow)
            .where(
                AppointmentRow.person_id == person_id,
                AppointmentRow.status == AppointmentStatus.CONFIRMED,
                AppointmentRow.ends_at > now,
            )
            .order_by(col(AppointmentRow.starts_at), col(AppointmentRow.id))
            .limit(limit)
        )

    async def messages(self, person_id: UUID, limit: int) -> Sequence[Any]:
        return await self._all(
            select(NotificationRow)
            .where(NotificationRow.person_id == person_id)
            .order_by(col(NotificationRow.created_at).desc(), col(NotificationRow.id).desc())
            .limit(limit)
        )

    async def unread(self, person_id: UUID) -> int:
        statement = select(func.count()).where(
            col(NotificationRow.person_id) == person_id, col(NotificationRow.seen_at).is_(None)
        )
        counted: int = (await self._all(statement))[0]
        return counted

    async def free_slots(
        self, specialty_code: str, town: str | None, begin: datetime, now: datetime, limit: int
    ) -> Sequence[SlotRecord]:
        taken = select(AppointmentRow.id).where(
            AppointmentRow.slot_id == SlotRow.id,
            col(AppointmentRow.status).in_(ACTIVE_STATUSES),
            (col(AppointmentRow.status) != AppointmentStatus.HELD) | (col(AppointmentRow.hold_expires_at) > now),
        )
        statement = (
            select(SlotRow, ClinicRow.time_zone)
            .join(ClinicRow, col(ClinicRow.id) == col(SlotRow.clinic_id))
            .join(SpecialtyRow, col(SpecialtyRow.id) == col(SlotRow.specialty_id))
            .where(
                SpecialtyRow.code == specialty_code,
                SlotRow.starts_at > now,
                SlotRow.starts_at >= begin,
                col(SlotRow.channels).bitwise_and(Channel.APP.bit) != 0,
                ~taken.exists(),
            )
            .order_by(col(SlotRow.starts_at), col(SlotRow.id))
            .limit(limit)
        )
        if town is not None:
            statement = statement.where(ClinicRow.town == town)
        return [_slot(row, zone) for row, zone in await self._all(statement)]

    async def slots(self, ids: Sequence[UUID]) -> Sequence[SlotRecord]:
        statement = select(SlotRow, ClinicRow.time_zone).join(ClinicRow, col(ClinicRow.id) == col(SlotRow.clinic_id))
        found = await self._all(statement.where(col(SlotRow.id).in_(ids)))
        return [_slot(row, zone) for row, zone in found]

    async def clinics(self, ids: Sequence[UUID]) -> Sequence[Any]:
        return await self._all(select(ClinicRow).where(col(ClinicRow.id).in_(ids)))

    async def doctors(self, ids: Sequence[UUID]) -> Sequence[Any]:
        return await self._all(select(DoctorRow).where(col(DoctorRow.id).in_(ids)))

    async def specialties(self, ids: Sequence[UUID]) -> Sequence[Any]:
        return await self._all(select(SpecialtyRow).where(col(SpecialtyRow.id).in_(ids)))


def _slot(row: SlotRow, time_zone: str) -> SlotRecord:
    return SlotRecord(
        row.id, row.starts_at, row.ends_at, row.room, row.clinic_id, row.doctor_id, row.specialty_id, time_zone
    )
