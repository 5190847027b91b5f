"""The draw, turns and the hold that takes one; on both engines."""

import asyncio
from datetime import timedelta

import pytest

from backend.booking.errors import QueueTurnNeeded, SlotTaken
from backend.booking.holds import Holds
from backend.booking.scope import Scope
from backend.booking.states import ActorRole, AppointmentStatus, PlaceState
from backend.booking.values import Channel, SlotId
from backend.errors import Refusal
from backend.release_queue.values import Queue, QueueId
from identity.principal import Principal
from tests.factories.booking import citizens
from tests.factories.people import NOW
from tests.factories.queues import RELEASE, Hall

QUEUED, TURN, USED, MISSED, LEFT, OVER = PlaceState
OPENED = timedelta(minutes=3)


async def test_nothing_is_told_of_the_order_before_the_draw(hall: Hall) -> None:
    _, post, _ = await hall.doctor(slots=1)
    anna, boris = people = citizens(2)
    await hall.join_all(people, post)
    await hall.queues.look()
    place = await hall.place(boris)
    assert (place.state, place.ahead, place.facts.participants, place.facts.free) == (QUEUED, None, 2, 1)
    hall.clock.set(RELEASE)
    assert (await hall.place(anna)).ahead is None, "the release has come, nobody has drawn yet"
    await hall.queues.look()
    assert (await hall.place(boris)).ahead == 1


async def test_chance_orders_those_who_joined_before_and_arrival_those_who_came_later(hall: Hall) -> None:
    _, post, _ = await hall.doctor(slots=1)
    anna, boris, sonya, late, later = citizens(5)
    await hall.join_all([anna, boris, sonya], post)
    hall.queues._shuffle = list.reverse
    await hall.open(later=timedelta(seconds=1))
    await hall.join(late, post)
    await hall.join(later, post)
    assert [(await hall.of(one)).place for one in (anna, boris, sonya, late, later)] == [3, 2, 1, 4, 5]
    assert await hall.states([sonya, boris, anna, late]) == [TURN, QUEUED, QUEUED, QUEUED]
    assert [(await hall.place(one)).ahead for one in (boris, later)] == [1, 4]


async def test_whoever_joins_after_the_release_draws_first_where_nobody_has(hall: Hall) -> None:
    _, post, _ = await hall.doctor(slots=1)
    anna, boris, late = citizens(3)
    await hall.join_all([anna, boris], post)
    hall.clock.set(RELEASE)
    await hall.join(late, post)
    assert sorted([(await hall.of(one)).place or 0 for one in (anna, boris)]) == [1, 2]
    assert (await hall.of(late)).place == 3
    [queue] = await hall.queue_rows()
    drawn_at = queue.drawn_at
    await hall.pass_by(seconds=1)
    assert (await hall.queue_rows())[0].drawn_at == drawn_at, "drawn once"


async def test_as_many_turns_as_free_slots_and_only_they_hold(hall: Hall) -> None:
    _, post, slots = await hall.doctor(slots=2)
    people = citizens(4)
    await hall.join_all(people[:3], post)
    hall.clock.set(RELEASE)
    with pytest.raises(QueueTurnNeeded):
        await hall.booking.hold(people[0], slots[0])
    await hall.open()
    assert await hall.states(people[:3]) == [TURN, TURN, QUEUED]
    for nobody in (people[2], people[3]):
        with pytest.raises(QueueTurnNeeded):
            await hall.booking.hold(nobody, slots[0])
    place = await hall.place(people[0])
    assert [one.id for one in place.slots] == slots
    assert place.turn_until == RELEASE + OPENED
    await hall.booking.hold(people[0], slots[1])
    assert (await hall.place(people[0])).state is USED
    await hall.queues.look()
    assert (await hall.place(people[2])).state is QUEUED, "one slot is free, and one turn is open"
    assert [kind for _, kind in await hall.booking.told()] == ["release_queue_turn"] * 2
    with pytest.raises(QueueTurnNeeded):
        await hall.booking.hold(people[0], slots[0])


