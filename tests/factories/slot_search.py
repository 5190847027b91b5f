"""A small region made by chance, and the same search over it by plain loops: what the real one must agree with."""

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import insert
from sqlmodel import SQLModel
from uuid_utils.compat import uuid7

from backend.booking.tables import (
    AppointmentRow,
    AttachmentRow,
    ClinicRow,
    DoctorRow,
    OrganisationRow,
    PostRow,
    ReferralRow,
    ScheduleQuotaRow,
    ScheduleRow,
    SlotRow,
    SpecialtyRow,
)
from backend.booking.values import AppointmentStatus, CancelReason, Channel
from backend.database import Database
from backend.profile.values import Sex
from backend.slot_search.values import Order, SearchCriteria
from geo.distance import Point, ranking_km
from identity.principal import PersonId
from tests.factories.people import NOW, make_person

AHEAD = timedelta(days=14)
ZONES = ("Europe/Moscow", "Europe/Kaliningrad", "Asia/Kamchatka", "Europe/Berlin")
NAMES = ("Поликлиника «Заречье»", "Поликлиника № 2", "Детская поликлиника", "Амбулатория", "Praxis Nord")
TOWNS = ("Калуга", "Обнинск", "Петропавловск-Камчатский", "Берлин")
SPECIALTIES: Sequence[tuple[str, str, dict[str, Any]]] = (
    ("therapist", "Терапевт", {"needs_attachment": True, "age_from": 18}),
    ("paediatrician", "Педиатр", {"age_until": 17}),
    ("gynaecologist", "Акушер-гинеколог", {"sex": Sex.FEMALE}),
    ("ophthalmologist", "Офтальмолог", {"direct_booking": False}),
    ("dentist", "Стоматолог", {}),
)
FAMILIES = ("Орлов", "Орлова", "Серова", "Ёлкин", "Белов", "Абрамова", "Яковлев")
TEXTS: Sequence[tuple[str, str, str]] = (
    ("орлову", "family", "Орлов"),
    ("ОРЛОВОЙ", "family", "Орлов"),
    ("елкина", "family", "Ёлкин"),
    ("окулист", "code", "ophthalmologist"),
    ("терапефт", "code", "therapist"),
    ("записаться к стоматологу", "code", "dentist"),
    ("заречье", "clinic", "Заречье"),
)
"""What people type, and what it means: family names that begin so, a specialty, or clinics whose name holds it."""


