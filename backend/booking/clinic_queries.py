"""All SQL about clinics, doctors and specialties: the public reference data."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Integer, String, Uuid, bindparam, select, tuple_
from sqlmodel import col

from backend.booking.rows import CLINIC, DOCTOR, SPECIALTY
from backend.booking.tables import (
    ClinicRow,
    DoctorRow,
    OrganisationRow,
    SpecialtyRow,
)
from backend.booking.values import Clinic, Doctor, Specialty
from backend.reading import Rows, Statement
from backend.shapes import alone
from backend.sql_texts import among

_name, _clinic_id = col(ClinicRow.name), col(ClinicRow.id)
_CLINICS = CLINIC.select().join(OrganisationRow, col(OrganisationRow.id) == col(ClinicRow.organisation_id))
_IN_ORDER = _CLINICS.order_by(_name, _clinic_id).limit(bindparam("limit", type_=Integer()))
_IN_TOWN = col(ClinicRow.town) == bindparam("town", type_=String())
_LAST = (
    select(_name, _clinic_id).where(_clinic_id == bindparam("after", type_=Uuid())).correlate(None).scalar_subquery()
)
_BEHIND = tuple_(_name, _clinic_id) > _LAST

_TOWN = alone(col(ClinicRow.town))
_TOWNS = Statement(_TOWN.select().distinct().order_by(col(ClinicRow.town)), _TOWN)
_SPECIALTIES = Statement(SPECIALTY.select().order_by(col(SpecialtyRow.code)), SPECIALTY)
_PAGES = {
    frozenset[str](): Statement(_IN_ORDER, CLINIC),
    frozenset({"town"}): Statement(_IN_ORDER.where(_IN_TOWN), CLINIC),
    frozenset({"after"}): Statement(_IN_ORDER.where(_BEHIND), CLINIC),
    frozenset({"town", "after"}): Statement(_IN_ORDER.where(_IN_TOWN, _BEHIND), CLINIC),
}
"""The pages of clinics, by what narrows them."""
_CLINICS_BY_IDS = Statement(_CLINICS.where(among(_clinic_id, "ids")), CLINIC)
_DOCTORS_BY_IDS = Statement(DOCTOR.select().where(among(col(DoctorRow.id), "ids")), DOCTOR)
_SPECIALTIES_BY_IDS = Statement(SPECIALTY.select().where(among(col(SpecialtyRow.id), "ids")), SPECIALTY)


async def towns(rows: Rows) -> list[str]:
    """Return the towns that have a clinic, sorted as the database sorts."""
    return await rows.rows(_TOWNS)


async def specialties(rows: Rows) -> list[Specialty]:
    """Return every specialty, by code."""
    return await rows.rows(_SPECIALTIES)


async def clinics_page(rows: Rows, *, town: str | None, after: UUID | None, limit: int) -> list[Clinic]:
    """Return at most `limit` clinics after the clinic `after`, by name and id."""
    narrowing = {name: value for name, value in (("town", town), ("after", after)) if value is not None}
    return await rows.rows(_PAGES[frozenset(narrowing)], limit=limit, **narrowing)


async def clinics_by_ids(rows: Rows, ids: Sequence[UUID]) -> list[Clinic]:
    """Return the clinics that exist, in any order."""
    return await rows.rows(_CLINICS_BY_IDS, ids=ids)


async def doctors_by_ids(rows: Rows, ids: Sequence[UUID]) -> list[Doctor]:
    """Return the doctors that exist, in any order."""
    return await rows.rows(_DOCTORS_BY_IDS, ids=ids)


async def specialties_by_ids(rows: Rows, ids: Sequence[UUID]) -> list[Specialty]:
    """Return the specialties that exist, in any order."""
    return await rows.rows(_SPECIALTIES_BY_IDS, ids=ids)
