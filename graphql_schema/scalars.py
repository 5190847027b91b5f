"""Scalars with their specifications. Annotate fields with these names; `SCALARS` goes to the schema's configuration.

Identifiers that people type (`Snils`, `Enp`) pass through as text: a mistake there is a refusal in `errors[]`,
decided by the value classes of the domains, not a coercion failure of the whole document.
"""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import NewType, TypeAlias
from urllib.parse import urlsplit
from uuid import UUID

import phonenumbers
import strawberry
from graphql import GraphQLError
from strawberry.types.scalar import ScalarDefinition

DateTime: TypeAlias = datetime
Date: TypeAlias = date
Duration: TypeAlias = timedelta
PhoneNumber = NewType("PhoneNumber", str)
URL = NewType("URL", str)
Snils = NewType("Snils", str)
Enp = NewType("Enp", str)
SyncCursor = NewType("SyncCursor", str)

_LONGEST_TEXT = 2_048
_DATE_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:\d\d)", re.ASCII)
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_DURATION = re.compile(
    r"(?P<sign>-)?P(?:(?P<weeks>\d{1,6})W|(?=\d|T\d)(?:(?P<days>\d{1,6})D)?"
    r"(?:T(?=\d)(?:(?P<hours>\d{1,6})H)?(?:(?P<minutes>\d{1,6})M)?(?:(?P<seconds>\d{1,9})(?:\.(?P<fraction>\d{1,6}))?S)?)?)",
    re.ASCII,
)


def _text(name: str, value: object) -> str:
    if not isinstance(value, str) or len(value) > _LONGEST_TEXT:
        raise GraphQLError(f"{name} must be a string of its documented form.")
    return value


def parse_date_time(value: object) -> datetime:
    """Read an instant; its offset is required.

    Raises:
        GraphQLError: Not RFC 3339, or without an offset.
    """
    text = _text("DateTime", value)
    if not _DATE_TIME.fullmatch(text):
        raise GraphQLError("DateTime must be RFC 3339 with an offset, as 2026-11-22T09:00:00+03:00.")
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise GraphQLError("DateTime names an instant that does not exist.") from error


def write_date_time(value: datetime) -> str:
    """Write an instant with its own offset; a naive one is a bug.

    Raises:
        ValueError: The instant is naive.
    """
    if value.tzinfo is None:
        raise ValueError("an instant without an offset reached the wire")
    return value.isoformat()


def parse_date(value: object) -> date:
    """Read a calendar date in the extended form only.

    Raises:
        GraphQLError: Not YYYY-MM-DD or no such day.
    """
    text = _text("Date", value)
    if not _DATE.fullmatch(text):
        raise GraphQLError("Date must be YYYY-MM-DD.")
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise GraphQLError("Date names a day that does not exist.") from error


def parse_duration(value: object) -> timedelta:
    """Read an ISO 8601 duration of weeks, or of days, hours, minutes and seconds.

    Raises:
        GraphQLError: Another form; years and months have no fixed length and are refused.
    """
    match = _DURATION.fullmatch(_text("Duration", value))
    if match is None:
        raise GraphQLError("Duration must be ISO 8601 without years and months, as PT30M or P1DT2H.")
    parts = match.groupdict()
    span = timedelta(
        microseconds=int((parts["fraction"] or "0").ljust(6, "0")),
        **{unit: int(parts[unit] or 0) for unit in ("weeks", "days", "hours", "minutes", "seconds")},
    )
    return -span if parts["sign"] else span


def write_duration(value: timedelta) -> str:
    """Write a span as ISO 8601, in days, hours, minutes and seconds."""
    sign, span = ("-", -value) if value < timedelta() else ("", value)
    minutes, seconds = divmod(span.seconds, 60)
    hours, minutes = divmod(minutes, 60)
    fraction = f".{span.microseconds:06}".rstrip("0") if span.microseconds else ""
    days = f"{span.days}D" if span.days else ""
    time = "".join(f"{number}{unit}" for number, unit in ((hours, "H"), (minutes, "M")) if number)
    if seconds or fraction:
        time += f"{seconds}{fraction}S"
    if not days and not time:
        return "PT0S"
    return f"{sign}P{days}{'T' if time else ''}{time}"


def parse_phone_number(value: object) -> PhoneNumber:
    """Read a telephone number in E.164 form.

    Raises:
        GraphQLError: Not +7… digits only, or no number that can exist.
    """
    text = _text("PhoneNumber", value)
    try:
        number = phonenumbers.parse(text)
    except phonenumbers.NumberParseException as error:
        raise GraphQLError("PhoneNumber must be E.164, as +74842000000.") from error
    written = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    if written != text or not phonenumbers.is_possible_number(number):
        raise GraphQLError("PhoneNumber must be E.164, as +74842000000.")
    return PhoneNumber(written)


