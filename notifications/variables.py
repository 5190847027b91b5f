"""What a text may name: each variable with the parameters it is made of, and how it is written in a language."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import lru_cache
from types import MappingProxyType
from typing import Literal, get_args
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_interval, format_skeleton, format_time, get_timezone_location

from notifications.parameters import KNOWN, Form, Sensitivity, Value

Language = Literal["ru", "en"]
LANGUAGES: tuple[Language, ...] = get_args(Language)

_MOST_DAYS = 2_048
"""How many days, minutes and places are kept as written: Babel takes longer than all the rest of a text."""

Written = str | int
Values = Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Variable:
    """One variable of texts; it is there when all its parameters are."""

    parameters: frozenset[str]
    sensitivity: Sensitivity
    write: Callable[[Values, Language], Written]


def variables_of(parameters: Iterable[str]) -> dict[str, Variable]:
    """Return, by name, the variables that a text with these parameters may use."""
    given = set(parameters)
    return {name: variable for name, variable in VARIABLES.items() if variable.parameters <= given}


def write_out(values: Values, wanted: Iterable[str], language: Language) -> dict[str, Written]:
    """Return the variables of a text, by name; one that cannot be made is left out, and the text will miss it.

    Args:
        values: As `notifications.parameters.read` returns them.
        wanted: What the text names.
        language: In which dates and times are written.
    """
    return {
        name: VARIABLES[name].write(values, language)
        for name in wanted
        if name in VARIABLES and VARIABLES[name].parameters <= values.keys()
    }


def _as_it_is(name: str) -> Variable:
    def write(values: Values, _language: Language) -> Written:
        value = values[name]
        return value if isinstance(value, int) else str(value)

    return Variable(frozenset({name}), KNOWN[name].sensitivity, write)


def _by_language(stem: str) -> Variable:
    names = {language: f"{stem}_{language}" for language in LANGUAGES}
    sensitivity = KNOWN[names["ru"]].sensitivity
    return Variable(frozenset(names.values()), sensitivity, lambda values, language: str(values[names[language]]))


def _of_day(name: str, write: Callable[[date, Language], str]) -> Variable:
    def written(values: Values, language: Language) -> Written:
        day = values[name]
        if not isinstance(day, date):
            raise TypeError(name)
        return write(day, language)

    return Variable(frozenset({name}), KNOWN[name].sensitivity, written)


def _of_instant(name: str, write: Callable[[datetime, Language], str]) -> Variable:
    def written(values: Values, language: Language) -> Written:
        instant, zone = values[name], values["zone"]
        if not isinstance(instant, datetime) or not isinstance(zone, ZoneInfo):
            raise TypeError(name)
        return write(instant.astimezone(zone), language)

    return Variable(frozenset({name, "zone"}), KNOWN[name].sensitivity, written)


@lru_cache(_MOST_DAYS)
def _day(day: date, language: Language) -> str:
    return format_skeleton("MMMMd", day, locale=language)


@lru_cache(_MOST_DAYS)
def _long(day: date, language: Language) -> str:
    return _whole(format_date(day, "long", locale=language))


@lru_cache(_MOST_DAYS)
def _full(day: date, language: Language) -> str:
    return format_date(day, "full", locale=language)


def _clock(instant: datetime, language: Language) -> str:
    return _minute(instant.hour, instant.minute, language)


@lru_cache(_MOST_DAYS)
def _minute(hour: int, minute: int, language: Language) -> str:
    return format_time(time(hour, minute), "HH:mm", locale=language)


@lru_cache(_MOST_DAYS)
def _city(zone: ZoneInfo, language: Language) -> str:
    return get_timezone_location(zone, locale=language, return_city=True)


def _range(values: Values, language: Language) -> Written:
    first, last = values["first_on"], values["last_on"]
    if not isinstance(first, date) or not isinstance(last, date):
        raise TypeError("first_on, last_on")
    return _whole(format_interval(first, last, "yMMMMd", locale=language))


def _whole(date_text: str) -> str:
    """Return a date that can end a sentence: "г." has a full stop of its own."""
    return f"{date_text.removesuffix('г.')}года" if date_text.endswith("г.") else date_text


def _place(values: Values, language: Language) -> Written:
    zone = values["zone"]
    if not isinstance(zone, ZoneInfo):
        raise TypeError("zone")
    return _city(zone, language)


def _all() -> dict[str, Variable]:
    """Return every variable: `starts_at` makes `date`, `day`, `time`; `ends_at` makes `ends_date`, and so on."""
    found = {
        "dates": Variable(frozenset({"first_on", "last_on"}), Sensitivity.MOMENT, _range),
        "place_of_time": Variable(frozenset({"zone"}), Sensitivity.MOMENT, _place),
    }
    for name, parameter in KNOWN.items():
        stem = name.rpartition("_")[0]
        if parameter.form is Form.INSTANT:
            prefix = "" if name == "starts_at" else f"{stem}_"
            found[f"{prefix}date"] = _of_instant(name, lambda at, language: _full(at.date(), language))
            found[f"{prefix}day"] = _of_instant(name, lambda at, language: _day(at.date(), language))
            found[f"{prefix}time"] = _of_instant(name, _clock)
        elif parameter.form is Form.DATE:
            found[f"{stem}_date"] = _of_day(name, _long)
            found[f"{stem}_day"] = _of_day(name, _day)
        elif name.endswith("_ru"):
            found[stem] = _by_language(stem)
        elif parameter.form not in {Form.ZONE, Form.IDENTIFIER} and not name.endswith("_en"):
            found[name] = _as_it_is(name)
    return found


VARIABLES: Mapping[str, Variable] = MappingProxyType(_all())
"""Every variable that any text may name, by name."""
