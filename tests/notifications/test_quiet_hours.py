"""Quiet hours by the person's own clock on the wall, wherever they are and whatever is done to that clock."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from notifications.quiet_hours import LONGEST, SHORTEST, QuietHours, may_go_at, minutes_of, wall_of, zone_named

NIGHT = QuietHours(time(21), time(9))
ZONES = st.sampled_from(sorted(available_timezones())).map(ZoneInfo)
INSTANTS = st.datetimes(datetime(1972, 1, 1), datetime(2037, 12, 1), timezones=st.just(UTC))  # noqa: DTZ001 # bounds


@st.composite
def quiet_hours(draw: st.DrawFn) -> QuietHours:
    starts = draw(st.integers(0, 1_439))
    lasts = draw(
        st.integers(minutes_of(wall_of(int(SHORTEST / timedelta(minutes=1)))), int(LONGEST / timedelta(minutes=1)))
    )
    return QuietHours(wall_of(starts), wall_of((starts + lasts) % 1_440))


def offset(instant: datetime, zone: ZoneInfo) -> timedelta:
    found = instant.astimezone(zone).utcoffset()
    assert found is not None
    return found


@given(quiet=quiet_hours(), zone=ZONES, now=INSTANTS)
@example(quiet=NIGHT, zone=ZoneInfo("Pacific/Apia"), now=datetime(2011, 12, 30, 8, tzinfo=UTC))  # a day left out
@example(quiet=NIGHT, zone=ZoneInfo("Antarctica/Casey"), now=datetime(2010, 3, 4, 13, tzinfo=UTC))  # three hours back
@example(quiet=NIGHT, zone=ZoneInfo("Antarctica/Troll"), now=datetime(2026, 3, 28, 22, tzinfo=UTC))  # two hours on
def test_it_waits_until_it_is_not_quiet_and_no_longer(quiet: QuietHours, zone: ZoneInfo, now: datetime) -> None:
    instant = may_go_at(quiet, zone, now)
    assert not quiet.cover(instant.astimezone(zone).time())
    assert instant >= now
    set_back = max(timedelta(0), offset(now, zone) - offset(instant, zone))
    assert instant - now <= quiet.lasts + set_back
    assert may_go_at(quiet, zone, instant) == instant


@given(quiet=quiet_hours(), zone=ZONES, now=INSTANTS, share=st.floats(0, 0.999))
def test_all_the_time_until_then_is_quiet(quiet: QuietHours, zone: ZoneInfo, now: datetime, share: float) -> None:
    instant = may_go_at(quiet, zone, now)
    between = now + (instant - now) * share
    moved = offset(now, zone) != offset(instant, zone)
    assert instant == now or moved or quiet.cover(between.astimezone(zone).time())


@pytest.mark.parametrize(
    ("zone", "now", "goes"),
    [
        ("Europe/Moscow", "2026-11-28T18:00:00+00:00", "2026-11-29T06:00:00+00:00"),  # 21:00 is quiet
        ("Europe/Moscow", "2026-11-28T17:59:59+00:00", "2026-11-28T17:59:59+00:00"),
        ("Europe/Moscow", "2026-11-29T06:00:00+00:00", "2026-11-29T06:00:00+00:00"),  # 09:00 is not
        ("Europe/Moscow", "2026-11-29T05:59:59.999999+00:00", "2026-11-29T06:00:00+00:00"),
        ("Asia/Kamchatka", "2026-11-28T09:00:00+00:00", "2026-11-28T21:00:00+00:00"),  # UTC+12
        ("Pacific/Chatham", "2026-11-28T08:00:00+00:00", "2026-11-28T19:15:00+00:00"),  # +13:45 in summer
        ("Pacific/Kiritimati", "2026-11-28T08:00:00+00:00", "2026-11-28T19:00:00+00:00"),  # UTC+14
        ("Asia/Kolkata", "2026-11-28T16:00:00+00:00", "2026-11-29T03:30:00+00:00"),  # +05:30
        ("Asia/Kathmandu", "2026-11-28T16:00:00+00:00", "2026-11-29T03:15:00+00:00"),  # +05:45
        ("Australia/Lord_Howe", "2026-10-03T12:00:00+00:00", "2026-10-03T22:00:00+00:00"),  # half an hour on: +11
        ("Europe/Berlin", "2026-03-28T21:00:00+00:00", "2026-03-29T07:00:00+00:00"),  # the night of 11 hours
        ("Europe/Berlin", "2026-10-24T20:00:00+00:00", "2026-10-25T08:00:00+00:00"),  # and of 13
    ],
)
def test_the_end_is_by_the_wall_of_the_place(zone: str, now: str, goes: str) -> None:
    found = may_go_at(NIGHT, ZoneInfo(zone), datetime.fromisoformat(now))
    assert found == datetime.fromisoformat(goes)


def test_an_end_that_clocks_leap_over_comes_with_the_leap() -> None:
    """02:00 becomes 03:00 in Berlin: there is no 02:30 to wait for."""
    quiet = QuietHours(time(22), time(2, 30))
    found = may_go_at(quiet, ZoneInfo("Europe/Berlin"), datetime(2026, 3, 28, 22, tzinfo=UTC))
    assert found == datetime(2026, 3, 29, 1, tzinfo=UTC)


def test_an_end_that_clocks_show_twice_comes_with_the_first_and_what_is_quiet_again_waits_again() -> None:
    """03:00 becomes 02:00: 02:30 comes at 00:30 UTC, is quiet again from 01:00 to 01:30."""
    quiet = QuietHours(time(22), time(2, 30))
    berlin = ZoneInfo("Europe/Berlin")
    assert may_go_at(quiet, berlin, datetime(2026, 10, 25, 0, tzinfo=UTC)) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert may_go_at(quiet, berlin, datetime(2026, 10, 25, 1, tzinfo=UTC)) == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("starts", "ends"),
    [
        (time(9), time(9)),
        (time(9), time(8, 59)),
        (time(9), time(9, 29)),
        (time(9, 0, 1), time(12)),
        (time(5), time(21, 1)),
    ],
)
def test_hours_that_nobody_could_keep_are_refused(starts: time, ends: time) -> None:
    with pytest.raises(ValueError, match=r"quiet hours|hours on the wall"):
        QuietHours(starts, ends)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "Moscow",
        "Europe",
        "../etc/passwd",
        "/etc/passwd",
        "Europe/Moscow\x00",
        "a" * 5_000,
        "Еврoпа",
        "zone.tab",
        "\ud800",
    ],
)
def test_an_odd_name_of_a_zone_is_none(name: str) -> None:
    assert zone_named(name) is None


@given(st.text())
def test_no_name_of_a_zone_breaks_it(name: str) -> None:
    found = zone_named(name)
    assert found is None or found.key == name
