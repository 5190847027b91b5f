"""All SQL that fills the register, and what decides about one person."""

import asyncio

from sqlalchemy import Uuid, bindparam, exists
from sqlmodel import col

from backend.booking.appointment_tables import BY_REFERRAL, AppointmentRow
from backend.booking.entitlement_tables import AttachmentRow, ReferralRow
from backend.booking.rows import CLINIC, DOCTOR, SPECIALTY
from backend.booking.tables import (
    ClinicRow,
    DoctorRow,
    OrganisationRow,
    PostRow,
    SpecialtyRow,
)
from backend.profile.queries import find_person
from backend.reading import Rows, Statement
from backend.shapes import Shape, alone
from backend.slot_search.register import KnownClinic, KnownSpecialty, Limits, Post, Reference
from backend.slot_search.values import Patient, Referral
from identity.principal import PersonId

_KNOWN_CLINIC = Shape(KnownClinic, CLINIC, Shape(Limits, col(ClinicRow.age_from), col(ClinicRow.age_until)))
_KNOWN_SPECIALTY = Shape(
    KnownSpecialty,
    SPECIALTY,
    Shape(
        Limits,
        col(SpecialtyRow.age_from),
        col(SpecialtyRow.age_until),
        col(SpecialtyRow.sex),
        col(SpecialtyRow.needs_attachment),
    ),
)
_POST = Shape(Post, col(PostRow.id), col(PostRow.doctor_id), col(PostRow.clinic_id), col(PostRow.specialty_id))
_CLINICS = Statement(
    _KNOWN_CLINIC.select()
    .join(OrganisationRow, col(OrganisationRow.id) == col(ClinicRow.organisation_id))
    .order_by(col(ClinicRow.id)),
    _KNOWN_CLINIC,
)
_DOCTORS = Statement(DOCTOR.select().order_by(col(DoctorRow.id)), DOCTOR)
_SPECIALTIES = Statement(_KNOWN_SPECIALTY.select().order_by(col(SpecialtyRow.id)), _KNOWN_SPECIALTY)
_POSTS = Statement(_POST.select().order_by(col(PostRow.id)), _POST)

_PERSON_ID = bindparam("person_id", type_=Uuid())
_ATTACHED = alone(col(AttachmentRow.organisation_id))
_ATTACHMENT = Statement(_ATTACHED.select().where(col(AttachmentRow.person_id) == _PERSON_ID), _ATTACHED)
_REFERRAL = Shape(Referral, col(ReferralRow.specialty_id), col(ReferralRow.issued_on), col(ReferralRow.expires_on))
_UNUSED = Statement(
    _REFERRAL.select().where(
        col(ReferralRow.person_id) == _PERSON_ID,
        ~exists()
        .where(
            col(AppointmentRow.person_id) == _PERSON_ID,
            col(AppointmentRow.referral_id) == col(ReferralRow.id),
            BY_REFERRAL,
        )
        .correlate(ReferralRow),
    ),
    _REFERRAL,
)


async def read_reference(rows: Rows) -> Reference:
    """Return all that a register is made of; four statements, one round trip."""
    clinics, doctors, specialties, posts = await asyncio.gather(
        rows.rows(_CLINICS), rows.rows(_DOCTORS), rows.rows(_SPECIALTIES), rows.rows(_POSTS)
    )
    return Reference(tuple(clinics), tuple(doctors), tuple(specialties), tuple(posts))


async def read_patient(rows: Rows, person_id: PersonId) -> Patient | None:
    """Return what decides about a person; None for nobody. Three statements, one round trip."""
    person, attached, referrals = await asyncio.gather(
        find_person(rows, person_id),
        rows.rows(_ATTACHMENT, person_id=person_id),
        rows.rows(_UNUSED, person_id=person_id),
    )
    organisation_id = next(iter(attached), None)
    return None if person is None else Patient(person.birth_date, person.sex, organisation_id, tuple(referrals))
