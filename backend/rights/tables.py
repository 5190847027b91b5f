"""Rows of the rights of the subject: copies of one's data being made, and requests for erasure."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, BigInteger, Column, DateTime, Index, LargeBinary, text
from sqlmodel import Field, SQLModel

from backend.rights.values import ACTIVE_EXPORTS, ErasureState, ExportState
from identity.columns import choice

ACTIVE = text(f"state IN ({', '.join(repr(state.value) for state in ACTIVE_EXPORTS)})")
WAITING = text(f"state = '{ErasureState.WAITING.value}'")
DUE = text("due_at IS NOT NULL")


def _instant(*, nullable: bool = False) -> Column[datetime]:
    return Column(DateTime(timezone=True), nullable=nullable)


class DataExportRow(SQLModel, table=True):
    """One copy of everything held about a person, and the job that makes it.

    `claimable_at` is when a worker may take the job: at once while it is queued, at the end of the lease while a worker
    has it. `attempt` fences: whoever holds an older one writes nothing any more. `data_key` opens the file; without it
    the file is noise, so that deleting the key deletes the copy.
    """

    __tablename__ = "data_exports"
    __table_args__ = (
        Index("data_exports_one_active", "person_id", unique=True, postgresql_where=ACTIVE, sqlite_where=ACTIVE),
        Index("data_exports_person_requested", "person_id", "requested_at"),
        Index("data_exports_claimable_at", "claimable_at", postgresql_where=ACTIVE, sqlite_where=ACTIVE),
        Index("data_exports_expires_at", "expires_at"),
    )

    person_id: UUID = Field(primary_key=True)
    id: UUID = Field(primary_key=True)
    requested_by: UUID
    withheld: bool = Field(description="What reveals care is left out: whoever asked may not see all of it.")
    state: ExportState = Field(sa_column=Column(choice(ExportState, "data_exports_state"), nullable=False))
    progress_percent: int
    requested_at: datetime = Field(sa_column=_instant())
    claimable_at: datetime = Field(sa_column=_instant())
    attempt: int
    worker_id: UUID | None = None
    ready_at: datetime | None = Field(default=None, sa_column=_instant(nullable=True))
    expires_at: datetime | None = Field(default=None, sa_column=_instant(nullable=True))
    size_bytes: int | None = Field(default=None, sa_column=Column(BigInteger, nullable=True))
    failure: str | None = Field(default=None, max_length=64)
    data_key: bytes | None = Field(default=None, sa_column=Column(LargeBinary, nullable=True))


class ErasureRequestRow(SQLModel, table=True):
    """A wish to be erased: it waits, is taken back or carried out; then its statement is the act of it.

    `due_at` is when there is something to do: the end of the waiting, later the end of what had to stay for a while.
    """

    __tablename__ = "erasure_requests"
    __table_args__ = (
        Index("erasure_requests_one_waiting", "person_id", unique=True, postgresql_where=WAITING, sqlite_where=WAITING),
        Index("erasure_requests_person_requested", "person_id", "requested_at"),
        Index("erasure_requests_due_at", "due_at", postgresql_where=DUE, sqlite_where=DUE),
    )

    person_id: UUID = Field(primary_key=True)
    id: UUID = Field(primary_key=True)
    state: ErasureState = Field(sa_column=Column(choice(ErasureState, "erasure_requests_state"), nullable=False))
    requested_at: datetime = Field(sa_column=_instant())
    erases_at: datetime = Field(sa_column=_instant())
    due_at: datetime | None = Field(default=None, sa_column=_instant(nullable=True))
    cancelled_at: datetime | None = Field(default=None, sa_column=_instant(nullable=True))
    erased_at: datetime | None = Field(default=None, sa_column=_instant(nullable=True))
    receipt_key: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    statement: list[dict[str, Any]] = Field(sa_column=Column(JSON, nullable=False))
