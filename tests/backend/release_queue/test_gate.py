"""Who holds what people queue for: by a turn of the same door only, nobody past one who just joins; both engines."""

import asyncio
from datetime import timedelta

import pytest

from backend.booking.errors import QueueTurnNeeded
from backend.booking.scope import Scope
from backend.booking.states import ActorRole, PlaceState
from backend.booking.values import Channel, SlotId
from backend.reception.proposal_values import Range
from backend.reception.range_queries import free_slots
from backend.release_queue.joining import Joining
from backend.release_queue.terms import PORTAL_TERMS
from backend.release_queue.values import Wish
from tests.factories.booking import citizens
from tests.factories.people import NOW
from tests.factories.queues import RELEASE, Hall, as_they_joined


async def test_a_turn_is_of_the_channel_that_the_person_queued_through(hall: Hall) -> None:
    _, post, slots = await hall.doctor(slots=1)
    (anna,) = citizens(1)
    await hall.join(anna, post, channel=Channel.EPGU)
    await hall.open()
    with pytest.raises(QueueTurnNeeded):
        await hall.booking.hold(anna, slots[0], channel=Channel.APP)
    assert (await hall.place(anna)).state is PlaceState.TURN
    await hall.booking.hold(anna, slots[0], channel=Channel.EPGU)
    assert (await hall.place(anna)).state is PlaceState.USED


async def test_nobody_holds_past_one_who_is_just_joining_a_queue_of_nobody(hall: Hall) -> None:
    _, post, slots = await hall.doctor(slots=1)
    anna, boris, stranger = citizens(3)
    await hall.leave(anna, await hall.join(anna, post))
    hall.clock.set(RELEASE)
    async with hall.database.transaction() as session:
        scope = Scope(
            session=session,
            actor_id=boris.person_id,
            role=ActorRole.PATIENT,
            person_id=boris.person_id,
            clock=hall.clock,
            terms=hall.booking.terms,
        )
        await Joining(scope, PORTAL_TERMS, as_they_joined).join(Wish(post, RELEASE))
        hold = asyncio.create_task(hall.booking.hold(stranger, slots[0]))
        done, _ = await asyncio.wait({hold}, timeout=0.3)
        assert not done, "it waits for the queue"
    with pytest.raises(QueueTurnNeeded):
        await hold
    assert await hall.booking.statuses() == []


async def test_a_replacement_is_no_time_that_people_queue_for(hall: Hall) -> None:
    doctor, post, slots = await hall.doctor(slots=2)
    (anna,) = citizens(1)
    place = await hall.join(anna, post)
    await hall.open()
    elsewhere = Range((await hall.booking.one_place()).clinic_id, None, NOW, RELEASE)

    async def offered() -> list[SlotId]:
        rows, specialty = hall.database.read, doctor.specialty_id
        until = NOW + timedelta(days=2)
        found = await free_slots(
            rows, elsewhere, specialty, town="Калуга", now=hall.clock(), since=NOW, until=until, limit=9
        )
        return [one.id for one in found]

    assert await offered() == []
    await hall.leave(anna, place)
    assert await offered() == slots