async def test_a_refused_hold_leaves_the_turn_and_a_hold_told_again_needs_none(hall: Hall) -> None:
    _, post, slots = await hall.doctor(slots=2)
    anna, boris = people = citizens(2)
    await hall.join_all(people, post)
    await hall.open()
    held = await hall.booking.hold(anna, slots[0])
    with pytest.raises(SlotTaken):
        await hall.booking.hold(boris, slots[0])
    assert (await hall.place(boris)).state is TURN
    assert await hall.booking.hold(anna, slots[0]) == held


async def test_a_turn_that_is_missed_or_left_goes_to_the_next(hall: Hall) -> None:
    _, post, slots = await hall.doctor(slots=1)
    anna, boris, _ = people = citizens(3)
    places = await hall.join_all(people, post)
    await hall.open()
    hall.clock.advance(OPENED)
    assert (await hall.place(anna)).state is MISSED, "by the clock, before it is written"
    with pytest.raises(QueueTurnNeeded):
        await hall.booking.hold(anna, slots[0])
    await hall.queues.look()
    assert await hall.states(people) == [MISSED, TURN, QUEUED]
    assert (await hall.leave(boris, places[1])).state is LEFT
    await hall.queues.look()
    assert await hall.states(people) == [MISSED, LEFT, TURN]
    await hall.join(anna, post)
    assert (await hall.of(anna)).place == 4


async def test_a_hold_that_is_let_go_gives_the_next_a_turn_and_a_booking_ends_the_queue(hall: Hall) -> None:
    _, post, slots = await hall.doctor(slots=1)
    anna, boris, sonya = people = citizens(3)
    await hall.join_all(people, post)
    await hall.open()
    await hall.booking.hold(anna, slots[0])
    await hall.queues.look()
    assert await hall.states(people) == [USED, QUEUED, QUEUED], "the hold may end: the queue stands"
    await hall.pass_by(minutes=5)
    assert await hall.states(people) == [USED, TURN, QUEUED]
    await hall.booking.book(boris, slots[0])
    await hall.queues.look()
    assert await hall.states(people) == [USED, USED, OVER]
    assert (await hall.booking.told())[-1] == (sonya.person_id, "release_queue_over")
    assert (await hall.queue_rows())[0].ended_at == hall.clock()


async def test_when_the_queue_has_ended_what_is_free_is_for_all(hall: Hall) -> None:
    _, post, slots = await hall.doctor(slots=2)
    anna, stranger = citizens(2)
    place = await hall.join(anna, post)
    await hall.open()
    with pytest.raises(QueueTurnNeeded):
        await hall.booking.hold(stranger, slots[0])
    await hall.leave(anna, place)
    await hall.booking.hold(stranger, slots[0])
    await hall.queues.look()
    assert (await hall.queue_rows())[0].ended_at is not None


async def test_a_release_that_nobody_queues_for_holds_nothing_up(hall: Hall) -> None:
    _, _, slots = await hall.doctor(slots=1)
    (stranger,) = citizens(1)
    hall.clock.set(RELEASE)
    await hall.booking.hold(stranger, slots[0])
    assert await hall.queue_rows() == []


async def test_a_queue_ends_after_its_longest_time_and_so_does_a_turn(hall: Hall) -> None:
    _, post, slots = await hall.doctor(slots=1)
    people = citizens(25)
    await hall.join_all(people, post)
    await hall.open()
    for _ in range(19):
        await hall.pass_by(minutes=3)
    await hall.pass_by(minutes=2)
    row = next(row for row in await hall.rows() if row.state is TURN)
    assert row.turn_until == RELEASE + timedelta(minutes=60)
    hall.clock.set(RELEASE + timedelta(minutes=60))
    assert (await hall.place(people[-1])).state is OVER, "by the clock, before it is written"
    await hall.booking.hold(people[-1], slots[0])
    await hall.queues.look()
    assert {row.state for row in await hall.rows()} == {MISSED, OVER}


async def test_who_has_a_visit_by_now_waits_no_more(hall: Hall) -> None:
    doctor, post, _ = await hall.doctor(slots=1)
    [other] = await hall.booking.registry.add_slots(doctor, [NOW + timedelta(days=2)])
    anna, _ = people = citizens(2)
    await hall.join_all(people, post)
    await hall.booking.book(anna, other)
    await hall.open()
    assert await hall.states(people) == [LEFT, TURN]


