"""All SQL about whether a wish can come true."""

from collections.abc import Sequence

from sqlalchemy import String, Uuid, bindparam, exists
from sqlmodel import col

from backend.booking.eligibility import SlotTerms
from backend.booking.eligibility_queries import PLACE_TERMS
from backend.booking.tables import ClinicRow, PostRow, SpecialtyRow
from backend.booking.values import ClinicId, DoctorId
from backend.reading import Rows, Statement
from backend.shapes import Shape
from backend.sql_texts import among

_TERMS = Shape(lambda clinic_id, terms: (clinic_id, terms), col(ClinicRow.id), PLACE_TERMS)
_POST = (
    col(PostRow.clinic_id) == col(ClinicRow.id),
    col(PostRow.specialty_id) == col(SpecialtyRow.id),
)
_NAMED = (
    _TERMS.select()
    .select_from(ClinicRow)
    .join(SpecialtyRow, col(SpecialtyRow.code) == bindparam("specialty_code", type_=String()))
    .where(among(col(ClinicRow.id), "clinic_ids"))
)
_TERMS_OF = Statement(_NAMED.where(exists().where(*_POST).correlate(ClinicRow, SpecialtyRow)), _TERMS)
_TERMS_OF_DOCTOR = Statement(
    _NAMED.where(
        exists()
        .where(*_POST, col(PostRow.doctor_id) == bindparam("doctor_id", type_=Uuid()))
        .correlate(ClinicRow, SpecialtyRow)
    ),
    _TERMS,
)


async def terms_of(
    rows: Rows, specialty_code: str, clinic_ids: Sequence[ClinicId], doctor_id: DoctorId | None
) -> dict[ClinicId, SlotTerms]:
    """Return what each clinic asks of a person, by clinic; only those where such a doctor, or this one, works."""
    if doctor_id is None:
        found = await rows.rows(_TERMS_OF, specialty_code=specialty_code, clinic_ids=clinic_ids)
    else:
        found = await rows.rows(
            _TERMS_OF_DOCTOR, specialty_code=specialty_code, clinic_ids=clinic_ids, doctor_id=doctor_id
        )
    return dict(found)
