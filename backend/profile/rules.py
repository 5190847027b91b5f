"""Pure decisions about identifiers and ages."""

import re
from datetime import date, datetime
from operator import mul
from zoneinfo import ZoneInfo

_FIRST_CHECKED_SNILS = 1_001_998
"""Numbers up to 001-001-998 were given out before the check number existed."""

_WEIGHTS = tuple(range(9, 0, -1))
_ELEVEN_DIGITS = re.compile(r"[0-9]{11}")


def is_valid_snils(digits: str) -> bool:
    """Say whether 11 digits are a SNILS.

    Source: «Порядок присвоения СНИЛС» of the pension fund: the sum of digit x (10 - position) modulo 101, 100 counts
    as 0, in two digits; not applied up to 001-001-998. All zeros are nobody's number.
    """
    if not _ELEVEN_DIGITS.fullmatch(digits) or digits == "0" * 11:
        return False
    number, check = digits[:9], int(digits[9:])
    if int(number) <= _FIRST_CHECKED_SNILS:
        return True
    total: int = sum(map(mul, map(int, number), _WEIGHTS))
    return total % 101 % 100 == check


def age_in_years(birth_date: date, *, now: datetime, time_zone: str) -> int:
    """Count full years on the calendar day that it is at `now` in the person's own zone.

    Born on 29 February, one turns a year older on 1 March of a common year.
    """
    today = now.astimezone(ZoneInfo(time_zone)).date()
    had_birthday = (today.month, today.day) >= (birth_date.month, birth_date.day)
    return today.year - birth_date.year - (not had_birthday)
