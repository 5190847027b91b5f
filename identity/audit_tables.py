"""The audit: a chain of entries a person, the head of each, and the anchors over all heads."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import BigInteger, Column, DateTime, ForeignKeyConstraint, Index
from sqlmodel import Field, SQLModel

from identity.capacities import Capacity, Purpose
from identity.columns import choice
from identity.principal import ActorKind

HASH_LENGTH = 64


LONGEST_ACTIONS = 512
"""Of the words of an entry's actions; what is longer is several entries."""


class AuditOutcome(StrEnum):
    """How an access ended."""

    ALLOWED = "allowed"
    DENIED = "denied"


class AuditEntryRow(SQLModel, table=True):
    """One access to one person's data; append-only, each row holds the hash of the one before (S41).

    `actions` are the words of `identity.access.Action`, sorted, by comma. `times` is above 1 where the person's own
    reads of one session and hour are gathered, and then `at` is the beginning of that hour.
    """

    __tablename__ = "audit_entries"

    person_id: UUID = Field(primary_key=True)
    sequence: int = Field(primary_key=True, sa_type=BigInteger)
    at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    actor_id: UUID
    actor_kind: ActorKind = Field(
        sa_column=Column(choice(ActorKind, "audit_entries_kind", checked=False), nullable=False)
    )
    capacity: Capacity | None = Field(
        default=None, sa_column=Column(choice(Capacity, "audit_entries_capacity", checked=False), nullable=True)
    )
    purpose: Purpose | None = Field(
        default=None, sa_column=Column(choice(Purpose, "audit_entries_purpose", checked=False), nullable=True)
    )
    organization: str | None = Field(default=None, max_length=15)
    on_behalf_of: UUID | None = None
    actions: str = Field(max_length=LONGEST_ACTIONS)
    outcome: AuditOutcome = Field(sa_column=Column(choice(AuditOutcome, "audit_entries_outcome"), nullable=False))
    session_id: UUID
    trace_id: str = Field(max_length=64)
    reference: UUID | None = Field(
        default=None, description="The mandate's proof: a grant, ticket or emergency; at a kiosk the machine."
    )
    times: int = 1
    previous_hash: str = Field(max_length=HASH_LENGTH)
    hash: str = Field(max_length=HASH_LENGTH)


class AuditHeadRow(SQLModel, table=True):
    """The end of a person's chain; who appends locks it."""

    __tablename__ = "audit_heads"

    person_id: UUID = Field(primary_key=True)
    sequence: int = Field(sa_type=BigInteger)
    hash: str = Field(max_length=HASH_LENGTH)
    anchored: int = Field(default=0, sa_type=BigInteger, description="The newest sequence that an anchor covers.")


class AuditAnchorRow(SQLModel, table=True):
    """The state of all chains at one moment: a hash over the one before and over every head that has moved since."""

    __tablename__ = "audit_anchors"

    number: int = Field(primary_key=True, sa_type=BigInteger)
    at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    heads: int = Field(description="How many heads it covers.")
    previous_hash: str = Field(max_length=HASH_LENGTH)
    hash: str = Field(max_length=HASH_LENGTH)


class AuditAnchoredHeadRow(SQLModel, table=True):
    """A head as an anchor saw it; what was anchored can neither be cut off nor be changed unseen."""

    __tablename__ = "audit_anchored_heads"
    __table_args__ = (
        ForeignKeyConstraint(["anchor"], ["audit_anchors.number"], name="audit_anchored_heads_anchor"),
        Index("audit_anchored_heads_by_anchor", "anchor"),
    )

    person_id: UUID = Field(primary_key=True)
    anchor: int = Field(primary_key=True, sa_type=BigInteger)
    sequence: int = Field(sa_type=BigInteger)
    hash: str = Field(max_length=HASH_LENGTH)


class OwnAccessRow(SQLModel, table=True):
    """What a person used of their own rights in one session and hour, until the hour is over and chained.

    `actions` has a bit for each action (`identity.own_accesses.BITS`), so that two processes can join theirs.
    """

    __tablename__ = "own_accesses"
    __table_args__ = (Index("own_accesses_hour", "hour"),)

    person_id: UUID = Field(primary_key=True)
    session_id: UUID = Field(primary_key=True)
    hour: datetime = Field(sa_column=Column(DateTime(timezone=True), primary_key=True))
    actions: int = Field(sa_type=BigInteger)
    actor_kind: ActorKind = Field(
        sa_column=Column(choice(ActorKind, "own_accesses_kind", checked=False), nullable=False)
    )
    times: int
    reference: UUID | None = Field(default=None, description="The machine, at a kiosk (`identity.kiosk_settings`).")
