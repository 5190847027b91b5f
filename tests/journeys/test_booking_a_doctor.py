"""A citizen signs in, sees the home screen, books a doctor, reads about it and gives the visit up."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlmodel import SQLModel, col, func, select

from backend.booking.appointment_tables import AppointmentRow
from backend.booking.states import AppointmentStatus
from notifications.tables import NotificationRow
from tests.journeys.phone import Phone
from tests.journeys.region import Region

THERAPIST = {"specialty": "therapist", "town": "Калуга"}


async def first_slot(phone: Phone, **criteria: Any) -> dict[str, Any]:
    found = await phone.ask("SearchSlots", filter=criteria or THERAPIST, first=5)
    slot: dict[str, Any] = found["slots"]["nodes"][0]
    return slot


async def count(region: Region, table: type[SQLModel]) -> int:
    async with region.database.reading() as session:
        return (await session.exec(select(func.count()).select_from(table))).one()


async def status_of(region: Region) -> list[AppointmentStatus]:
    async with region.database.reading() as session:
        rows = (await session.exec(select(AppointmentRow).order_by(col(AppointmentRow.created_at)))).all()
    return [row.status for row in rows]


async def test_from_sign_in_to_cancelled_visit(region: Region) -> None:
    anna = Phone(region)
    await anna.sign_in("anna")

    home = (await anna.ask("HomeScreen"))["viewer"]
    assert home["person"]["givenName"] == "Анна"
    assert home["person"]["age"] == 42
    assert home["person"]["source"] == "esia"
    assert home["policy"]["status"] == "ACTIVE"
    assert len(home["policy"]["enp"]) == 16
    assert home["policy"]["isStale"] is False
    assert home["appointments"]["nodes"] == []
    assert home["unreadCount"] == len(home["inbox"]["nodes"])
    unread_before = home["unreadCount"]

    slot = await first_slot(anna)
    assert slot["clinic"]["town"] == "Калуга"
    assert slot["specialty"] == {"code": "therapist", "name": "Терапевт"}
    assert datetime.fromisoformat(slot["startsAt"]) > region.clock()
    assert slot["startsAt"].endswith("+03:00")

    held = await anna.act("HoldSlot", slotId=slot["id"])
    assert held["errors"] == []
    expires_at = datetime.fromisoformat(held["hold"]["expiresAt"])
    assert expires_at - datetime.fromisoformat(held["hold"]["serverTime"]) == timedelta(minutes=5)
    assert (await first_slot(anna))["id"] != slot["id"]

    booked = await anna.act("BookAppointment", holdId=held["hold"]["id"])
    assert booked["errors"] == []
    assert booked["appointment"]["status"] == "CONFIRMED"
    assert booked["appointment"]["channel"] == "APP"

    inbox = (await anna.ask("Inbox"))["viewer"]
    assert inbox["unreadCount"] == unread_before + 1
    message = inbox["inbox"]["nodes"][0]
    assert message["kind"] == "APPOINTMENT_BOOKED"
    assert booked["appointment"]["slot"]["doctor"]["fullName"] in message["body"]

    home = (await anna.ask("HomeScreen"))["viewer"]
    assert [one["id"] for one in home["appointments"]["nodes"]] == [booked["appointment"]["id"]]

    cancelled = await anna.act("CancelAppointment", appointmentId=booked["appointment"]["id"], reason="PATIENT_DECLINE")
    assert cancelled["errors"] == []
    assert cancelled["appointment"]["status"] == "CANCELLED"
    assert cancelled["appointment"]["cancelReason"] == "PATIENT_DECLINE"
    assert (await first_slot(anna))["id"] == slot["id"]
    latest = (await anna.ask("Inbox"))["viewer"]["inbox"]["nodes"][0]
    assert latest["kind"] == "APPOINTMENT_CANCELLED"
    assert await status_of(region) == [AppointmentStatus.CANCELLED]


async def test_the_same_words_in_english(region: Region) -> None:
    anna = Phone(region, language="en")
    await anna.sign_in("anna")
    slot = await first_slot(anna)
    assert slot["specialty"]["name"] == "Therapist"
    refused = await anna.act("BookAppointment", holdId=slot["id"])
    assert [error["code"] for error in refused["errors"]] == ["HOLD_NOT_FOUND"]
    assert refused["errors"][0]["message"].isascii()


async def test_a_second_person_is_offered_the_nearest_alternatives(region: Region, anna: Phone) -> None:
    boris = Phone(region)
    await boris.sign_in("boris")
    slot = await first_slot(anna)
    await anna.act("HoldSlot", slotId=slot["id"])
    lost = await boris.act("HoldSlot", slotId=slot["id"])
    assert lost["hold"] is None
    [error] = lost["errors"]
    assert (error["__typename"], error["code"], error["path"]) == ("SlotTakenError", "SLOT_TAKEN", ["input", "slotId"])
    assert 1 <= len(error["alternatives"]) <= 5
    second = await boris.act("HoldSlot", slotId=error["alternatives"][0]["id"])
    assert second["errors"] == []


async def test_an_expired_hold_frees_its_slot_and_books_nothing(region: Region, anna: Phone) -> None:
    slot = await first_slot(anna)
    held = await anna.act("HoldSlot", slotId=slot["id"])
    region.clock.advance(timedelta(minutes=5))
    late = await anna.act("BookAppointment", holdId=held["hold"]["id"])
    assert late["appointment"] is None
    [error] = late["errors"]
    assert (error["__typename"], error["code"]) == ("HoldExpiredError", "HOLD_EXPIRED")
    assert error["alternatives"]
    assert await count(region, NotificationRow) == 0
    again = await anna.act("HoldSlot", slotId=slot["id"])
    assert again["errors"] == []


async def test_a_repeated_key_gives_the_first_answer_and_says_so(region: Region, anna: Phone) -> None:
    slot = await first_slot(anna)
    key = str(uuid4())
    values = {"input": {"slotId": slot["id"], "idempotencyKey": key}}
    first, second = [(await anna.send("HoldSlot", **values)).json() for _ in range(2)]
    assert second["data"]["holdSlot"]["hold"]["id"] == first["data"]["holdSlot"]["hold"]["id"]
    assert "replayed" not in first["extensions"]
    assert second["extensions"]["replayed"] is True
    other = (await anna.ask("SearchSlots", filter=THERAPIST, first=1))["slots"]["nodes"][0]
    reused = await anna.act("HoldSlot", slotId=other["id"], key=key)
    assert [error["code"] for error in reused["errors"]] == ["IDEMPOTENCY_KEY_REUSED"]
    assert await status_of(region) == [AppointmentStatus.HELD]
