"""Handovers: what somebody began at a kiosk and goes on with at their phone."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Column, DateTime, Index
from sqlmodel import Field, SQLModel

HASH_LENGTH = 64


class HandoverRow(SQLModel, table=True):
    """The one code of a kiosk's session; a later one takes its place. It opens no session, and none is needed for it.

    `subject_id` is what it is about, as a domain above calls it; None for nothing but the end of the kiosk's session.
    """

    __tablename__ = "handovers"
    __table_args__ = (
        Index("handovers_code", "person_id", "code_hash"),
        Index("handovers_expires_at", "expires_at"),
    )

    person_id: UUID = Field(primary_key=True)
    session_id: UUID = Field(primary_key=True)
    code_hash: str = Field(max_length=HASH_LENGTH)
    subject_id: UUID | None = None
    created_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    expires_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    used_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True), nullable=True))
