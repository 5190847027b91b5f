"""All SQL about whose clinic it is: what an organisation's desk may see."""

from uuid import UUID

from sqlalchemy import BindParameter, String, Uuid, bindparam
from sqlmodel import col

from backend.booking.rows import CLINIC, DOCTOR, SPECIALTY
from backend.booking.tables import (
    ClinicRow,
    DoctorRow,
    OrganisationRow,
    PostRow,
    SpecialtyRow,
)
from backend.booking.values import Registry
from backend.reading import Rows, Statement
from backend.reception.values import DeskClinic, DeskPost, ListedPost
from backend.shapes import Shape, alone

_OGRN: BindParameter[str] = bindparam("ogrn", type_=String())
_ID: BindParameter[UUID] = bindparam("id", type_=Uuid())

_CLINIC = Shape(DeskClinic, col(ClinicRow.id), col(ClinicRow.time_zone))
_CLINIC_OF = Statement(
    _CLINIC.select()
    .join(OrganisationRow, col(OrganisationRow.id) == col(ClinicRow.organisation_id))
    .where(col(ClinicRow.id) == _ID, col(OrganisationRow.ogrn) == _OGRN),
    _CLINIC,
)
_POST = Shape(
    DeskPost,
    col(PostRow.id),
    col(PostRow.clinic_id),
    col(PostRow.doctor_id),
    col(PostRow.specialty_id),
    col(PostRow.room),
    col(ClinicRow.time_zone),
)
_POST_OF = Statement(
    _POST.select()
    .select_from(PostRow)
    .join(ClinicRow, col(ClinicRow.id) == col(PostRow.clinic_id))
    .join(OrganisationRow, col(OrganisationRow.id) == col(ClinicRow.organisation_id))
    .where(col(PostRow.id) == _ID, col(OrganisationRow.ogrn) == _OGRN),
    _POST,
)
_LISTED = Shape(
    ListedPost, col(PostRow.id), col(PostRow.room), CLINIC, DOCTOR, SPECIALTY, col(PostRow.releases_by_queue)
)
_POSTS_OF = Statement(
    _LISTED.select()
    .select_from(PostRow)
    .join(ClinicRow, col(ClinicRow.id) == col(PostRow.clinic_id))
    .join(OrganisationRow, col(OrganisationRow.id) == col(ClinicRow.organisation_id))
    .join(DoctorRow, col(DoctorRow.id) == col(PostRow.doctor_id))
    .join(SpecialtyRow, col(SpecialtyRow.id) == col(PostRow.specialty_id))
    .where(col(OrganisationRow.ogrn) == _OGRN)
    .order_by(col(ClinicRow.name), col(SpecialtyRow.code), col(DoctorRow.family_name), col(PostRow.id)),
    _LISTED,
)
_KEPT_BY = alone(col(ClinicRow.kept_by))
_KEEPER = Statement(_KEPT_BY.select().where(col(ClinicRow.id) == _ID), _KEPT_BY)


async def clinic_of(rows: Rows, ogrn: str, clinic_id: UUID) -> DeskClinic | None:
    """Return a clinic of the organisation; another's is None."""
    return await rows.row(_CLINIC_OF, ogrn=ogrn, id=clinic_id)


async def post_of(rows: Rows, ogrn: str, post_id: UUID) -> DeskPost | None:
    """Return a post at a clinic of the organisation; another's is None."""
    return await rows.row(_POST_OF, ogrn=ogrn, id=post_id)


async def kept_by(rows: Rows, clinic_id: UUID) -> Registry:
    """Return whose word counts about the slots of a clinic that exists."""
    return await rows.scalar(_KEEPER, id=clinic_id)


async def posts_of(rows: Rows, ogrn: str) -> list[ListedPost]:
    """Return every post at the clinics of an organisation, by clinic, specialty and doctor."""
    return await rows.rows(_POSTS_OF, ogrn=ogrn)
