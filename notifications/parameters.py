"""What a parameter of a message may hold, and how much it tells of a person; one name means the same in every kind."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType
from uuid import UUID
from zoneinfo import ZoneInfo


class Sensitivity(StrEnum):
    """What somebody else learns who reads it, on a lock screen or at a provider's."""

    ADDRESS = "address"
    CLINIC = "clinic"  # where somebody is treated, or gets a medicine
    CODE = "code"  # proves something to whoever is told it
    COUNT = "count"
    DEVICE = "device"
    DOCTOR = "doctor"
    DOCUMENT = "document"  # the title of a medical document names what was examined
    DRUG = "drug"
    HEALTH = "health"  # a finding, a result, what it calls for
    IDENTIFIER = "identifier"
    MOMENT = "moment"
    ORGANISATION = "organisation"
    PERSON = "person"
    REFERENCE = "reference"  # the number of somebody's case with us
    SPECIALTY = "specialty"
    WORD = "word"  # one of a few words that we know, and that choose a text


class Form(StrEnum):
    """How a parameter is written; all but TEXT have a closed grammar that no free text gets through."""

    TEXT = "text"
    CODE = "code"  # digits
    COUNT = "count"  # a whole number from 0
    DATE = "date"  # ISO 8601
    IDENTIFIER = "identifier"  # a UUID
    INSTANT = "instant"  # ISO 8601 with its offset
    REFERENCE = "reference"  # digits in groups
    WORD = "word"
    ZONE = "zone"  # an IANA name


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter; `is_data` is kept with the message and need not stand in any text."""

    form: Form
    sensitivity: Sensitivity
    words: frozenset[str] = frozenset()
    is_data: bool = False


def _text(sensitivity: Sensitivity) -> Parameter:
    return Parameter(Form.TEXT, sensitivity)


def _word(*words: str, sensitivity: Sensitivity = Sensitivity.WORD) -> Parameter:
    return Parameter(Form.WORD, sensitivity, frozenset(words))


_COUNT = Parameter(Form.COUNT, Sensitivity.COUNT)
_DATE = Parameter(Form.DATE, Sensitivity.MOMENT)
_INSTANT = Parameter(Form.INSTANT, Sensitivity.MOMENT)

KNOWN: Mapping[str, Parameter] = MappingProxyType(
    {
        "address": _text(Sensitivity.ADDRESS),
        "answer_on": _DATE,
        "arrived_at": _INSTANT,
        "campaign_id": Parameter(Form.IDENTIFIER, Sensitivity.IDENTIFIER, is_data=True),
        "change": _word("insurer", "number", "closed", "details"),
        "changed_on": _DATE,
        "clinic": _text(Sensitivity.CLINIC),
        "code": Parameter(Form.CODE, Sensitivity.CODE),
        "days": _COUNT,
        "deadline_at": _INSTANT,
        "device": _text(Sensitivity.DEVICE),
        "doctor": _text(Sensitivity.DOCTOR),
        "document_en": _text(Sensitivity.DOCUMENT),
        "document_ru": _text(Sensitivity.DOCUMENT),
        "drug": _text(Sensitivity.DRUG),
        "due_on": _DATE,
        "earlier_at": _INSTANT,
        "ends_at": _INSTANT,
        "eta_from_minutes": _COUNT,
        "eta_to_minutes": _COUNT,
        "examinations": _COUNT,
        "expires_on": _DATE,
        "finished_on": _DATE,
        "first_on": _DATE,
        "insurer": _text(Sensitivity.ORGANISATION),
        "issued_on": _DATE,
        "known_at": _INSTANT,
        "last_on": _DATE,
        "number": Parameter(Form.REFERENCE, Sensitivity.REFERENCE),
        "offered_address": _text(Sensitivity.ADDRESS),
        "offered_at": _INSTANT,
        "offered_clinic": _text(Sensitivity.CLINIC),
        "offered_doctor": _text(Sensitivity.DOCTOR),
        "opened_at": _INSTANT,
        "pharmacy": _text(Sensitivity.CLINIC),
        "programme": _word("preventive_exam", "dispensarisation", "in_depth", sensitivity=Sensitivity.HEALTH),
        "reader": _text(Sensitivity.PERSON),
        "reason": _word(
            *("patient_decline", "mo_decline", "error_in_slot", "incorrect_service", "incorrect_data"),
            *("no_free_space", "other_reasons"),
        ),
        "registered_on": _DATE,
        "second_stage": _word("yes", "no", sensitivity=Sensitivity.HEALTH),
        "side": _word("person", "representative"),
        "signed_in_at": _INSTANT,
        "specialty_en": _text(Sensitivity.SPECIALTY),
        "specialty_ru": _text(Sensitivity.SPECIALTY),
        "starts_at": _INSTANT,
        "zone": Parameter(Form.ZONE, Sensitivity.MOMENT),
    }
)
"""By name. `side` is which of the two reads it; `reason` is a word of the ФЭР (v2, CancelAppointment)."""

ORDERED = (("first_on", "last_on"), ("eta_from_minutes", "eta_to_minutes"))
"""Pairs of which the first may not be more than the second."""

_CODE = re.compile(r"[0-9]{4,10}")
_COUNT_DIGITS = re.compile(r"[0-9]{1,6}")
_DATE_DIGITS = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_REFERENCE = re.compile(r"(?=.{1,20}\Z)[0-9]+([-/][0-9]+)*")

Value = str | int | date | datetime | ZoneInfo


def read(parameters: Mapping[str, str], *, expected: Iterable[str]) -> dict[str, Value]:
    """Read the parameters of a message.

    Args:
        parameters: As kept: names and texts.
        expected: The names that have to be there, and no others.

    Returns:
        By name: counts as int, dates as date, instants as aware datetime, the zone as ZoneInfo, the rest as text.

    Raises:
        ValueError: One is missing, unknown or unreadable, or a pair is in the wrong order. Its text names parameters,
            never their values.
    """
    wrong = set(expected) ^ parameters.keys()
    if wrong:
        raise ValueError(f"missing or unknown: {sorted(wrong)}")
    return read_given(parameters)


def read_given(parameters: Mapping[str, str]) -> dict[str, Value]:
    """Read what is there, for a text that may be older than the names expected today; raises as `read`."""
    values = {name: _read_one(name, text) for name, text in parameters.items()}
    for first, second in ORDERED:
        if first in values and second in values and values[first] > values[second]:  # type: ignore[operator] # one form
            raise ValueError(f"{first} is more than {second}")
    return values


def _read_one(name: str, text: str) -> Value:
    try:
        return _READERS[KNOWN[name].form](KNOWN[name], text)
    except (KeyError, ValueError):
        raise ValueError(f"unreadable: {name}") from None  # the cause would quote the value


def _matched(pattern: re.Pattern[str], text: str) -> str:
    if pattern.fullmatch(text) is None:
        raise ValueError
    return text


def _instant(text: str) -> datetime:
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        raise ValueError
    return instant


def _one_of(words: frozenset[str], text: str) -> str:
    if text not in words:
        raise ValueError
    return text


_READERS: Mapping[Form, Callable[[Parameter, str], Value]] = MappingProxyType(
    {
        Form.TEXT: lambda _, text: text,
        Form.CODE: lambda _, text: _matched(_CODE, text),
        Form.COUNT: lambda _, text: int(_matched(_COUNT_DIGITS, text)),
        Form.DATE: lambda _, text: date.fromisoformat(_matched(_DATE_DIGITS, text)),
        Form.IDENTIFIER: lambda _, text: str(UUID(text)),
        Form.INSTANT: lambda _, text: _instant(text),
        Form.REFERENCE: lambda _, text: _matched(_REFERENCE, text),
        Form.WORD: lambda parameter, text: _one_of(parameter.words, text),
        Form.ZONE: lambda _, text: ZoneInfo(text),
    }
)
