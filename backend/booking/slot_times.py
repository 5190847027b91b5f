"""When the slots of a day's reception begin and end, pure."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo


def slot_times(
    *, day: date, opens: time, closes: time, slot_minutes: int, time_zone: str
) -> Iterator[tuple[datetime, datetime]]:
    """Yield start and end (UTC) of each slot of a day's reception, first to last.

    Args:
        day: The day by the clinic's calendar.
        opens: When reception begins, by the clinic's clock.
        closes: When it ends; a slot that would run past it is not given out.
        slot_minutes: Length of each slot.
        time_zone: The clinic's IANA zone. Lengths are real minutes, so that a change of the clock inside the
            reception neither doubles nor loses a slot.
    """
    zone = ZoneInfo(time_zone)
    length = timedelta(minutes=slot_minutes)
    start = datetime.combine(day, opens, zone).astimezone(UTC)
    end = datetime.combine(day, closes, zone).astimezone(UTC)
    while start + length <= end:
        yield start, start + length
        start += length
