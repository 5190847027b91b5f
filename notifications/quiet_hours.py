"""When a person is not to be disturbed: pure rules over their own clock on the wall.

Source: our design of notifications, "Quiet hours": 21:00 to 09:00 in the person's own zone; a region may set others, a
person too.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

SHORTEST = timedelta(minutes=30)
LONGEST = timedelta(hours=16)
"""How long quiet hours may last: after more there would be no time left to tell anything within a day. Ours."""

_DAY = timedelta(days=1)
_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From one hour on the wall to another, which is not quiet any more; whole minutes, often over midnight."""

    starts: time
    ends: time

    def __post_init__(self) -> None:
        """Refuse what nobody can keep.

        Raises:
            ValueError: Shorter than `SHORTEST`, longer than `LONGEST`, with a zone, or not of whole minutes.
        """
        if any(one.tzinfo or one.second or one.microsecond for one in (self.starts, self.ends)):
            raise ValueError("hours on the wall are whole minutes without a zone")
        if not SHORTEST <= self.lasts <= LONGEST:
            raise ValueError("quiet hours last from half an hour to 16 hours")

    @property
    def lasts(self) -> timedelta:
        """Return how long they last on a day when nobody moves the clocks."""
        return (minutes_of(self.ends) - minutes_of(self.starts)) % 1_440 * _MINUTE

    def cover(self, wall: time) -> bool:
        """Return whether a clock on the wall that shows this is within them."""
        if self.starts < self.ends:
            return self.starts <= wall < self.ends
        return wall >= self.starts or wall < self.ends


def may_go_at(quiet: QuietHours, zone: ZoneInfo, now: datetime) -> datetime:
    """Return the first instant from now on at which the person may be disturbed.

    Args:
        quiet: Their quiet hours.
        zone: By which they live.
        now: Aware.

    Returns:
        `now` itself where it is not quiet, else an aware instant in UTC. Where clocks are moved meanwhile, it is the
        first instant at which the wall shows an hour that is not quiet: the move itself, if it leaps over the end.
    """
    if not quiet.cover(_wall(now, zone)):
        return now
    later = [instant for instant in _ends(quiet, zone, now) if instant > now and not quiet.cover(_wall(instant, zone))]
    end = min(later)
    moved = _move_between(now.astimezone(UTC), end, zone)
    return end if moved is None or quiet.cover(_wall(moved, zone)) else moved


def minutes_of(wall: time) -> int:
    """Return the minutes since midnight, as they are kept."""
    return wall.hour * 60 + wall.minute


def wall_of(minutes: int) -> time:
    """Return what the clock shows so many minutes after midnight."""
    return time(minutes // 60, minutes % 60)


def zone_named(name: str) -> ZoneInfo | None:
    """Return the zone of an IANA name, however odd the name is; None where there is none."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # unknown, a path, a folder or a file that is no zone
        return None


def _wall(instant: datetime, zone: ZoneInfo) -> time:
    return instant.astimezone(zone).time()


def _ends(quiet: QuietHours, zone: ZoneInfo, now: datetime) -> Iterator[datetime]:
    """Yield the ends around now; one that clocks show twice or not at all counts by the offset before and after."""
    today: date = now.astimezone(zone).date()
    for day in (today, today + _DAY, today + 2 * _DAY):
        for fold in (0, 1):
            yield datetime.combine(day, quiet.ends, zone).replace(fold=fold).astimezone(UTC)


def _move_between(before: datetime, after: datetime, zone: ZoneInfo) -> datetime | None:
    """Return the first second after clocks were moved between two instants; None where they were not."""

    def offset(instant: datetime) -> timedelta | None:
        return instant.astimezone(zone).utcoffset()

    if offset(before) == offset(after):
        return None
    while after - before > timedelta(seconds=1):
        middle = before + (after - before) / 2
        if offset(middle) == offset(before):
            before = middle
        else:
            after = middle
    return after.replace(microsecond=0)
