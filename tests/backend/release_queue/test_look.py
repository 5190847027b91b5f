"""Looking after many queues and long ones: one stops no other, an end is told in parts; on both engines."""

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlmodel import col, update
from uuid_utils.compat import uuid7

from backend.booking.states import PlaceState
from backend.booking.tables import SlotRow
from backend.booking.turns import lock_queue
from backend.booking.values import Channel
from backend.database import Database
from backend.errors import DatabaseBusy
from backend.reading import within
from backend.release_queue import queries
from backend.release_queue.look import MOST_PARTS, PATIENCE
from backend.release_queue.terms import PORTAL_TERMS
from backend.release_queue.values import Competitor, PlaceId, Plan
from identity.principal import PersonId
from tests.factories.booking import citizens
from tests.factories.people import NOW
from tests.factories.queues import RELEASE, Hall

QUEUED, TURN, USED, MISSED, LEFT, OVER = PlaceState
TURN_TOLD, OVER_TOLD = "release_queue_turn", "release_queue_over"


async def test_an_end_is_told_in_parts_and_what_is_left_by_whoever_looks_next(database: Database) -> None:
    hall = Hall(database, queue_terms=replace(PORTAL_TERMS, told_at_once=2))
    _, post, slots = await hall.doctor(slots=1)
    people = citizens(5)
    await hall.join_all(people, post)
    await hall.open()
    await hall.withdraw(slots)
    torn = hall.another_look()

    def tear(_: PersonId) -> None:
        raise DatabaseBusy

    torn._published = tear
    assert await torn.look() == 0
    [queue] = await hall.queue_rows()
    assert queue.ended_at == hall.clock()
    written = Counter(row.state for row in await hall.rows())
    assert written[OVER] == 2, "the first part, in a transaction of its own"
    assert await hall.states(people) == [OVER] * 5, "of an ended queue, whoever has yet to write it"
    hall.clock.advance(timedelta(seconds=2))
    assert await hall.queues.look() == 0
    assert [(row.state, row.ended_at) for row in await hall.rows()] == [(OVER, RELEASE)] * 5
    told = [who for who, what in await hall.booking.told() if what == OVER_TOLD]
    assert sorted(told) == sorted(one.person_id for one in people)
    assert await queries.at_work(database.read, now=hall.clock()) == []


async def test_an_end_of_many_is_told_a_part_in_each_look_after_all_turns_are_given(database: Database) -> None:
    hall = Hall(database, queue_terms=replace(PORTAL_TERMS, told_at_once=1))
    _, post, slots = await hall.doctor(slots=1)
    many, (anna,) = citizens(MOST_PARTS + 1), citizens(1)
    await hall.join_all(many, post)
    await hall.withdraw(slots)
    await hall.join(anna, (await hall.doctor(slots=1, specialty="dentist"))[1])
    await hall.open()
    assert [kind for _, kind in await hall.booking.told()] == [TURN_TOLD, *[OVER_TOLD] * MOST_PARTS]
    await hall.queues.look()
    assert [kind for _, kind in await hall.booking.told()] == [TURN_TOLD, *[OVER_TOLD] * (MOST_PARTS + 1)]
    assert {(await hall.of(one)).state for one in many} == {OVER}


async def test_nobody_competes_in_a_queue_that_has_ended(hall: Hall) -> None:
    doctor, post, _ = await hall.doctor(slots=1)
    anna, boris = people = citizens(2)
    await hall.join_all(people, post)
    await hall.open()
    [queue] = await hall.queue_rows()
    async with hall.database.transaction() as session:
        (await session.merge(queue)).ended_at = hall.clock()
    place = await hall.place(anna)
    assert (place.state, place.turn_until, place.slots, place.ended_at) == (OVER, None, (), RELEASE)
    [release] = await hall.service.releases(boris, doctor_id=doctor.doctor_id)
    assert (release.participants, release.ended_at) == (0, RELEASE)


