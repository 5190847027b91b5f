"""Rows of booking as values: which columns fill which field."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Executable
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.booking.appointment_tables import AppointmentEventRow, AppointmentRow
from backend.booking.tables import (
    ClinicRow,
    DoctorRow,
    OrganisationRow,
    SlotRow,
    SpecialtyRow,
)
from backend.booking.values import (
    Appointment,
    AppointmentEvent,
    Claim,
    Clinic,
    Doctor,
    MedicalOrganisation,
    Slot,
    SlotTime,
    Specialty,
)
from backend.shapes import AnySelect, Shape

SPECIALTY = Shape(
    Specialty,
    col(SpecialtyRow.id),
    col(SpecialtyRow.code),
    col(SpecialtyRow.name_ru),
    col(SpecialtyRow.name_en),
    col(SpecialtyRow.direct_booking),
    shared=True,
)
ORGANISATION = Shape(
    MedicalOrganisation, col(OrganisationRow.id), col(OrganisationRow.oid), col(OrganisationRow.name), shared=True
)
CLINIC = Shape(
    Clinic,
    col(ClinicRow.id),
    col(ClinicRow.oid),
    col(ClinicRow.name),
    col(ClinicRow.address),
    col(ClinicRow.town),
    col(ClinicRow.latitude),
    col(ClinicRow.longitude),
    col(ClinicRow.time_zone),
    col(ClinicRow.phone),
    ORGANISATION,
    shared=True,
)
DOCTOR = Shape(
    Doctor,
    col(DoctorRow.id),
    col(DoctorRow.family_name),
    col(DoctorRow.given_name),
    col(DoctorRow.patronymic),
    shared=True,
)
SLOT = Shape(
    Slot,
    col(SlotRow.id),
    col(SlotRow.starts_at),
    col(SlotRow.ends_at),
    col(SlotRow.room),
    CLINIC,
    DOCTOR,
    SPECIALTY,
    col(SlotRow.as_of),
)
SLOT_TIME = Shape(
    SlotTime,
    col(SlotRow.id),
    col(SlotRow.specialty_id),
    col(SlotRow.clinic_id),
    col(SlotRow.doctor_id),
    col(SlotRow.starts_at),
    col(SlotRow.ends_at),
    col(SlotRow.channels),
    col(SlotRow.schedule_id),
    col(SlotRow.released_at),
)
CLAIM = Shape(
    Claim,
    col(AppointmentRow.id),
    col(AppointmentRow.slot_id),
    col(AppointmentRow.specialty_id),
    col(AppointmentRow.status),
    col(AppointmentRow.channel),
    col(AppointmentRow.starts_at),
    col(AppointmentRow.ends_at),
    col(AppointmentRow.hold_expires_at),
    col(AppointmentRow.extended_at),
    col(AppointmentRow.checked_in_at),
    col(AppointmentRow.replaces_id),
    col(AppointmentRow.referral_id),
    col(AppointmentRow.registry_key),
    col(AppointmentRow.set_id),
    col(AppointmentRow.agreed_at),
)
APPOINTMENT = Shape(
    Appointment,
    col(AppointmentRow.id),
    col(AppointmentRow.person_id),
    col(AppointmentRow.actor_id),
    SLOT,
    col(AppointmentRow.status),
    col(AppointmentRow.channel),
    col(AppointmentRow.created_at),
    col(AppointmentRow.hold_expires_at),
    col(AppointmentRow.confirmed_at),
    col(AppointmentRow.cancelled_at),
    col(AppointmentRow.cancel_reason),
    col(AppointmentRow.cancelled_by),
    col(AppointmentRow.cancelled_as),
    col(AppointmentRow.sequence),
    col(AppointmentRow.checked_in_at),
    col(AppointmentRow.replaces_id),
    col(AppointmentRow.refused_with),
    col(AppointmentRow.set_id),
    col(AppointmentRow.agreed_at),
)
EVENT = Shape(
    AppointmentEvent,
    col(AppointmentEventRow.id),
    col(AppointmentEventRow.appointment_id),
    col(AppointmentEventRow.kind),
    col(AppointmentEventRow.at),
    col(AppointmentEventRow.role),
    col(AppointmentEventRow.slot_id),
    col(AppointmentEventRow.from_slot_id),
    col(AppointmentEventRow.reason),
)


def join_slot_parts(query: AnySelect) -> AnySelect:
    """Join to the slots of a query what `SLOT` names."""
    return (
        query.join(ClinicRow, col(ClinicRow.id) == col(SlotRow.clinic_id))
        .join(OrganisationRow, col(OrganisationRow.id) == col(ClinicRow.organisation_id))
        .join(DoctorRow, col(DoctorRow.id) == col(SlotRow.doctor_id))
        .join(SpecialtyRow, col(SpecialtyRow.id) == col(SlotRow.specialty_id))
    )


SLOTS = join_slot_parts(SLOT.select().select_from(SlotRow))
"""Every slot in full; narrowed by the queries."""


async def fetch(session: AsyncSession, statement: Executable) -> Sequence[Any]:
    """Return every row of a Core statement that writes or locks."""
    return (await (await session.connection()).execute(statement)).all()
