"""Appointments as calendars see them."""

from datetime import UTC, datetime, timedelta
from typing import Any

from uuid_utils.compat import uuid7

from backend.booking.states import AppointmentStatus
from backend.booking.values import (
    Appointment,
    AppointmentId,
    Channel,
    Clinic,
    ClinicId,
    Doctor,
    DoctorId,
    MedicalOrganisation,
    Slot,
    SlotId,
    Specialty,
    SpecialtyId,
)
from identity.principal import PersonId

DOMAIN = "zdorovye.example"
BOOKED_AT = datetime(2026, 11, 20, 9, 30, 15, 123_456, UTC)


def make_visit(
    *,
    starts_at: datetime = datetime(2026, 12, 1, 7, tzinfo=UTC),
    status: AppointmentStatus = AppointmentStatus.CONFIRMED,
    time_zone: str = "Europe/Moscow",
    clinic: str = "Психоневрологический диспансер",
    address: str = "Калуга, ул. Болотникова, 1",
    doctor: str = "Серова",
    specialty: str = "врач-психиатр",
    room: str | None = "12",
    **given: Any,
) -> Appointment:
    """Return a booked visit of 15 minutes."""
    where = Clinic(
        id=ClinicId(uuid7()),
        oid="1.2.3",
        name=clinic,
        address=address,
        town="Калуга",
        latitude=54.5,
        longitude=36.2,
        time_zone=time_zone,
        phone="+74842000000",
        organisation=MedicalOrganisation(uuid7(), "1.2", "Больница"),
    )
    slot = Slot(
        id=SlotId(uuid7()),
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=15),
        room=room,
        clinic=where,
        doctor=Doctor(DoctorId(uuid7()), doctor, "Ирина", "Львовна"),
        specialty=Specialty(SpecialtyId(uuid7()), "psychiatrist", specialty, "psychiatrist", direct_booking=True),
    )
    person = PersonId(uuid7())
    return Appointment(
        **{
            "id": AppointmentId(uuid7()),
            "person_id": person,
            "actor_id": person,
            "slot": slot,
            "status": status,
            "channel": Channel.APP,
            "created_at": BOOKED_AT,
            "hold_expires_at": None,
            "confirmed_at": BOOKED_AT,
            "cancelled_at": None,
            "cancel_reason": None,
            "cancelled_by": None,
            **given,
        }
    )
