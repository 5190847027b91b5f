"""Pure decisions about policy numbers and the age of answers."""

import re
from datetime import date, datetime, timedelta

from backend.profile.values import Sex

_SIXTEEN_DIGITS = re.compile(r"[0-9]{16}")
_NINES_COMPLEMENT = str.maketrans("0123456789", "9876543210")


def is_valid_enp(digits: str) -> bool:
    """Say whether 16 digits are a unified policy number.

    Source: ISO/IEC 7812-1 annex B (Luhn) over the first 15 digits; domain notes on identifiers.
    """
    if not _SIXTEEN_DIGITS.fullmatch(digits):
        return False
    total = 0
    for position, digit in enumerate(reversed(digits)):
        doubled = int(digit) * (1 + position % 2)
        total += doubled - 9 * (doubled > 9)
    return total % 10 == 0


def encode_birth_and_sex(birth_date: date, sex: Sex) -> str:
    """Return what digits 3-10 of an ENP given out for this date and sex would be.

    Source: domain notes on identifiers (configuration: could not be confirmed from a public text), hence good for a
    warning only: an ENP is never reissued when data are corrected.
    """
    century = 20 if birth_date.year <= 1950 else 40 if birth_date.year <= 2000 else 0
    day = birth_date.day + (50 if sex is Sex.MALE else 0)
    plain = f"{birth_date.month + century:02}{str(birth_date.year)[::-1]}{day:02}"
    return plain.translate(_NINES_COMPLEMENT)


def is_younger_than(age: timedelta, fetched_at: datetime, *, now: datetime) -> bool:
    """Say whether something fetched then is still younger than `age`; what lies in the future is not trusted."""
    return timedelta(0) <= now - fetched_at < age
