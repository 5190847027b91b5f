"""A phone is woken, tells what became of the message in the background, and is silent when its session ends."""

from dataclasses import replace
from typing import Any

from sqlmodel import col, select

from graphql_schema.node import decode_id
from notifications.channels.port import Channel
from notifications.delivery_tables import DeliveryRow, DeliveryState, DeviceRow, ReceiptKind, ReceiptRow
from tests.journeys.phone import CLIENT_ID, Phone
from tests.journeys.region import Region

PHONE = {
    "provider": "FCM",
    "addressKind": "TOKEN",
    "address": "fcm-token:anna",
    "appVersion": "7.4.0",
    "locale": "ru-RU",
    "timeZone": "Europe/Moscow",
}


async def in_background(phone: Phone) -> Phone:
    """Return the same phone with a token that is good for its work in the background alone."""
    answer = await phone.post_token(
        grant_type="refresh_token", client_id=CLIENT_ID, refresh_token=phone.refresh_token, scope="device"
    )
    assert answer.status_code == 200, answer.text
    tokens = answer.json()
    phone.refresh_token = tokens["refresh_token"]
    weak = replace(phone, device_key=phone.key)
    weak.access_token = tokens["access_token"]
    return weak


async def pushes(region: Region, device_id: str) -> list[DeliveryRow]:
    """Return what is to be sent to a device, the oldest first."""
    query = select(DeliveryRow).where(
        col(DeliveryRow.channel) == Channel.PUSH, col(DeliveryRow.address_id) == decode_id(device_id, "Device")
    )
    async with region.database.reading() as session:
        return list(await session.exec(query.order_by(col(DeliveryRow.id))))


async def sync(phone: Phone, since: str | None = None) -> dict[str, Any]:
    changes: dict[str, Any] = (await phone.ask("SyncNotifications", since=since))["viewer"]["notificationChanges"]
    return changes


async def test_from_registration_to_the_receipt_and_to_silence(region: Region, anna: Phone) -> None:
    registered = await anna.act("RegisterDevice", **PHONE)
    assert registered["errors"] == []
    device_id = registered["device"]["id"]
    begun = await sync(anna)

    [slot] = (await anna.ask("SearchSlots", filter={"specialty": "therapist"}, first=1))["slots"]["nodes"]
    hold = await anna.act("HoldSlot", slotId=slot["id"])
    assert (await anna.act("BookAppointment", holdId=hold["hold"]["id"]))["errors"] == []
    [push] = await pushes(region, device_id)
    assert push.state is DeliveryState.WAITING

    changes = await sync(anna, begun["nextCursor"])
    [message] = changes["nodes"]
    assert (message["kind"], decode_id(message["id"], "Notification")) == ("APPOINTMENT_BOOKED", push.notification_id)

    background = await in_background(anna)
    items = [{"notificationId": message["id"], "kind": kind} for kind in ("RECEIVED", "SEEN")]
    told = await background.act("AcknowledgeNotifications", items=items)
    assert (told["errors"], told["unknownIds"]) == ([], [])
    refused = (await background.send("SyncNotifications")).json()
    assert {error["extensions"]["code"] for error in refused["errors"]} == {"ACCESS_REFUSED"}
    async with region.database.reading() as session:
        receipts = (await session.exec(select(ReceiptRow))).all()
    assert {(row.notification_id, row.source_id, row.kind) for row in receipts} == {
        (push.notification_id, push.address_id, kind) for kind in (ReceiptKind.DEVICE_RECEIVED, ReceiptKind.SEEN)
    }
    assert [one.state for one in await pushes(region, device_id)] == [DeliveryState.CANCELLED]
    later = await sync(anna, changes["nextCursor"])
    assert [(one["id"], one["seenAt"] is None) for one in later["nodes"]] == [(message["id"], False)]

    tablet = Phone(region)
    await tablet.sign_in("anna")
    told_of = (await sync(anna, later["nextCursor"]))["nodes"]
    assert [one["kind"] for one in told_of] == ["SIGN_IN_FROM_NEW_DEVICE"]
    assert [one.state for one in await pushes(region, device_id)] == [DeliveryState.CANCELLED, DeliveryState.WAITING]
    await tablet.sign_in("anna")  # the device is known by now
    assert (await sync(anna, later["nextCursor"]))["nodes"] == told_of

    assert (await tablet.act("SignOutEverywhere", exceptThisDevice=True))["endedCount"] == 1
    async with region.database.reading() as session:
        device = (await session.exec(select(DeviceRow))).one()
    assert device.retired_reason == "signed_out"
    assert (await tablet.ask("PushDevices"))["viewer"]["devices"] == []


async def test_a_phone_that_changes_hands_goes_over_with_notice(region: Region, anna: Phone) -> None:
    await anna.act("RegisterDevice", **PHONE)
    boris = Phone(region)
    await boris.sign_in("boris")
    moved = await boris.act("RegisterDevice", **PHONE)
    assert moved["errors"] == []
    assert (await anna.ask("PushDevices"))["viewer"]["devices"] == []
    newest = (await anna.ask("Inbox", first=1))["viewer"]["inbox"]["nodes"]
    assert [one["kind"] for one in newest] == ["DEVICE_MOVED"]
    foreign = await anna.act("UnregisterDevice", deviceId=moved["device"]["id"])
    assert [(one["code"], one["path"]) for one in foreign["errors"]] == [("DEVICE_NOT_FOUND", ["input", "deviceId"])]
    [his] = (await boris.ask("PushDevices"))["viewer"]["devices"]
    assert his == moved["device"]
