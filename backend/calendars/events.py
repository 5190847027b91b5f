"""Appointments written as RFC 5545 text by the library; pure, and the same bytes for the same facts."""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

from icalendar import Alarm, Calendar, Event, Timezone

from backend.booking.states import AppointmentStatus
from backend.booking.values import Appointment, Slot
from backend.calendars.texts import TEXTS, Texts
from backend.calendars.values import CalendarText, Detail
from backend.single_lines import one_line
from identity.language import Language

PRODUCT = "-//zdorovye//appointments//RU"
REMINDS_BEFORE = timedelta(days=1)
REFRESH_EVERY = timedelta(hours=1)

_STATUSES = {
    AppointmentStatus.CONFIRMED: "CONFIRMED",
    AppointmentStatus.ATTENDED: "CONFIRMED",
    AppointmentStatus.NO_SHOW: "CONFIRMED",
    AppointmentStatus.PENDING: "TENTATIVE",
    AppointmentStatus.UNKNOWN: "TENTATIVE",
    AppointmentStatus.CANCELLING: "TENTATIVE",
    AppointmentStatus.CANCELLED: "CANCELLED",
    AppointmentStatus.REFUSED: "CANCELLED",
}
"""What each state is in a calendar; a hold is in none."""

SHOWN = tuple(_STATUSES)
"""The states that a calendar shows."""

_ASKING = (AppointmentStatus.PENDING, AppointmentStatus.UNKNOWN)
_YEARS_OF_ZONE = 1


def write_file(appointment: Appointment, *, detail: Detail, language: Language, domain: str) -> str | None:
    """Return the text of one appointment for a calendar of the person's, or None for a mere hold.

    Args:
        appointment: Any state.
        detail: How much to tell.
        language: Of the words.
        domain: Ours; the event's UID ends with it and is the same in every file and feed.

    Source: RFC 5545; RFC 5546 §3.2 (PUBLISH, and CANCEL for what is given up).
    """
    if appointment.status not in _STATUSES:
        return None
    calendar = _calendar([appointment], language=language, method="CANCEL" if _is_off(appointment) else "PUBLISH")
    calendar.add_component(_event(appointment, detail=detail, language=language, domain=domain))
    text: bytes = calendar.to_ical()
    return text.decode()


def write_feed(appointments: Sequence[Appointment], *, detail: Detail, language: Language, domain: str) -> CalendarText:
    """Return the text of a feed; what is given up stands in it as CANCELLED, so that calendars take it out.

    Args:
        appointments: What to show, in order; holds are left out.
        detail: How much to tell.
        language: Of the words.
        domain: Ours.
    """
    shown = [one for one in appointments if one.status in _STATUSES]
    calendar = _calendar(shown, language=language, method="PUBLISH")
    calendar.add("X-WR-CALNAME", TEXTS[language].calendar)
    calendar.add("REFRESH-INTERVAL", REFRESH_EVERY, parameters={"VALUE": "DURATION"})
    calendar.add("X-PUBLISHED-TTL", "PT1H")
    for one in shown:
        calendar.add_component(_event(one, detail=detail, language=language, domain=domain))
    body = calendar.to_ical()
    return CalendarText(body, f'"{hashlib.sha256(body).hexdigest()[:32]}"')


def _calendar(appointments: Iterable[Appointment], *, language: Language, method: str) -> Calendar:
    calendar = Calendar()
    calendar.add("PRODID", PRODUCT if language == "ru" else PRODUCT.removesuffix("RU") + "EN")
    calendar.add("VERSION", "2.0")
    calendar.add("CALSCALE", "GREGORIAN")
    calendar.add("METHOD", method)
    years: dict[str, set[int]] = {}
    for one in appointments:
        years.setdefault(one.slot.clinic.time_zone, set()).update((one.slot.starts_at.year, one.slot.ends_at.year))
    for zone, used in sorted(years.items()):
        calendar.add_component(_zone(zone, min(used) - _YEARS_OF_ZONE, max(used) + _YEARS_OF_ZONE))
    return calendar


@lru_cache(maxsize=64)
def _zone(name: str, first_year: int, last_year: int) -> Timezone:
    """Return what a calendar needs to know of a zone for the years of its events, from the IANA database."""
    return Timezone.from_tzid(name, first_date=date(first_year, 1, 1), last_date=date(last_year + 1, 1, 1))


def _event(appointment: Appointment, *, detail: Detail, language: Language, domain: str) -> Event:
    slot, words, is_off = appointment.slot, TEXTS[language], _is_off(appointment)
    event = Event()
    event.add("UID", f"{appointment.id}@{domain}")
    event.add("SEQUENCE", appointment.sequence + is_off)
    event.add("DTSTAMP", _changed_at(appointment))
    event.add("LAST-MODIFIED", _changed_at(appointment))
    event.add("DTSTART", _unmistakable(slot, slot.starts_at))
    event.add("DTEND", _unmistakable(slot, slot.ends_at))
    event.add("STATUS", _STATUSES[appointment.status])
    event.add("CLASS", "PRIVATE")
    event.add("TRANSP", "TRANSPARENT" if is_off else "OPAQUE")
    summary = words.appointment
    if detail is Detail.FULL:
        name = slot.specialty.name_ru if language == "ru" else slot.specialty.name_en
        summary = words.at.format(specialty=one_line(name))
        event.add("LOCATION", one_line(f"{slot.clinic.name}, {slot.clinic.address}"))
        event.add("DESCRIPTION", _description(slot, appointment.status, words))
    event.add("SUMMARY", summary)
    if not is_off:
        event.add_component(_alarm(summary))
    return event


def _unmistakable(slot: Slot, instant: datetime) -> datetime:
    """Return an instant by the clinic's clock; in UTC in the hour that a clock shows twice, for the second time.

    Source: RFC 5545 §3.3.5: such a local time means the first of both.
    """
    local = slot.clinic.local(instant)
    return instant.astimezone(UTC) if local.fold else local


def _description(slot: Slot, status: AppointmentStatus, words: Texts) -> str:
    lines = [words.asking] if status in _ASKING else []
    lines.append(one_line(slot.doctor.full_name))
    if slot.room:
        lines.append(words.room.format(room=one_line(slot.room)))
    lines.append(one_line(slot.clinic.phone))
    return "\n".join(lines)


def _alarm(summary: str) -> Alarm:
    alarm = Alarm()
    alarm.add("ACTION", "DISPLAY")
    alarm.add("DESCRIPTION", summary)
    alarm.add("TRIGGER", -REMINDS_BEFORE)
    return alarm


def _is_off(appointment: Appointment) -> bool:
    return _STATUSES[appointment.status] == "CANCELLED"


def _changed_at(appointment: Appointment) -> datetime:
    """Return when it last changed, as far as its row tells; whole seconds, as the format has them."""
    instants = (appointment.created_at, appointment.confirmed_at, appointment.cancelled_at)
    return max(one for one in instants if one is not None).astimezone(UTC).replace(microsecond=0)
