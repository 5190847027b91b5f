"""What a policy is; numbers are checked when they are made and do not show themselves in a log."""

import re
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Self

from backend.policy.errors import EnpInvalid
from backend.policy.rules import encode_birth_and_sex, is_valid_enp
from backend.profile.values import Phone, Sex, Snils

_SPACES = re.compile(r"[ \N{NO-BREAK SPACE}]")


@dataclass(frozen=True, slots=True)
class Enp:
    """Unified policy number: 16 digits, the last one the Luhn check digit."""

    digits: str = field(repr=False)

    def __post_init__(self) -> None:
        """Refuse what is not an ENP."""
        if not is_valid_enp(self.digits):
            raise EnpInvalid

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read an ENP as people write it, spaces between the groups allowed.

        Raises:
            EnpInvalid: Other characters, a wrong length or a wrong check digit.
        """
        return cls(_SPACES.sub("", text))

    def differs_from(self, birth_date: date, sex: Sex) -> bool:
        """Say whether it was given out for another date or sex; worth a warning, never a refusal."""
        return self.digits[2:10] != encode_birth_and_sex(birth_date, sex)


class PolicyKind(StrEnum):
    """Kind of policy. Source: domain notes on identifiers; 326-ФЗ, digital record since 2022-12-01."""

    OLD = "old"
    TEMPORARY = "temporary"
    UNIFIED = "unified"


class PolicyStatus(StrEnum):
    """State of the insurance."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Insurer:
    """The insurance company; `ogrn` is the state registration number, 13 digits."""

    name: str
    phone: Phone | None
    ogrn: str | None = None


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy in the register's words; `number` (with `series`) stands for kinds without an ENP."""

    kind: PolicyKind
    status: PolicyStatus
    insurer: Insurer
    valid_from: date
    region: str
    enp: Enp | None = field(default=None, repr=False)
    series: str | None = field(default=None, repr=False)
    number: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class InsuredPerson:
    """Whose policy is asked for: no more than the register needs to find it."""

    snils: Snils
    birth_date: date = field(repr=False)
    sex: Sex = field(repr=False)


@dataclass(frozen=True, slots=True)
class PolicyRecord:
    """One answer of the register: whose policy it says it is, and as of which instant (aware UTC)."""

    holder: InsuredPerson
    policy: Policy
    as_of: datetime

    def is_about(self, person: InsuredPerson) -> bool:
        """Say whether the answer is about this person: the same SNILS and birth date.

        The sex is not compared: registers correct it late, and another person would differ in the other two.
        """
        return (self.holder.snils, self.holder.birth_date) == (person.snils, person.birth_date)


@dataclass(frozen=True, slots=True)
class KnownPolicy:
    """A policy as shown: `is_stale` when the register is down and this is what it said earlier."""

    policy: Policy
    as_of: datetime
    is_stale: bool
