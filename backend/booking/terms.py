"""What differs between channels and regions, as data: horizons, cut-offs, windows, each with its day of effect."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from backend.booking.values import Channel

HOLD_LASTS = timedelta(minutes=5)
"""How long a slot is kept while the person decides. Source: issue "Foundation", item 7."""


@dataclass(frozen=True, slots=True)
class ChannelHorizon:
    """How far ahead a channel may book from `valid_from` on (UTC date), until a later entry takes over."""

    channel: Channel
    days: int
    valid_from: date = date.min


PORTAL_HORIZONS = tuple(ChannelHorizon(channel, days=14) for channel in Channel)
"""The portal's default, for every channel. Source: domain reference, §3, "Horizons per channel (portal default 14)"."""


@dataclass(frozen=True, slots=True)
class NoShowTerms:
    """Who misses `limit` visits `within` a span books nothing through the app for `blocked_for` (config)."""

    limit: int = 3
    within: timedelta = timedelta(days=90)
    blocked_for: timedelta = timedelta(days=14)

    @property
    def looks_back(self) -> timedelta:
        """Return how old a missed visit may be and still decide."""
        return self.within + self.blocked_for


@dataclass(frozen=True, slots=True)
class BookingTerms:
    """The terms of one region.

    Attributes:
        horizons: How far ahead each channel books.
        extended_by: How much longer a hold lasts when it is extended, once (config).
        cut_off: How long before its beginning an appointment can last be given up or moved by the person. None by
            default: a place given back a minute before is still better than a person who does not come (config).
        check_in_before: How long before the beginning one can say that one is there (config).
        check_in_after: How long after it one still can (config).
        no_shows: What happens to who does not come (config).
    """

    horizons: tuple[ChannelHorizon, ...] = PORTAL_HORIZONS
    extended_by: timedelta = timedelta(minutes=5)
    cut_off: timedelta = timedelta(0)
    check_in_before: timedelta = timedelta(hours=1)
    check_in_after: timedelta = timedelta(minutes=10)
    no_shows: NoShowTerms = NoShowTerms()


PORTAL_TERMS = BookingTerms()
"""The terms where a region has set none."""


def horizon(horizons: Iterable[ChannelHorizon], channel: Channel, now: datetime) -> datetime:
    """Return the instant up to which (inclusive) `channel` may book now; `now` itself when nothing is configured.

    Args:
        horizons: The table of horizons, in any order.
        channel: Through which door.
        now: The present, aware.
    """
    valid = [entry for entry in horizons if entry.channel is channel and entry.valid_from <= now.astimezone(UTC).date()]
    newest = max(valid, key=lambda entry: entry.valid_from, default=None)
    return now + timedelta(days=newest.days if newest else 0)
