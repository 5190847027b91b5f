"""A small registry of clinics: two doctors of two specialties in Калуга, and one clinic at each edge of the country."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Table, insert, select
from sqlmodel import SQLModel, col
from uuid_utils.compat import uuid7

from backend.booking.appointment_tables import AppointmentRow
from backend.booking.appointments import AppointmentService
from backend.booking.clinics import ClinicService
from backend.booking.ports import OutsideRegistry
from backend.booking.slots import SlotService
from backend.booking.states import AppointmentStatus, CancelReason
from backend.booking.tables import (
    ClinicRow,
    DoctorRow,
    OrganisationRow,
    PostRow,
    ScheduleRow,
    SpecialtyRow,
)
from backend.booking.terms import PORTAL_TERMS, BookingTerms
from backend.booking.values import (
    Appointment,
    AppointmentId,
    Channel,
    Claim,
    Clinic,
    ClinicId,
    Doctor,
    DoctorId,
    MedicalOrganisation,
    Slot,
    SlotId,
    SlotTime,
    Specialty,
    SpecialtyId,
    channel_mask,
)
from backend.booking.values import Registry as Registry_
from backend.clock import SettableClock
from backend.database import Database
from backend.waiting_list.settling import note_booked
from identity.principal import PersonId, Principal
from notifications.tables import NotificationRow
from tests.factories.access import access_control
from tests.factories.people import NOW, make_principal

EVERY_CHANNEL = channel_mask(tuple(Channel))
THERAPIST, DENTIST = "therapist", "dentist"


@dataclass(frozen=True)
class Place:
    """A clinic with one doctor of one specialty."""

    clinic_id: ClinicId
    doctor_id: DoctorId
    specialty_id: SpecialtyId
    schedule_id: UUID


class Registry:
    """Writes the reference rows and the slots that a test names."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._specialties: dict[str, SpecialtyId] = {}
        self._organisation_id: UUID | None = None

    async def add_clinic(
        self,
        *,
        town: str = "Калуга",
        time_zone: str = "Europe/Moscow",
        name: str = "Поликлиника",
        latitude: float = 54.51,
        longitude: float = 36.26,
    ) -> ClinicId:
        """Store a clinic of the one organisation."""
        if self._organisation_id is None:
            organisation = OrganisationRow(oid="1.2.643.5.1.13.13.12.2.40.900", name="Областная больница")
            self._organisation_id = organisation.id
            await self._store(organisation)
        clinic = ClinicRow(
            organisation_id=self._organisation_id,
            oid=f"1.2.643.5.1.13.13.12.2.40.{uuid7()}",
            name=name,
            address=f"{town}, ул. Ленина, 1",
            town=town,
            latitude=latitude,
            longitude=longitude,
            time_zone=time_zone,
            phone="+74842000000",
        )
        await self._store(clinic)
        return ClinicId(clinic.id)

    async def add_place(self, clinic_id: ClinicId, *, specialty: str = THERAPIST, family_name: str = "Серова") -> Place:
        """Store a doctor with a post and a schedule in a clinic."""
        if specialty not in self._specialties:
            row = SpecialtyRow(code=specialty, name_ru=f"«{specialty}»", name_en=specialty, direct_booking=True)
            await self._store(row)
            self._specialties[specialty] = SpecialtyId(row.id)
        specialty_id = self._specialties[specialty]
        doctor = DoctorRow(family_name=family_name, given_name="Ирина", patronymic="Львовна")
        post = PostRow(doctor_id=doctor.id, clinic_id=clinic_id, specialty_id=specialty_id, room="12")
        schedule = ScheduleRow(post_id=post.id, day=date(2026, 11, 22), opens=time(8), closes=time(20), slot_minutes=15)
        await self._store(doctor)
        await self._store(post)
        await self._store(schedule)
        return Place(clinic_id, DoctorId(doctor.id), specialty_id, schedule.id)

    async def add_slots(
        self,
        place: Place,
        starts: Sequence[datetime],
        *,
        minutes: int = 15,
        channels: int = EVERY_CHANNEL,
    ) -> list[SlotId]:
        """Store slots that begin at `starts`; return their ids in that order."""
        rows: list[dict[str, Any]] = [
            {
                "id": uuid7(),
                "schedule_id": place.schedule_id,
                "clinic_id": place.clinic_id,
                "doctor_id": place.doctor_id,
                "specialty_id": place.specialty_id,
                "starts_at": start,
                "ends_at": start + timedelta(minutes=minutes),
                "room": "12",
                "channels": channels,
            }
            for start in starts
        ]
        async with self._database.transaction() as session:
            table: Table = SQLModel.metadata.tables["slots"]
            await (await session.connection()).execute(insert(table), rows)
        return [SlotId(row["id"]) for row in rows]

    async def _store(self, row: SQLModel) -> None:
        async with self._database.transaction() as session:
            session.add(row)


