"""Rows of the demo region's clinics, doctors and times."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, time, timedelta
from uuid import UUID

from backend.booking.slot_times import slot_times
from backend.booking.values import Channel, Registry, channel_mask
from backend.entrypoints.demo import fer
from backend.entrypoints.demo.organisations import OGRN_OF
from backend.entrypoints.demo.plan import Plan, Row
from backend.entrypoints.demo.region import (
    CLINICS,
    OID_BRANCH,
    SLOT_MINUTES,
    SPECIALTIES,
    DemoDoctor,
    demo_id,
    generate_doctors,
)

_EVERY_CHANNEL = channel_mask(tuple(Channel))


def organisations() -> Iterator[Row]:
    names = sorted({clinic.organisation for clinic in CLINICS})
    for number, name in enumerate(names, 1):
        yield {
            "id": demo_id("organisation", name),
            "oid": f"{OID_BRANCH}.{900 + number}",
            "name": name,
            "ogrn": OGRN_OF.get(name),
        }


def specialties() -> Iterator[Row]:
    for one in SPECIALTIES:
        yield {
            "id": demo_id("specialty", one.code),
            "code": one.code,
            "name_ru": one.name_ru,
            "name_en": one.name_en,
            "direct_booking": one.direct,
            "needs_attachment": one.attached,
            "age_from": one.ages[0],
            "age_until": one.ages[1],
            "sex": one.sex,
        }


def clinics() -> Iterator[Row]:
    for clinic in CLINICS:
        yield {
            "id": clinic.id,
            "organisation_id": demo_id("organisation", clinic.organisation),
            "oid": clinic.oid,
            "name": clinic.name,
            "address": clinic.address,
            "town": clinic.town,
            "latitude": clinic.latitude,
            "longitude": clinic.longitude,
            "time_zone": clinic.time_zone,
            "phone": clinic.phone,
            "age_until": 17 if clinic.for_children else None,
            "kept_by": clinic.kept_by,
        }


def doctors(plan: Plan) -> Iterator[Row]:
    for doctor in generate_doctors(seed=plan.seed):
        yield {
            "id": doctor.id,
            "family_name": doctor.family_name,
            "given_name": doctor.given_name,
            "patronymic": doctor.patronymic,
        }


def posts(plan: Plan) -> Iterator[Row]:
    for doctor in generate_doctors(seed=plan.seed):
        yield {
            "id": doctor.post_id,
            "doctor_id": doctor.id,
            "clinic_id": doctor.clinic.id,
            "specialty_id": demo_id("specialty", doctor.specialty.code),
            "room": doctor.room,
            "resource_key": fer.resource_key(doctor, seed=plan.seed),
        }


@dataclass(frozen=True, slots=True)
class _Reception:
    """One doctor's hours of one day, by the clinic's clock."""

    doctor: DemoDoctor
    day: date
    opens: time
    closes: time

    @property
    def schedule_id(self) -> UUID:
        return demo_id("schedule", f"{self.doctor.number}:{self.day}")


def _receptions(plan: Plan) -> Iterator[_Reception]:
    """Yield the receptions whose times we keep ourselves; the others come by asking."""
    ours = (doctor for doctor in generate_doctors(seed=plan.seed) if doctor.clinic.kept_by is Registry.OWN)
    for doctor in ours:
        for ahead in range(plan.days_ahead):
            day = plan.today + timedelta(days=ahead)
            if hours := doctor.reception(day):
                yield _Reception(doctor, day, *hours)


def schedules(plan: Plan) -> Iterator[Row]:
    for one in _receptions(plan):
        yield {
            "id": one.schedule_id,
            "post_id": one.doctor.post_id,
            "day": one.day,
            "opens": one.opens,
            "closes": one.closes,
            "slot_minutes": SLOT_MINUTES,
        }


def slots(plan: Plan) -> Iterator[Row]:
    specialties = {one.code: demo_id("specialty", one.code) for one in SPECIALTIES}
    for one in _receptions(plan):
        doctor = one.doctor
        schedule: Row = {
            "schedule_id": one.schedule_id,
            "clinic_id": doctor.clinic.id,
            "doctor_id": doctor.id,
            "specialty_id": specialties[doctor.specialty.code],
            "room": doctor.room,
            "channels": _EVERY_CHANNEL,
        }
        for starts_at, ends_at in slot_times(
            day=one.day,
            opens=one.opens,
            closes=one.closes,
            slot_minutes=SLOT_MINUTES,
            time_zone=doctor.clinic.time_zone,
        ):
            slot_id = demo_id("slot", f"{doctor.number}:{starts_at.isoformat()}")
            yield {**schedule, "id": slot_id, "starts_at": starts_at, "ends_at": ends_at}
