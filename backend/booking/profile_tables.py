"""What people choose by: one row for a doctor and for a clinic, beside theirs. Public; nothing private belongs here."""

from typing import Any
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, Column
from sqlmodel import Field, SQLModel

from backend.booking.profile_values import DoctorCategory
from identity.columns import choice


def _list() -> Column[list[Any]]:
    return Column(JSON, nullable=False)


class DoctorProfileRow(SQLModel, table=True):
    """A doctor's training, as a clinic shows it; never a SNILS, a birth date or a private telephone."""

    __tablename__ = "doctor_profiles"
    __table_args__ = (CheckConstraint("practising_since BETWEEN 1940 AND 2100", name="doctor_profiles_since"),)

    doctor_id: UUID = Field(foreign_key="doctors.id", primary_key=True)
    category: DoctorCategory | None = Field(
        default=None, sa_column=Column(choice(DoctorCategory, "doctor_profiles_category", checked=False), nullable=True)
    )
    practising_since: int | None = None
    education: list[Any] = Field(sa_column=_list())
    languages: list[str] = Field(sa_column=_list())
    programmes: list[str] = Field(sa_column=_list())


class ClinicProfileRow(SQLModel, table=True):
    """When a clinic is open, how to get in, and what it offers."""

    __tablename__ = "clinic_profiles"

    clinic_id: UUID = Field(foreign_key="clinics.id", primary_key=True)
    hours: list[Any] = Field(sa_column=_list())
    accessibility: list[str] = Field(sa_column=_list())
    directions: str | None = Field(default=None, max_length=1_000)
    phones: list[Any] = Field(sa_column=_list())
    programmes: list[str] = Field(sa_column=_list())
