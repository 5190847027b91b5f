"""A small region made by chance, to be searched."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import insert
from sqlmodel import SQLModel
from uuid_utils.compat import uuid7

from backend.booking.appointment_tables import AppointmentRow
from backend.booking.entitlement_tables import AttachmentRow, ReferralRow
from backend.booking.states import AppointmentStatus, CancelReason
from backend.booking.tables import (
    ClinicRow,
    DoctorRow,
    OrganisationRow,
    PostRow,
    ScheduleQuotaRow,
    ScheduleRow,
    SlotRow,
    SpecialtyRow,
)
from backend.booking.values import Channel
from backend.database import Database
from backend.profile.values import Sex
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
        self.organisations = [OrganisationRow(oid=f"1.2.{number}", name=f"Больница {number}") for number in range(3)]
        made = (self._clinic(number, self.organisations[number % 3]) for number in range(6))
        self.clinics = {one.id: one for one in made}
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
        self.attached = self.random.choice([*(one.id for one in self.organisations), None])
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

    async def store(self, database: Database) -> None:
        """Write every row."""
        attachments = (
            [
                AttachmentRow(
                    person_id=self.person_id,
                    organisation_id=self.attached,
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
            self.organisations,
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
