from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from uuid_utils.compat import uuid7

from backend.booking.errors import (
    AlreadyCancelled,
    AppointmentNotFound,
    CancelTooLate,
    ChannelNotAllowed,
    DuplicateSpecialty,
    HoldExpired,
    HoldNotFound,
    SlotInPast,
    SlotTooFar,
    TimeOverlap,
)
from backend.booking.ranking import ALTERNATIVES, rank_alternatives
from backend.booking.rules import (
    check_changeable,
    check_channel_of_actor,
    check_hold_usable,
    check_person_free,
    check_slot_bookable,
    hold_expires_at,
    is_active,
)
from backend.booking.slot_times import slot_times
from backend.booking.states import AppointmentStatus
from backend.booking.terms import PORTAL_HORIZONS, ChannelHorizon, horizon
from backend.booking.values import Channel, channel_mask
from identity.principal import ActorKind
from tests.factories.booking import make_claim, make_slot, make_slot_time
from tests.factories.people import NOW

UNTIL = NOW + timedelta(days=14)
SECOND = timedelta(seconds=1)


def test_bits_of_channels_are_distinct_and_never_move() -> None:
    assert [channel.bit for channel in Channel] == [1, 2, 4, 8, 16]
    assert channel_mask([Channel.APP, Channel.REGISTRY, Channel.APP]) == 18


def test_horizon_is_fourteen_days_on_every_channel_by_default() -> None:
    assert {horizon(PORTAL_HORIZONS, channel, NOW) for channel in Channel} == {UNTIL}


def test_horizon_changes_on_its_day_and_nothing_configured_gives_out_nothing() -> None:
    table = [
        ChannelHorizon(Channel.APP, 30, date(2026, 11, 23)),
        ChannelHorizon(Channel.APP, 14, date(2026, 1, 1)),
        ChannelHorizon(Channel.EPGU, 7, date(2026, 11, 22)),
    ]
    assert horizon(table, Channel.APP, NOW) == NOW + timedelta(days=14)
    assert horizon(table, Channel.APP, NOW + timedelta(days=1)) == NOW + timedelta(days=31)
    assert horizon(table, Channel.EPGU, NOW) == NOW + timedelta(days=7)
    assert horizon(table, Channel.INFOMAT, NOW) == NOW


def test_citizens_book_by_app_and_portal_only() -> None:
    check_channel_of_actor(ActorKind.CITIZEN, Channel.APP)
    check_channel_of_actor(ActorKind.CITIZEN, Channel.EPGU)
    for channel in (Channel.CALL_122, Channel.INFOMAT, Channel.REGISTRY):
        with pytest.raises(ChannelNotAllowed):
            check_channel_of_actor(ActorKind.CITIZEN, channel)
    with pytest.raises(ChannelNotAllowed):
        check_channel_of_actor(ActorKind.AUDITOR, Channel.APP)


def test_slot_is_given_out_from_now_to_the_horizon() -> None:
    check_slot_bookable(make_slot_time(NOW + SECOND), channel=Channel.APP, now=NOW, until=UNTIL)
    check_slot_bookable(make_slot_time(UNTIL), channel=Channel.APP, now=NOW, until=UNTIL)
    with pytest.raises(SlotInPast):
        check_slot_bookable(make_slot_time(NOW), channel=Channel.APP, now=NOW, until=UNTIL)
    with pytest.raises(SlotTooFar):
        check_slot_bookable(make_slot_time(UNTIL + SECOND), channel=Channel.APP, now=NOW, until=UNTIL)


def test_slot_of_other_channels_is_refused() -> None:
    slot = make_slot_time(channels=channel_mask([Channel.REGISTRY, Channel.EPGU]))
    check_slot_bookable(slot, channel=Channel.EPGU, now=NOW, until=UNTIL)
    with pytest.raises(ChannelNotAllowed):
        check_slot_bookable(slot, channel=Channel.APP, now=NOW, until=UNTIL)


@given(st.integers(-60, 60))
def test_times_overlap_exactly_when_they_share_a_minute(minutes: int) -> None:
    slot = make_slot_time(NOW + timedelta(hours=2))
    claim = make_claim(slot.starts_at + timedelta(minutes=minutes))
    if abs(minutes) < 15:
        with pytest.raises(TimeOverlap):
            check_person_free(slot, [claim], now=NOW)
    else:
        check_person_free(slot, [claim], now=NOW)


def test_a_hold_blocks_its_time_until_it_ends_but_not_its_specialty() -> None:
    slot = make_slot_time()
    hold = make_claim(slot.starts_at, status=AppointmentStatus.HELD, hold_expires_at=NOW + SECOND)
    with pytest.raises(TimeOverlap):
        check_person_free(slot, [hold], now=NOW)
    check_person_free(slot, [hold], now=NOW + SECOND)
    elsewhen = make_claim(
        slot.ends_at, status=AppointmentStatus.HELD, hold_expires_at=NOW + SECOND, specialty_id=slot.specialty_id
    )
    check_person_free(slot, [elsewhen], now=NOW)


