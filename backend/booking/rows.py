"""Database rows turned into values: the columns to select, in the order of the fields they fill."""

from collections.abc import Sequence
from typing import Any, TypeAlias
from uuid import UUID

from sqlalchemy import Executable, Select, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.booking.tables import ClinicRow, DoctorRow, OrganisationRow, SlotRow, SpecialtyRow
from backend.booking.values import Clinic, Doctor, MedicalOrganisation, Slot, Specialty

AnySelect: TypeAlias = Select[*tuple[Any, ...]]
"""A statement whose columns are told apart by their place."""

SPECIALTY = (
    col(SpecialtyRow.id),
    col(SpecialtyRow.code),
    col(SpecialtyRow.name_ru),
    col(SpecialtyRow.name_en),
    col(SpecialtyRow.direct_booking),
)
ORGANISATION = (col(OrganisationRow.id), col(OrganisationRow.oid), col(OrganisationRow.name))
CLINIC = (
    col(ClinicRow.id),
    col(ClinicRow.oid),
    col(ClinicRow.name),
    col(ClinicRow.address),
    col(ClinicRow.town),
    col(ClinicRow.latitude),
    col(ClinicRow.longitude),
    col(ClinicRow.time_zone),
    col(ClinicRow.phone),
    *ORGANISATION,
)
DOCTOR = (col(DoctorRow.id), col(DoctorRow.family_name), col(DoctorRow.given_name), col(DoctorRow.patronymic))
SLOT = (
    col(SlotRow.id),
    col(SlotRow.starts_at),
    col(SlotRow.ends_at),
    col(SlotRow.room),
    *CLINIC,
    *DOCTOR,
    *SPECIALTY,
)

_CLINIC_AT = 4
_DOCTOR_AT = _CLINIC_AT + len(CLINIC)
_SPECIALTY_AT = _DOCTOR_AT + len(DOCTOR)


async def fetch(
    session: AsyncSession, statement: Executable, parameters: dict[str, Any] | None = None
) -> Sequence[Any]:
    """Return every row of a Core statement."""
    return (await (await session.connection()).execute(statement, parameters)).all()


def join_slot_parts(statement: AnySelect) -> AnySelect:
    """Join to the slots of a statement what `SLOT` names."""
    return (
        statement.join(ClinicRow, col(ClinicRow.id) == col(SlotRow.clinic_id))
        .join(OrganisationRow, col(OrganisationRow.id) == col(ClinicRow.organisation_id))
        .join(DoctorRow, col(DoctorRow.id) == col(SlotRow.doctor_id))
        .join(SpecialtyRow, col(SpecialtyRow.id) == col(SlotRow.specialty_id))
    )


SLOTS = join_slot_parts(select(*SLOT).select_from(SlotRow))
"""Every slot in full; narrowed by the queries."""


def clinic_of(row: Sequence[Any]) -> Clinic:
    """Build a clinic of the columns `CLINIC`."""
    plain = len(CLINIC) - len(ORGANISATION)
    fields: tuple[Any, ...] = (*row[:plain], MedicalOrganisation(*row[plain:]))
    return Clinic(*fields)


class SlotReader:
    """Builds slots of the columns `SLOT`; what many slots share (clinic, doctor, specialty) is built once."""

    def __init__(self) -> None:
        """Begin with nothing known."""
        self._clinics: dict[UUID, Clinic] = {}
        self._doctors: dict[UUID, Doctor] = {}
        self._specialties: dict[UUID, Specialty] = {}

    def slot(self, row: Sequence[Any]) -> Slot:
        """Build the slot of one row."""
        clinic_id, doctor_id, specialty_id = row[_CLINIC_AT], row[_DOCTOR_AT], row[_SPECIALTY_AT]
        if (clinic := self._clinics.get(clinic_id)) is None:
            clinic = self._clinics[clinic_id] = clinic_of(row[_CLINIC_AT:_DOCTOR_AT])
        if (doctor := self._doctors.get(doctor_id)) is None:
            doctor = self._doctors[doctor_id] = Doctor(*row[_DOCTOR_AT:_SPECIALTY_AT])
        if (specialty := self._specialties.get(specialty_id)) is None:
            specialty = self._specialties[specialty_id] = Specialty(*row[_SPECIALTY_AT : len(SLOT)])
        return Slot(row[0], row[1], row[2], row[3], clinic, doctor, specialty)
