"""Rows of booking. Instants are UTC; local dates and times are by the clinic's own clock."""

from datetime import date, datetime, time
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, DateTime, Index, PrimaryKeyConstraint, UniqueConstraint, text
from sqlmodel import Field, SQLModel
from uuid_utils.compat import uuid7

from backend.booking.values import (
    ACTIVE_STATUSES,
    BOOKED_STATUSES,
    ActorRole,
    AppointmentStatus,
    CancelReason,
    Channel,
    EventKind,
    Registry,
    SetStatus,
)
from backend.profile.values import Sex
from identity.columns import choice

ACTIVE = text(f"status IN ({', '.join(repr(status.value) for status in ACTIVE_STATUSES)})")
HELD = text(f"status = '{AppointmentStatus.HELD.value}'")
UNSETTLED = text("status IN ('pending', 'unknown', 'cancelling')")
OF_SET = text("set_id IS NOT NULL")
BY_REFERRAL_STATUSES = (*BOOKED_STATUSES, AppointmentStatus.ATTENDED)
"""Those in which an appointment uses its referral up."""
OUTSIDE = text("external_id IS NOT NULL")
BY_REFERRAL = text(
    f"referral_id IS NOT NULL AND status IN ({', '.join(repr(status.value) for status in BY_REFERRAL_STATUSES)})"
)


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


class AppointmentRow(SQLModel, table=True):
    """A person's claim on a slot: first HELD, then CONFIRMED, in the end ATTENDED, CANCELLED or RELEASED.

    A hold with `replaces_id` is meant to take that appointment's place. `sequence` counts the moves, as calendars do.
    `registry_key` is the key under which an outside registry was asked, `asked_at` when it was last. One of a set is
    PENDING until all are agreed; `agreed_at` is when its own clinic did.

    The unique index by slot is the one key that does not begin with the person: it must span all people, for it is
    what makes a double booking impossible (R53). Specialty and times are copied from the slot, so that the rules
    about one person read one index.
    """

    __tablename__ = "appointments"
    __table_args__ = (
        Index("appointments_one_active_per_slot", "slot_id", unique=True, postgresql_where=ACTIVE, sqlite_where=ACTIVE),
        Index("appointments_person_starts_at", "person_id", "starts_at", "id"),
        Index("appointments_of_set", "person_id", "set_id", postgresql_where=OF_SET, sqlite_where=OF_SET),
        Index("appointments_hold_expires_at", "hold_expires_at", postgresql_where=HELD, sqlite_where=HELD),
        Index("appointments_unsettled", "asked_at", postgresql_where=UNSETTLED, sqlite_where=UNSETTLED),
        Index(
            "appointments_one_per_referral",
            "person_id",
            "referral_id",
            unique=True,
            postgresql_where=BY_REFERRAL,
            sqlite_where=BY_REFERRAL,
        ),
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
    status: AppointmentStatus = Field(
        sa_column=Column(choice(AppointmentStatus, "appointments_status"), nullable=False)
    )
    channel: Channel = Field(sa_column=Column(choice(Channel, "appointments_channel"), nullable=False))
    created_at: datetime = Field(sa_column=_instant())
    hold_expires_at: datetime | None = Field(default=None, sa_column=_instant(nullable=True))
    confirmed_at: datetime | None = Field(default=None, sa_column=_instant(nullable=True))
    cancelled_at: datetime | None = Field(default=None, sa_column=_instant(nullable=True))
    cancel_reason: CancelReason | None = Field(
        default=None, sa_column=Column(choice(CancelReason, "appointments_cancel_reason"), nullable=True)
    )
    cancelled_by: UUID | None = None
    cancelled_as: ActorRole | None = Field(
        default=None, sa_column=Column(choice(ActorRole, "appointments_cancelled_as", checked=False), nullable=True)
    )
    replaces_id: UUID | None = None
    referral_id: UUID | None = None
    sequence: int = Field(default=0, sa_column_kwargs={"server_default": text("0")})
    extended_at: datetime | None = Field(default=None, sa_column=_instant(nullable=True))
    checked_in_at: datetime | None = Field(default=None, sa_column=_instant(nullable=True))
    closed_at: datetime | None = Field(default=None, sa_column=_instant(nullable=True))
    registry_key: UUID | None = None
    asked_at: datetime | None = Field(default=None, sa_column=_instant(nullable=True))
    tries: int = Field(default=0, sa_column_kwargs={"server_default": text("0")})
    refused_with: str | None = Field(default=None, max_length=64)
    norm_exceeded: bool | None = None
    set_id: UUID | None = None
    agreed_at: datetime | None = Field(default=None, sa_column=_instant(nullable=True))


class AppointmentSetRow(SQLModel, table=True):
    """Appointments that are booked together or not at all."""

    __tablename__ = "appointment_sets"
    __table_args__ = (PrimaryKeyConstraint("person_id", "id", name="appointment_sets_pk"),)

    person_id: UUID
    id: UUID = Field(default_factory=uuid7)
    status: SetStatus = Field(sa_column=Column(choice(SetStatus, "appointment_sets_status"), nullable=False))
    created_at: datetime = Field(sa_column=_instant())
    closed_at: datetime | None = Field(default=None, sa_column=_instant(nullable=True))
    refused_with: str | None = Field(default=None, max_length=64)


class AppointmentEventRow(SQLModel, table=True):
    """What happened to an appointment, in order of id; rows are only added."""

    __tablename__ = "appointment_events"
    __table_args__ = (PrimaryKeyConstraint("person_id", "appointment_id", "id", name="appointment_events_pk"),)

    person_id: UUID
    appointment_id: UUID
    id: UUID = Field(default_factory=uuid7)
    kind: EventKind = Field(
        sa_column=Column(choice(EventKind, "appointment_events_kind", checked=False), nullable=False)
    )
    at: datetime = Field(sa_column=_instant())
    actor_id: UUID | None = None
    role: ActorRole = Field(
        sa_column=Column(choice(ActorRole, "appointment_events_role", checked=False), nullable=False)
    )
    slot_id: UUID
    from_slot_id: UUID | None = None
    reason: CancelReason | None = Field(
        default=None, sa_column=Column(choice(CancelReason, "appointment_events_reason", checked=False), nullable=True)
    )


class ReferralRow(SQLModel, table=True):
    """A doctor's direction to a specialty, for one visit; the days are inclusive."""

    __tablename__ = "referrals"
    __table_args__ = (
        PrimaryKeyConstraint("person_id", "id", name="referrals_pk"),
        UniqueConstraint("person_id", "number", name="referrals_number"),
        CheckConstraint("expires_on >= issued_on", name="referrals_expires_after_issue"),
    )

    person_id: UUID
    id: UUID = Field(default_factory=uuid7)
    number: str = Field(max_length=64)
    specialty_id: UUID = Field(foreign_key="specialties.id")
    issued_on: date
    expires_on: date
    source: str = Field(max_length=32)
    as_of: datetime = Field(sa_column=_instant())


class AttachmentRow(SQLModel, table=True):
    """The organisation, with all its clinics, that a person is attached to: one at a time. Source: 323-ФЗ art. 21."""

    __tablename__ = "attachments"

    person_id: UUID = Field(primary_key=True)
    organisation_id: UUID = Field(foreign_key="medical_organisations.id")
    since: date
    source: str = Field(max_length=32)
    as_of: datetime = Field(sa_column=_instant())
