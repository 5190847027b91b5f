"""What a calendar is told: written by us, read back by the library as a calendar would."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from icalendar import Calendar

from backend.booking.states import AppointmentStatus
from backend.booking.values import Appointment
from backend.calendars.events import SHOWN, write_feed, write_file
from backend.calendars.values import Detail
from identity.language import Language
from tests.factories.calendars import BOOKED_AT, DOMAIN, make_visit

HINTS = ("клиник", "поликлиник", "врач", "доктор", "кабинет", "clinic", "doctor", "room", "hospital")
EDGES = ("Europe/Kaliningrad", "Asia/Kamchatka", "Europe/Berlin")


def text_of(visit: Appointment, *, detail: Detail = Detail.FULL, language: Language = "ru") -> str:
    written = write_file(visit, detail=detail, language=language, domain=DOMAIN)
    assert written is not None
    return written


def read(visit: Appointment, *, detail: Detail = Detail.FULL, language: Language = "ru") -> tuple[Any, Any]:
    calendar = Calendar.from_ical(text_of(visit, detail=detail, language=language))
    assert isinstance(calendar, Calendar)
    (event,) = calendar.events
    return calendar, event


def test_a_booked_visit_is_told_in_full_where_the_person_wants_it() -> None:
    visit = make_visit()
    calendar, event = read(visit)
    assert (calendar["METHOD"], calendar["VERSION"]) == ("PUBLISH", "2.0")
    assert event["UID"] == f"{visit.id}@{DOMAIN}"
    assert (event["SUMMARY"], event["STATUS"], event["SEQUENCE"]) == ("Запись: врач-психиатр", "CONFIRMED", 0)
    assert event["LOCATION"] == "Психоневрологический диспансер, Калуга, ул. Болотникова, 1"
    assert event["DESCRIPTION"] == "Серова Ирина Львовна\nкабинет 12\n+74842000000"
    assert event["DTSTAMP"].dt == event["LAST-MODIFIED"].dt == BOOKED_AT.replace(microsecond=0)
    assert (event["CLASS"], event["TRANSP"]) == ("PRIVATE", "OPAQUE")
    (alarm,) = event.walk("VALARM")
    assert (alarm["TRIGGER"].dt, alarm["ACTION"]) == (timedelta(days=-1), "DISPLAY")


def test_words_are_in_the_language_of_the_reader() -> None:
    _, event = read(make_visit(), language="en")
    assert (event["SUMMARY"], "room 12" in event["DESCRIPTION"]) == ("Appointment: psychiatrist", True)


def test_by_default_the_time_alone_is_told() -> None:
    _, event = read(make_visit(), detail=Detail.PLAIN)
    assert event["SUMMARY"] == "Запись"
    assert set(event) == {
        *("UID", "SEQUENCE", "DTSTAMP", "LAST-MODIFIED", "DTSTART", "DTEND", "STATUS", "CLASS", "TRANSP", "SUMMARY")
    }
    assert event.walk("VALARM")[0]["DESCRIPTION"] == "Запись"


WORDS = st.text(st.characters(codec="utf-8"), min_size=12, max_size=120)


@given(
    st.tuples(WORDS, WORDS, WORDS, WORDS),
    st.sampled_from(SHOWN),
    st.sampled_from(("ru", "en")),
    st.datetimes(datetime(2026, 1, 1), datetime(2030, 1, 1)),  # noqa: DTZ001 # made UTC below
)
def test_plain_tells_nothing_of_where_and_with_whom(
    words: tuple[str, str, str, str], status: AppointmentStatus, language: Language, starts_at: datetime
) -> None:
    """Two visits at the same time are told alike, wherever and with whomever they are."""
    clinic, address, doctor, specialty = words
    one = make_visit(
        clinic=clinic,
        address=address,
        doctor=doctor,
        specialty=specialty,
        status=status,
        starts_at=starts_at.replace(tzinfo=UTC),
    )
    other = replace(
        one, slot=replace(make_visit().slot, starts_at=one.slot.starts_at, ends_at=one.slot.ends_at, room=None)
    )
    text = text_of(one, detail=Detail.PLAIN, language=language)
    assert text == text_of(other, detail=Detail.PLAIN, language=language)
    unfolded = text.replace("\r\n ", "").casefold()
    assert [hint for hint in HINTS if hint in unfolded] == []


@pytest.mark.parametrize(
    ("status", "told", "method", "sequence"),
    [
        (AppointmentStatus.CONFIRMED, "CONFIRMED", "PUBLISH", 3),
        (AppointmentStatus.ATTENDED, "CONFIRMED", "PUBLISH", 3),
        (AppointmentStatus.NO_SHOW, "CONFIRMED", "PUBLISH", 3),
        (AppointmentStatus.PENDING, "TENTATIVE", "PUBLISH", 3),
        (AppointmentStatus.UNKNOWN, "TENTATIVE", "PUBLISH", 3),
        (AppointmentStatus.CANCELLING, "TENTATIVE", "PUBLISH", 3),
        (AppointmentStatus.CANCELLED, "CANCELLED", "CANCEL", 4),
        (AppointmentStatus.REFUSED, "CANCELLED", "CANCEL", 4),
    ],
)
def test_each_state_is_told_in_the_words_of_calendars(
    status: AppointmentStatus, told: str, method: str, sequence: int
) -> None:
    calendar, event = read(make_visit(status=status, sequence=3))
    assert (event["STATUS"], calendar["METHOD"], event["SEQUENCE"]) == (told, method, sequence)
    assert len(event.walk("VALARM")) == (0 if told == "CANCELLED" else 1)
    assert ("подтвердила" in event["DESCRIPTION"]) == (status in {AppointmentStatus.PENDING, AppointmentStatus.UNKNOWN})


@pytest.mark.parametrize("status", [AppointmentStatus.HELD, AppointmentStatus.RELEASED])
def test_a_mere_hold_is_in_no_calendar(status: AppointmentStatus) -> None:
    visit = make_visit(status=status)
    assert write_file(visit, detail=Detail.FULL, language="ru", domain=DOMAIN) is None
    feed = write_feed([visit], detail=Detail.FULL, language="ru", domain=DOMAIN)
    assert Calendar.from_ical(feed.body).walk("VEVENT") == []


def test_what_is_moved_keeps_its_uid_and_raises_its_sequence() -> None:
    before = make_visit()
    later = replace(before.slot, starts_at=before.slot.starts_at + timedelta(days=1))
    (_, first), (_, second) = read(before), read(replace(before, slot=later, sequence=1))
    assert first["UID"] == second["UID"]
    assert (first["SEQUENCE"], second["SEQUENCE"]) == (0, 1)
    assert second["DTSTART"].dt - first["DTSTART"].dt == timedelta(days=1)


def test_what_is_cancelled_is_younger_than_what_was_booked() -> None:
    visit = make_visit()
    at = BOOKED_AT + timedelta(hours=1)
    _, event = read(replace(visit, status=AppointmentStatus.CANCELLED, cancelled_at=at))
    assert (event["UID"], event["SEQUENCE"]) == (f"{visit.id}@{DOMAIN}", 1)
    assert event["DTSTAMP"].dt == at.replace(microsecond=0)


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2030, 1, 1)),  # noqa: DTZ001 # made UTC below
    st.sampled_from(EDGES),
)
def test_the_zone_in_the_file_says_the_very_instant(start: datetime, time_zone: str) -> None:
    """A calendar that knows no IANA name counts by the file's own zone, on the days when clocks change too."""
    start = start.replace(second=0, microsecond=0, tzinfo=UTC)
    visit = make_visit(starts_at=start, time_zone=time_zone)
    assume(not visit.slot.clinic.local(start).fold)
    calendar, event = read(visit)
    (zone,) = calendar.timezones
    assert zone.tz_name == event["DTSTART"].params["TZID"] == time_zone
    local = event["DTSTART"].dt
    assert local.astimezone(UTC) == start
    own = zone.to_tz(lookup_tzid=False)
    assert local.replace(tzinfo=own).utcoffset() == local.utcoffset()