@dataclass
class Booking:
    """The services over one database and one clock, and who was told that their inbox has news."""

    database: Database
    clock: SettableClock = field(default_factory=lambda: SettableClock(NOW))
    terms: BookingTerms = PORTAL_TERMS
    registries: Mapping[Registry_, OutsideRegistry] = field(default_factory=dict)
    published: list[PersonId] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.registry = Registry(self.database)
        self.clinics = ClinicService(database=self.database)
        self.slots = SlotService(database=self.database, clock=self.clock)
        self.access = access_control(self.database, self.clock)
        self.appointments = AppointmentService(
            database=self.database,
            access=self.access,
            clock=self.clock,
            published=self.published.append,
            registries=self.registries,
            terms=self.terms,
            after_booking=note_booked,
        )

    async def one_place(self, *, specialty: str = THERAPIST, **clinic: Any) -> Place:
        """Store a clinic with one doctor."""
        return await self.registry.add_place(await self.registry.add_clinic(**clinic), specialty=specialty)

    async def one_slot(self, *, at: datetime = NOW + timedelta(hours=3), specialty: str = THERAPIST) -> SlotId:
        """Store a clinic with one doctor and one slot."""
        return (await self.registry.add_slots(await self.one_place(specialty=specialty), [at]))[0]

    async def hold(
        self,
        actor: Principal,
        slot_id: SlotId,
        *,
        channel: Channel = Channel.APP,
        replaces: AppointmentId | None = None,
        referral_id: UUID | None = None,
    ) -> AppointmentId:
        """Hold a slot for the actor under a new key; return the hold's id."""
        outcome = await self.appointments.hold_slot(
            actor,
            person_id=actor.person_id,
            slot_id=slot_id,
            channel=channel,
            replaces=replaces,
            referral_id=referral_id,
            idempotency_key=uuid7(),
        )
        return outcome.value.id

    async def move(self, actor: Principal, appointment_id: AppointmentId, slot_id: SlotId) -> Appointment:
        """Hold a slot to move an appointment of the actor there, and move it; return it as it stands."""
        hold_id = await self.hold(actor, slot_id, replaces=appointment_id)
        return await self.move_to(actor, appointment_id, hold_id)

    async def move_to(self, actor: Principal, appointment_id: AppointmentId, hold_id: AppointmentId) -> Appointment:
        """Move an appointment of the actor to a place that is held; return it as it stands."""
        outcome = await self.appointments.reschedule_appointment(
            actor,
            person_id=actor.person_id,
            appointment_id=appointment_id,
            hold_id=hold_id,
            idempotency_key=uuid7(),
        )
        return outcome.value

    async def find(self, actor: Principal, appointment_id: AppointmentId) -> Appointment:
        """Return an appointment or hold of the actor as it stands."""
        found = await self.appointments.by_ids(actor, person_id=actor.person_id, ids=[appointment_id])
        return found[appointment_id]

    async def events(self, actor: Principal, appointment_id: AppointmentId) -> list[str]:
        """Return what happened to an appointment of the actor, in order."""
        told = await self.appointments.events(actor, person_id=actor.person_id, ids=[appointment_id])
        return [event.kind.value for event in told[appointment_id]]

    async def book(self, actor: Principal, slot_id: SlotId) -> AppointmentId:
        """Hold and book a slot for the actor under new keys; return the appointment's id."""
        hold_id = await self.hold(actor, slot_id)
        await self.book_held(actor, hold_id)
        return hold_id

    async def book_held(self, actor: Principal, hold_id: AppointmentId) -> AppointmentStatus:
        """Book what the actor holds under a new key; return how the appointment stands."""
        outcome = await self.appointments.book_appointment(
            actor, person_id=actor.person_id, hold_id=hold_id, idempotency_key=uuid7()
        )
        return outcome.value.status

    async def cancel(self, actor: Principal, appointment_id: AppointmentId) -> AppointmentStatus:
        """Give an appointment of the actor up under a new key; return how it stands."""
        outcome = await self.appointments.cancel_appointment(
            actor,
            person_id=actor.person_id,
            appointment_id=appointment_id,
            reason=CancelReason.PATIENT_DECLINE,
            idempotency_key=uuid7(),
        )
        return outcome.value.status

    async def statuses(self) -> list[AppointmentStatus]:
        """Return the status of every appointment row, sorted."""
        async with self.database.reading() as session:
            found = await (await session.connection()).execute(select(col(AppointmentRow.status)))
            return sorted(found.scalars())

    async def told(self) -> list[tuple[PersonId, str]]:
        """Return person and kind of every notification row, in order of writing."""
        wanted = select(col(NotificationRow.person_id), col(NotificationRow.kind)).order_by(col(NotificationRow.id))
        async with self.database.reading() as session:
            found = await (await session.connection()).execute(wanted)
            return [(PersonId(person), kind.value) for person, kind in found]


