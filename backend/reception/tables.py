"""Rows of the registry desk: what a clinic plans, and what it is about to cancel."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, Column, DateTime, Index, text
from sqlmodel import Field, SQLModel
from uuid_utils.compat import uuid7


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
    quotas: dict[str, int] = Field(sa_column=Column(JSON, nullable=False, server_default=text("'{}'")))
    release_days: int | None = None
    release_minute: int | None = None
    valid_from: date
    valid_to: date | None = None
    created_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
