"""Rows of holds and appointments, of sets of them, and of what happened to them; instants are UTC."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, DateTime, Index, PrimaryKeyConstraint, text
from sqlmodel import Field, SQLModel
from uuid_utils.compat import uuid7

from backend.booking.states import (
    ACTIVE_STATUSES,
    BOOKED_STATUSES,
    ActorRole,
    AppointmentStatus,
    CancelReason,
    EventKind,
    SetStatus,
)
from backend.booking.values import Channel
from identity.columns import choice

ACTIVE = text(f"status IN ({', '.join(repr(status.value) for status in ACTIVE_STATUSES)})")
HELD = text(f"status = '{AppointmentStatus.HELD.value}'")
UNSETTLED = text("status IN ('pending', 'unknown', 'cancelling')")
OF_SET = text("set_id IS NOT NULL")
BY_REFERRAL_STATUSES = (*BOOKED_STATUSES, AppointmentStatus.ATTENDED)
"""Those in which an appointment uses its referral up."""
BY_REFERRAL = text(
    f"referral_id IS NOT NULL AND status IN ({', '.join(repr(status.value) for status in BY_REFERRAL_STATUSES)})"
)


def _instant(*, nullable: bool = False) -> Column[datetime]:
    return Column(DateTime(timezone=True), nullable=nullable)


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