@pytest.mark.parametrize(
    ("time_zone", "utc_hour", "local_hour"),
    [("Europe/Kaliningrad", 7, 9), ("Asia/Kamchatka", 21, 9), ("Europe/Berlin", 8, 9)],
)
def test_the_clock_of_the_clinic_is_shown(time_zone: str, utc_hour: int, local_hour: int) -> None:
    visit = make_visit(starts_at=datetime(2026, 12, 1, utc_hour, tzinfo=UTC), time_zone=time_zone)
    assert f"DTSTART;TZID={time_zone}:" in (text := text_of(visit))
    assert f"T{local_hour:02}0000\r\n" in text


@pytest.mark.parametrize(("day", "offset"), [(24, timedelta(hours=1)), (25, timedelta(hours=2))])
def test_summer_time_begins_in_berlin_in_the_night_to_march_28th(day: int, offset: timedelta) -> None:
    day_of_visit = datetime(2027, 3, 3 + day, 7, 30, tzinfo=UTC)
    _, event = read(make_visit(starts_at=day_of_visit, time_zone="Europe/Berlin"))
    assert event["DTSTART"].dt.utcoffset() == offset


@pytest.mark.parametrize(("utc_hour", "told"), [(0, ";TZID=Europe/Berlin:20271031T020000"), (1, ":20271031T010000Z")])
def test_the_hour_that_comes_twice_is_told_apart(utc_hour: int, told: str) -> None:
    visit = make_visit(starts_at=datetime(2027, 10, 31, utc_hour, tzinfo=UTC), time_zone="Europe/Berlin")
    assert f"DTSTART{told}\r\n" in text_of(visit)


