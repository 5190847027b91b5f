"""Rows of calendars."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Column, DateTime, Index, PrimaryKeyConstraint, text
from sqlmodel import Field, SQLModel

from backend.calendars.values import Detail
from identity.columns import choice

LIVE = text("revoked_at IS NULL")


def _instant(*, nullable: bool = False) -> Column[datetime]:
    return Column(DateTime(timezone=True), nullable=nullable)


class CalendarFeedRow(SQLModel, table=True):
    """A feed of a person's appointments, opened by them or by who acts for them; of the address the digest only."""

    __tablename__ = "calendar_feeds"
    __table_args__ = (
        PrimaryKeyConstraint("person_id", "id", name="calendar_feeds_pk"),
        Index("calendar_feeds_token_hash", "token_hash", unique=True),
        Index(
            "calendar_feeds_one_live", "person_id", "actor_id", unique=True, postgresql_where=LIVE, sqlite_where=LIVE
        ),
    )

    person_id: UUID
    id: UUID
    actor_id: UUID
    token_hash: str = Field(max_length=64)
    detail: Detail = Field(sa_column=Column(choice(Detail, "calendar_feeds_detail"), nullable=False))
    language: str = Field(max_length=2)
    created_at: datetime = Field(sa_column=_instant())
    revoked_at: datetime | None = Field(default=None, sa_column=_instant(nullable=True))
    last_read_at: datetime | None = Field(default=None, sa_column=_instant(nullable=True))
