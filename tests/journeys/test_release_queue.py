"""A popular doctor: the desk switches the queue on, two join before the release, chance orders them, one books."""

from datetime import timedelta
from typing import Any

from sqlmodel import col, update

from backend.booking.tables import PostRow, SlotRow
from graphql_schema.node import decode_id
from tests.journeys.desk import Desk
from tests.journeys.phone import Phone
from tests.journeys.region import Region
from tests.journeys.test_registry_desk import act, dentist, send
from tests.plugins.waiting import until

SOON = timedelta(minutes=2)


async def only_slot(region: Region, phone: Phone, post: dict[str, Any]) -> dict[str, Any]:
    """Leave the doctor of a post one slot, given out soon."""
    asked = {"doctorIds": [post["doctor"]["id"]]}
    slot: dict[str, Any] = (await phone.ask("SearchSlots", filter=asked, first=100))["slots"]["nodes"][-1]
    slot_id, doctor_id = decode_id(slot["id"], "Slot"), decode_id(post["doctor"]["id"], "Doctor")
    async with region.database.transaction() as session:
        others = (col(SlotRow.doctor_id) == doctor_id, col(SlotRow.id) != slot_id)
        await (await session.connection()).execute(update(SlotRow).where(*others).values(channels=0))
        (await session.get_one(SlotRow, slot_id)).released_at = region.clock() + SOON
    return slot


async def place_of(phone: Phone) -> dict[str, Any]:
    """Return the last place of somebody."""
    found = (await phone.ask("ReleaseQueuePlaces"))["viewer"]["releaseQueuePlaces"]
    return dict(found[0])


async def becomes(phone: Phone, state: str) -> dict[str, Any]:
    """Wait until somebody's place is in a state; return it."""

    async def has_become() -> bool:
        return bool((await place_of(phone))["state"] == state)

    await until(has_become, what=state)
    return await place_of(phone)


def codes(payload: dict[str, Any]) -> list[str]:
    return [error["code"] for error in payload["errors"]]


async def test_chance_gives_the_turn_a_leave_passes_it_on_and_nobody_else_holds(region: Region, anna: Phone) -> None:
    doctor = Desk(region, "clinician")
    assert await doctor.sign_in("doctor") is None
    post = await dentist(doctor)
    assert post["releasesByQueue"] is False
    assert (await act(doctor, "SetReleaseQueue", postId=post["id"], isOn=True))["errors"] == []
    assert (await dentist(doctor))["releasesByQueue"] is True

    boris, sonya = Phone(region), Phone(region)
    await boris.sign_in("boris")
    await sonya.sign_in("sonya")
    slot = await only_slot(region, anna, post)
    [queue] = (await anna.ask("ReleaseQueues", doctorId=post["doctor"]["id"]))["releaseQueues"]
    assert (queue["postId"], queue["slots"], queue["participants"], queue["isOver"]) == (post["id"], 1, 0, False)
    wish = {"postId": queue["postId"], "releasedAt": queue["releasedAt"]}
    for phone in (anna, boris):
        joined = await phone.act("JoinReleaseQueue", **wish)
        assert (joined["errors"], joined["place"]["state"], joined["place"]["ahead"]) == ([], "QUEUED", None)
    assert codes(await anna.act("JoinReleaseQueue", **wish)) == ["RELEASE_QUEUE_PLACE_EXISTS"]
    assert codes(await anna.act("HoldSlot", slotId=slot["id"])) == ["SLOT_NOT_RELEASED"]
    assert (await place_of(anna))["participants"] == 2

    region.clock.advance(SOON)
    assert codes(await sonya.act("HoldSlot", slotId=slot["id"])) == ["QUEUE_TURN_NEEDED"]
    first, second = await by_chance(anna, boris)
    assert [one["id"] for one in (await place_of(first))["slots"]] == [slot["id"]]
    assert (await place_of(second))["ahead"] == 1
    message = (await first.ask("Inbox"))["viewer"]["inbox"]["nodes"][0]
    assert message["kind"] == "RELEASE_QUEUE_TURN"
    assert post["doctor"]["fullName"] in message["body"]
    for phone in (second, sonya):
        assert codes(await phone.act("HoldSlot", slotId=slot["id"])) == ["QUEUE_TURN_NEEDED"]

    left = await first.act("LeaveReleaseQueue", placeId=(await place_of(first))["id"])
    assert (left["errors"], left["place"]["state"]) == ([], "LEFT")
    await becomes(second, "TURN")
    late = await sonya.act("JoinReleaseQueue", **wish)
    assert (late["errors"], late["place"]["ahead"]) == ([], 1)
    hold = await second.act("HoldSlot", slotId=slot["id"])
    assert hold["errors"] == []
    assert (await place_of(second))["state"] == "USED"
    booked = await second.act("BookAppointment", holdId=hold["hold"]["id"])
    assert (booked["errors"], booked["appointment"]["status"]) == ([], "CONFIRMED")
    over = await becomes(sonya, "OVER")
    assert (over["freeSlots"], over["refreshAfterSeconds"]) == (0, None)
    assert (await sonya.ask("Inbox"))["viewer"]["inbox"]["nodes"][0]["kind"] == "RELEASE_QUEUE_OVER"
    assert codes(await first.act("JoinReleaseQueue", **wish)) == ["RELEASE_QUEUE_OVER"]


async def by_chance(anna: Phone, boris: Phone) -> tuple[Phone, Phone]:
    """Return who got the turn, and who is next."""

    async def is_given() -> bool:
        return "TURN" in [(await place_of(phone))["state"] for phone in (anna, boris)]

    await until(is_given, what="a turn")
    return (anna, boris) if (await place_of(anna))["state"] == "TURN" else (boris, anna)


async def test_a_stranger_finds_nobodys_place(region: Region, anna: Phone) -> None:
    boris = Phone(region)
    await boris.sign_in("boris")
    doctor = Desk(region, "clinician")
    assert await doctor.sign_in("doctor") is None
    post = await dentist(doctor)
    await only_slot(region, anna, post)
    async with region.database.transaction() as session:
        (await session.get_one(PostRow, decode_id(post["id"], "Post"))).releases_by_queue = True
    [queue] = (await anna.ask("ReleaseQueues", doctorId=post["doctor"]["id"]))["releaseQueues"]
    wish = {"postId": queue["postId"], "releasedAt": queue["releasedAt"]}
    place = (await anna.act("JoinReleaseQueue", **wish))["place"]["id"]
    assert codes(await boris.act("LeaveReleaseQueue", placeId=place)) == ["RELEASE_QUEUE_PLACE_NOT_FOUND"]
    assert (await place_of(anna))["state"] == "QUEUED"
    assert (await send(boris, "ReleaseQueuePlaces", app="citizen"))["viewer"]["releaseQueuePlaces"] == []
