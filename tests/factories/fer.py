"""A small concentrator: two clinics, a dentist, a therapist and a cardiologist, and people who may see them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import NAMESPACE_OID, uuid5
from zoneinfo import ZoneInfo

from backend.booking.ports import OutsideSlot, Patient, Resource
from backend.clock import SettableClock
from backend.integrations.fer_registry.simulated_concentrator import (
    SimulatedConcentrator,
    SimulatedPatient,
    SimulatedReferral,
    SimulatedSlot,
)
from backend.integrations.fer_registry.wire import ResourceName
from backend.profile.values import Phone, Sex, Snils
from tests.factories.people import NOW, snils_for

CLINIC, OTHER_CLINIC = "1.2.643.5.1.13.13.12.2.40.707", "1.2.643.5.1.13.13.12.2.40.710"
ZONE = "Europe/Moscow"
TODAY = NOW.astimezone(ZoneInfo(ZONE)).date()
TOMORROW = TODAY + timedelta(days=1)
DOCTORS_SNILS = snils_for(555_666_777)
VISIT = timedelta(minutes=20)


@dataclass(frozen=True)
class Doctor:
    """A doctor of the concentrator, whom both sides know."""

    name: ResourceName
    clinic_oid: str = CLINIC
    needs_referral: bool = False
    needs_attachment: bool = False

    @property
    def resource(self) -> Resource:
        """Return what the port calls the doctor."""
        return Resource(self.clinic_oid, self.name.key)

    def slot(self, hour: int, minute: int = 0, *, day: date = TOMORROW) -> OutsideSlot:
        """Return the slot that begins at a time of the clinic's clock."""
        start = datetime(day.year, day.month, day.day, hour, minute, tzinfo=ZoneInfo(ZONE))
        return OutsideSlot(_slot_id(self, start), start, start + VISIT, "12")


DENTIST = Doctor(ResourceName("171", "snils", DOCTORS_SNILS))
OTHER_DENTIST = Doctor(ResourceName("171", "snils", snils_for(555_666_778)), OTHER_CLINIC)
THERAPIST = Doctor(ResourceName("109", "snils", snils_for(555_666_779)), needs_attachment=True)
CARDIOLOGIST = Doctor(ResourceName("46", "room", "ЭКГ-2"), OTHER_CLINIC, needs_referral=True)
DOCTORS = (DENTIST, OTHER_DENTIST, THERAPIST, CARDIOLOGIST)

REFERRAL = SimulatedReferral("40-000017", "46", TODAY - timedelta(days=5), TODAY + timedelta(days=30))
OLD_REFERRAL = SimulatedReferral("40-000003", "46", TODAY - timedelta(days=90), TODAY)
STRANGE_REFERRAL = SimulatedReferral("40-000020", "999", TODAY, TODAY)

ANNA = Patient(
    family_name="Соколова",
    given_name="Анна",
    patronymic="Петровна",
    birth_date=date(1984, 5, 17),
    sex=Sex.FEMALE,
    snils=Snils("11223344595"),
    policy_number="7756410835001233",
    phone=Phone("+79105550117"),
)
BORIS = Patient(
    family_name="Климов",
    given_name="Борис",
    patronymic=None,
    birth_date=date(1959, 2, 1),
    sex=Sex.MALE,
    snils=Snils(snils_for(206_130_060)),
)
STRANGER = Patient(
    family_name="Нездешний",
    given_name="Пётр",
    patronymic=None,
    birth_date=date(1970, 1, 1),
    sex=Sex.MALE,
    snils=Snils(snils_for(206_130_061)),
)


def make_patient(patient: Patient, **given: Any) -> SimulatedPatient:
    """Return the person as the concentrator knows them."""
    return SimulatedPatient(
        **{
            "patient_id": f"p-{patient.birth_date}",
            "last_name": patient.family_name,
            "first_name": patient.given_name,
            "birth_date": patient.birth_date,
            "snils": patient.snils.digits if patient.snils else "",
            "oms_number": patient.policy_number or "",
            **given,
        }
    )


def slots_of(day: date) -> Iterator[SimulatedSlot]:
    """Yield every slot of a day: from eight to ten at every doctor's."""
    start = datetime(day.year, day.month, day.day, 8, tzinfo=ZoneInfo(ZONE))
    for doctor in DOCTORS:
        for place in range(6):
            begins = start + place * VISIT
            yield SimulatedSlot(
                slot_id=_slot_id(doctor, begins),
                mo_oid=doctor.clinic_oid,
                resource=doctor.name,
                starts_at=begins,
                ends_at=begins + VISIT,
                room="12",
                needs_referral=doctor.needs_referral,
                needs_attachment=doctor.needs_attachment,
            )


def make_concentrator(clock: SettableClock, **given: Any) -> SimulatedConcentrator:
    """Return a concentrator that knows Anna (attached, with referrals) and Boris."""
    anna = make_patient(ANNA, attached_oids=frozenset({CLINIC}), referrals=(OLD_REFERRAL, REFERRAL, STRANGE_REFERRAL))
    return SimulatedConcentrator(
        **{"patients": [anna, make_patient(BORIS)], "slots_of": slots_of, "clock": clock, **given}
    )


def _slot_id(doctor: Doctor, start: datetime) -> str:
    return str(uuid5(NAMESPACE_OID, f"{doctor.clinic_oid}:{doctor.name.key}:{start.timestamp()}"))
