"""All SQL about clinics, doctors and specialties: the public reference data."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select, tuple_
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.booking.rows import CLINIC, DOCTOR, SPECIALTY, clinic_of, fetch
from backend.booking.tables import ClinicRow, DoctorRow, OrganisationRow, SpecialtyRow
from backend.booking.values import Clinic, Doctor, Specialty

_CLINICS = select(*CLINIC).join(OrganisationRow, col(OrganisationRow.id) == col(ClinicRow.organisation_id))


async def towns(session: AsyncSession) -> list[str]:
    """Return the towns that have a clinic, sorted as the database sorts."""
    return [town for (town,) in await fetch(session, select(col(ClinicRow.town)).distinct().order_by(ClinicRow.town))]


async def specialties(session: AsyncSession) -> list[Specialty]:
    """Return every specialty, by code."""
    return [Specialty(*row) for row in await fetch(session, select(*SPECIALTY).order_by(col(SpecialtyRow.code)))]


async def clinics_page(session: AsyncSession, *, town: str | None, after: UUID | None, limit: int) -> list[Clinic]:
    """Return at most `limit` clinics after the clinic `after`, by name and id."""
    name, clinic_id = col(ClinicRow.name), col(ClinicRow.id)
    statement = _CLINICS.order_by(name, clinic_id).limit(limit)
    if town is not None:
        statement = statement.where(col(ClinicRow.town) == town)
    if after is not None:
        last = select(name, clinic_id).where(clinic_id == after).correlate(None).scalar_subquery()
        statement = statement.where(tuple_(name, clinic_id) > last)
    return [clinic_of(row) for row in await fetch(session, statement)]


async def clinics_by_ids(session: AsyncSession, ids: Sequence[UUID]) -> list[Clinic]:
    """Return the clinics that exist, in any order."""
    return [clinic_of(row) for row in await fetch(session, _CLINICS.where(col(ClinicRow.id).in_(ids)))]


async def doctors_by_ids(session: AsyncSession, ids: Sequence[UUID]) -> list[Doctor]:
    """Return the doctors that exist, in any order."""
    return [Doctor(*row) for row in await fetch(session, select(*DOCTOR).where(col(DoctorRow.id).in_(ids)))]


async def specialties_by_ids(session: AsyncSession, ids: Sequence[UUID]) -> list[Specialty]:
    """Return the specialties that exist, in any order."""
    found = await fetch(session, select(*SPECIALTY).where(col(SpecialtyRow.id).in_(ids)))
    return [Specialty(*row) for row in found]
