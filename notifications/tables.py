"""Rows of notifications; deliveries and receipts of further channels will point at them."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import JSON, Column, DateTime, Enum, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel
from uuid_utils.compat import uuid7

from notifications.messages import MessageKind, Severity


def _values(kinds: type[StrEnum]) -> list[str]:
    return [kind.value for kind in kinds]


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
    kind: MessageKind = Field(
        sa_column=Column(
            Enum(
                MessageKind,
                native_enum=False,
                create_constraint=False,  # kinds are added often, and SQLite cannot change a check
                length=32,
                name="notifications_kind",
                values_callable=_values,
            ),
            nullable=False,
        )
    )
    severity: Severity = Field(
        sa_column=Column(
            Enum(
                Severity,
                native_enum=False,
                create_constraint=True,
                length=32,
                name="notifications_severity",
                values_callable=_values,
            ),
            nullable=False,
        )
    )
    parameters: dict[str, str] = Field(sa_column=Column(JSON, nullable=False))
    template_version: int
    subject_id: UUID | None = None
    created_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    expires_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True), nullable=True))
    seen_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True), nullable=True))