async def test_times_that_the_clinic_takes_back_end_the_queue(hall: Hall) -> None:
    _, post, slots = await hall.doctor(slots=1)
    people = citizens(2)
    await hall.join_all(people, post)
    await hall.open()
    await hall.withdraw(slots)
    await hall.queues.look()
    assert await hall.states(people) == [OVER, OVER]


async def test_looks_at_once_draw_once_and_give_each_turn_once(hall: Hall) -> None:
    _, post, _ = await hall.doctor(slots=2)
    people = citizens(6)
    await hall.join_all(people, post)
    hall.clock.set(RELEASE)
    looks = [hall.another_look() for _ in range(4)]
    await asyncio.gather(*(one.look() for one in looks))
    rows = await hall.rows()
    assert sorted(row.place or 0 for row in rows) == [1, 2, 3, 4, 5, 6]
    assert sorted(row.place or 0 for row in rows if row.state is TURN) == [1, 2]
    assert len(await hall.booking.told()) == 2


async def test_all_hold_at_once_and_those_with_turns_get_a_slot_each(hall: Hall) -> None:
    _, post, slots = await hall.doctor(slots=2)
    people = citizens(6)
    await hall.join_all(people, post)
    await hall.open()

    async def hold(actor: Principal, slot_id: SlotId) -> str:
        try:
            await hall.booking.hold(actor, slot_id)
        except Refusal as refusal:
            return refusal.code
        return "HELD"

    tries = [hold(one, slots[number % 2]) for number, one in enumerate(people)]
    outcomes = await asyncio.gather(*tries, *(hall.another_look().look() for _ in range(2)))
    assert outcomes[:2] == ["HELD", "HELD"]
    assert set(outcomes[2:6]) == {"QUEUE_TURN_NEEDED"}
    assert await hall.booking.statuses() == [AppointmentStatus.HELD] * 2
    assert await hall.states(people[:3]) == [USED, USED, QUEUED]


async def test_a_hold_at_the_last_moment_and_a_look_that_ends_the_turn_never_both_win(hall: Hall) -> None:
    _, post, slots = await hall.doctor(slots=1)
    anna, _ = people = citizens(2)
    await hall.join_all(people, post)
    await hall.open()
    hall.clock.advance(OPENED)

    async def hold() -> bool:
        try:
            await hall.booking.hold(anna, slots[0])
        except QueueTurnNeeded:
            return False
        return True

    held, *_ = await asyncio.gather(hold(), *(hall.another_look().look() for _ in range(3)))
    assert held is False
    assert await hall.states(people) == [MISSED, TURN]


async def test_a_look_passes_over_what_a_hold_is_being_made_of_and_a_later_one_does_it(hall: Hall) -> None:
    _, post, slots = await hall.doctor(slots=1)
    people = citizens(2)
    anna = people[0]
    await hall.join_all(people, post)
    await hall.open()
    async with hall.database.transaction() as session:
        scope = Scope(
            session=session,
            actor_id=anna.person_id,
            role=ActorRole.PATIENT,
            person_id=anna.person_id,
            clock=hall.clock,
            terms=hall.booking.terms,
        )
        await Holds(scope).hold(slots[0], Channel.APP)
        hall.clock.advance(OPENED)  # the turn would be over, were it not used up
        if not hall.database.is_sqlite:  # whose writers follow one another
            assert await hall.another_look().look() == 0
    assert await hall.another_look().look() == 0
    assert await hall.states(people) == [USED, QUEUED]
    await hall.pass_by(minutes=5)
    assert await hall.states(people) == [USED, TURN]


async def test_a_queue_ends_once_however_many_look(hall: Hall) -> None:
    _, post, _ = await hall.doctor(slots=1)
    (anna,) = citizens(1)
    await hall.leave(anna, await hall.join(anna, post))
    await hall.open()
    [queue] = await hall.queue_rows()
    assert queue.ended_at == RELEASE
    seen = Queue(QueueId(queue.id), post, RELEASE, queue.ends_at, queue.drawn_at, None)
    hall.clock.advance(OPENED)
    assert await hall.queues._advance(seen) == 0, "another process ended it since it was seen"
    assert (await hall.queue_rows())[0].ended_at == RELEASE
