"""All SQL about whom a slot is for."""

from typing import Any
from uuid import UUID

from sqlalchemy import BindParameter, Uuid, and_, bindparam, select
from sqlmodel import col

from backend.booking.appointment_tables import BY_REFERRAL_STATUSES, AppointmentRow
from backend.booking.eligibility import PatientFacts, Referral, SlotTerms
from backend.booking.entitlement_tables import AttachmentRow, ReferralRow
from backend.booking.release_tables import ReleaseQueueRow
from backend.booking.tables import (
    ClinicRow,
    PostRow,
    ScheduleRow,
    SlotRow,
    SpecialtyRow,
)
from backend.profile.tables import PersonRow
from backend.reading import Rows, Statement
from backend.shapes import Shape
from identity.principal import PersonId

_PERSON: BindParameter[UUID] = bindparam("person_id", type_=Uuid())

_OF_PLACE = (
    col(ClinicRow.organisation_id),
    col(ClinicRow.oid),
    col(ClinicRow.time_zone),
    col(ClinicRow.kept_by),
    col(ClinicRow.age_from),
    col(ClinicRow.age_until),
    col(SpecialtyRow.id),
    col(SpecialtyRow.code),
    col(SpecialtyRow.direct_booking),
    col(SpecialtyRow.needs_attachment),
    col(SpecialtyRow.age_from),
    col(SpecialtyRow.age_until),
    col(SpecialtyRow.sex),
)


def _of_no_slot(*given: Any) -> SlotTerms:
    return SlotTerms(*(*given, None, None, None))


PLACE_TERMS = Shape(_of_no_slot, *_OF_PLACE)
"""What a clinic and a specialty ask of a person, of no slot."""

_TERMS = Shape(
    SlotTerms,
    *_OF_PLACE,
    col(SlotRow.room),
    col(SlotRow.external_id),
    col(PostRow.resource_key),
    col(ReleaseQueueRow.id),
)
_TERMS_OF = Statement(
    _TERMS.select()
    .select_from(SlotRow)
    .join(ClinicRow, col(ClinicRow.id) == col(SlotRow.clinic_id))
    .join(SpecialtyRow, col(SpecialtyRow.id) == col(SlotRow.specialty_id))
    .join(ScheduleRow, col(ScheduleRow.id) == col(SlotRow.schedule_id))
    .join(PostRow, col(PostRow.id) == col(ScheduleRow.post_id))
    .outerjoin(
        ReleaseQueueRow,
        and_(
            col(ReleaseQueueRow.post_id) == col(PostRow.id),
            col(ReleaseQueueRow.released_at) == col(SlotRow.released_at),
            col(ReleaseQueueRow.ended_at).is_(None),
        ),
    )
    .where(col(SlotRow.id) == bindparam("id", type_=Uuid())),
    _TERMS,
)

_FACTS = Shape(PatientFacts, col(PersonRow.birth_date), col(PersonRow.sex), col(AttachmentRow.organisation_id))
_FACTS_OF = Statement(
    _FACTS.select()
    .select_from(PersonRow)
    .outerjoin(AttachmentRow, col(AttachmentRow.person_id) == col(PersonRow.id))
    .where(col(PersonRow.id) == _PERSON),
    _FACTS,
)

_USER = (
    select(col(AppointmentRow.id))
    .where(
        col(AppointmentRow.person_id) == col(ReferralRow.person_id),
        col(AppointmentRow.referral_id) == col(ReferralRow.id),
        col(AppointmentRow.status).in_(bindparam("using", BY_REFERRAL_STATUSES, expanding=True, literal_execute=True)),
    )
    .limit(1)
    .scalar_subquery()
)
_REFERRAL = Shape(
    Referral,
    col(ReferralRow.id),
    col(ReferralRow.number),
    col(ReferralRow.specialty_id),
    col(ReferralRow.issued_on),
    col(ReferralRow.expires_on),
    _USER,
)
_REFERRALS = Statement(_REFERRAL.select().where(col(ReferralRow.person_id) == _PERSON), _REFERRAL)


async def terms_of(rows: Rows, slot_id: UUID) -> SlotTerms:
    """Return what a slot that exists asks of a person."""
    return await rows.scalar(_TERMS_OF, id=slot_id)


async def find_terms(rows: Rows, slot_id: UUID) -> SlotTerms | None:
    """Return what a slot asks of a person; None when there is no such slot."""
    return await rows.row(_TERMS_OF, id=slot_id)


async def facts_of(rows: Rows, person_id: PersonId) -> PatientFacts:
    """Return what decides about a person; nothing of somebody who was never recorded."""
    return await rows.row(_FACTS_OF, person_id=person_id) or PatientFacts(None, None)


async def referrals_of(rows: Rows, person_id: PersonId) -> list[Referral]:
    """Return the person's referrals, in any order, each with the appointment that stands by it."""
    return await rows.rows(_REFERRALS, person_id=person_id)
