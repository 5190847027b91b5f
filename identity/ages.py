"""The birthdays on which rights change by themselves, on the person's own calendar (S38)."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from identity.ports import Birth

CONSENTS_TO_CARE = 15
"""Years from which a person decides about their care. Source: 323-ФЗ art. 20 p. 2 and art. 54 p. 2."""

COMES_OF_AGE = 18
"""Years from which nobody acts for a person by law alone. Source: ГК РФ art. 21 p. 1."""


def birthday(born: date, years: int) -> date:
    """Return the day of turning `years`; born on 29 February, 1 March of a common year."""
    try:
        return born.replace(year=born.year + years)
    except ValueError:
        return date(born.year + years, 3, 1)


def first_instant(day: date, time_zone: str) -> datetime:
    """Return when a day first begins in a zone, in UTC; a day the zone left out begins with the one after it."""
    return datetime.combine(day, time.min, ZoneInfo(time_zone)).astimezone(UTC)


def turns(birth: Birth, years: int) -> datetime:
    """Return the instant, in UTC, of turning `years` by the person's own clock: midnight at which the day begins."""
    return first_instant(birthday(birth.date, years), birth.time_zone)