def parse_url(value: object) -> URL:
    """Read an absolute web address.

    Raises:
        GraphQLError: Not http(s) with a host.
    """
    text = _text("URL", value)
    try:
        parts = urlsplit(text)
        wrong = parts.scheme not in {"http", "https"} or not parts.hostname
    except ValueError:
        wrong = True
    if wrong or not text.isascii() or any(character.isspace() for character in text):
        raise GraphQLError("URL must be an absolute http or https address.")
    return URL(text)


def parse_uuid(value: object) -> UUID:
    """Read a UUID in its canonical form of 36 characters.

    Raises:
        GraphQLError: Another form.
    """
    text = _text("UUID", value)
    try:
        uuid = UUID(text)
    except ValueError as error:
        raise GraphQLError("UUID must be 36 characters, as 0198d7a0-0000-7000-8000-000000000000.") from error
    if str(uuid) != text.lower():
        raise GraphQLError("UUID must be 36 characters, as 0198d7a0-0000-7000-8000-000000000000.")
    return uuid


def parse_snils(value: object) -> Snils:
    """Pass on what a person typed as SNILS."""
    return Snils(_text("Snils", value))


def parse_enp(value: object) -> Enp:
    """Pass on what a person typed as the number of a policy."""
    return Enp(_text("Enp", value))


def parse_sync_cursor(value: object) -> SyncCursor:
    """Pass on how far a copy goes; what it means is checked where it is used."""
    return SyncCursor(_text("SyncCursor", value))


def _scalar(
    name: str, description: str, url: str, serialize: Callable[..., str], parse: Callable[[object], object]
) -> ScalarDefinition:
    return strawberry.scalar(
        name=name, description=description, specified_by_url=url, serialize=serialize, parse_value=parse
    )


SCALARS: dict[object, ScalarDefinition] = {
    datetime: _scalar(
        "DateTime",
        "An instant as RFC 3339 with its offset, which is required: 2026-11-22T09:00:00+03:00.",
        "https://www.rfc-editor.org/rfc/rfc3339#section-5.6",
        write_date_time,
        parse_date_time,
    ),
    date: _scalar(
        "Date",
        "A day of the calendar, YYYY-MM-DD, in the zone of what it belongs to.",
        "https://www.rfc-editor.org/rfc/rfc3339#section-5.6",
        date.isoformat,
        parse_date,
    ),
    timedelta: _scalar(
        "Duration",
        "A span of time as ISO 8601 without years and months: PT30M, P1DT2H.",
        "https://www.iso.org/iso-8601-date-and-time-format.html",
        write_duration,
        parse_duration,
    ),
    UUID: _scalar(
        "UUID",
        "A UUID of 36 characters; for idempotency keys, which clients make.",
        "https://www.rfc-editor.org/rfc/rfc9562",
        str,
        parse_uuid,
    ),
    PhoneNumber: _scalar(
        "PhoneNumber",
        "A telephone number in E.164 form: +74842000000.",
        "https://www.itu.int/rec/T-REC-E.164",
        str,
        parse_phone_number,
    ),
    URL: _scalar("URL", "An absolute http or https address.", "https://www.rfc-editor.org/rfc/rfc3986", str, parse_url),
    Snils: _scalar(
        "Snils",
        "The number of a person's pension account. In answers 11 digits; in inputs hyphens and spaces are accepted, "
        "and a wrong number is a refusal in `errors`.",
        "https://www.consultant.ru/document/cons_doc_LAW_8839/",
        str,
        parse_snils,
    ),
    Enp: _scalar(
        "Enp",
        "The unified number of a compulsory medical insurance policy. In answers 16 digits; in inputs spaces are "
        "accepted, and a wrong number is a refusal in `errors`.",
        "https://www.consultant.ru/document/cons_doc_LAW_289950/",
        str,
        parse_enp,
    ),
    SyncCursor: _scalar(
        "SyncCursor",
        "How far a phone's copy goes; opaque. A text that is none is refused with BAD_CURSOR.",
        "https://relay.dev/graphql/connections.htm#sec-Cursor",
        str,
        parse_sync_cursor,
    ),
}


@strawberry.type(description="A point of the Earth's surface, WGS 84.")
class GeoPoint:
    """Where something stands."""

    latitude: float = strawberry.field(description="Degrees north of the equator, -90 to 90.")
    longitude: float = strawberry.field(description="Degrees east of Greenwich, -180 to 180.")


@strawberry.input(description="A point of the Earth's surface, WGS 84.")
class GeoPointInput:
    """Where the person stands; its limits are checked by the domain that reads it."""

    latitude: float = strawberry.field(description="Degrees north of the equator, -90 to 90.")
    longitude: float = strawberry.field(description="Degrees east of Greenwich, -180 to 180.")
