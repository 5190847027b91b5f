"""What `OutsideRegistry` promises, of our own endpoint: our client asks it over a real socket, on both databases."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from lxml import etree

from backend.booking.errors import (
    BookingRefusal,
    CancelTooLate,
    DuplicateSpecialty,
    OutcomeUnknown,
    PatientNotFound,
    ReferralRequired,
    SlotTaken,
    SlotWithdrawn,
    TimeOverlap,
)
from backend.booking.ports import Patient, Resource
from backend.booking.states import AppointmentStatus
from backend.booking.values import Channel, SlotId
from backend.database import Database
from backend.integrations.fer_registry.endpoint_answers import METHODS
from tests.factories.access import entries_of
from tests.factories.booking import citizens
from tests.factories.people import NOW, add_person, make_principal, snils_for
from tests.factories.portals import ANNA, BORIS, PORTAL, TOKEN, Door, connected, named

SOON = NOW + timedelta(hours=3)
CONFIRMED, CANCELLED = AppointmentStatus.CONFIRMED, AppointmentStatus.CANCELLED


@pytest.fixture
async def door(database: Database) -> AsyncIterator[Door]:
    async with connected(database) as door:
        yield door


async def slots(door: Door, *minutes: int) -> list[SlotId]:
    return await door.house.booking.registry.add_slots(door.place, [SOON + timedelta(minutes=one) for one in minutes])


async def test_a_booking_takes_the_slot_once_however_often_it_is_asked_for(door: Door) -> None:
    slot_id, other = await slots(door, 0, 15)
    key = uuid4()
    day = NOW.date()
    told = await door.registry.schedule(await door.resource(), first=day, last=day)
    assert [one.external_id for one in told.slots] == [str(slot_id), str(other)]
    for _ in range(3):
        await door.book(key, slot_id)
    assert await door.house.booking.statuses() == [CONFIRMED]
    told = await door.registry.schedule(await door.resource(), first=day, last=day)
    assert [one.external_id for one in told.slots] == [str(other)]


async def test_the_person_is_told_and_finds_the_portal_in_the_access_log(door: Door) -> None:
    (slot_id,) = await slots(door, 0)
    await door.book(uuid4(), slot_id)
    ((anna_id, kind),) = await door.house.booking.told()
    assert kind == "appointment_booked"
    entries = await entries_of(door.house.database, anna_id)
    assert [(one.actions, one.capacity) for one in entries] == [
        ("open_portal_session", "portal"), ("hold_slot", "portal"), ("book_appointment", "portal"),
    ]  # fmt: skip
    assert {one.actor_id for one in entries} == {PORTAL}
    anna = make_principal(anna_id)
    (appointment,) = (await door.house.appointments.history(anna, person_id=anna_id, limit=5)).items
    assert (appointment.channel, appointment.actor_id) == (Channel.EPGU, PORTAL)


@pytest.mark.parametrize("action", ["CreateAppointment", "GetPatientInfo"])
async def test_an_answer_that_is_cut_leaves_one_booking_which_the_same_key_tells(door: Door, action: str) -> None:
    (slot_id,) = await slots(door, 0)
    key = uuid4()
    door.cut += [action] * 3
    with pytest.raises(OutcomeUnknown):
        await door.book(key, slot_id)
    door.cut.clear()
    await door.book(key, slot_id)
    assert await door.house.booking.statuses() == [CONFIRMED]
    assert len(await door.house.booking.told()) == 1


async def test_of_the_app_and_the_portal_at_one_slot_one_gets_it(door: Door) -> None:
    (slot_id,) = await slots(door, 0)
    (citizen,) = citizens(1)
    outcomes = await asyncio.gather(
        door.book(uuid4(), slot_id), door.house.booking.book(citizen, slot_id), return_exceptions=True
    )
    assert [isinstance(one, SlotTaken) for one in outcomes].count(True) == 1
    assert await door.house.booking.statuses() == [CONFIRMED]


async def test_of_many_portal_sessions_at_one_slot_one_gets_it(door: Door) -> None:
    (slot_id,) = await slots(door, 0)
    outcomes = await asyncio.gather(
        door.book(uuid4(), slot_id), door.book(uuid4(), slot_id, patient=BORIS), return_exceptions=True
    )
    assert sorted(type(one).__name__ for one in outcomes) == ["NoneType", "SlotTaken"]
    assert await door.house.booking.statuses() == [CONFIRMED]


@pytest.mark.parametrize(
    "patient",
    [
        replace(ANNA, snils=None),
        replace(ANNA, snils=BORIS.snils),
        replace(ANNA, birth_date=BORIS.birth_date),
        replace(ANNA, sex=BORIS.sex),
        replace(ANNA, family_name="Соколов"),
        replace(ANNA, patronymic="Ивановна"),
    ],
)
async def test_who_is_not_one_person_beyond_doubt_is_not_found(door: Door, patient: Patient) -> None:
    (slot_id,) = await slots(door, 0)
    with pytest.raises(PatientNotFound):
        await door.book(uuid4(), slot_id, patient=patient)
    assert await door.house.booking.statuses() == []


async def test_two_people_of_one_snils_are_nobody(door: Door) -> None:
    (slot_id,) = await slots(door, 0)
    await add_person(door.house.database)
    with pytest.raises(PatientNotFound):
        await door.book(uuid4(), slot_id)


async def test_the_rules_are_those_of_every_channel(door: Door) -> None:
    first, second = await slots(door, 0, 30)
    await door.book(uuid4(), first)
    with pytest.raises(DuplicateSpecialty):
        await door.book(uuid4(), second)
    place = await door.house.booking.registry.add_place(door.place.clinic_id, specialty="surgeon")
    (same_time,) = await door.house.booking.registry.add_slots(place, [SOON])
    with pytest.raises(TimeOverlap):
        await door.book(uuid4(), same_time)
    with pytest.raises(ReferralRequired):
        await door.book(uuid4(), second, patient=BORIS, referral="40-nobodys")
    (closed,) = await door.house.booking.registry.add_slots(
        place, [SOON + timedelta(hours=2)], channels=Channel.APP.bit
    )
    for gone in (closed, SlotId(uuid4())):
        with pytest.raises(SlotWithdrawn):
            await door.book(uuid4(), gone, patient=BORIS)
    assert await door.house.booking.statuses() == [CONFIRMED]


async def test_a_refusal_once_given_stands_when_the_slot_is_free_again(door: Door) -> None:
    (slot_id,) = await slots(door, 0)
    other, key = uuid4(), uuid4()
    await door.book(other, slot_id, patient=BORIS)
    with pytest.raises(SlotTaken):
        await door.book(key, slot_id)
    await door.cancel(other, slot_id, patient=BORIS)
    with pytest.raises(SlotTaken):
        await door.book(key, slot_id)
    assert await door.house.booking.statuses() == [CANCELLED]
    await door.book(uuid4(), slot_id)


async def test_a_cancelled_booking_frees_the_slot_and_is_never_made_again(door: Door) -> None:
    (slot_id,) = await slots(door, 0)
    key = uuid4()
    await door.book(key, slot_id)
    for _ in range(2):
        await door.cancel(key, slot_id)
    await door.book(key, slot_id)
    assert await door.house.booking.statuses() == [CANCELLED]
    assert [kind for _, kind in await door.house.booking.told()] == ["appointment_booked", "appointment_cancelled"]


async def test_what_is_given_up_before_it_arrives_is_not_booked_when_it_does(door: Door) -> None:
    (slot_id,) = await slots(door, 0)
    key = uuid4()
    await door.cancel(key, slot_id)
    with pytest.raises(SlotWithdrawn):
        await door.book(key, slot_id)
    assert await door.house.booking.statuses() == []


async def test_what_has_begun_stands(door: Door) -> None:
    (slot_id,) = await slots(door, 0)
    key = uuid4()
    await door.book(key, slot_id)
    door.house.clock.set(SOON)
    with pytest.raises(CancelTooLate):
        await door.cancel(key, slot_id)
    assert await door.house.booking.statuses() == [CONFIRMED]


async def test_a_session_is_one_persons_for_ever_and_gives_up_only_its_own(door: Door) -> None:
    (slot_id,) = await slots(door, 0)
    key = uuid4()
    await door.book(key, slot_id)
    with pytest.raises(OutcomeUnknown):
        await door.cancel(key, slot_id, patient=BORIS)
    await door.cancel(uuid4(), slot_id, patient=BORIS)
    await door.cancel(uuid4(), slot_id)
    assert await door.house.booking.statuses() == [CONFIRMED]


async def test_what_the_person_has_moved_is_not_given_up_by_its_old_slot(door: Door) -> None:
    first, second = await slots(door, 0, 30)
    key = uuid4()
    await door.book(key, first)
    ((anna_id, _),) = await door.house.booking.told()
    anna = make_principal(anna_id)
    (booked,) = (await door.house.appointments.history(anna, person_id=anna_id, limit=5)).items
    await door.house.booking.move(anna, booked.id, second)
    await door.cancel(key, first)
    assert CONFIRMED in await door.house.booking.statuses()
    assert (await door.house.booking.find(anna, booked.id)).slot.id == second


async def test_every_message_of_both_sides_is_in_order_by_the_description_that_is_served(door: Door) -> None:
    (slot_id,) = await slots(door, 0)
    oid, key = await door.oid(), uuid4()
    await door.registry.referrals(ANNA)
    await door.registry.schedule(await door.resource(), first=NOW.date(), last=NOW.date())
    with pytest.raises(BookingRefusal):
        await door.registry.book(
            key=uuid4(),
            patient=ANNA,
            resource=Resource(oid, "1|room|1"),
            slot=replace(named(slot_id), external_id="x"),
            referral_number="1",
        )
    await door.book(key, slot_id)
    await door.cancel(key, slot_id)
    served = etree.fromstring((await door.http.get(f"{door.url}?wsdl")).content)
    operations = {one.get("name") for one in served.iterfind("{*}portType/{*}operation")}
    assert operations == {one.removesuffix("Request") for one in METHODS}
    described = served.find(".//{http://www.w3.org/2001/XMLSchema}schema")
    assert described is not None
    schema = etree.XMLSchema(described)
    bodies = [
        etree.fromstring(one).find("{*}Body/{*}*") for one in door.messages if one and b"definitions" not in one[:200]
    ]
    assert len(bodies) == 16
    assert [one for one in bodies if one is None or not schema(one)] == []


async def test_no_personal_data_stand_in_logs(door: Door, capsys: pytest.CaptureFixture[str]) -> None:
    (slot_id,) = await slots(door, 0)
    await door.book(uuid4(), slot_id)
    with pytest.raises(PatientNotFound):
        await door.book(uuid4(), slot_id, patient=replace(BORIS, birth_date=ANNA.birth_date))
    written = "".join(capsys.readouterr())
    assert "fer_served" in written
    canaries = [ANNA.family_name, "11223344595", "1984-05-17", "9105550117", TOKEN, snils_for(222_333_444)]
    assert [one for one in canaries if one in written] == []
