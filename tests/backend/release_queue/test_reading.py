"""What a reader is told of a place by the clock, and when to ask again."""

from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from uuid_utils.compat import uuid7

from backend.booking.states import PlaceState
from backend.booking.values import Channel, Clinic, Doctor, DoctorId, MedicalOrganisation, Specialty, SpecialtyId
from backend.release_queue.rules import refresh_after_seconds, state_now
from backend.release_queue.terms import PORTAL_TERMS
from backend.release_queue.values import PlaceFacts, PlaceId, PostId, Queue, QueueId, Told
from identity.principal import PersonId
from tests.factories.booking import make_slot_time
from tests.factories.people import NOW

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
QUEUE = Queue(QueueId(uuid7()), PostId(uuid7()), NOW, NOW + PORTAL_TERMS.lasts, NOW, None)


def facts(state: PlaceState = PlaceState.QUEUED, *, queue: Queue = QUEUE, **given: Any) -> PlaceFacts:
    clinic = Clinic(
        make_slot_time().clinic_id,
        "1",
        "П",
        "у",
        "г",
        54.5,
        36.2,
        "Europe/Moscow",
        "+7",
        MedicalOrganisation(uuid7(), "1", "Б"),
    )
    told = Told(
        Doctor(DoctorId(uuid7()), "С", "И", None),
        clinic,
        Specialty(SpecialtyId(uuid7()), "therapist", "т", "t", direct_booking=True),
    )
    known = {"turn_until": None, "ended_at": None, "ahead": 0, "participants": 1, "free": 1, "place": 1, **given}
    return PlaceFacts(
        id=PlaceId(uuid7()),
        person_id=PersonId(uuid7()),
        queue=queue,
        told=told,
        channel=Channel.APP,
        referral_id=None,
        state=state,
        joined_at=NOW,
        **known,
    )


def test_the_reader_is_told_by_the_clock() -> None:
    turn = facts(PlaceState.TURN, turn_until=NOW + MINUTE)
    assert state_now(turn, now=NOW) == (PlaceState.TURN, None)
    assert state_now(turn, now=NOW + MINUTE) == (PlaceState.MISSED, NOW + MINUTE)
    assert state_now(facts(), now=QUEUE.ends_at - SECOND) == (PlaceState.QUEUED, None)
    assert state_now(facts(), now=QUEUE.ends_at) == (PlaceState.OVER, QUEUE.ends_at)
    assert state_now(facts(queue=replace(QUEUE, ended_at=NOW)), now=NOW + MINUTE) == (PlaceState.OVER, NOW)
    ended = replace(QUEUE, ended_at=NOW + MINUTE)
    for until, told in ((2 * MINUTE, (PlaceState.OVER, NOW + MINUTE)), (MINUTE, (PlaceState.MISSED, NOW + MINUTE))):
        known = facts(PlaceState.TURN, turn_until=NOW + until, queue=ended)
        assert state_now(known, now=NOW + MINUTE) == state_now(known, now=NOW + 3 * MINUTE) == told
    assert state_now(facts(PlaceState.USED, ended_at=NOW), now=QUEUE.ends_at) == (PlaceState.USED, NOW)


@given(before=st.integers(1, 1_800), ahead=st.integers(0, 1_000))
def test_a_phone_asks_seldom_before_the_release_and_never_in_step_after_it(before: int, ahead: int) -> None:
    def hints(now: datetime) -> list[int]:
        asked = [facts(ahead=ahead) for _ in range(40)]
        return [refresh_after_seconds(one, PlaceState.QUEUED, now=now) or 0 for one in asked]

    early = hints(NOW - before * SECOND)
    assert all(1 <= one <= 65 for one in early)
    if before < 60:
        assert all(before < one <= before + 6 for one in early), "the next look is after the release"
    assert all(3 <= one <= 90 for one in hints(NOW))


def test_a_thousand_phones_are_spread_over_the_seconds_after_the_release() -> None:
    asked = [refresh_after_seconds(facts(), PlaceState.QUEUED, now=NOW - 30 * SECOND) for _ in range(1_000)]
    assert set(asked) == {31, 32, 33, 34, 35, 36}
    assert max(Counter(asked).values()) < 400


@pytest.mark.parametrize(("participants", "spread"), [(400, 5), (3_000, 30), (60_000, 60)])
def test_the_more_phones_the_longer_their_look_after_the_release_is_spread(participants: int, spread: int) -> None:
    many = [facts(participants=participants) for _ in range(1_000)]
    asked = [refresh_after_seconds(one, PlaceState.QUEUED, now=NOW - 30 * SECOND) or 0 for one in many]
    assert min(asked) >= 31
    assert spread * 0.9 <= max(asked) - 31 <= spread


def test_what_is_final_is_not_asked_for_again() -> None:
    for state in (PlaceState.USED, PlaceState.MISSED, PlaceState.LEFT, PlaceState.OVER):
        assert refresh_after_seconds(facts(state), state, now=NOW) is None
    assert refresh_after_seconds(facts(), PlaceState.TURN, now=NOW) == 15
