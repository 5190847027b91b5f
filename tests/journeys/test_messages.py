"""From a booking to a phone that is woken, and to a reminder that follows the appointment to its new time."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import col, select

from backend.booking.tables import SlotRow
from backend.settings import DatabaseSettings, Executor
from graphql_schema.node import decode_id
from notifications import planning
from notifications.channels.port import Channel
from notifications.delivery_tables import DeliveryRow, DeliveryState, PlannedRow, ReceiptKind, ReceiptRow
from notifications.messages import MessageKind
from tests.journeys.phone import Phone
from tests.journeys.region import Region, running_region
from tests.journeys.test_devices import PHONE, in_background
from tests.journeys.test_family import demo_people
from tests.plugins.waiting import until

DAY = timedelta(days=1)


@pytest.fixture
async def region(seeded_settings: DatabaseSettings, tmp_path: Path, development_keys: Path) -> AsyncIterator[Region]:
    """The region of every journey, which sends."""
    folder = tmp_path / "data"
    async with running_region(
        seeded_settings, folder, development_keys, executor=Executor.TRUSTED, delivering=True
    ) as running:
        running.clock.advance(timedelta(hours=1))  # the quiet hours are over
        yield running


async def pushed(region: Region) -> list[dict[str, Any]]:
    """Return what FCM brought to phones, in its order."""
    answer = await region.http.get(f"{region.simulators_url}/fcm/_control/messages")
    found: list[dict[str, Any]] = answer.json()["messages"]
    return found


async def deliveries(region: Region, kind: MessageKind, channel: Channel) -> list[DeliveryRow]:
    query = select(DeliveryRow).where(col(DeliveryRow.kind) == kind, col(DeliveryRow.channel) == channel)
    async with region.database.reading() as session:
        return list(await session.exec(query.order_by(col(DeliveryRow.id))))


async def plans(region: Region) -> list[datetime]:
    async with region.database.reading() as session:
        return list(await session.exec(select(PlannedRow.due_at)))


async def tell_due(region: Region) -> int:
    async with region.database.transaction() as session:
        return await planning.tell_due(session, region.clock())


async def slots_of_next_week(region: Region, anna: Phone) -> tuple[dict[str, Any], dict[str, Any]]:
    """Move the two ends of the region's short calendar a week on: who books for tomorrow is not reminded."""
    wanted = {"specialty": "therapist", "town": "Калуга"}
    slots = (await anna.ask("SearchSlots", filter=wanted, first=100))["slots"]["nodes"]
    ids = [decode_id(slots[place]["id"], "Slot") for place in (0, -1)]
    async with region.database.transaction() as session:
        for row in await session.exec(select(SlotRow).where(col(SlotRow.id).in_(ids))):
            row.starts_at, row.ends_at = row.starts_at + 7 * DAY, row.ends_at + 7 * DAY
            session.add(row)
    wanted["from"] = (region.clock() + 5 * DAY).isoformat()
    first, last = (await anna.ask("SearchSlots", filter=wanted))["slots"]["nodes"]
    return first, last


async def book(phone: Phone, slot: dict[str, Any]) -> str:
    hold = await phone.act("HoldSlot", slotId=slot["id"])
    booked = await phone.act("BookAppointment", holdId=hold["hold"]["id"])
    assert booked["errors"] == []
    appointment_id: str = booked["appointment"]["id"]
    return appointment_id


async def test_from_the_booking_to_the_moved_reminder(region: Region, anna: Phone) -> None:
    assert (await anna.act("RegisterDevice", **PHONE))["errors"] == []
    first, last = await slots_of_next_week(region, anna)
    assert first["startsAt"] < last["startsAt"]

    appointment_id = await book(anna, first)
    await until(lambda: _sent(region, MessageKind.APPOINTMENT_BOOKED), what="the push of the booking")
    (push,) = await deliveries(region, MessageKind.APPOINTMENT_BOOKED, Channel.PUSH)
    (woken,) = await pushed(region)
    assert woken["token"] == PHONE["address"]
    assert woken["data"] == {"notification_id": str(push.notification_id), "kind": "appointment_booked"}

    background = await in_background(anna)
    (told,) = [
        one
        for one in (await anna.ask("Inbox", first=5))["viewer"]["inbox"]["nodes"]
        if decode_id(one["id"], "Notification") == push.notification_id
    ]
    items = [{"notificationId": told["id"], "kind": "RECEIVED"}]
    assert (await background.act("AcknowledgeNotifications", items=items))["errors"] == []
    async with region.database.reading() as session:
        kinds = {row.kind for row in await session.exec(select(ReceiptRow))}
    assert kinds == {ReceiptKind.PROVIDER_ACCEPTED, ReceiptKind.DEVICE_RECEIVED}

    assert await plans(region) == [datetime.fromisoformat(first["startsAt"]) - DAY]
    cancelled = await anna.act("CancelAppointment", appointmentId=appointment_id, reason="PATIENT_DECLINE")
    assert cancelled["errors"] == []
    await book(anna, last)
    due_at = datetime.fromisoformat(last["startsAt"]) - DAY
    assert await plans(region) == [due_at]
    region.clock.set(due_at - timedelta(seconds=1))
    assert await tell_due(region) == 0
    assert await deliveries(region, MessageKind.APPOINTMENT_REMINDER, Channel.PUSH) == []

    region.clock.set(due_at)
    assert await tell_due(region) == 1
    await until(lambda: _sent(region, MessageKind.APPOINTMENT_REMINDER), what="the push of the reminder")
    (text,) = await deliveries(region, MessageKind.APPOINTMENT_REMINDER, Channel.SMS)
    assert (text.state, text.due_at - due_at) == (DeliveryState.WAITING, timedelta(hours=2))
    region.clock.advance(timedelta(hours=2, minutes=1))  # no device has said that it has it
    await until(lambda: _sent(region, MessageKind.APPOINTMENT_REMINDER, Channel.SMS), what="the SMS of the reminder")
    phone = demo_people(region)["anna"].phone
    answer = await region.http.get(f"{region.simulators_url}/sms/_control/messages", params={"to": phone})
    (message,) = answer.json()["messages"]
    assert [word for word in (first["doctor"]["fullName"], first["clinic"]["name"]) if word in message["text"]] == []


async def _sent(region: Region, kind: MessageKind, channel: Channel = Channel.PUSH) -> bool:
    return [one.state for one in await deliveries(region, kind, channel)] == [DeliveryState.SENT]