async def test_a_queue_that_is_locked_keeps_no_other_waiting(hall: Hall) -> None:
    anna, boris = citizens(2)
    await hall.join(anna, (await hall.doctor(slots=1))[1])
    await hall.join(boris, (await hall.doctor(slots=1, specialty="dentist"))[1])
    hall.clock.set(RELEASE)
    [locked, _] = await queries.at_work(hall.database.read, now=RELEASE)
    given = 0
    async with hall.database.transaction() as session:
        await lock_queue(session, locked.id)
        if not hall.database.is_sqlite:  # whose writers follow one another
            given = await hall.queues.look()
            assert Counter(await hall.states([anna, boris])) == {QUEUED: 1, TURN: 1}
    assert given + await hall.queues.look() == 2
    assert await hall.states([anna, boris]) == [TURN, TURN]


async def test_a_queue_that_is_found_locked_again_and_again_is_waited_for_at_last(hall: Hall) -> None:
    (anna,) = citizens(1)
    await hall.join(anna, (await hall.doctor(slots=1))[1])
    hall.clock.set(RELEASE)
    [locked] = await queries.at_work(hall.database.read, now=RELEASE)
    async with hall.database.transaction() as session:
        await lock_queue(session, locked.id)
        if not hall.database.is_sqlite:  # whose writers follow one another
            assert [await hall.queues.look() for _ in range(PATIENCE)] == [0] * PATIENCE
        look = asyncio.create_task(hall.queues.look())
        done, _ = await asyncio.wait({look}, timeout=0.3)
        assert not done
    assert await look == 1


@pytest.mark.parametrize("failure", [DatabaseBusy(), ValueError("a bug")])
async def test_a_queue_that_fails_stops_no_other(hall: Hall, failure: Exception) -> None:
    people = citizens(3)
    for number, one in enumerate(people):
        _, post, _ = await hall.doctor(slots=1, specialty=f"specialty-{number}")
        await hall.join(one, post)

    def fail(_: PersonId) -> None:
        raise failure

    hall.queues._published = fail
    await hall.open()
    assert await hall.states(people) == [TURN] * 3


async def test_those_of_a_dead_channel_at_the_head_end_no_queue(database: Database) -> None:
    hall = Hall(database, queue_terms=replace(PORTAL_TERMS, most_read=2))
    _, post, slots = await hall.doctor(slots=1)
    *dead, anna, boris = people = citizens(5)
    for one in dead:
        await hall.join(one, post, channel=Channel.EPGU)
    await hall.join_all([anna, boris], post)
    async with database.transaction() as session:
        closed = update(SlotRow).where(col(SlotRow.id).in_(slots)).values(channels=Channel.APP.bit)
        await (await session.connection()).execute(closed)
    await hall.open()
    assert await hall.states(people) == [QUEUED, QUEUED, QUEUED, TURN, QUEUED]


async def test_a_head_of_people_who_wait_no_more_ends_no_queue(database: Database) -> None:
    hall = Hall(database, queue_terms=replace(PORTAL_TERMS, most_read=2))
    doctor, post, _ = await hall.doctor(slots=1)
    other = await hall.booking.registry.add_slots(doctor, [NOW + timedelta(days=2, hours=hours) for hours in range(2)])
    people = citizens(3)
    await hall.join_all(people, post)
    for one, slot_id in zip(people, other, strict=False):
        await hall.booking.book(one, slot_id)
    await hall.open()
    assert await hall.states(people) == [LEFT, LEFT, QUEUED]
    await hall.queues.look()
    assert await hall.states(people) == [LEFT, LEFT, TURN]


async def test_whoever_is_erased_meanwhile_is_told_of_no_turn(hall: Hall) -> None:
    _, post, _ = await hall.doctor(slots=1)
    (anna,) = citizens(1)
    await hall.join(anna, post)
    hall.clock.set(RELEASE)
    [queue] = await queries.at_work(hall.database.read, now=RELEASE)
    erased = Competitor(PlaceId(uuid7()), PersonId(uuid7()), Channel.APP, QUEUED, 1, None, None)
    wanted = Plan(missed=(), left=(), turns=((erased, RELEASE + timedelta(minutes=3)),), is_over=False)
    async with hall.database.transaction() as session:
        assert await hall.queues._write(session, queue, wanted) == []
        assert await queries.competitors(within(session), queue.id, now=RELEASE, limit=9) != []
    assert await hall.booking.told() == []
