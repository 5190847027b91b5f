"""The decisions of calling back, for any hours, clocks and outcomes."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.call_backs.errors import CallBackWindowInvalid
from backend.call_backs.rules import after, check_called_number, state_at_end, state_now, window_of
from backend.call_backs.terms import PORTAL_CALL_BACKS as TERMS
from backend.call_backs.values import OPEN_STATES, CallBackOutcome, CallBackState, Hours
from backend.profile.errors import PhoneInvalid

ZONES = st.sampled_from(["Europe/Moscow", "Asia/Kamchatka", "Europe/Kaliningrad", "Europe/London", "UTC"])
INSTANTS = st.integers(0, 730 * 24 * 60).map(
    lambda minutes: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)
TIMES = st.none() | st.times().map(lambda one: one.replace(second=0, microsecond=0, tzinfo=None))
OFFSETS = st.none() | st.integers(-2, 9)
FIRST = datetime(2026, 11, 22, 6, tzinfo=UTC)


@given(now=INSTANTS, zone=ZONES, offset=OFFSETS, begins=TIMES, ends=TIMES)
def test_a_window_is_in_one_day_of_the_desk_long_enough_not_over_and_not_too_far(
    now: datetime, zone: str, offset: int | None, begins: time | None, ends: time | None
) -> None:
    clock = ZoneInfo(zone)
    today = now.astimezone(clock).date()
    hours = Hours(None if offset is None else today + timedelta(days=offset), begins, ends)
    try:
        window = window_of(hours, zone=zone, now=now, terms=TERMS)
    except CallBackWindowInvalid:
        first = TERMS.opens if begins is None else begins
        last = TERMS.closes if ends is None else ends
        day = hours.day or today
        room = datetime.combine(day, last, clock) - max(now, datetime.combine(day, first, clock))
        outside = first < TERMS.opens or last > TERMS.closes or not today <= day <= today + timedelta(days=7)
        assert outside or first >= last or room < TERMS.least
        return
    assert window.begins_at >= now
    assert window.ends_at - window.begins_at >= TERMS.least
    first_local, last_local = window.begins_at.astimezone(clock), window.ends_at.astimezone(clock)
    assert first_local.date() == last_local.date() == (hours.day or today)
    assert TERMS.opens <= first_local.time().replace(tzinfo=None)
    assert last_local.time() <= TERMS.closes
    assert begins is None or first_local.time() >= begins
    assert ends is None or last_local.time() == ends


@given(now=INSTANTS, zone=ZONES)
def test_whoever_names_no_hours_is_called_today_or_tomorrow(now: datetime, zone: str) -> None:
    window = window_of(None, zone=zone, now=now, terms=TERMS)
    days = (window.begins_at.astimezone(ZoneInfo(zone)).date() - now.astimezone(ZoneInfo(zone)).date()).days
    assert days in {0, 1}
    assert window.ends_at - window.begins_at >= TERMS.least
    is_late = now.astimezone(ZoneInfo(zone)).time() > time(19, 30)
    assert (days == 1) == is_late


@given(
    outcomes=st.lists(st.sampled_from(CallBackOutcome), min_size=1, max_size=6),
    waits=st.lists(st.timedeltas(timedelta(0), timedelta(hours=3)), min_size=6, max_size=6),
)
def test_every_request_ends_after_three_calls_at_most_and_none_lies_beyond_its_window(
    outcomes: list[CallBackOutcome], waits: list[timedelta]
) -> None:
    now, ends_at, attempts, calls = FIRST, FIRST + timedelta(hours=11), 0, 0
    for outcome, wait in zip(outcomes, waits, strict=False):
        if now >= ends_at:
            assert state_at_end(attempts) is (CallBackState.UNREACHED if attempts else CallBackState.MISSED)
            return
        then = after(outcome, attempts=attempts, ends_at=ends_at, now=now, terms=TERMS)
        calls += 1
        assert then.attempts == attempts + (outcome is CallBackOutcome.NO_ANSWER)
        attempts = then.attempts
        if then.due_at is None:
            assert then.state not in OPEN_STATES
            return
        assert then.state is CallBackState.WAITING
        assert now < then.due_at < ends_at
        now = then.due_at + wait
    assert calls < TERMS.most_attempts


def test_pauses_are_half_an_hour_and_two_hours() -> None:
    ends_at = FIRST + timedelta(hours=10)
    no_answer = CallBackOutcome.NO_ANSWER
    first = after(no_answer, attempts=0, ends_at=ends_at, now=FIRST, terms=TERMS)
    second = after(no_answer, attempts=1, ends_at=ends_at, now=FIRST, terms=TERMS)
    third = after(no_answer, attempts=2, ends_at=ends_at, now=FIRST, terms=TERMS)
    assert (first.due_at, second.due_at) == (FIRST + timedelta(minutes=30), FIRST + timedelta(hours=2))
    assert (third.state, third.due_at) == (CallBackState.UNREACHED, None)
    at_its_end = after(no_answer, attempts=0, ends_at=FIRST + timedelta(minutes=30), now=FIRST, terms=TERMS)
    assert (at_its_end.state, at_its_end.attempts) == (CallBackState.UNREACHED, 1)
    longer = replace(TERMS, pauses=(timedelta(minutes=1),) * 5)
    assert longer.most_attempts == 6


@given(
    state=st.sampled_from(CallBackState),
    is_held=st.booleans(),
    attempts=st.integers(0, 3),
    wait=st.timedeltas(timedelta(hours=-1), timedelta(hours=1)),
)
def test_what_is_final_or_kept_stays_and_all_else_waits_until_its_window_has_passed(
    state: CallBackState, is_held: bool, attempts: int, wait: timedelta
) -> None:
    now = state_now(state, is_held=is_held, attempts=attempts, ends_at=FIRST, now=FIRST + wait)
    if state not in OPEN_STATES or is_held:
        assert now is state
    elif wait < timedelta(0):
        assert now is CallBackState.WAITING
    else:
        assert now is (CallBackState.UNREACHED if attempts else CallBackState.MISSED)


@pytest.mark.parametrize("number", ["+79105550117", "+74842505050", "+78123334455", "+73412909090", "+78005553535"])
def test_russian_numbers_are_called(number: str) -> None:
    check_called_number(number)


@given(number=st.from_regex(r"\+[0-9]{9,15}", fullmatch=True) | st.text(max_size=16))
def test_whatever_else_is_not_called(number: str) -> None:
    try:
        check_called_number(number)
    except PhoneInvalid:
        return
    assert len(number) == 12
    assert number.isascii()
    assert number[:2] == "+7"
    assert number[2] in "3489"
    assert not number.startswith(("+7803", "+7809"))


def test_a_day_that_is_none_of_the_calendars_ends_is_too_far() -> None:
    for day in (date.max, date.min):
        with pytest.raises(CallBackWindowInvalid):
            window_of(Hours(day), zone="Europe/Moscow", now=FIRST, terms=TERMS)
