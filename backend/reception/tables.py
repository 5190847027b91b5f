"""Rows of the registry desk: what a clinic plans, and what it is about to cancel."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, Column, DateTime, Index, PrimaryKeyConstraint, text
from sqlmodel import Field, SQLModel
from uuid_utils.compat import uuid7

from backend.reception.proposal_values import CallReason, ItemState, ProposalReason, ProposalStatus
from identity.columns import choice

CONFIRMED = text(f"status = '{ProposalStatus.CONFIRMED.value}'")


class ScheduleTemplateRow(SQLModel, table=True):
    """How a post receives on one weekday (1 is Monday), by the clinic's own clock, from one day to another, inclusive.

    `opens` and `closes` are minutes since midnight, `channels` is the mask that each slot gets, `quotas` the most that
    a channel gives out of one reception. Slots are given out from `release_minute` of the day that lies `release_days`
    before theirs; from the start when both are null.
    """

    __tablename__ = "schedule_templates"
    __table_args__ = (
        Index("schedule_templates_post", "post_id", "weekday"),
        CheckConstraint("weekday BETWEEN 1 AND 7", name="schedule_templates_weekday"),
        CheckConstraint("opens >= 0 AND closes > opens AND closes <= 1439", name="schedule_templates_hours"),
        CheckConstraint("slot_minutes BETWEEN 1 AND 480", name="schedule_templates_slot_minutes"),
        CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="schedule_templates_validity"),
        CheckConstraint("(release_days IS NULL) = (release_minute IS NULL)", name="schedule_templates_release_whole"),
    )

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    post_id: UUID = Field(foreign_key="posts.id")
    weekday: int
    opens: int
    closes: int
    slot_minutes: int
    channels: int
    quotas: dict[str, int] = Field(sa_column=Column(JSON, nullable=False))
    release_days: int | None = None
    release_minute: int | None = None
    valid_from: date
    valid_to: date | None = None
    created_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))


class CancellationProposalRow(SQLModel, table=True):
    """What a clinic is about to cancel, or is cancelling: the slots of a range, of one doctor or of all.

    The counts are those of the moment it was made; what becomes of each appointment stands in its items.
    """

    __tablename__ = "cancellation_proposals"
    __table_args__ = (
        CheckConstraint("starts_before > starts_from", name="cancellation_proposals_range"),
        CheckConstraint(
            "status = 'proposed' OR confirmed_at IS NOT NULL", name="cancellation_proposals_confirmed_when"
        ),
        Index("cancellation_proposals_clinic", "clinic_id", "created_at"),
        Index("cancellation_proposals_at_work", "confirmed_at", postgresql_where=CONFIRMED, sqlite_where=CONFIRMED),
    )

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    clinic_id: UUID = Field(foreign_key="clinics.id")
    doctor_id: UUID | None = Field(default=None, foreign_key="doctors.id")
    starts_from: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    starts_before: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    reason: ProposalReason = Field(
        sa_column=Column(choice(ProposalReason, "cancellation_proposals_reason", checked=False), nullable=False)
    )
    status: ProposalStatus = Field(
        sa_column=Column(choice(ProposalStatus, "cancellation_proposals_status"), nullable=False)
    )
    appointments: int
    holds: int
    free_slots: int
    created_by: UUID
    created_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    confirmed_by: UUID | None = None
    confirmed_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True), nullable=True))
    done_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True), nullable=True))


class CancellationItemRow(SQLModel, table=True):
    """One appointment of a proposal, and what becomes of it: the row carries how far the work has come."""

    __tablename__ = "cancellation_items"
    __table_args__ = (
        PrimaryKeyConstraint("person_id", "proposal_id", "appointment_id", name="cancellation_items_pk"),
        Index("cancellation_items_of_proposal", "proposal_id", "starts_at", "appointment_id"),
    )

    person_id: UUID
    proposal_id: UUID = Field(foreign_key="cancellation_proposals.id")
    appointment_id: UUID
    starts_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    has_contact: bool
    replacement_slot_id: UUID | None = Field(default=None, foreign_key="slots.id")
    state: ItemState = Field(sa_column=Column(choice(ItemState, "cancellation_items_state"), nullable=False))
    call_reason: CallReason | None = Field(
        default=None,
        sa_column=Column(choice(CallReason, "cancellation_items_call_reason", checked=False), nullable=True),
    )
    hold_id: UUID | None = None
    settled_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True), nullable=True))
