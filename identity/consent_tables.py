"""The register of consents: what was given is never changed, only ended."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Column, DateTime, Index, text
from sqlmodel import Field, SQLModel

from identity.capacities import Capacity
from identity.columns import choice
from identity.consent_values import RecipientKind
from identity.principal import Assurance

_OPEN = text("withdrawn_at IS NULL AND replaced_at IS NULL")


class ConsentRow(SQLModel, table=True):
    """One written consent; `text_hash` names the very text that was shown. Source: 152-ФЗ art. 9 p. 4."""

    __tablename__ = "consents"
    __table_args__ = (
        Index(
            "consents_one_open",
            "person_id",
            "purpose",
            "recipient_kind",
            "recipient",
            unique=True,
            sqlite_where=_OPEN,
            postgresql_where=_OPEN,
        ),
        Index("consents_newest", "person_id", "given_at", "id"),
    )

    person_id: UUID = Field(primary_key=True)
    id: UUID = Field(primary_key=True)
    purpose: str = Field(max_length=64)
    version: int
    language: str = Field(max_length=2)
    text_hash: str = Field(max_length=64)
    recipient_kind: RecipientKind = Field(
        sa_column=Column(choice(RecipientKind, "consents_recipient_kind"), nullable=False)
    )
    recipient: str = Field(max_length=36, description="OGRN of an organisation, id of a clinician, else empty.")
    given_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    expires_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    given_by: UUID
    given_as: Capacity = Field(sa_column=Column(choice(Capacity, "consents_given_as", checked=False), nullable=False))
    assurance: Assurance = Field(sa_column=Column(choice(Assurance, "consents_assurance"), nullable=False))
    session_id: UUID
    authenticated_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True), nullable=True))
    withdrawn_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True), nullable=True))
    withdrawn_by: UUID | None = None
    replaced_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True), nullable=True))