@dataclass
class RandomRegion:
    """Rows by id, and one person who looks."""

    seed: int
    now: datetime = NOW
    person_id: PersonId = field(default_factory=lambda: PersonId(uuid7()))
    rows: list[SQLModel] = field(default_factory=list)
    slots: list[SlotRow] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Make everything; a birthday and the end of a referral lie inside the horizon."""
        self.random = random.Random(self.seed)  # noqa: S311 # the same region each time
        self.specialties = {
            one.id: one
            for one in (
                SpecialtyRow(**{"code": code, "name_ru": name, "name_en": code, "direct_booking": True, **limits})
                for code, name, limits in SPECIALTIES
            )
        }
        organisation = OrganisationRow(oid="1.2.3", name="Больница")
        self.clinics = {one.id: one for one in (self._clinic(number, organisation) for number in range(6))}
        self.doctors = {one.id: one for one in (DoctorRow(family_name=name, given_name="Ирина") for name in FAMILIES)}
        self.posts = {one.id: one for one in self._posts()}
        self.schedules: dict[UUID, ScheduleRow] = {}
        self.quotas: dict[tuple[UUID, Channel], int] = {}
        self.appointments: list[AppointmentRow] = []
        for post in self.posts.values():
            for ahead in range(-1, 17):
                if self.random.random() < 0.3:
                    self._reception(post, ahead)
        today = self.now.date()
        self.person = make_person(
            id=self.person_id, birth_date=(today + timedelta(days=5)).replace(year=self.now.year - 18), sex=Sex.MALE
        )
        self.attached = self.random.choice([*self.clinics, None])
        self.referrals = [
            ReferralRow(
                person_id=self.person_id,
                number=str(number),
                specialty_id=next(one.id for one in self.specialties.values() if not one.direct_booking),
                issued_on=today - timedelta(days=50),
                expires_on=today + timedelta(days=4 if number else -20),
                source="own",
                as_of=self.now,
            )
            for number in range(2)
        ]
        self.organisation = organisation

    async def store(self, database: Database) -> None:
        """Write every row."""
        attachments = (
            [
                AttachmentRow(
                    person_id=self.person_id,
                    clinic_id=self.attached,
                    since=date(2020, 1, 1),
                    source="own",
                    as_of=self.now,
                )
            ]
            if self.attached
            else []
        )
        quotas = [ScheduleQuotaRow(schedule_id=one, channel=by, most=most) for (one, by), most in self.quotas.items()]
        kinds: list[Sequence[SQLModel]] = [
            [self.organisation],
            [*self.specialties.values()],
            [*self.clinics.values()],
            [*self.doctors.values()],
            [*self.posts.values()],
            [*self.schedules.values()],
            self.slots,
            quotas,
            self.appointments,
            [self.person],
            attachments,
            self.referrals,
        ]
        async with database.transaction() as session:
            connection = await session.connection()
            for rows in kinds:
                if rows:
                    table = SQLModel.metadata.tables[str(rows[0].__tablename__)]
                    await connection.execute(insert(table), [row.model_dump() for row in rows])

    def _clinic(self, number: int, organisation: OrganisationRow) -> ClinicRow:
        zone = ZONES[number % len(ZONES)]
        return ClinicRow(
            organisation_id=organisation.id,
            oid=f"1.2.{number}",
            name=NAMES[number % len(NAMES)],
            address="ул. Ленина",
            town=TOWNS[number % len(TOWNS)],
            latitude=54.5 + number / 7,
            longitude=36.2 - number / 3,
            time_zone=zone,
            phone="+74842000000",
            age_until=17 if "Детская" in NAMES[number % len(NAMES)] else None,
        )

    def _posts(self) -> list[PostRow]:
        places = [(d, c, s) for d in self.doctors for c in self.clinics for s in self.specialties]
        return [
            PostRow(doctor_id=doctor, clinic_id=clinic, specialty_id=specialty)
            for doctor, clinic, specialty in self.random.sample(places, 14)
        ]

    def _reception(self, post: PostRow, ahead: int) -> None:
        clinic = self.clinics[post.clinic_id]
        day = self.now.astimezone(ZoneInfo(clinic.time_zone)).date() + timedelta(days=ahead)
        opens = time(self.random.choice((0, 7, 11, 15)), 0)
        schedule = ScheduleRow(post_id=post.id, day=day, opens=opens, closes=time(23, 59), slot_minutes=15)
        start = datetime.combine(day, opens, ZoneInfo(clinic.time_zone)).astimezone(UTC)
        busy = {slot.starts_at for slot in self.slots if slot.doctor_id == post.doctor_id}
        self.schedules[schedule.id] = schedule
        if self.random.random() < 0.2:
            self.quotas[schedule.id, Channel.APP] = self.random.choice((0, 1, 2))
        for number in range(self.random.randint(1, 4)):
            starts_at = start + timedelta(minutes=self.random.choice((15, 95)) * number)
            if starts_at not in busy:
                busy.add(starts_at)
                self._slot(post, schedule, starts_at)

    def _slot(self, post: PostRow, schedule: ScheduleRow, starts_at: datetime) -> None:
        slot = SlotRow(
            schedule_id=schedule.id,
            clinic_id=post.clinic_id,
            doctor_id=post.doctor_id,
            specialty_id=post.specialty_id,
            starts_at=starts_at,
            ends_at=starts_at + timedelta(minutes=15),
            channels=self.random.choice((31, 31, 31, Channel.REGISTRY.bit)),
            released_at=self.random.choice((None, None, None, self.now, self.now + timedelta(hours=1))),
        )
        self.slots.append(slot)
        if (status := self.random.choice([None] * 6 + [*AppointmentStatus])) is not None:
            self.appointments.append(
                AppointmentRow(
                    person_id=uuid7(),
                    actor_id=uuid7(),
                    slot_id=slot.id,
                    specialty_id=slot.specialty_id,
                    starts_at=slot.starts_at,
                    ends_at=slot.ends_at,
                    status=status,
                    channel=self.random.choice((Channel.APP, Channel.CALL_122)),
                    created_at=self.now,
                    confirmed_at=self.now,
                    cancelled_at=self.now,
                    cancel_reason=CancelReason.OTHER_REASONS,
                    cancelled_by=uuid7(),
                    hold_expires_at=self.random.choice(
                        (self.now - timedelta(minutes=1), self.now + timedelta(minutes=1))
                    ),
                )
            )


_FREEING = {AppointmentStatus.CANCELLED, AppointmentStatus.RELEASED, AppointmentStatus.REFUSED}


class Model:
    """Looks at every slot by the rules as they are told."""

    def __init__(self, region: RandomRegion) -> None:
        self.region = region
        now = region.now
        kept = [
            one
            for one in region.appointments
            if one.status not in _FREEING
            and (one.status is not AppointmentStatus.HELD or (one.hold_expires_at or now) > now)
        ]
        self.kept = {one.slot_id for one in kept}
        reception = {slot.id: slot.schedule_id for slot in region.slots}
        self.used = Counter((reception[one.slot_id], one.channel) for one in kept)

    def found(self, criteria: SearchCriteria, order: Order) -> list[UUID]:
        """Return the ids of the slots that can be had, in order."""
        slots = [slot for slot in self.region.slots if self.fits(slot, criteria)]
        return [
            slot.id
            for slot in sorted(slots, key=lambda slot: (*self._rank(slot, criteria, order), slot.starts_at, slot.id))
        ]

    def fits(self, slot: SlotRow, criteria: SearchCriteria) -> bool:
        """Say whether a slot can be had."""
        return self.can_be_had(slot, criteria) and self.is_wanted(slot, criteria) and self.may_be_taken(slot, criteria)

    def local_day(self, slot: SlotRow) -> date:
        """Return the day of a slot by its clinic's calendar."""
        return slot.starts_at.astimezone(ZoneInfo(self.region.clinics[slot.clinic_id].time_zone)).date()

    def can_be_had(self, slot: SlotRow, criteria: SearchCriteria) -> bool:
        through = criteria.channel
        used = self.used[slot.schedule_id, through]
        return (
            self.region.now < slot.starts_at <= self.region.now + AHEAD
            and bool(slot.channels & through.bit)
            and (slot.released_at is None or slot.released_at <= self.region.now)
            and slot.id not in self.kept
            and used < self.region.quotas.get((slot.schedule_id, through), 1_000)
        )

    def is_wanted(self, slot: SlotRow, criteria: SearchCriteria) -> bool:
        region = self.region
        clinic, doctor = region.clinics[slot.clinic_id], region.doctors[slot.doctor_id]
        specialty = region.specialties[slot.specialty_id]
        local = slot.starts_at.astimezone(ZoneInfo(clinic.time_zone))
        point = Point(clinic.latitude, clinic.longitude)
        is_near = criteria.radius_km is None or (
            criteria.near is not None and ranking_km(criteria.near, point) <= criteria.radius_km
        )
        meaning = next((one for one in TEXTS if criteria.text and one[0] == criteria.text.text), None)
        is_meant = (
            meaning is None
            or {
                "family": doctor.family_name.startswith(meaning[2]),
                "code": specialty.code == meaning[2],
                "clinic": meaning[2] in clinic.name,
            }[meaning[1]]
        )
        return (
            is_near
            and is_meant
            and (not criteria.specialty_codes or specialty.code in criteria.specialty_codes)
            and (not criteria.clinic_ids or clinic.id in criteria.clinic_ids)
            and (not criteria.doctor_ids or doctor.id in criteria.doctor_ids)
            and (criteria.town is None or clinic.town == criteria.town)
            and (criteria.starts_from is None or slot.starts_at >= criteria.starts_from)
            and (criteria.starts_before is None or slot.starts_at < criteria.starts_before)
            and criteria.hours.start <= local.hour * 60 + local.minute < criteria.hours.end
            and bool(criteria.weekdays >> local.weekday() & 1)
        )

    def may_be_taken(self, slot: SlotRow, criteria: SearchCriteria) -> bool:
        if criteria.person_id is None:
            return True
        region, person = self.region, self.region.person
        clinic, specialty = region.clinics[slot.clinic_id], region.specialties[slot.specialty_id]
        day = slot.starts_at.astimezone(ZoneInfo(clinic.time_zone)).date()
        born = person.birth_date
        years = day.year - born.year - ((day.month, day.day) < (born.month, born.day))
        is_referred = any(
            one.specialty_id == specialty.id and one.issued_on <= day <= one.expires_on for one in region.referrals
        )
        return (
            all(
                (limits.age_from is None or limits.age_from <= years)
                and (limits.age_until is None or years <= limits.age_until)
                for limits in (clinic, specialty)
            )
            and specialty.sex in {None, person.sex}
            and (not specialty.needs_attachment or region.attached == clinic.id)
            and (specialty.direct_booking or is_referred)
        )

    def _rank(self, slot: SlotRow, criteria: SearchCriteria, order: Order) -> tuple[Any, ...]:
        clinic, doctor = self.region.clinics[slot.clinic_id], self.region.doctors[slot.doctor_id]
        if order is Order.NEAREST and criteria.near:
            return ranking_km(criteria.near, Point(clinic.latitude, clinic.longitude)), clinic.id
        if order is Order.DOCTOR:
            return doctor.family_name.lower().replace("ё", "е"), doctor.id
        return ()
