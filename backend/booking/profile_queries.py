"""All SQL about the profiles of doctors and clinics, in batches: a list of slots asks once."""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel import col

from backend.booking.profile_tables import ClinicProfileRow, DoctorProfileRow
from backend.booking.profile_values import ClinicProfile, DoctorProfile
from backend.reading import Rows, Statement
from backend.shapes import Shape
from backend.sql_texts import among

_DOCTOR = Shape(
    DoctorProfile.read,
    col(DoctorProfileRow.doctor_id),
    col(DoctorProfileRow.category),
    col(DoctorProfileRow.practising_since),
    col(DoctorProfileRow.education),
    col(DoctorProfileRow.languages),
    col(DoctorProfileRow.programmes),
)
_CLINIC = Shape(
    ClinicProfile.read,
    col(ClinicProfileRow.clinic_id),
    col(ClinicProfileRow.hours),
    col(ClinicProfileRow.accessibility),
    col(ClinicProfileRow.directions),
    col(ClinicProfileRow.phones),
    col(ClinicProfileRow.programmes),
)
_OF_DOCTORS = Statement(_DOCTOR.select().where(among(col(DoctorProfileRow.doctor_id), "ids")), _DOCTOR)
_OF_CLINICS = Statement(_CLINIC.select().where(among(col(ClinicProfileRow.clinic_id), "ids")), _CLINIC)


async def doctor_profiles(rows: Rows, ids: Sequence[UUID]) -> list[DoctorProfile]:
    """Return the profiles that there are, in any order."""
    return await rows.rows(_OF_DOCTORS, ids=ids)


async def clinic_profiles(rows: Rows, ids: Sequence[UUID]) -> list[ClinicProfile]:
    """Return the profiles that there are, in any order."""
    return await rows.rows(_OF_CLINICS, ids=ids)
