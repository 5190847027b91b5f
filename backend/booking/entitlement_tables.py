"""Rows of what lets a person be seen: referrals and the attachment."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, DateTime, PrimaryKeyConstraint, UniqueConstraint
from sqlmodel import Field, SQLModel
from uuid_utils.compat import uuid7


def _instant(*, nullable: bool = False) -> Column[datetime]:
    return Column(DateTime(timezone=True), nullable=nullable)


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
