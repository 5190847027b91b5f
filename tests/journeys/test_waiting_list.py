"""A full doctor: two people wait, a third gives up, the first declines, the second books, the first stays first."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import col, update

from backend.booking.tables import SlotRow
from graphql_schema.node import decode_id
from tests.journeys.phone import Phone
from tests.journeys.region import Region
from tests.plugins.waiting import until

DENTIST = {"specialty": "dentist", "town": "Калуга"}


async def slots_for_adults(phone: Phone) -> list[dict[str, Any]]:
    """Return free slots of dentists, soonest first."""
    found = (await phone.ask("SearchSlots", filter=DENTIST, first=100))["slots"]["nodes"]
    return [slot for slot in found if slot["clinic"]["name"] != "Детская поликлиника"]


async def fill_a_doctor(region: Region, phone: Phone) -> tuple[dict[str, Any], dict[str, Any]]:
    """Leave a doctor two slots of the next day, one of them given out much later; return both."""
    found = await slots_for_adults(phone)
    day, doctor = found[-1]["startsAt"][:10], found[-1]["doctor"]["id"]
    of_doctor = [slot for slot in found if slot["doctor"]["id"] == doctor and slot["startsAt"][:10] == day]
    first, second = of_doctor[0], of_doctor[1]
    async with region.database.transaction() as session:
        left = [decode_id(slot["id"], "Slot") for slot in (first, second)]
        of_the_doctor = col(SlotRow.doctor_id) == decode_id(doctor, "Doctor")
        withdrawn = update(SlotRow).where(of_the_doctor, col(SlotRow.id).not_in(left)).values(channels=0)
        await (await session.connection()).execute(withdrawn)
        (await session.get_one(SlotRow, left[1])).released_at = datetime(2027, 1, 1, tzinfo=ZoneInfo("UTC"))
    return first, second


async def entry_of(phone: Phone) -> dict[str, Any]:
    """Return the only entry of somebody."""
    [entry] = (await phone.ask("WaitingList"))["viewer"]["waitingList"]
    return dict(entry)


async def offered(phone: Phone) -> dict[str, Any]:
    """Wait until something is offered to somebody; return the hold."""

    async def is_offered() -> bool:
        return bool((await entry_of(phone))["state"] == "OFFERED")

    await until(is_offered, what="an offer")
    return dict((await entry_of(phone))["offer"]["hold"])


async def test_the_second_books_what_the_first_declines_and_the_first_stays_first(region: Region, anna: Phone) -> None:
    boris, sonya = Phone(region), Phone(region)
    await boris.sign_in("boris")
    await sonya.sign_in("sonya")
    first, second = await fill_a_doctor(region, anna)
    hold = await sonya.act("HoldSlot", slotId=first["id"])
    visit = (await sonya.act("BookAppointment", holdId=hold["hold"]["id"]))["appointment"]["id"]

    wish = {"specialty": "dentist", "clinicIds": [first["clinic"]["id"]], "doctorId": first["doctor"]["id"]}
    for ahead, phone in enumerate((anna, boris)):
        joined = await phone.act("JoinWaitingList", **wish)
        assert (joined["errors"], joined["entry"]["state"], joined["entry"]["ahead"]) == ([], "WAITING", ahead)
    again = await anna.act("JoinWaitingList", **wish)
    assert [error["code"] for error in again["errors"]] == ["WAITING_LIST_ENTRY_EXISTS"]

    await sonya.act("CancelAppointment", appointmentId=visit, reason="PATIENT_DECLINE")
    kept = await offered(anna)
    assert kept["slot"]["id"] == first["id"]
    message = (await anna.ask("Inbox"))["viewer"]["inbox"]["nodes"][0]
    assert message["kind"] == "WAITING_LIST_OFFERED"
    assert first["doctor"]["fullName"] in message["body"]
    taken = await boris.act("HoldSlot", slotId=first["id"])
    assert [error["code"] for error in taken["errors"]] == ["SLOT_TAKEN"]

    entry_id = (await entry_of(anna))["id"]
    declined = await anna.act("DeclineWaitingListOffer", waitingListEntryId=entry_id)
    assert (declined["errors"], declined["entry"]["state"], declined["entry"]["ahead"]) == ([], "WAITING", 0)
    stolen = await anna.act("BookAppointment", holdId=kept["id"])
    assert [error["code"] for error in stolen["errors"]] == ["HOLD_EXPIRED"]
    kept = await offered(boris)
    booked = await boris.act("BookAppointment", holdId=kept["id"])
    assert (booked["errors"], booked["appointment"]["status"]) == ([], "CONFIRMED")
    assert (await entry_of(boris))["state"] == "BOOKED"

    async with region.database.transaction() as session:
        (await session.get_one(SlotRow, decode_id(second["id"], "Slot"))).released_at = None
    assert (await offered(anna))["slot"]["id"] == second["id"]


async def test_a_stranger_finds_nobodys_place(region: Region, anna: Phone) -> None:
    boris = Phone(region)
    await boris.sign_in("boris")
    found = (await slots_for_adults(anna))[0]
    joined = await anna.act(
        "JoinWaitingList", specialty="dentist", clinicIds=[found["clinic"]["id"]], hoursFrom="23:00"
    )
    for act in ("PauseWaitingListEntry", "ResumeWaitingListEntry", "LeaveWaitingList", "DeclineWaitingListOffer"):
        refused = await boris.act(act, waitingListEntryId=joined["entry"]["id"])
        assert [error["code"] for error in refused["errors"]] == ["WAITING_LIST_ENTRY_NOT_FOUND"]
    assert (await entry_of(anna))["state"] == "WAITING"
    for act, state in (("Pause", "PAUSED"), ("Resume", "WAITING")):
        done = await anna.act(f"{act}WaitingListEntry", waitingListEntryId=joined["entry"]["id"])
        assert done["entry"]["state"] == state
    assert (await anna.act("LeaveWaitingList", waitingListEntryId=joined["entry"]["id"]))["entry"][
        "state"
    ] == "CANCELLED"
