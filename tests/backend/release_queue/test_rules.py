"""The pure decisions: the draw, who gets a turn, when a queue ends."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from uuid_utils.compat import uuid7

from backend.booking.states import AppointmentStatus, PlaceState
from backend.booking.values import Channel
from backend.release_queue.errors import QueueNotOpen, QueueOver
from backend.release_queue.rules import (
    Shuffle,
    check_can_join,
    draw,
    free_through,
    is_draw_due,
    plan,
)
from backend.release_queue.terms import PORTAL_TERMS
from backend.release_queue.values import (
    Competitor,
    PlaceId,
    Plan,
    PostId,
    Queue,
    QueueId,
    ReleasedSlot,
    Share,
)
from identity.principal import PersonId
from tests.factories.booking import make_slot_time
from tests.factories.people import NOW

HELD, CONFIRMED = AppointmentStatus.HELD, AppointmentStatus.CONFIRMED
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
FAR = NOW + timedelta(days=14)
QUEUE = Queue(QueueId(uuid7()), PostId(uuid7()), NOW, NOW + PORTAL_TERMS.lasts, NOW, None)
CHANNELS = (Channel.APP, Channel.EPGU)


def chance(seed: int) -> Shuffle:
    return Random(seed).shuffle  # noqa: S311 # the same each time


def slot(
    claim: AppointmentStatus | None = None,
    ends: timedelta = 5 * MINUTE,
    *,
    channels: Sequence[Channel] = CHANNELS,
    schedule: UUID | None = None,
    at: datetime = NOW + timedelta(days=1),
) -> ReleasedSlot:
    mask = sum(one.bit for one in channels)
    time = make_slot_time(at, channels=mask, schedule_id=schedule or uuid7())
    return ReleasedSlot(time, claim, NOW + ends if claim is HELD else None)


def competitor(place: int, state: PlaceState = PlaceState.QUEUED, **more: Any) -> Competitor:
    known: dict[str, Any] = {
        "channel": Channel.APP,
        "turn_until": NOW + MINUTE if state is PlaceState.TURN else None,
        "visit_id": None,
        **more,
    }
    return Competitor(id=PlaceId(uuid7()), person_id=PersonId(uuid7()), state=state, place=place, **known)


def planned(
    people: Sequence[Competitor], slots: Sequence[ReleasedSlot], shares: Sequence[Share] = (), now: datetime = NOW
) -> Plan:
    return plan(QUEUE, people, slots, shares, dict.fromkeys(Channel, FAR), now=now, terms=PORTAL_TERMS)


def turns(wanted: Plan) -> list[int | None]:
    return [one.place for one, _ in wanted.turns]


@given(count=st.integers(0, 50), seed=st.integers())
def test_the_draw_is_a_permutation_of_those_who_joined(count: int, seed: int) -> None:
    joined = [PlaceId(uuid7()) for _ in range(count)]
    drawn = draw(joined, chance(seed))
    assert {one for one, _ in drawn} == set(joined)
    assert sorted(place for _, place in drawn) == list(range(1, count + 1))
    assert draw(reversed(joined), chance(seed)) == drawn, "the order of joining has no part in it"


def test_every_place_is_as_likely_for_the_first_as_for_the_last() -> None:
    joined, shuffle = [PlaceId(uuid7()) for _ in range(4)], chance(17)
    first = Counter(draw(joined, shuffle)[0][0] for _ in range(4_000))
    assert all(900 < first[one] < 1_100 for one in joined)


def test_one_joins_half_an_hour_before_until_the_longest_time_is_over() -> None:
    opens, ends = NOW - PORTAL_TERMS.opens_before, NOW + PORTAL_TERMS.lasts
    for now in (opens, NOW, ends - SECOND):
        check_can_join(NOW, None, now=now, terms=PORTAL_TERMS)
    for now, ended_at, kind in (
        (opens - SECOND, None, QueueNotOpen),
        (ends, None, QueueOver),
        (NOW + MINUTE, NOW, QueueOver),
    ):
        with pytest.raises(kind):
            check_can_join(NOW, ended_at, now=now, terms=PORTAL_TERMS)


def test_the_draw_is_due_at_the_release_and_once() -> None:
    undrawn = replace(QUEUE, drawn_at=None)
    assert [is_draw_due(undrawn, now=NOW + by) for by in (-SECOND, 0 * SECOND)] == [False, True]
    assert not is_draw_due(QUEUE, now=NOW)


@given(
    states=st.lists(st.sampled_from([PlaceState.QUEUED, PlaceState.TURN]), max_size=8),
    visits=st.sets(st.integers(0, 7)),
    lapsed=st.sets(st.integers(0, 7)),
    claims=st.lists(st.sampled_from([None, HELD, CONFIRMED]), max_size=6),
    later=st.integers(0, 70),
)
def test_turns_go_in_order_and_never_beyond_what_is_free(
    states: list[PlaceState],
    visits: set[int],
    lapsed: set[int],
    claims: list[AppointmentStatus | None],
    later: int,
) -> None:
    now = NOW + later * MINUTE
    people = [
        competitor(
            at, state, visit_id=uuid7() if at in visits else None, turn_until=now + (0 if at in lapsed else 1) * MINUTE
        )
        for at, state in enumerate(states, start=1)
    ]
    slots = [slot(one, ends=timedelta(hours=2)) for one in claims]
    wanted = planned(people, slots, now=now)
    free, had = claims.count(None), {one for one in people if one.state is PlaceState.TURN}
    gone = {*wanted.missed, *wanted.left}
    given = [one for one, _ in wanted.turns]
    assert set(wanted.missed) == {one for one in had if one.turn_until is not None and one.turn_until <= now}
    assert set(wanted.left) == {one for one in people if one.visit_id} - set(wanted.missed)
    assert len(given) <= max(free - len(had - gone), 0)
    waiting = [one for one in people if one.state is PlaceState.QUEUED and one not in gone]
    assert given == waiting[: len(given)], "in order of place"
    if later < 60 and len(given) < len(waiting):
        assert len(given) == max(free - len(had - gone), 0), "nothing lies idle while somebody waits"
    if later >= 60:
        assert given == []
        assert wanted.is_over
    assert not (wanted.is_over and given)
    if not wanted.is_over:
        assert set(people) - gone, "a queue of nobody has ended"


def test_a_turn_ends_with_the_queue() -> None:
    (late,) = planned([competitor(1)], [slot()], now=QUEUE.ends_at - MINUTE).turns
    (usual,) = planned([competitor(1)], [slot()]).turns
    assert (late[1], usual[1]) == (QUEUE.ends_at, NOW + 3 * MINUTE)


@pytest.mark.parametrize(
    ("slots", "is_over"),
    [
        ([slot(CONFIRMED)], True),
        ([slot(CONFIRMED), slot(HELD)], False),
        ([slot(HELD, ends=0 * MINUTE)], False),  # the hold has ended: it is free
        ([slot(channels=[Channel.EPGU])], True),
        ([], True),
    ],
)
def test_a_queue_stands_while_something_may_come_to_whoever_waits(slots: list[ReleasedSlot], is_over: bool) -> None:
    assert planned([competitor(1)], slots).is_over is is_over


def test_a_queue_stands_while_a_time_comes_into_the_horizon_before_its_end() -> None:
    for by, now, is_over in (
        (PORTAL_TERMS.lasts, NOW, False),
        (PORTAL_TERMS.lasts + SECOND, NOW, True),
        (2 * MINUTE, QUEUE.ends_at - MINUTE, True),
    ):
        wanted = planned([competitor(1)], [slot(at=FAR + by)], now=now)
        assert (turns(wanted), wanted.is_over) == ([], is_over)
    assert planned([competitor(1)], [slot(at=FAR + MINUTE, channels=[Channel.EPGU])]).is_over


def test_a_queue_stands_for_those_who_were_not_read() -> None:
    dead = [competitor(at, channel=Channel.EPGU) for at in (1, 2)]
    slots = [slot(channels=[Channel.APP])]
    assert planned([*dead, competitor(3)], slots).is_over is False
    gone = competitor(1, visit_id=uuid7(), of_channel=2)
    assert planned([gone], [slot()]).is_over is False
    assert planned([replace(gone, of_channel=1)], [slot()]).is_over
    assert planned([gone, *dead], [slot(channels=[Channel.EPGU])]).is_over is False
    assert planned(dead, slots).is_over


def test_whose_door_gives_nothing_out_is_passed_over_and_keeps_the_place() -> None:
    schedule = uuid7()
    slots = [slot(schedule=schedule), slot(schedule=schedule), slot(channels=[Channel.APP])]
    people = [competitor(1, channel=Channel.EPGU), competitor(2, channel=Channel.EPGU), competitor(3), competitor(4)]
    shares = [Share(schedule, Channel.EPGU, 1)]
    wanted = planned(people, slots, shares)
    assert (turns(wanted), wanted.is_over, wanted.left) == ([1, 3, 4], False, ())
    assert free_through(Channel.EPGU, slots, shares, now=NOW, until=FAR) == 1
    assert free_through(Channel.EPGU, slots, [Share(schedule, Channel.EPGU, -1)], now=NOW, until=FAR) == 0
    assert free_through(Channel.APP, slots, shares, now=NOW, until=NOW + timedelta(hours=1)) == 0, "beyond the horizon"


def test_two_doors_share_a_slot_and_get_one_turn() -> None:
    people = [competitor(1, channel=Channel.EPGU), competitor(2), competitor(3, channel=Channel.EPGU)]
    assert turns(planned(people, [slot()])) == [1]
    assert turns(planned(people, [slot(), slot()])) == [1, 2]
    had = competitor(1, PlaceState.TURN, channel=Channel.EPGU)
    assert turns(planned([had, competitor(2)], [slot()])) == []
