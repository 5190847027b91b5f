"""Rows of calling back. Instants are UTC."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, DateTime, Index, PrimaryKeyConstraint, text
from sqlmodel import Field, SQLModel
from uuid_utils.compat import uuid7

from backend.call_backs.values import OPEN_STATES, CallBackReason, CallBackState
from identity.columns import choice

OPEN = text(f"state IN ({', '.join(repr(state.value) for state in OPEN_STATES)})")
OWN_OPEN = text(f"{OPEN.text} AND proposal_id IS NULL")
TAKEN = text(f"state = '{CallBackState.TAKEN.value}'")


def _instant(*, nullable: bool = False) -> Column[datetime]:
    return Column(DateTime(timezone=True), nullable=nullable)


class CallBackRow(SQLModel, table=True):
    """Somebody is to be called back.

    `person_id` is whom it is about, `callee_id` who is called: the person, or who acts for them. It is due from
    `due_at` to the end of its window. `taken_by` and `taken_in` are the operator and the session that took it last;
    it is theirs while the state says so, until `kept_until`, and longer while the call is open. A person has one open
    request of their own, and beside it one ever for each cancellation that put them down (`proposal_id`).
    """

    __tablename__ = "call_backs"
    __table_args__ = (
        PrimaryKeyConstraint("person_id", "id", name="call_backs_pk"),
        Index("call_backs_one_open", "person_id", unique=True, postgresql_where=OWN_OPEN, sqlite_where=OWN_OPEN),
        Index("call_backs_one_a_proposal", "person_id", "proposal_id", unique=True),
        Index("call_backs_queue", "due_at", "id", postgresql_where=OPEN, sqlite_where=OPEN),
        Index("call_backs_ends_at", "ends_at", postgresql_where=OPEN, sqlite_where=OPEN),
        Index("call_backs_taken", "taken_by", "taken_in", postgresql_where=TAKEN, sqlite_where=TAKEN),
        Index("call_backs_ended_at", "ended_at"),
        CheckConstraint("ends_at > begins_at", name="call_backs_window"),
        CheckConstraint("attempts >= 0", name="call_backs_attempts"),
        CheckConstraint("state <> 'taken' OR call_id IS NOT NULL", name="call_backs_taken_whole"),
    )

    person_id: UUID
    id: UUID = Field(default_factory=uuid7)
    actor_id: UUID
    callee_id: UUID
    called_number: str = Field(max_length=16, description="E.164; never logged.")
    time_zone: str = Field(max_length=64)
    reason: CallBackReason = Field(
        sa_column=Column(choice(CallBackReason, "call_backs_reason", checked=False), nullable=False)
    )
    begins_at: datetime = Field(sa_column=_instant())
    ends_at: datetime = Field(sa_column=_instant())
    due_at: datetime = Field(sa_column=_instant())
    state: CallBackState = Field(
        sa_column=Column(choice(CallBackState, "call_backs_state", checked=False), nullable=False)
    )
    attempts: int = Field(default=0, sa_column_kwargs={"server_default": text("0")})
    requested_at: datetime = Field(sa_column=_instant())
    ended_at: datetime | None = Field(default=None, sa_column=_instant(nullable=True))
    proposal_id: UUID | None = None
    taken_by: UUID | None = None
    taken_in: UUID | None = None
    call_id: UUID | None = None
    kept_until: datetime | None = Field(default=None, sa_column=_instant(nullable=True))