async def empty(database: Database) -> None:
    """Empty every table, for the next example of a property."""
    async with database.transaction() as session:
        for table in reversed(SQLModel.metadata.sorted_tables):
            await (await session.connection()).execute(table.delete())


def citizens(count: int) -> list[Principal]:
    """Return so many different signed-in citizens."""
    return [make_principal() for _ in range(count)]


def make_slot_time(start: datetime = NOW + timedelta(hours=1), **given: Any) -> SlotTime:
    """Return what the rules see of a slot of 15 minutes."""
    return SlotTime(
        **{
            "id": SlotId(uuid7()),
            "specialty_id": SpecialtyId(uuid7()),
            "clinic_id": ClinicId(uuid7()),
            "doctor_id": DoctorId(uuid7()),
            "starts_at": start,
            "ends_at": start + timedelta(minutes=15),
            "channels": EVERY_CHANNEL,
            "schedule_id": uuid7(),
            **given,
        }
    )


def make_claim(start: datetime = NOW + timedelta(hours=1), **given: Any) -> Claim:
    """Return what the rules see of a confirmed appointment of 15 minutes."""
    return Claim(
        **{
            "id": AppointmentId(uuid7()),
            "slot_id": SlotId(uuid7()),
            "specialty_id": SpecialtyId(uuid7()),
            "status": AppointmentStatus.CONFIRMED,
            "channel": Channel.APP,
            "starts_at": start,
            "ends_at": start + timedelta(minutes=15),
            "hold_expires_at": None,
            **given,
        }
    )


def make_slot(near: SlotTime, *, later: timedelta, town: str = "Калуга", **given: Any) -> Slot:
    """Return a slot `later` than another, at the same doctor's unless told otherwise."""
    clinic = Clinic(
        id=given.get("clinic_id", near.clinic_id),
        oid="1.2.3",
        name="Поликлиника",
        address=town,
        town=town,
        latitude=54.5,
        longitude=36.2,
        time_zone="Europe/Moscow",
        phone="+74842000000",
        organisation=MedicalOrganisation(uuid7(), "1.2", "Больница"),
    )
    start = near.starts_at + later
    return Slot(
        id=SlotId(uuid7()),
        starts_at=start.astimezone(UTC),
        ends_at=start.astimezone(UTC) + timedelta(minutes=15),
        room="12",
        clinic=clinic,
        doctor=Doctor(given.get("doctor_id", near.doctor_id), "Серова", "Ирина", None),
        specialty=Specialty(near.specialty_id, THERAPIST, "терапевт", "therapist", direct_booking=True),
    )
