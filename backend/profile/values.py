"""What a person is known by; every value is checked when it is made, and none shows itself in a log."""

import re
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Self

from backend.profile.errors import PhoneInvalid, SnilsInvalid
from backend.profile.rules import is_valid_snils
from identity.principal import PersonId

DEFAULT_TIME_ZONE = "Europe/Moscow"

_SNILS_AS_WRITTEN = re.compile(r"[0-9]{3}-?[0-9]{3}-?[0-9]{3}[- ]?[0-9]{2}")
_PHONE_AS_WRITTEN = re.compile(r"(?:\+7|8)([0-9]{10})")
_PHONE_PUNCTUATION = str.maketrans("", "", " ()-\N{NO-BREAK SPACE}")


class Sex(StrEnum):
    """Sex as the state's registers keep it."""

    MALE = "male"
    FEMALE = "female"


class FamilyKind(StrEnum):
    """What the relative is to the person."""

    CHILD = "child"
    PARENT = "parent"
    SPOUSE = "spouse"
    WARD = "ward"
    GUARDIAN = "guardian"


@dataclass(frozen=True, slots=True)
class Snils:
    """Number of the individual insurance account: 11 digits with a valid check number."""

    digits: str = field(repr=False)

    def __post_init__(self) -> None:
        """Refuse what is not a SNILS."""
        if not is_valid_snils(self.digits):
            raise SnilsInvalid

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a SNILS as people and ESIA write it: `NNN-NNN-NNN CC` or 11 digits.

        Raises:
            SnilsInvalid: Other characters, a wrong length, all zeros or a wrong check number.
        """
        if not _SNILS_AS_WRITTEN.fullmatch(text.strip()):
            raise SnilsInvalid
        return cls(re.sub("[^0-9]", "", text))

    def formatted(self) -> str:
        """Write it as documents do: `NNN-NNN-NNN CC`."""
        digits = self.digits
        return f"{digits[:3]}-{digits[3:6]}-{digits[6:9]} {digits[9:]}"


@dataclass(frozen=True, slots=True)
class Phone:
    """A Russian telephone number in E.164: `+7XXXXXXXXXX`."""

    e164: str = field(repr=False)

    def __post_init__(self) -> None:
        """Refuse what is not a Russian number in E.164."""
        if not self.e164.startswith("+7") or not _PHONE_AS_WRITTEN.fullmatch(self.e164):
            raise PhoneInvalid

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `8XXXXXXXXXX`, `+7(XXX)XXXXXXX` and the like; spaces, hyphens and brackets are ignored.

        Raises:
            PhoneInvalid: Anything else.
        """
        match = _PHONE_AS_WRITTEN.fullmatch(text.translate(_PHONE_PUNCTUATION))
        if match is None:
            raise PhoneInvalid
        return cls(f"+7{match[1]}")


@dataclass(frozen=True, slots=True)
class Person:
    """A person as one source knew them at one time; `as_of` is aware UTC, `time_zone` an IANA name."""

    id: PersonId
    family_name: str = field(repr=False)
    given_name: str = field(repr=False)
    patronymic: str | None = field(repr=False)
    birth_date: date = field(repr=False)
    sex: Sex = field(repr=False)
    snils: Snils | None = field(repr=False)
    phone: Phone | None = field(repr=False)
    email: str | None = field(repr=False)
    source: str
    as_of: datetime
    time_zone: str = DEFAULT_TIME_ZONE
