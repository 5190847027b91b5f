"""The clock of a birthday is the person's own (S38)."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from backend.profile.rules import age_in_years
from identity.ages import birthday, first_instant, turns
from identity.ports import Birth

ZONES = st.sampled_from(sorted(available_timezones() - {"localtime", "Factory"}))
BORN = st.dates(date(1990, 1, 1), date(2030, 12, 31))
TICK = timedelta(microseconds=1)


@given(born=BORN, zone=ZONES, years=st.sampled_from((15, 18)))
@example(born=date(2008, 2, 29), zone="Asia/Kamchatka", years=18)
@example(born=date(2000, 2, 29), zone="Asia/Kolkata", years=16)
@example(born=date(1996, 12, 30), zone="Pacific/Apia", years=15)  # a day the zone left out
@example(born=date(1992, 11, 7), zone="America/Goose_Bay", years=18)  # midnight comes twice
@example(born=date(1993, 10, 16), zone="America/Sao_Paulo", years=18)  # midnight does not come
def test_a_birthday_begins_when_the_calendar_says_so_for_the_first_time(born: date, zone: str, years: int) -> None:
    at = turns(Birth(born, zone), years)
    assert at.tzinfo is UTC
    assert age_in_years(born, now=at, time_zone=zone) == years
    assert age_in_years(born, now=at - TICK, time_zone=zone) == years - 1


@pytest.mark.parametrize(
    ("zone", "instant"),
    [
        ("Asia/Kamchatka", datetime(2026, 11, 21, 12, tzinfo=UTC)),
        ("Europe/Kaliningrad", datetime(2026, 11, 21, 22, tzinfo=UTC)),
        ("Europe/Moscow", datetime(2026, 11, 21, 21, tzinfo=UTC)),
        ("Asia/Kolkata", datetime(2026, 11, 21, 18, 30, tzinfo=UTC)),
    ],
)
def test_the_same_birthday_begins_hours_apart(zone: str, instant: datetime) -> None:
    assert turns(Birth(date(2008, 11, 22), zone), 18) == instant


def test_who_is_born_on_29_february_waits_for_1_march_in_a_common_year() -> None:
    assert birthday(date(2008, 2, 29), 18) == date(2026, 3, 1)
    assert birthday(date(2008, 2, 29), 20) == date(2028, 2, 29)


def test_a_day_begins_with_its_first_minute_where_the_clock_is_put_forward_at_midnight() -> None:
    at = first_instant(date(2011, 10, 16), "America/Sao_Paulo")
    assert at.astimezone(ZoneInfo("America/Sao_Paulo")).strftime("%F %H:%M") == "2011-10-16 01:00"
