"""Sessions of portals, and what they have booked."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Column, DateTime, Index, UniqueConstraint
from sqlmodel import Field, SQLModel


def _instant(*, nullable: bool = False) -> Column[datetime]:
    return Column(DateTime(timezone=True), nullable=nullable)


class PortalSessionRow(SQLModel, table=True):
    """A session of a portal, for the one person whom it named; `id` is the portal's own.

    It is open until `expires_at`; the row stays, so that the id is nobody else's and a repeated request is known again.
    """

    __tablename__ = "portal_sessions"
    __table_args__ = (
        UniqueConstraint("system_id", "id", name="portal_sessions_by_id"),
        Index("portal_sessions_expires_at", "expires_at"),
    )

    person_id: UUID = Field(primary_key=True)
    system_id: UUID = Field(primary_key=True)
    id: UUID = Field(primary_key=True)
    referral_id: UUID | None = None
    opened_at: datetime = Field(sa_column=_instant())
    expires_at: datetime = Field(sa_column=_instant())


class PortalOutcomeRow(SQLModel, table=True):
    """What came of one slot in one session: nothing yet, an appointment, or a refusal; the first outcome stays."""

    __tablename__ = "portal_outcomes"
    __table_args__ = (Index("portal_outcomes_expires_at", "expires_at"),)

    person_id: UUID = Field(primary_key=True)
    system_id: UUID = Field(primary_key=True)
    session_id: UUID = Field(primary_key=True)
    slot_id: UUID = Field(primary_key=True)
    appointment_id: UUID | None = None
    refused_with: str | None = Field(default=None, max_length=64)
    created_at: datetime = Field(sa_column=_instant())
    settled_at: datetime | None = Field(default=None, sa_column=_instant(nullable=True))
    withdrawn_at: datetime | None = Field(default=None, sa_column=_instant(nullable=True))
    expires_at: datetime = Field(sa_column=_instant())
