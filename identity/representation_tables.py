"""Who acts for whom, what proves it, invitations to it, and the children that a source has told of."""

from datetime import date, datetime
from enum import StrEnum
from typing import Literal
from uuid import UUID

from sqlalchemy import Column, DateTime, ForeignKeyConstraint, Index, String, UniqueConstraint, text
from sqlmodel import Field, SQLModel
from uuid_utils.compat import uuid7

from identity.columns import choice
from identity.representation_values import LONGEST_NOTE, DocumentKind, EndReason, RepresentationKind

HASH_LENGTH = 64

Sex = Literal["male", "female"]


class InvitationState(StrEnum):
    """Where an invitation stands: OPENED is shown to the one it is for."""

    OFFERED = "offered"
    OPENED = "opened"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


class GuardianshipState(StrEnum):
    """Where a guardianship stands that was told by the guardian."""

    WAITING_FOR_CHECK = "waiting_for_check"
    CONFIRMED = "confirmed"
    REFUSED = "refused"


class RepresentationRow(SQLModel, table=True):
    """`representative_id` acts for `person_id`, from `begun_at` until somebody or time ends it.

    What it gives is decided anew each time (`identity.representation_rules`); `expires_at` only tells the sweep when
    to look at it.
    """

    __tablename__ = "representations"
    __table_args__ = (
        Index(
            "representations_one_live",
            "person_id",
            "representative_id",
            "kind",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index("representations_by_id", "id"),
        Index("representations_of_representative", "representative_id", "person_id"),
        Index(
            "representations_expires_at",
            "expires_at",
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    person_id: UUID = Field(primary_key=True)
    id: UUID = Field(default_factory=uuid7, primary_key=True)
    representative_id: UUID
    kind: RepresentationKind = Field(
        sa_column=Column(choice(RepresentationKind, "representations_kind"), nullable=False)
    )
    begun_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    read_until: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True), nullable=True))
    book_until: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True), nullable=True))
    collect_until: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True), nullable=True))
    first_day: date | None = Field(default=None, description="Of a guardianship.")
    last_day: date | None = Field(default=None, description="Of a guardianship, inclusive.")
    expires_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    end_announced_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True), nullable=True))
    ended_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True), nullable=True))
    ended_by: UUID | None = None
    end_reason: EndReason | None = Field(
        default=None, sa_column=Column(choice(EndReason, "representations_end_reason", checked=False), nullable=True)
    )
    end_note: str | None = Field(default=None, max_length=LONGEST_NOTE, repr=False, description="Of the officer.")


class RepresentationDocumentRow(SQLModel, table=True):
    """What proved a relation by law: the document, by whom and when it was checked, against which source."""

    __tablename__ = "representation_documents"
    __table_args__ = (
        ForeignKeyConstraint(
            ["person_id", "representation_id"],
            ["representations.person_id", "representations.id"],
            name="representation_documents_representation",
            ondelete="CASCADE",
        ),
    )

    person_id: UUID = Field(primary_key=True)
    representation_id: UUID = Field(primary_key=True)
    kind: DocumentKind = Field(
        sa_column=Column(choice(DocumentKind, "representation_documents_kind", checked=False), nullable=False)
    )
    series: str | None = Field(default=None, max_length=32, repr=False)
    number: str = Field(max_length=64, repr=False)
    act_record: str | None = Field(default=None, max_length=32, repr=False)
    issued_by: str | None = Field(default=None, max_length=200, repr=False)
    source: str = Field(max_length=32)
    checked_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    checked_by: UUID | None = Field(default=None, description="The officer; None where it was compared by itself.")


class InvitationRow(SQLModel, table=True):
    """`person_id` lets somebody act for them, who is known by what they prove with the code and in no other way.

    `code_hash` is over the code, what the person knows of the other one, and the other one's birth date.
    """

    __tablename__ = "representation_invitations"
    __table_args__ = (
        UniqueConstraint("person_id", "code_hash", name="representation_invitations_code"),
        Index("representation_invitations_of_invited", "representative_id", "person_id"),
    )

    person_id: UUID = Field(primary_key=True)
    id: UUID = Field(default_factory=uuid7, primary_key=True)
    code_hash: str = Field(max_length=HASH_LENGTH, repr=False)
    state: InvitationState = Field(
        sa_column=Column(choice(InvitationState, "representation_invitations_state"), nullable=False)
    )
    representative_id: UUID | None = None
    read_until: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True), nullable=True))
    book_until: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True), nullable=True))
    collect_until: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True), nullable=True))
    created_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    expires_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    settled_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True), nullable=True))


class GuardianshipRow(SQLModel, table=True):
    """`person_id` says to be somebody's guardian; nothing follows from it until an officer has seen the document."""

    __tablename__ = "guardianships"
    __table_args__ = (
        Index("guardianships_by_id", "id"),
        Index("guardianships_queue", "state", "requested_at", "id"),
    )

    person_id: UUID = Field(primary_key=True)
    id: UUID = Field(default_factory=uuid7, primary_key=True)
    state: GuardianshipState = Field(sa_column=Column(choice(GuardianshipState, "guardianships_state"), nullable=False))
    family_name: str = Field(max_length=100, repr=False)
    given_name: str = Field(max_length=100, repr=False)
    patronymic: str | None = Field(default=None, max_length=100, repr=False)
    birth_date: date = Field(repr=False)
    sex: Sex = Field(sa_column=Column(String(6), nullable=False))
    snils: str = Field(max_length=11, repr=False)
    document_kind: DocumentKind = Field(
        sa_column=Column(choice(DocumentKind, "guardianships_document_kind", checked=False), nullable=False)
    )
    document_number: str = Field(max_length=64, repr=False)
    issued_by: str = Field(max_length=200, repr=False)
    first_day: date
    last_day: date
    requested_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    settled_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True), nullable=True))
    settled_by: UUID | None = None
    note: str | None = Field(default=None, max_length=LONGEST_NOTE, repr=False, description="Of the officer.")
    representation_id: UUID | None = Field(default=None, description="What it gave.")


class KnownChildRow(SQLModel, table=True):
    """A child on somebody's account at a source: a candidate, never by itself a right (domain reference, §1)."""

    __tablename__ = "known_children"
    __table_args__ = (UniqueConstraint("person_id", "source", "subject", name="known_children_subject"),)

    person_id: UUID = Field(primary_key=True)
    id: UUID = Field(default_factory=uuid7, primary_key=True)
    source: str = Field(max_length=32)
    subject: str = Field(max_length=64, description="The child's number at the source.")
    family_name: str = Field(max_length=100, repr=False)
    given_name: str = Field(max_length=100, repr=False)
    patronymic: str | None = Field(default=None, max_length=100, repr=False)
    birth_date: date | None = Field(default=None, repr=False)
    sex: Sex | None = Field(default=None, sa_column=Column(String(6), nullable=True))
    snils: str | None = Field(default=None, max_length=11, repr=False)
    certificate_series: str | None = Field(default=None, max_length=32, repr=False)
    certificate_number: str | None = Field(default=None, max_length=64, repr=False)
    certificate_act: str | None = Field(default=None, max_length=32, repr=False)
    as_of: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))


class ChildCheckRow(SQLModel, table=True):
    """How often a parent named wrong documents of a child; too often, and the next try waits."""

    __tablename__ = "child_checks"

    person_id: UUID = Field(primary_key=True)
    child_id: UUID = Field(primary_key=True)
    mismatches: int
    mismatched_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
