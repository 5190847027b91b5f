"""Calls of 122."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Column, DateTime, Index, text
from sqlmodel import Field, SQLModel

from identity.columns import choice

HASH_LENGTH = 64
NO_NUMBER = ""
"""What stands in place of a number that is kept no more."""
HAS_NUMBER = text(f"caller_number <> '{NO_NUMBER}'")


class Proof(StrEnum):
    """By what a caller was known, beside the name and what tells them from their namesakes."""

    POLICY_DIGITS = "policy_digits"
    CODE = "code"


class CallTicketRow(SQLModel, table=True):
    """One call, of one operator in one session; kept after its end, since the audit refers to it.

    It is an operator's, not a citizen's: the distribution key is the operator (ADR 0005). It is open until `closed_at`,
    and not later than its limits allow after `opened_at` and `used_at`.
    """

    __tablename__ = "call_tickets"
    __table_args__ = (
        Index(
            "call_tickets_one_open",
            "operator_id",
            "session_id",
            unique=True,
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
        Index("call_tickets_opened", "operator_id", "opened_at"),
        Index("call_tickets_numbers", "closed_at", sqlite_where=HAS_NUMBER, postgresql_where=HAS_NUMBER),
    )

    operator_id: UUID = Field(primary_key=True)
    id: UUID = Field(primary_key=True)
    session_id: UUID
    organization: str | None = Field(default=None, max_length=15)
    caller_number: str = Field(max_length=16, description="E.164, empty a month after the end; never logged.")
    opened_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    used_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    closed_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True), nullable=True))
    wrong_answers: int = 0
    wrong_patients: int = 0
    codes_sent: int = 0
    code_person_id: UUID | None = None
    code_hash: str | None = Field(default=None, max_length=HASH_LENGTH)
    code_expires_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True), nullable=True))
    caller_id: UUID | None = None
    verified_by: Proof | None = Field(
        default=None, sa_column=Column(choice(Proof, "call_tickets_verified_by", checked=False), nullable=True)
    )
    verified_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True), nullable=True))
    patient_id: UUID | None = None
