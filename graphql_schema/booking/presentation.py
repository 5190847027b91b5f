"""Values of booking turned into what clients see."""

from uuid import UUID

from backend.booking import values
from graphql_schema.booking.types import (
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
        organisation=to_organisation(clinic.organisation),
    )


def to_organisation(organisation: values.MedicalOrganisation) -> MedicalOrganisation:
    """Write an organisation."""
    return MedicalOrganisation(oid=organisation.oid, name=organisation.name)


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
        self.language = language
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
            clinic=self.clinic(slot.clinic),
            doctor=self.doctor(slot.doctor),
            specialty=self.specialty(slot.specialty),
            as_of=slot.as_of,
        )

    def clinic(self, clinic: values.Clinic) -> Clinic:
        """Write a clinic, once."""
        if (written := self._clinics.get(clinic.id)) is None:
            written = self._clinics[clinic.id] = to_clinic(clinic)
        return written

    def doctor(self, doctor: values.Doctor) -> Doctor:
        """Write a doctor, once."""
        if (written := self._doctors.get(doctor.id)) is None:
            written = self._doctors[doctor.id] = to_doctor(doctor)
        return written

    def specialty(self, specialty: values.Specialty) -> Specialty:
        """Write a specialty in the reader's language, once."""
        if (written := self._specialties.get(specialty.id)) is None:
            written = self._specialties[specialty.id] = to_specialty(specialty, self.language)
        return written
