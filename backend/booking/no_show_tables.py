"""Rows of appeals against no-shows."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, DateTime, Index, PrimaryKeyConstraint, text
from sqlmodel import Field, SQLModel

from backend.booking.no_shows import AppealState
from identity.columns import choice

PENDING = text(f"state = '{AppealState.PENDING.value}'")


class NoShowAppealRow(SQLModel, table=True):
    """What a person says against the clinic's word that they did not come; once a visit."""

    __tablename__ = "no_show_appeals"
    __table_args__ = (
        PrimaryKeyConstraint("person_id", "appointment_id", name="no_show_appeals_pk"),
        Index("no_show_appeals_pending", "created_at", postgresql_where=PENDING, sqlite_where=PENDING),
        CheckConstraint(
            "state = 'pending' OR (settled_at IS NOT NULL AND settled_by IS NOT NULL)",
            name="no_show_appeals_settled_by_whom",
        ),
    )

    person_id: UUID
    appointment_id: UUID
    words: str = Field(max_length=1000)
    state: AppealState = Field(sa_column=Column(choice(AppealState, "no_show_appeals_state"), nullable=False))
    created_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    settled_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True), nullable=True))
    settled_by: UUID | None = None
