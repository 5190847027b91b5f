"""Rows of what is to be sent outside the app, and of what came back; see `notifications.tables` for the messages."""

from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from uuid import UUID

from sqlalchemy import JSON, Column, Index, SmallInteger, UniqueConstraint, text
from sqlmodel import Field, SQLModel
from uuid_utils.compat import uuid7

from notifications.channels.port import AddressKind, Channel, Provider
from notifications.columns import choice, instant
from notifications.messages import MessageKind, Severity


class DeliveryState(StrEnum):
    """How far a delivery has come; the last five are final."""

    WAITING = "waiting"  # due at `due_at`
    SENDING = "sending"  # taken by a process until `lease_until`
    SENT = "sent"  # a provider took it; whether it arrived, receipts tell
    FAILED = "failed"
    CANCELLED = "cancelled"  # what it was to say was seen elsewhere, or is no longer so
    EXPIRED = "expired"
    SUPPRESSED = "suppressed"  # the person, or a rule, does not want it


class ReceiptKind(StrEnum):
    """What came back, from the weakest to the strongest."""

    PROVIDER_ACCEPTED = "provider_accepted"
    DEVICE_RECEIVED = "device_received"  # an app, or a network for an SMS, says that it arrived
    SEEN = "seen"
    ACTED = "acted"
    UNDELIVERED = "undelivered"  # a network gave it up


PRIORITIES = MappingProxyType({Severity.CRITICAL: 0, Severity.TRANSACTIONAL: 1, Severity.CAMPAIGN: 2})
"""Which of what is due goes first."""


_WAITING = text("state = 'waiting'")
_SENDING = text("state = 'sending'")


class DeliveryRow(SQLModel, table=True):
    """One message on its way to one address.

    `address_id` is the device of a push, and the person for an SMS or a mail, whose number is looked up when it is
    sent. `fence` grows with each claim: who finishes must still hold the newest one.
    """

    __tablename__ = "deliveries"
    __table_args__ = (
        UniqueConstraint("person_id", "notification_id", "channel", "address_id", name="deliveries_person_address"),
        Index("deliveries_due", "channel", "priority", "due_at", sqlite_where=_WAITING, postgresql_where=_WAITING),
        Index("deliveries_leased", "lease_until", sqlite_where=_SENDING, postgresql_where=_SENDING),
        Index("deliveries_by_id", "id"),
        Index("deliveries_created_at", "created_at"),
        Index("deliveries_by_provider_id", "provider_message_id"),
    )

    person_id: UUID = Field(primary_key=True)
    id: UUID = Field(default_factory=uuid7, primary_key=True)
    notification_id: UUID
    kind: MessageKind = Field(sa_column=choice(MessageKind, "deliveries_kind"))
    channel: Channel = Field(sa_column=choice(Channel, "deliveries_channel"))
    address_id: UUID
    priority: int = Field(sa_column=Column(SmallInteger, nullable=False))
    state: DeliveryState = Field(sa_column=choice(DeliveryState, "deliveries_state", checked=True))
    due_at: datetime = Field(sa_column=instant())
    unless: ReceiptKind | None = Field(default=None, sa_column=choice(ReceiptKind, "deliveries_unless", optional=True))
    expires_at: datetime | None = Field(default=None, sa_column=instant(optional=True))
    attempt: int = 0
    fence: int = 0
    lease_until: datetime | None = Field(default=None, sa_column=instant(optional=True))
    provider: Provider | None = Field(default=None, sa_column=choice(Provider, "deliveries_provider", optional=True))
    provider_message_id: str | None = Field(default=None, max_length=200)
    reason: str | None = Field(default=None, max_length=64)
    created_at: datetime = Field(sa_column=instant())
    finished_at: datetime | None = Field(default=None, sa_column=instant(optional=True))


class ReceiptRow(SQLModel, table=True):
    """One thing that came back about a message; told twice it is kept once. `source_id` is a delivery or a device."""

    __tablename__ = "receipts"

    person_id: UUID = Field(primary_key=True)
    notification_id: UUID = Field(primary_key=True)
    source_id: UUID = Field(primary_key=True)
    kind: ReceiptKind = Field(sa_column=choice(ReceiptKind, "receipts_kind", checked=True, key=True))
    received_at: datetime = Field(sa_column=instant())


class DeviceRow(SQLModel, table=True):
    """One install of an app that may be woken; the newest account that registers an address has it."""

    __tablename__ = "devices"
    __table_args__ = (
        Index(
            "devices_one_account",
            "address_hash",
            unique=True,
            sqlite_where=text("retired_at IS NULL"),
            postgresql_where=text("retired_at IS NULL"),
        ),
        Index("devices_by_id", "id"),
    )

    person_id: UUID = Field(primary_key=True)
    id: UUID = Field(default_factory=uuid7, primary_key=True)
    session_id: UUID
    provider: Provider = Field(sa_column=choice(Provider, "devices_provider"))
    address_kind: AddressKind = Field(sa_column=choice(AddressKind, "devices_address_kind"))
    address: str = Field(max_length=4_096)
    address_hash: str = Field(max_length=64)
    app: str = Field(max_length=100)
    app_version: str = Field(max_length=32)
    locale: str = Field(max_length=35)
    time_zone: str = Field(max_length=64)
    public_key: str | None = Field(default=None, max_length=1_000)
    registered_at: datetime = Field(sa_column=instant())
    last_seen_at: datetime = Field(sa_column=instant())
    retired_at: datetime | None = Field(default=None, sa_column=instant(optional=True))
    retired_reason: str | None = Field(default=None, max_length=64)


class ParkedTextRow(SQLModel, table=True):
    """A text that a provider refused for everybody: what uses it waits until somebody has looked at it."""

    __tablename__ = "parked_texts"

    kind: MessageKind = Field(sa_column=choice(MessageKind, "parked_texts_kind", key=True))
    template_version: int = Field(primary_key=True)
    channel: Channel = Field(sa_column=choice(Channel, "parked_texts_channel", key=True))
    reason: str = Field(max_length=64)
    parked_at: datetime = Field(sa_column=instant())


class PlannedRow(SQLModel, table=True):
    """A message for a later time; `key` names what it is about, so that a plan can be changed or dropped."""

    __tablename__ = "planned_messages"
    __table_args__ = (Index("planned_messages_due", "due_at"),)

    person_id: UUID = Field(primary_key=True)
    key: str = Field(primary_key=True, max_length=128)
    dedupe_key: str = Field(max_length=128)
    kind: MessageKind = Field(sa_column=choice(MessageKind, "planned_messages_kind"))
    severity: Severity = Field(sa_column=choice(Severity, "planned_messages_severity", checked=True))
    parameters: dict[str, str] = Field(sa_column=Column(JSON, nullable=False))
    subject_id: UUID | None = None
    due_at: datetime = Field(sa_column=instant())
    expires_at: datetime | None = Field(default=None, sa_column=instant(optional=True))
    planned_at: datetime = Field(sa_column=instant())
