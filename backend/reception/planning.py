"""What templates make of days, pure: the time zone is a parameter."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from backend.booking.slot_times import slot_times
from backend.booking.values import channel_mask
from backend.reception.errors import DatesRefused, TemplateOverlaps, TemplateRefused
from backend.reception.values import PlannedReception, ReceptionPlan, Release, Template

LONGEST = timedelta(days=92)
"""How much can be published or closed at a time: a quarter (config)."""

_MOST_DAYS_BEFORE = 365
_MOST = 10_000

Times = tuple[datetime, datetime]


def check_template(template: Template) -> None:
    """Refuse a template that cannot be.

    Raises:
        TemplateRefused: Hours, lengths, channels, shares, release or days that make no sense.
    """
    opens, closes = template.opens, template.closes
    release = template.release
    whole_minutes = not any(one.second or one.microsecond or one.tzinfo for one in (opens, closes))
    sensible = (
        1 <= template.weekday <= 7,
        whole_minutes and opens < closes,
        1
        <= template.slot_minutes
        <= _minutes_between(opens.hour * 60 + opens.minute, closes.hour * 60 + closes.minute),
        bool(template.channels),
        all(0 <= most <= _MOST for most in template.quotas.values()),
        template.quotas.keys() <= template.channels,
        release is None or 0 <= release.days_before <= _MOST_DAYS_BEFORE,
        template.valid_to is None or template.valid_to >= template.valid_from,
    )
    if not all(sensible):
        raise TemplateRefused


def _minutes_between(opens: int, closes: int) -> int:
    return min(closes - opens, 480)


def check_no_overlap(wanted: Template, others: Iterable[Template]) -> None:
    """Refuse a template that shares a part of a day with another one of the same post.

    Raises:
        TemplateOverlaps: It does.
    """
    if any(_overlap(wanted, other) for other in others):
        raise TemplateOverlaps


def _overlap(one: Template, other: Template) -> bool:
    return (
        one.weekday == other.weekday
        and one.opens < other.closes
        and other.opens < one.closes
        and one.valid_from <= (other.valid_to or date.max)
        and other.valid_from <= (one.valid_to or date.max)
    )


def check_days(first: date, last: date, *, today: date) -> None:
    """Refuse days that cannot be published.

    Args:
        first: The first day.
        last: The last one.
        today: The present day by the clinic's calendar.

    Raises:
        DatesRefused: Not in order, past, or more than `LONGEST`.
    """
    if not today <= first <= last or last - first >= LONGEST:
        raise DatesRefused


def check_range(starts_from: datetime, starts_before: datetime, *, now: datetime) -> None:
    """Refuse a range of instants in which nothing can be closed or cancelled.

    Raises:
        DatesRefused: Not in order, over, or longer than `LONGEST`.
    """
    if starts_before <= max(starts_from, now) or starts_before - starts_from > LONGEST:
        raise DatesRefused


def plan_receptions(
    templates: Iterable[Template], *, first: date, last: date, time_zone: str
) -> list[PlannedReception]:
    """Return the receptions that the templates make of the days from `first` to `last`, inclusive, in order.

    Args:
        templates: Of one post, without overlaps.
        first: The first day of the clinic's calendar.
        last: The last one.
        time_zone: The clinic's, IANA.
    """
    stored = list(templates)
    planned = [
        _reception(template, day, time_zone)
        for day in _days(first, last)
        for template in stored
        if template.weekday == day.isoweekday()
        and template.valid_from <= day
        and (template.valid_to is None or day <= template.valid_to)
    ]
    return sorted(planned, key=lambda one: (one.day, one.opens))


def _days(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=ahead) for ahead in range((last - first).days + 1))


def _reception(template: Template, day: date, time_zone: str) -> PlannedReception:
    times = slot_times(
        day=day,
        opens=template.opens,
        closes=template.closes,
        slot_minutes=template.slot_minutes,
        time_zone=time_zone,
    )
    return PlannedReception(
        day=day,
        opens=template.opens,
        closes=template.closes,
        slot_minutes=template.slot_minutes,
        channels=channel_mask(sorted(template.channels)),
        quotas=dict(template.quotas),
        released_at=None if template.release is None else _released_at(template.release, day, time_zone),
        times=tuple(times),
    )


def _released_at(release: Release, day: date, time_zone: str) -> datetime:
    released_on = day - timedelta(days=release.days_before)
    return datetime.combine(released_on, release.at, ZoneInfo(time_zone)).astimezone(UTC)


def compare(receptions: Iterable[PlannedReception], taken: Iterable[Times]) -> list[ReceptionPlan]:
    """Return what publishing makes of each reception beside the slots that the doctor has.

    Args:
        receptions: In order.
        taken: Start and end of every slot of the doctor round these days, of whatever post, given out or withdrawn;
            none overlaps another.
    """
    known = sorted(taken)
    return [_compare(one, known) for one in receptions]


def _compare(reception: PlannedReception, known: Sequence[Times]) -> ReceptionPlan:
    starts = {start for start, _ in known}
    made = tuple(one for one in reception.times if one[0] not in starts and not _is_covered(one, known))
    there = sum(start in starts for start, _ in reception.times)
    return ReceptionPlan(reception, made, there, overlapping=len(reception.times) - len(made) - there)


def _is_covered(wanted: Times, known: Sequence[Times]) -> bool:
    """Tell whether a known slot covers a moment of the wanted time; ends are exclusive."""
    start, end = wanted
    place = bisect_right(known, (start, end))
    before = place > 0 and known[place - 1][1] > start
    return before or (place < len(known) and known[place][0] < end)