@pytest.mark.parametrize("status", [AppointmentStatus.CANCELLED, AppointmentStatus.RELEASED])
def test_what_was_given_up_blocks_nothing(status: AppointmentStatus) -> None:
    slot = make_slot_time()
    check_person_free(slot, [make_claim(slot.starts_at, status=status, specialty_id=slot.specialty_id)], now=NOW)


def test_one_appointment_of_a_specialty_until_it_is_over() -> None:
    slot = make_slot_time(NOW + timedelta(days=2))
    booked = make_claim(NOW + timedelta(hours=1), specialty_id=slot.specialty_id)
    with pytest.raises(DuplicateSpecialty):
        check_person_free(slot, [booked], now=booked.ends_at - SECOND)
    check_person_free(slot, [booked], now=booked.ends_at)


def test_a_hold_lasts_five_minutes_and_never_past_the_start() -> None:
    assert hold_expires_at(make_slot_time(NOW + timedelta(hours=1)), NOW) == NOW + timedelta(minutes=5)
    assert hold_expires_at(make_slot_time(NOW + timedelta(minutes=2)), NOW) == NOW + timedelta(minutes=2)


def test_a_hold_is_usable_until_its_very_end() -> None:
    hold = make_claim(status=AppointmentStatus.HELD, hold_expires_at=NOW + SECOND)
    assert check_hold_usable(hold, now=NOW) is hold
    assert is_active(hold, NOW)
    with pytest.raises(HoldExpired):
        check_hold_usable(hold, now=NOW + SECOND)
    assert not is_active(hold, NOW + SECOND)
    with pytest.raises(HoldExpired):
        check_hold_usable(make_claim(status=AppointmentStatus.RELEASED, hold_expires_at=NOW), now=NOW)


@pytest.mark.parametrize("claim", [None, make_claim(), make_claim(status=AppointmentStatus.CANCELLED)])
def test_what_is_no_hold_cannot_be_booked(claim: object) -> None:
    with pytest.raises(HoldNotFound):
        check_hold_usable(claim, now=NOW)  # type: ignore[arg-type] # parametrised


def test_cancelling_ends_at_the_start() -> None:
    claim = make_claim()
    assert check_changeable(claim, now=claim.starts_at - SECOND) is claim
    with pytest.raises(CancelTooLate):
        check_changeable(claim, now=claim.starts_at)
    with pytest.raises(AlreadyCancelled):
        check_changeable(make_claim(status=AppointmentStatus.CANCELLED), now=NOW)
    for claim_or_none in (
        None,
        make_claim(status=AppointmentStatus.RELEASED),
        make_claim(status=AppointmentStatus.HELD),
    ):
        with pytest.raises(AppointmentNotFound):
            check_changeable(claim_or_none, now=NOW)


def test_alternatives_prefer_doctor_then_clinic_then_town_at_equal_times() -> None:
    lost = make_slot_time()
    hour = timedelta(hours=1)
    same_doctor = make_slot(lost, later=hour)
    same_clinic = make_slot(lost, later=hour, doctor_id=uuid7())
    same_town = make_slot(lost, later=hour, doctor_id=uuid7(), clinic_id=uuid7())
    elsewhere = make_slot(lost, later=hour, doctor_id=uuid7(), clinic_id=uuid7(), town="Обнинск")
    candidates = [elsewhere, same_town, same_doctor, same_clinic, same_doctor]
    ranked = rank_alternatives(lost, town="Калуга", candidates=candidates)
    assert ranked == (same_doctor, same_clinic, same_town, elsewhere)


def test_alternatives_are_five_and_a_much_nearer_time_beats_the_same_doctor() -> None:
    lost = make_slot_time()
    next_week = make_slot(lost, later=timedelta(days=7))
    soon = [make_slot(lost, later=timedelta(minutes=15 * n), doctor_id=uuid7()) for n in range(1, 8)]
    assert rank_alternatives(lost, town="Калуга", candidates=[next_week, *reversed(soon)]) == tuple(soon[:ALTERNATIVES])


@pytest.mark.parametrize(
    ("zone", "first"),
    [
        ("Europe/Kaliningrad", datetime(2026, 11, 23, 6, tzinfo=UTC)),
        ("Europe/Moscow", datetime(2026, 11, 23, 5, tzinfo=UTC)),
        ("Asia/Kamchatka", datetime(2026, 11, 22, 20, tzinfo=UTC)),
    ],
)
def test_a_day_opens_by_the_clinics_own_clock(zone: str, first: datetime) -> None:
    times = list(slot_times(day=date(2026, 11, 23), opens=time(8), closes=time(9, 40), slot_minutes=30, time_zone=zone))
    assert times == [(first + timedelta(minutes=30 * n), first + timedelta(minutes=30 * (n + 1))) for n in range(3)]


@pytest.mark.parametrize(("day", "expected"), [(date(2026, 3, 29), 6), (date(2026, 10, 25), 10), (date(2026, 7, 1), 8)])
def test_a_change_of_the_clock_neither_doubles_nor_loses_a_slot(day: date, expected: int) -> None:
    times = list(slot_times(day=day, opens=time(1), closes=time(5), slot_minutes=30, time_zone="Europe/Berlin"))
    assert len(times) == expected
    assert all(end == start for (_, end), (start, _) in pairwise(times))
