"""Rows of what people want to be told, and of what is not to be sent."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, Index, SmallInteger
from sqlmodel import Field, SQLModel

from notifications.channels.port import Channel
from notifications.columns import choice, instant
from notifications.topics import Topic


class RefusalReason(StrEnum):
    """Why nothing is sent to an address any more."""

    DEAD = "dead"  # nothing will ever arrive there
    REFUSES = "refuses"  # a subscriber who takes no such messages (41-ФЗ, 2025)


class MessagePreferenceRow(SQLModel, table=True):
    """One topic over one channel, as a person has set it; what was never set is on."""

    __tablename__ = "message_preferences"

    person_id: UUID = Field(primary_key=True)
    topic: Topic = Field(sa_column=choice(Topic, "message_preferences_topic", key=True))
    channel: Channel = Field(sa_column=choice(Channel, "message_preferences_channel", key=True))
    is_on: bool
    changed_at: datetime = Field(sa_column=instant())


class QuietHoursRow(SQLModel, table=True):
    """A person's own quiet hours, in minutes since midnight; both null: none. Without a row the region's hold."""

    __tablename__ = "quiet_hours"
    __table_args__ = (
        CheckConstraint("(starts_minute IS NULL) = (ends_minute IS NULL)", name="quiet_hours_both"),
        CheckConstraint("starts_minute BETWEEN 0 AND 1439", name="quiet_hours_starts"),
        CheckConstraint("ends_minute BETWEEN 0 AND 1439", name="quiet_hours_ends"),
    )

    person_id: UUID = Field(primary_key=True)
    starts_minute: int | None = Field(default=None, sa_column=Column(SmallInteger))
    ends_minute: int | None = Field(default=None, sa_column=Column(SmallInteger))
    changed_at: datetime = Field(sa_column=instant())


class SuppressedAddressRow(SQLModel, table=True):
    """An address that takes nothing more, of whomever: kept by its keyed hash, so that the list tells no address."""

    __tablename__ = "suppressed_addresses"
    __table_args__ = (Index("suppressed_addresses_since", "since"),)

    address_hash: str = Field(primary_key=True, max_length=64)
    reason: RefusalReason = Field(sa_column=choice(RefusalReason, "suppressed_addresses_reason", checked=True))
    since: datetime = Field(sa_column=instant())


class CampaignSlotRow(SQLModel, table=True):
    """One of the few messages of campaigns that a person gets in a week, kept for a message that is on its way."""

    __tablename__ = "campaign_slots"
    __table_args__ = (Index("campaign_slots_taken_at", "taken_at"),)

    person_id: UUID = Field(primary_key=True)
    notification_id: UUID = Field(primary_key=True)
    taken_at: datetime = Field(sa_column=instant())
