"""Rows of notifications, of their deliveries over other channels, and of what came back."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import JSON, Column, Index, UniqueConstraint, text
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
