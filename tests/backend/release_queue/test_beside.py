"""What everybody sees of queues, and how they stand beside the waiting list; on both engines."""

from dataclasses import replace
from datetime import timedelta

from backend.booking.states import PlaceState
from tests.factories.booking import DENTIST, THERAPIST, citizens
from tests.factories.queues import RELEASE, Hall
from tests.factories.waiting import WaitingRoom


async def test_everybody_sees_what_a_doctor_gives_out_by_queue(hall: Hall) -> None:
    doctor, post, slots = await hall.doctor(slots=3)
    anna, boris = citizens(2)
    await hall.join(anna, post)
    [found] = await hall.service.releases(None, doctor_id=doctor.doctor_id)
    assert (found.post_id, found.released_at, found.slots, found.free) == (post, RELEASE, 3, 3)
    assert (found.participants, found.ended_at, found.clinic.id) == (1, None, doctor.clinic_id)
    assert await hall.service.releases(None, doctor_id=doctor.doctor_id, specialty_code=DENTIST) == []
    [same] = await hall.service.releases(
        None, doctor_id=doctor.doctor_id, clinic_id=doctor.clinic_id, specialty_code=THERAPIST
    )
    assert same == found
    await hall.open()
    await hall.booking.hold(anna, slots[0])
    [found] = await hall.service.releases(boris, doctor_id=doctor.doctor_id)
    assert (found.slots, found.free, found.participants) == (3, 2, 0)
    hall.clock.set(RELEASE + timedelta(minutes=60))
    assert await hall.service.releases(boris, doctor_id=doctor.doctor_id) == []


async def test_the_waiting_list_offers_nothing_that_people_queue_for_and_goes_on_after(hall: Hall) -> None:
    doctor, post, _ = await hall.doctor(slots=1)
    room = WaitingRoom(hall.database)
    anna, waits = citizens(2)
    await room.join(waits, doctor)
    await hall.join(anna, post)
    hall.clock.set(RELEASE)
    room.clock.set(RELEASE)
    assert await room.offering.look() == 0, "by the clock, before anybody drew"
    await hall.queues.look()
    assert await room.offering.look() == 0
    hall.clock.advance(timedelta(minutes=3))
    room.clock.set(hall.clock())
    await hall.queues.look()
    assert await room.offering.look() == 1
    assert (await hall.place(anna)).state is PlaceState.MISSED


async def test_the_waiting_list_uses_nobodys_turn_up(hall: Hall) -> None:
    doctor, post, _ = await hall.doctor(slots=1)
    room = WaitingRoom(hall.database)
    (anna,) = citizens(1)
    await room.join(anna, doctor)
    await hall.join(anna, post)
    await hall.open()
    room.clock.set(RELEASE)
    assert await room.offering.look() == 0
    assert (await hall.place(anna)).state is PlaceState.TURN


async def test_switched_off_a_queue_that_somebody_joined_is_shown_to_its_end(hall: Hall) -> None:
    doctor, post, slots = await hall.doctor(slots=1)
    anna, boris = citizens(2)
    place = await hall.join(anna, post)
    await hall.release(doctor, slots, by_queue=False)
    [found] = await hall.service.releases(boris, doctor_id=doctor.doctor_id)
    assert (found.post_id, found.participants) == (post, 1)
    await hall.leave(anna, place)
    await hall.open()
    assert await hall.service.releases(boris, doctor_id=doctor.doctor_id) == []


async def test_only_a_leave_wakes_the_look(hall: Hall) -> None:
    _, post, _ = await hall.doctor(slots=1)
    anna, boris = citizens(2)
    woken: list[str] = []
    hall.service._ground = replace(hall.service._ground, freed=lambda: woken.append("freed"))
    place = await hall.join(anna, post)
    await hall.open()
    await hall.join(boris, post)
    assert woken == []
    await hall.leave(anna, place)
    assert woken == ["freed"]
