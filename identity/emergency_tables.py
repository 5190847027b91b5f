"""Emergencies, and the officer's queue of what is to be reviewed."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, Column, Date, DateTime, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from identity.columns import choice
from identity.emergency_values import LONGEST_REASON, EmergencyCategory
from identity.principal import ActorKind
from identity.review_values import LONGEST_NOTE, ReviewSource, ReviewState, Verdict


class EmergencyRow(SQLModel, table=True):
    """One breaking of the glass: who, why and until when. It is never extended; an officer may end it early."""

    __tablename__ = "emergencies"
    __table_args__ = (Index("emergencies_of_actor", "person_id", "actor_id", "expires_at"),)

    person_id: UUID = Field(primary_key=True)
    id: UUID = Field(primary_key=True)
    actor_id: UUID
    actor_kind: ActorKind = Field(
        sa_column=Column(choice(ActorKind, "emergencies_actor_kind", checked=False), nullable=False)
    )
    organization: str | None = Field(default=None, max_length=15)
    category: EmergencyCategory = Field(
        sa_column=Column(choice(EmergencyCategory, "emergencies_category", checked=False), nullable=False)
    )
    reason: str = Field(max_length=LONGEST_REASON)
    opened_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    expires_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))


class EmergencyCountRow(SQLModel, table=True):
    """How often an actor broke the glass on a day (UTC), whoever it was about."""

    __tablename__ = "emergency_counts"

    actor_id: UUID = Field(primary_key=True)
    day: date = Field(sa_column=Column(Date(), primary_key=True))
    opened: int


class ReviewRow(SQLModel, table=True):
    """One thing an officer must look at: an emergency, or an entry of the access log that was reported."""

    __tablename__ = "reviews"
    __table_args__ = (
        UniqueConstraint("person_id", "emergency_id", name="reviews_once_an_emergency"),
        UniqueConstraint("person_id", "entry", name="reviews_once_an_entry"),
        Index("reviews_by_id", "id", unique=True),
        Index("reviews_queue", "state", "opened_at", "id"),
    )

    person_id: UUID = Field(primary_key=True)
    id: UUID = Field(primary_key=True)
    source: ReviewSource = Field(sa_column=Column(choice(ReviewSource, "reviews_source"), nullable=False))
    emergency_id: UUID | None = None
    entry: int | None = Field(default=None, sa_type=BigInteger, description="Sequence of the entry in the audit.")
    opened_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    opened_by: UUID
    comment: str | None = Field(default=None, max_length=LONGEST_NOTE)
    state: ReviewState = Field(sa_column=Column(choice(ReviewState, "reviews_state"), nullable=False))
    verdict: Verdict | None = Field(default=None, sa_column=Column(choice(Verdict, "reviews_verdict"), nullable=True))
    note: str | None = Field(default=None, max_length=LONGEST_NOTE)
    settled_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True), nullable=True))
    settled_by: UUID | None = None
