"""What templates make of days: by the clinic's clock, in real minutes, without overlaps."""

import itertools
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.booking.values import Channel
from backend.reception.errors import DatesRefused, TemplateOverlaps, TemplateRefused
from backend.reception.planning import (
    LONGEST,
    check_days,
    check_no_overlap,
    check_range,
    check_template,
    compare,
    plan_receptions,
)
from backend.reception.values import PlannedReception, Release
from tests.factories.people import NOW
from tests.factories.reception import make_template

ZONES = st.sampled_from(["Europe/Berlin", "Europe/Kaliningrad", "Europe/Moscow", "Asia/Kamchatka"])


def at(hour: int, minute: int = 0, *, day: int = 26) -> datetime:
    return datetime(2026, 10, day, hour, minute, tzinfo=UTC)


def one_day(day: date, **given: object) -> PlannedReception:
    template = make_template(weekday=day.isoweekday(), **given)
    (reception,) = plan_receptions([template], first=day, last=day, time_zone=str(given.pop("zone", "Europe/Moscow")))
    return reception


@pytest.mark.parametrize(
    ("zone", "first"),
    [("Europe/Kaliningrad", at(6)), ("Asia/Kamchatka", at(20, day=25)), ("Europe/Berlin", at(7))],
)
def test_a_reception_begins_by_the_clinics_own_clock(zone: str, first: datetime) -> None:
    (reception,) = plan_receptions([make_template()], first=date(2026, 10, 26), last=date(2026, 11, 1), time_zone=zone)
    assert reception.times == tuple(
        (first + timedelta(minutes=start), first + timedelta(minutes=start + 20)) for start in (0, 20, 40)
    )


def test_the_night_the_clock_goes_back_has_an_hour_more_and_no_slot_twice() -> None:
    night = make_template(weekday=7, opens=time(1), closes=time(4), slot_minutes=60)
    (reception,) = plan_receptions(
        [night], first=date(2026, 10, 25), last=date(2026, 10, 25), time_zone="Europe/Berlin"
    )
    assert [start for start, _ in reception.times] == [at(23, day=24), at(0, day=25), at(1, day=25), at(2, day=25)]


def test_the_night_the_clock_goes_forward_has_an_hour_less() -> None:
    night = make_template(weekday=7, opens=time(1), closes=time(4), slot_minutes=60)
    (reception,) = plan_receptions([night], first=date(2026, 3, 29), last=date(2026, 3, 29), time_zone="Europe/Berlin")
    assert [start.hour for start, _ in reception.times] == [0, 1]


@given(zone=ZONES, opens=st.integers(0, 1200), minutes=st.integers(1, 200), length=st.integers(5, 60))
def test_slots_of_a_week_lie_within_their_hours_and_share_no_moment(
    zone: str, opens: int, minutes: int, length: int
) -> None:
    hours = {"opens": time(opens // 60, opens % 60), "closes": time(*divmod(min(opens + minutes + 1, 1439), 60))}
    templates = [make_template(weekday=day, slot_minutes=length, **hours) for day in range(1, 8)]
    plans = plan_receptions(templates, first=date(2026, 10, 22), last=date(2026, 10, 28), time_zone=zone)
    assert [plan.day for plan in plans] == [date(2026, 10, day) for day in range(22, 29)]
    times = [one for plan in plans for one in plan.times]
    assert all(end - start == timedelta(minutes=length) for start, end in times)
    assert all(before[1] <= after[0] for before, after in itertools.pairwise(times))
    for plan in plans:
        ends = datetime.combine(plan.day, plan.closes, ZoneInfo(zone)).astimezone(UTC)
        assert all(end <= ends for _, end in plan.times)


def test_slots_are_released_by_the_clinics_clock_so_many_days_before() -> None:
    template = make_template(release=Release(days_before=2, at=time(7, 30)))
    (reception,) = plan_receptions(
        [template], first=date(2026, 10, 26), last=date(2026, 10, 26), time_zone="Europe/Berlin"
    )
    assert reception.released_at == at(5, 30, day=24)  # summer time still
    assert reception.times[0][0] == at(7)


def test_a_template_makes_nothing_before_or_after_its_days() -> None:
    template = make_template(valid_from=date(2026, 10, 20), valid_to=date(2026, 11, 2))
    plans = plan_receptions([template], first=date(2026, 10, 1), last=date(2026, 11, 30), time_zone="Europe/Moscow")
    assert [plan.day for plan in plans] == [date(2026, 10, 26), date(2026, 11, 2)]


@pytest.mark.parametrize(
    "wrong",
    [
        {"weekday": 0},
        {"weekday": 8},
        {"opens": time(9), "closes": time(9)},
        {"opens": time(8, 0, 30)},
        {"slot_minutes": 0},
        {"slot_minutes": 61},
        {"channels": frozenset()},
        {"channels": frozenset({Channel.APP}), "quotas": {Channel.EPGU: 1}},
        {"quotas": {Channel.APP: -1}},
        {"release": Release(days_before=-1, at=time(8))},
        {"valid_to": date(2025, 12, 31)},
    ],
)
def test_refuses_a_template_that_cannot_be(wrong: dict[str, object]) -> None:
    with pytest.raises(TemplateRefused):
        check_template(make_template(**wrong))


def test_refuses_two_templates_of_one_time() -> None:
    with pytest.raises(TemplateOverlaps):
        check_no_overlap(make_template(opens=time(8, 59), closes=time(10)), [make_template()])
    check_no_overlap(make_template(opens=time(9), closes=time(10)), [make_template()])
    check_no_overlap(make_template(weekday=2), [make_template()])
    check_no_overlap(make_template(valid_from=date(2027, 1, 1)), [make_template(valid_to=date(2026, 12, 31))])


def test_refuses_days_that_are_past_or_too_many() -> None:
    today = date(2026, 11, 22)
    check_days(today, today, today=today)
    for first, last in (
        (today - timedelta(days=1), today),
        (today, today - timedelta(days=1)),
        (today, today + LONGEST),
    ):
        with pytest.raises(DatesRefused):
            check_days(first, last, today=today)


def test_refuses_a_range_that_is_none_or_over() -> None:
    check_range(NOW - timedelta(hours=1), NOW + timedelta(hours=1), now=NOW)
    for starts_from, before in ((NOW, NOW), (NOW - timedelta(2), NOW), (NOW, NOW + LONGEST + timedelta(seconds=1))):
        with pytest.raises(DatesRefused):
            check_range(starts_from, before, now=NOW)


MINUTES = st.lists(st.tuples(st.integers(0, 300), st.integers(1, 60)), max_size=8)


@given(wanted=st.integers(1, 30), known=MINUTES)
def test_what_is_made_shares_no_moment_with_what_is_there(wanted: int, known: list[tuple[int, int]]) -> None:
    start = at(5)
    taken: list[tuple[datetime, datetime]] = []
    for begins, lasts in sorted(known):
        slot = (start + timedelta(minutes=begins), start + timedelta(minutes=begins + lasts))
        if not taken or taken[-1][1] <= slot[0]:
            taken.append(slot)
    reception = one_day(date(2026, 10, 26), opens=time(8), closes=time(12), slot_minutes=wanted)
    (plan,) = compare([reception], taken)
    assert len(plan.made) + plan.there + plan.overlapping == len(reception.times)
    for new in reception.times:
        is_free = all(one[1] <= new[0] or new[1] <= one[0] for one in taken)
        assert (new in plan.made) == is_free
