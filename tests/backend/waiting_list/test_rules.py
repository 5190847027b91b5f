"""The pure decisions: windows by the clinic's clock, who is next, how long an offer stands."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from uuid_utils.compat import uuid7

from backend.booking.values import (
    Channel,
    ClinicId,
    DoctorId,
    SlotId,
    SpecialtyId,
)
from backend.waiting_list.errors import WishInvalid
from backend.waiting_list.rules import fits, in_turn, offer_until, weekday_mask, weekdays_of, window_of
from backend.waiting_list.terms import PORTAL_TERMS
from backend.waiting_list.values import EntryId, FreeSlot, Waiting, Wish
from identity.principal import PersonId

NOON = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)  # Sunday, noon in Moscow
CLINIC, DOCTOR, SPECIALTY = ClinicId(uuid7()), DoctorId(uuid7()), SpecialtyId(uuid7())


def slot_at(starts_at: datetime, zone: str = "Europe/Moscow") -> FreeSlot:
    return FreeSlot(SlotId(uuid7()), SPECIALTY, CLINIC, DOCTOR, starts_at, zone)


def waiting(zone: str = "Europe/Moscow", *, now: datetime = NOON, place: int = 1, **wish: Any) -> Waiting:
    wanted = Wish("therapist", (CLINIC,), **wish)
    window = window_of(wanted, [zone], now=now, terms=PORTAL_TERMS)
    return Waiting(
        EntryId(uuid7()), PersonId(uuid7()), CLINIC, SPECIALTY, wanted.doctor_id, window, Channel.APP, None, place
    )


@pytest.mark.parametrize(
    ("zone", "starts_at", "is_wished"),
    [
        ("Europe/Kaliningrad", "2026-11-23T15:00:00+00:00", True),  # 17:00 there, UTC+2
        ("Europe/Kaliningrad", "2026-11-23T14:59:00+00:00", False),
        ("Europe/Kaliningrad", "2026-11-23T17:59:00+00:00", True),
        ("Europe/Kaliningrad", "2026-11-23T18:00:00+00:00", False),
        ("Europe/Kaliningrad", "2026-11-24T15:00:00+00:00", False),  # Tuesday
        ("Asia/Kamchatka", "2026-11-23T05:00:00+00:00", True),  # 17:00 there, UTC+12
        ("Asia/Kamchatka", "2026-11-22T20:00:00+00:00", False),  # Monday there, 08:00
        ("Asia/Kamchatka", "2026-11-29T15:00:00+00:00", False),  # Monday there, 03:00
        ("Asia/Kamchatka", "2026-11-30T05:00:00+00:00", True),
    ],
)
def test_hours_and_weekdays_are_by_the_clock_of_the_clinic(zone: str, starts_at: str, is_wished: bool) -> None:
    one = waiting(zone, hours_from=time(17), hours_until=time(20), weekdays=frozenset({1}))
    assert fits(slot_at(datetime.fromisoformat(starts_at), zone), one) is is_wished


@pytest.mark.parametrize("starts_at", ["2026-10-25T00:30:00+00:00", "2026-10-25T01:30:00+00:00"])
def test_an_hour_that_comes_twice_is_wished_for_twice(starts_at: str) -> None:
    """02:30 in Berlin, before and after the change of the clock."""
    one = waiting("Europe/Berlin", now=datetime(2026, 10, 20, tzinfo=UTC), hours_from=time(2), hours_until=time(3))
    assert fits(slot_at(datetime.fromisoformat(starts_at), "Europe/Berlin"), one)


@pytest.mark.parametrize(
    ("day", "hours"), [(date(2026, 10, 25), 25), (date(2026, 3, 29), 23), (date(2026, 10, 26), 24)]
)
def test_a_day_is_as_long_as_it_is_there(day: date, hours: int) -> None:
    now = datetime.combine(day, time(), UTC) - timedelta(days=3)
    window = waiting("Europe/Berlin", now=now, first_day=day, last_day=day).window
    assert window.ends_at - window.begins_at == timedelta(hours=hours)


def test_days_hold_in_whichever_clinic() -> None:
    window = window_of(
        Wish("therapist", (CLINIC,), last_day=date(2026, 11, 23)),
        ["Europe/Kaliningrad", "Asia/Kamchatka"],
        now=NOON,
        terms=PORTAL_TERMS,
    )
    assert window.begins_at == datetime(2026, 11, 21, 12, tzinfo=UTC)
    assert window.ends_at == datetime(2026, 11, 23, 22, tzinfo=UTC)
    assert (window.first_day, window.last_day) == (date(2026, 11, 22), date(2026, 11, 23))


@pytest.mark.parametrize(
    "wish",
    [
        {"first_day": date(2026, 11, 21)},
        {"first_day": date(2026, 11, 24), "last_day": date(2026, 11, 23)},
        {"last_day": date(2027, 2, 21)},
        {"hours_from": time(20), "hours_until": time(8)},
        {"hours_from": time(8), "hours_until": time(8)},
        {"hours_from": time(8, 0, 1)},
        {"weekdays": frozenset({0})},
        {"weekdays": frozenset({8})},
    ],
)
def test_refuses_what_cannot_come_true(wish: dict[str, Any]) -> None:
    with pytest.raises(WishInvalid):
        waiting(**wish)


def test_a_wish_without_days_lasts_thirty() -> None:
    window = waiting().window
    assert (window.first_day, window.last_day) == (date(2026, 11, 22), date(2026, 12, 22))


@given(st.frozensets(st.integers(1, 7), min_size=1))
def test_weekdays_survive_their_mask(weekdays: frozenset[int]) -> None:
    assert weekdays_of(weekday_mask(weekdays)) == sorted(weekdays)


@given(st.permutations(range(4)), st.sets(st.integers(0, 3)))
def test_whoever_joined_first_is_first_of_those_who_have_not_had_it(order: list[int], had: set[int]) -> None:
    slot = slot_at(NOON + timedelta(days=1))
    people = [waiting(place=place) for place in range(4)]
    asked = in_turn(slot, [people[one] for one in order], {(people[one].id, slot.id) for one in had})
    assert [one.place for one in asked] == sorted(set(range(4)) - had)


@pytest.mark.parametrize(
    ("now", "left", "until"),
    [
        ("2026-11-22T09:00", timedelta(days=1), timedelta(minutes=30)),
        ("2026-11-22T09:00", timedelta(hours=2), timedelta(minutes=30)),
        ("2026-11-22T09:00", timedelta(hours=1), timedelta(minutes=15)),  # a quarter of what is left
        ("2026-11-22T09:00", timedelta(minutes=20), timedelta(minutes=5)),
        ("2026-11-22T09:00", timedelta(minutes=19), None),  # nobody could answer
        ("2026-11-22T20:00", timedelta(days=1), timedelta(hours=9, minutes=30)),  # 23:00 in Moscow: until 08:30
        ("2026-11-23T01:00", timedelta(hours=6), timedelta(hours=4, minutes=30)),  # 04:00 there
        ("2026-11-23T01:00", timedelta(hours=5), timedelta(minutes=30)),  # too near to sleep over it
    ],
)
def test_an_offer_stands_as_long_as_it_can_be_answered(now: str, left: timedelta, until: timedelta | None) -> None:
    at = datetime.fromisoformat(now).replace(tzinfo=UTC)
    found = offer_until(slot_at(at + left), now=at, terms=PORTAL_TERMS)
    assert found == (None if until is None else at + until)


@given(st.integers(0, 20_000), st.integers(0, 2 * 24 * 60))
def test_an_offer_never_outlasts_its_visit(left: int, minute: int) -> None:
    now = NOON + timedelta(minutes=minute)
    slot = slot_at(now + timedelta(minutes=left))
    found = offer_until(slot, now=now, terms=PORTAL_TERMS)
    assert found is None or now + PORTAL_TERMS.least <= found < slot.starts_at
