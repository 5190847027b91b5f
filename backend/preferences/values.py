"""What a person wants to be told, as it stands."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from notifications.channels.port import Channel
from notifications.quiet_hours import QuietHours
from notifications.topics import Topic


class Standing(StrEnum):
    """Whether a channel can reach a person."""

    OPEN = "open"
    NO_ADDRESS = "no_address"  # no device, telephone or mailbox is known
    DEAD = "dead"  # what was sent there can never arrive
    REFUSES = "refuses"  # the subscriber takes no such messages (41-ФЗ, 2025)


@dataclass(frozen=True, slots=True)
class ChannelStanding:
    """How one channel stands; `since` when it has refused."""

    channel: Channel
    standing: Standing
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class QuietTimes:
    """When the person is not disturbed; `hours` None for never. `is_own` where they have set it themselves."""

    hours: QuietHours | None
    is_own: bool
    time_zone: str


@dataclass(frozen=True, slots=True)
class Preferences:
    """All of one person: whether each topic goes over each channel, in the order of both enums."""

    topics: Mapping[Topic, Mapping[Channel, bool]]
    quiet: QuietTimes
    channels: Sequence[ChannelStanding]
