"""Cuts a search into parts in which neither the clinics' offset nor what a person may take changes.

Nearly every search is one part: one zone, nobody's birthday, no referral that ends. So one plain statement without any
calendar in it serves all of them, on both databases.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from backend.slot_search.eligibility import ONE_DAY
from backend.slot_search.register import Register

_MOMENT = timedelta(microseconds=1)
"""The shortest time that both databases keep."""

_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Window:
    """Slots begin after `since` and until `until`, inclusive."""

    since: datetime
    until: datetime

    @property
    def is_empty(self) -> bool:
        """Whether nothing can begin in it."""
        return self.since >= self.until


@dataclass(frozen=True, slots=True)
class Part:
    """A time, the posts that are looked at in it, and how far their clocks are ahead of UTC."""

    window: Window
    posts: int
    offset_minutes: int


@dataclass(frozen=True, slots=True)
class Conditions:
    """What may change with the clinic's day.

    Attributes:
        allowed: The posts that are looked at on a day of the clinic's calendar, a mask.
        turns: The days between two days, both inclusive, on which that changes.
        by_clock: Whether the offset is of any interest.
    """

    allowed: Callable[[date], int]
    turns: Callable[[date, date], Iterator[date]]
    by_clock: bool


def cut(register: Register, window: Window, conditions: Conditions) -> list[Part]:
    """Return the parts of a search, in order of their beginning; none where nothing can be found.

    Args:
        register: Of all posts.
        window: The whole time.
        conditions: What changes.
    """
    if window.is_empty:
        return []
    joined: dict[tuple[datetime, datetime, int], int] = {}
    for zone_name, of_zone in register.of_zone.items():
        if not of_zone:
            continue
        zone = ZoneInfo(zone_name)
        for piece in _pieces(window, zone, conditions):
            first = piece.since + _MOMENT
            posts = of_zone & conditions.allowed(first.astimezone(zone).date())
            if posts:
                key = (piece.since, piece.until, _offset(first, zone) if conditions.by_clock else 0)
                joined[key] = joined.get(key, 0) | posts
    return [Part(Window(since, until), posts, offset) for (since, until, offset), posts in sorted(joined.items())]


def _pieces(window: Window, zone: ZoneInfo, conditions: Conditions) -> Iterator[Window]:
    first, last = ((one.astimezone(zone)).date() for one in (window.since + _MOMENT, window.until))
    cuts = {datetime.combine(day, time(), zone).astimezone(UTC) for day in conditions.turns(first, last)}
    if conditions.by_clock:
        cuts.update(_changes(window, zone))
    since = window.since
    for instant in sorted(cuts):
        if since < instant - _MOMENT < window.until:
            yield Window(since, instant - _MOMENT)
            since = instant - _MOMENT
    yield Window(since, window.until)


def _changes(window: Window, zone: ZoneInfo) -> Iterator[datetime]:
    """Yield the instants inside a window at which the clock of a zone is set, to the minute."""
    here = window.since
    while here < window.until:
        there = min(here + ONE_DAY, window.until)
        if _offset(here, zone) != _offset(there, zone):
            yield _first_minute_of(there, here, zone)
        here = there


def _first_minute_of(there: datetime, here: datetime, zone: ZoneInfo) -> datetime:
    after = _offset(there, zone)
    here = here.replace(second=0, microsecond=0)
    low, high = 0, -(-(there - here) // _MINUTE)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if _offset(here + middle * _MINUTE, zone) == after else (middle, high)
    return here + high * _MINUTE


def _offset(instant: datetime, zone: ZoneInfo) -> int:
    offset = instant.astimezone(zone).utcoffset() or timedelta()
    return offset // _MINUTE