NASTY = st.text(st.sampled_from('аяЖ z;:,\\"\n\r\t\x00\u2028\u0085😀') | st.characters(codec="utf-8"), max_size=300)


@given(NASTY, NASTY, NASTY)
def test_what_others_wrote_stays_in_its_line(doctor: str, clinic: str, specialty: str) -> None:
    """A doctor whose name holds a line break is a doctor with a long name."""
    text = text_of(make_visit(doctor=doctor, clinic=clinic, specialty=specialty))
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    assert "\n" not in text.replace("\r\n", "")
    calendar, event = read(make_visit(doctor=doctor, clinic=clinic, specialty=specialty))
    assert {one.name for one in calendar.walk()} <= {
        *("VCALENDAR", "VTIMEZONE", "STANDARD", "DAYLIGHT", "VEVENT", "VALARM")
    }
    assert set(event) == {
        *("UID", "SEQUENCE", "DTSTAMP", "LAST-MODIFIED", "DTSTART", "DTEND", "STATUS", "CLASS", "TRANSP", "SUMMARY"),
        *("LOCATION", "DESCRIPTION"),
    }
    assert len(event["DESCRIPTION"].split("\n")) == 3


def test_injected_lines_become_words() -> None:
    doctor = "Серова\r\nATTENDEE:mailto:x@example.com\r\nBEGIN:VALARM;;\\n"
    _, event = read(make_visit(doctor=doctor))
    assert "ATTENDEE" not in event
    assert event["DESCRIPTION"].startswith("Серова ATTENDEE:mailto:x@example.com BEGIN:VALARM;;\\n Ирина")


def test_a_feed_holds_every_visit_under_one_zone_each() -> None:
    visits = [make_visit(time_zone=zone) for zone in ("Europe/Berlin", "Europe/Moscow", "Europe/Moscow")]
    feed = write_feed(visits, detail=Detail.PLAIN, language="ru", domain=DOMAIN)
    calendar = Calendar.from_ical(feed.body)
    assert isinstance(calendar, Calendar)
    assert [zone.tz_name for zone in calendar.timezones] == ["Europe/Berlin", "Europe/Moscow"]
    assert [event["UID"] for event in calendar.events] == [f"{visit.id}@{DOMAIN}" for visit in visits]
    assert (calendar["METHOD"], calendar["X-WR-CALNAME"], calendar["X-PUBLISHED-TTL"]) == ("PUBLISH", "Записи", "PT1H")


def test_the_tag_changes_with_the_text_alone() -> None:
    visit = make_visit()
    feeds = [
        write_feed([one], detail=Detail.PLAIN, language="ru", domain=DOMAIN)
        for one in (visit, visit, replace(visit, sequence=1))
    ]
    assert feeds[0] == feeds[1]
    assert feeds[0].etag != feeds[2].etag
