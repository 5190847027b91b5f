"""Rows of booking. Instants are UTC; local dates and times are by the clinic's own clock."""

from datetime import date, datetime, time
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, DateTime, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel
from uuid_utils.compat import uuid7

from backend.booking.values import Channel, Registry
from backend.profile.values import Sex
from identity.columns import choice

OUTSIDE = text("external_id IS NOT NULL")


def _instant(*, nullable: bool = False) -> Column[datetime]:
    return Column(DateTime(timezone=True), nullable=nullable)


class SpecialtyRow(SQLModel, table=True):
    """A specialty and whom it sees: full years from `age_from` to `age_until`, both inclusive; None does not limit."""

    __tablename__ = "specialties"
    __table_args__ = (UniqueConstraint("code", name="specialties_code"),)

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    code: str = Field(max_length=32)
    name_ru: str = Field(max_length=200)
    name_en: str = Field(max_length=200)
    direct_booking: bool
    needs_attachment: bool = Field(default=False, sa_column_kwargs={"server_default": text("false")})
    age_from: int | None = None
    age_until: int | None = None
    sex: Sex | None = Field(
        default=None, sa_column=Column(choice(Sex, "specialties_sex", checked=False), nullable=True)
    )


class OrganisationRow(SQLModel, table=True):
    """A legal body that runs clinics; by `ogrn` its staff are known at the desk."""

    __tablename__ = "medical_organisations"
    __table_args__ = (
        UniqueConstraint("oid", name="medical_organisations_oid"),
        Index("medical_organisations_ogrn", "ogrn"),
    )

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    oid: str = Field(max_length=64)
    name: str = Field(max_length=300)
    ogrn: str | None = Field(default=None, max_length=13)


class ClinicRow(SQLModel, table=True):
    """A clinic, whose word about its slots counts, and the ages it sees, both inclusive."""

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
    kept_by: Registry = Field(
        default=Registry.OWN,
        sa_column=Column(
            choice(Registry, "clinics_kept_by", checked=False), nullable=False, server_default=Registry.OWN.value
        ),
    )
    age_from: int | None = None
    age_until: int | None = None


class DoctorRow(SQLModel, table=True):
    __tablename__ = "doctors"

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    family_name: str = Field(max_length=100)
    given_name: str = Field(max_length=100)
    patronymic: str | None = Field(default=None, max_length=100)


class PostRow(SQLModel, table=True):
    """A doctor's place of work: who sees people where, as what.

    `resource_key` is what an outside registry calls it, `as_of` from when the times are that it last told.
    `releases_by_queue` says that people may queue for what it begins to give out.
    """

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
    resource_key: str | None = Field(default=None, max_length=200)
    as_of: datetime | None = Field(default=None, sa_column=_instant(nullable=True))
    releases_by_queue: bool = Field(default=False, sa_column_kwargs={"server_default": text("false")})


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


class ScheduleQuotaRow(SQLModel, table=True):
    """How many slots of a reception a channel may give out at most; without a row, all that it is allowed."""

    __tablename__ = "schedule_quotas"
    __table_args__ = (CheckConstraint("most >= 0", name="schedule_quotas_most"),)

    schedule_id: UUID = Field(foreign_key="schedules.id", primary_key=True)
    channel: Channel = Field(sa_column=Column(choice(Channel, "schedule_quotas_channel"), primary_key=True))
    most: int


class SlotRow(SQLModel, table=True):
    """A time that one person can take; clinic, doctor and specialty are copied from the post to be searched by.

    `channels` is a mask of `Channel.bit`: one integer test on both engines; 0 when the clinic has withdrawn it.
    `released_at` is when it begins to be given out, None from the start. A slot of an outside registry has its name
    there and when it was last seen free.
    """

    __tablename__ = "slots"
    __table_args__ = (
        UniqueConstraint("doctor_id", "starts_at", name="slots_doctor_starts_at"),
        CheckConstraint("ends_at > starts_at", name="slots_ends_after_start"),
        Index("slots_specialty_starts_at", "specialty_id", "starts_at", "id"),
        Index("slots_clinic_starts_at", "clinic_id", "specialty_id", "starts_at", "id"),
        Index("slots_clinic_time", "clinic_id", "starts_at", "id"),
        Index("slots_starts_at", "starts_at", "id"),
        Index("slots_schedule", "schedule_id"),
        Index(
            "slots_external",
            "clinic_id",
            "external_id",
            unique=True,
            postgresql_where=OUTSIDE,
            sqlite_where=OUTSIDE,
        ),
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
    released_at: datetime | None = Field(default=None, sa_column=_instant(nullable=True))
    external_id: str | None = Field(default=None, max_length=200)
    as_of: datetime | None = Field(default=None, sa_column=_instant(nullable=True))
