"""Rows of booking. Instants are UTC; local dates and times are by the clinic's own clock."""

from datetime import date, datetime, time
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, DateTime, Enum, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel
from uuid_utils.compat import uuid7

from backend.booking.values import ACTIVE_STATUSES, AppointmentStatus, CancelReason, Channel

ACTIVE = text(f"status IN ({', '.join(repr(status.value) for status in ACTIVE_STATUSES)})")
HELD = text(f"status = '{AppointmentStatus.HELD.value}'")


def _instant(*, nullable: bool = False) -> Column[datetime]:
    return Column(DateTime(timezone=True), nullable=nullable)


def _enum(kind: type[StrEnum], name: str, *, nullable: bool = False) -> Column[StrEnum]:
    stored = Enum(
        kind,
        native_enum=False,
        create_constraint=True,
        length=32,
        name=name,
        values_callable=lambda members: [member.value for member in members],
    )
    return Column(stored, nullable=nullable)


class SpecialtyRow(SQLModel, table=True):
    __tablename__ = "specialties"
    __table_args__ = (UniqueConstraint("code", name="specialties_code"),)

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    code: str = Field(max_length=32)
    name_ru: str = Field(max_length=200)
    name_en: str = Field(max_length=200)
    direct_booking: bool


class OrganisationRow(SQLModel, table=True):
    __tablename__ = "medical_organisations"
    __table_args__ = (UniqueConstraint("oid", name="medical_organisations_oid"),)

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    oid: str = Field(max_length=64)
    name: str = Field(max_length=300)


class ClinicRow(SQLModel, table=True):
    __tablename__ = "clinics"
    __table_args__ = (
        UniqueConstraint("oid", name="clinics_oid"),
        CheckConstraint("latitude BETWEEN -90 AND 90", name="clinics_latitude"),
        CheckConstraint("longitude BETWEEN -180 AND 180", name="clinics_longitude"),
        Index("clinics_organisation", "organisation_id"),
        Index("clinics_town_name", "town", "name", "id"),
    )

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    organisation_id: UUID = Field(foreign_key="medical_organisations.id")
    oid: str = Field(max_length=64)
    name: str = Field(max_length=300)
    address: str = Field(max_length=300)
    town: str = Field(max_length=100)
    latitude: float
    longitude: float
    time_zone: str = Field(max_length=64)
    phone: str = Field(max_length=16)


class DoctorRow(SQLModel, table=True):
    __tablename__ = "doctors"

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    family_name: str = Field(max_length=100)
    given_name: str = Field(max_length=100)
    patronymic: str | None = Field(default=None, max_length=100)


class PostRow(SQLModel, table=True):
    """A doctor's place of work: who sees people where, as what."""

    __tablename__ = "posts"
    __table_args__ = (
        UniqueConstraint("doctor_id", "clinic_id", "specialty_id", name="posts_doctor_clinic_specialty"),
        Index("posts_clinic_specialty", "clinic_id", "specialty_id"),
    )

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    doctor_id: UUID = Field(foreign_key="doctors.id")
    clinic_id: UUID = Field(foreign_key="clinics.id")
    specialty_id: UUID = Field(foreign_key="specialties.id")
    room: str | None = Field(default=None, max_length=20)


class ScheduleRow(SQLModel, table=True):
    """One day's reception of a post, by the clinic's own clock."""

    __tablename__ = "schedules"
    __table_args__ = (
        UniqueConstraint("post_id", "day", "opens", name="schedules_post_day_opens"),
        CheckConstraint("closes > opens", name="schedules_closes_after_opens"),
        CheckConstraint("slot_minutes BETWEEN 1 AND 480", name="schedules_slot_minutes"),
    )

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    post_id: UUID = Field(foreign_key="posts.id")
    day: date
    opens: time
    closes: time
    slot_minutes: int


class SlotRow(SQLModel, table=True):
    """A time that one person can take; clinic, doctor and specialty are copied from the post to be searched by.

    `channels` is a mask of `Channel.bit`: one integer test on both engines.
    """

    __tablename__ = "slots"
    __table_args__ = (
        UniqueConstraint("doctor_id", "starts_at", name="slots_doctor_starts_at"),
        CheckConstraint("ends_at > starts_at", name="slots_ends_after_start"),
        Index("slots_specialty_starts_at", "specialty_id", "starts_at", "id"),
        Index("slots_clinic_starts_at", "clinic_id", "specialty_id", "starts_at", "id"),
        Index("slots_starts_at", "starts_at", "id"),
        Index("slots_schedule", "schedule_id"),
    )

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    schedule_id: UUID = Field(foreign_key="schedules.id")
    clinic_id: UUID = Field(foreign_key="clinics.id")
    doctor_id: UUID = Field(foreign_key="doctors.id")
    specialty_id: UUID = Field(foreign_key="specialties.id")
    starts_at: datetime = Field(sa_column=_instant())
    ends_at: datetime = Field(sa_column=_instant())
    room: str | None = Field(default=None, max_length=20)
    channels: int


class AppointmentRow(SQLModel, table=True):
    """A person's claim on a slot: first HELD, then CONFIRMED, in the end CANCELLED or RELEASED.

    The unique index by slot is the one key that does not begin with the person: it must span all people, for it is
    what makes a double booking impossible (R53). Specialty and times are copied from the slot, so that the rules
    about one person read one index.
    """

    __tablename__ = "appointments"
    __table_args__ = (
        Index("appointments_one_active_per_slot", "slot_id", unique=True, postgresql_where=ACTIVE, sqlite_where=ACTIVE),
        Index("appointments_person_starts_at", "person_id", "starts_at", "id"),
        Index("appointments_hold_expires_at", "hold_expires_at", postgresql_where=HELD, sqlite_where=HELD),
        CheckConstraint("status <> 'held' OR hold_expires_at IS NOT NULL", name="appointments_held_until"),
        CheckConstraint("status <> 'confirmed' OR confirmed_at IS NOT NULL", name="appointments_confirmed_when"),
        CheckConstraint(
            "status <> 'cancelled' OR"
            " (cancelled_at IS NOT NULL AND cancel_reason IS NOT NULL AND cancelled_by IS NOT NULL)",
            name="appointments_cancelled_why",
        ),
    )

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    person_id: UUID
    actor_id: UUID
    slot_id: UUID = Field(foreign_key="slots.id")
    specialty_id: UUID = Field(foreign_key="specialties.id")
    starts_at: datetime = Field(sa_column=_instant())
    ends_at: datetime = Field(sa_column=_instant())
    status: AppointmentStatus = Field(sa_column=_enum(AppointmentStatus, "appointments_status"))
    channel: Channel = Field(sa_column=_enum(Channel, "appointments_channel"))
    created_at: datetime = Field(sa_column=_instant())
    hold_expires_at: datetime | None = Field(default=None, sa_column=_instant(nullable=True))
    confirmed_at: datetime | None = Field(default=None, sa_column=_instant(nullable=True))
    cancelled_at: datetime | None = Field(default=None, sa_column=_instant(nullable=True))
    cancel_reason: CancelReason | None = Field(
        default=None, sa_column=_enum(CancelReason, "appointments_cancel_reason", nullable=True)
    )
    cancelled_by: UUID | None = None
