"""Values of booking turned into what clients see."""

from uuid import UUID

from backend.booking import values
from graphql_schema.booking.types import (
    Appointment,
    AppointmentStatus,
    BookingChannel,
    CancelReason,
    Clinic,
    Doctor,
    MedicalOrganisation,
    Slot,
    Specialty,
)
from graphql_schema.catalogue import Language
from graphql_schema.node import encode_id
from graphql_schema.scalars import GeoPoint, PhoneNumber


def to_clinic(clinic: values.Clinic) -> Clinic:
    """Write a clinic."""
    return Clinic(
        id=encode_id("Clinic", clinic.id),
        name=clinic.name,
        address=clinic.address,
        town=clinic.town,
        coordinates=GeoPoint(latitude=clinic.latitude, longitude=clinic.longitude),
        time_zone=clinic.time_zone,
        phone=PhoneNumber(clinic.phone),
        organisation=MedicalOrganisation(oid=clinic.organisation.oid, name=clinic.organisation.name),
    )


def to_doctor(doctor: values.Doctor) -> Doctor:
    """Write a doctor."""
    return Doctor(
        id=encode_id("Doctor", doctor.id),
        family_name=doctor.family_name,
        given_name=doctor.given_name,
        patronymic=doctor.patronymic,
        full_name=doctor.full_name,
    )


def to_specialty(specialty: values.Specialty, language: Language) -> Specialty:
    """Write a specialty in the reader's language."""
    return Specialty(
        code=specialty.code,
        name=specialty.name_ru if language == "ru" else specialty.name_en,
        direct_booking=specialty.direct_booking,
    )


class SlotWriter:
    """Writes the slots of one answer; what many of them share is written once."""

    def __init__(self, language: Language) -> None:
        """Write names in `language`."""
        self._language = language
        self._clinics: dict[UUID, Clinic] = {}
        self._doctors: dict[UUID, Doctor] = {}
        self._specialties: dict[UUID, Specialty] = {}

    def slot(self, slot: values.Slot) -> Slot:
        """Write a slot, its times by the clinic's clock."""
        return Slot(
            id=encode_id("Slot", slot.id),
            starts_at=slot.clinic.local(slot.starts_at),
            ends_at=slot.clinic.local(slot.ends_at),
            time_zone=slot.clinic.time_zone,
            room=slot.room,
            clinic=self._clinic(slot.clinic),
            doctor=self._doctor(slot.doctor),
            specialty=self._specialty(slot.specialty),
        )

    def appointment(self, appointment: values.Appointment) -> Appointment:
        """Write an appointment."""
        reason = appointment.cancel_reason
        return Appointment(
            id=encode_id("Appointment", appointment.id),
            slot=self.slot(appointment.slot),
            status=AppointmentStatus(appointment.status.value),
            channel=BookingChannel(appointment.channel.value),
            created_at=appointment.created_at,
            confirmed_at=appointment.confirmed_at,
            cancelled_at=appointment.cancelled_at,
            cancel_reason=CancelReason(reason.value) if reason else None,
            value=appointment,
        )

    def _clinic(self, clinic: values.Clinic) -> Clinic:
        if (written := self._clinics.get(clinic.id)) is None:
            written = self._clinics[clinic.id] = to_clinic(clinic)
        return written

    def _doctor(self, doctor: values.Doctor) -> Doctor:
        if (written := self._doctors.get(doctor.id)) is None:
            written = self._doctors[doctor.id] = to_doctor(doctor)
        return written

    def _specialty(self, specialty: values.Specialty) -> Specialty:
        if (written := self._specialties.get(specialty.id)) is None:
            written = self._specialties[specialty.id] = to_specialty(specialty, self._language)
        return written
