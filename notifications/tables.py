"""Rows of notifications, of their deliveries over other channels, and of what came back."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import JSON, BigInteger, Column, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel
from uuid_utils.compat import uuid7

from notifications.columns import choice, instant
from notifications.messages import MessageKind, Severity


class NotificationRow(SQLModel, table=True):
    """One message in a person's inbox, which is the truth about what the person was told."""

    __tablename__ = "notifications"
    __table_args__ = (
        UniqueConstraint("person_id", "dedupe_key", name="notifications_person_dedupe"),
        Index("notifications_person_newest", "person_id", "created_at", "id"),
        Index(
            "notifications_person_unseen",
            "person_id",
            sqlite_where=text("seen_at IS NULL"),
            postgresql_where=text("seen_at IS NULL"),
        ),
        Index("notifications_person_change", "person_id", "change"),
    )

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    person_id: UUID
    dedupe_key: str = Field(max_length=128)
    kind: MessageKind = Field(sa_column=choice(MessageKind, "notifications_kind"))
    severity: Severity = Field(sa_column=choice(Severity, "notifications_severity", checked=True))
    parameters: dict[str, str] = Field(sa_column=Column(JSON, nullable=False))
    template_version: int
    subject_id: UUID | None = None
    created_at: datetime = Field(sa_column=instant())
    expires_at: datetime | None = Field(default=None, sa_column=instant(optional=True))
    seen_at: datetime | None = Field(default=None, sa_column=instant(optional=True))
    change: int | None = Field(
        default=None, sa_column=Column(BigInteger, nullable=True), description="None: unnumbered"
    )


class WithdrawnRow(SQLModel, table=True):
    """A message that was taken out of an inbox, for the phones that still have it; numbered as `changes` says."""

    __tablename__ = "withdrawn_notifications"
    __table_args__ = (Index("withdrawn_notifications_change", "person_id", "change"),)

    person_id: UUID = Field(primary_key=True)
    notification_id: UUID = Field(primary_key=True)
    withdrawn_at: datetime = Field(sa_column=instant())
    change: int | None = Field(default=None, sa_column=Column(BigInteger, nullable=True))


class InboxStateRow(SQLModel, table=True):
    """How far the changes of one inbox are numbered; its row is the lock under which that is done.

    `epoch` begins anew with the row: a cursor of another epoch means nothing any more.
    """

    __tablename__ = "inbox_states"

    person_id: UUID = Field(primary_key=True)
    epoch: UUID
    last_change: int = Field(sa_column=Column(BigInteger, nullable=False))
