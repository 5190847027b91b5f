"""A person who wants no SMS about visits and no mails on prescriptions: nothing comes, the inbox keeps everything."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import col, select

from backend.entrypoints.preferences import UNSUBSCRIBE_PATH, build_unsubscribe_links
from backend.settings import DatabaseSettings
from graphql_schema.node import decode_id
from notifications.channels.port import Channel
from notifications.delivery_tables import DeliveryRow, DeliveryState
from notifications.messages import MessageKind
from notifications.preferences import Way
from notifications.topics import Topic
from notifications.unsubscribing import Unsubscribing
from tests.journeys.phone import Phone
from tests.journeys.region import Region, running_region
from tests.journeys.test_code_by_sms import phone_of
from tests.journeys.test_family import demo_people
from tests.plugins.waiting import until


@pytest.fixture
async def region(seeded_settings: DatabaseSettings, tmp_path: Path, development_keys: Path) -> AsyncIterator[Region]:
    """The region of every journey, which sends."""
    async with running_region(seeded_settings, tmp_path / "data", development_keys, delivering=True) as running:
        yield running


async def sign_in(region: Region, nick: str) -> Phone:
    phone = Phone(region)
    await phone.sign_in(nick)
    return phone


async def give_a_visit_up(phone: Phone, specialty: str) -> None:
    """Book the last free slot and give it up: it is told by SMS, for there is no device."""
    found = await phone.ask("SearchSlots", filter={"specialty": specialty, "town": "Калуга"}, first=100)
    hold = await phone.act("HoldSlot", slotId=found["slots"]["nodes"][-1]["id"])
    booked = await phone.act("BookAppointment", holdId=hold["hold"]["id"])
    given_up = await phone.act("CancelAppointment", appointmentId=booked["appointment"]["id"], reason="PATIENT_DECLINE")
    assert given_up["errors"] == []


async def sms_of_visits(region: Region) -> set[tuple[DeliveryState, str | None]]:
    """Return where the SMS about visits that were given up stand."""
    wanted = select(DeliveryRow).where(
        col(DeliveryRow.kind) == MessageKind.APPOINTMENT_CANCELLED, col(DeliveryRow.channel) == Channel.SMS
    )
    async with region.database.reading() as session:
        return {(row.state, row.reason) for row in await session.exec(wanted)}


async def off(phone: Phone) -> set[tuple[str, str]]:
    """Return what the screen shows as switched off."""
    shown: dict[str, Any] = (await phone.ask("NotificationPreferences"))["viewer"]["notificationPreferences"]
    return {
        (topic["topic"], channel["channel"])
        for topic in shown["topics"]
        for channel in topic["channels"]
        if not channel["isOn"]
    }


async def test_what_is_switched_off_before_the_morning_never_comes(region: Region) -> None:
    """It is 08:30: both messages wait for 09:00, and by then Anna has changed her mind."""
    anna, boris = await sign_in(region, "anna"), await sign_in(region, "boris")
    await give_a_visit_up(anna, "therapist")
    await give_a_visit_up(boris, "dentist")

    async def both_wait() -> bool:
        return await sms_of_visits(region) == {(DeliveryState.WAITING, "quiet_hours")}

    await until(both_wait, what="the night")
    changes = [{"topic": "APPOINTMENTS", "channel": "SMS", "isOn": False}]
    assert (await anna.act("SetNotificationPreferences", changes=changes))["errors"] == []
    region.clock.advance(timedelta(minutes=30))

    async def morning_is_over() -> bool:
        ended = {(DeliveryState.SENT, None), (DeliveryState.SUPPRESSED, "switched_off")}
        return await sms_of_visits(region) == ended

    await until(morning_is_over, what="the morning")
    people = demo_people(region)
    messages = {nick: (await phone_of(region, people[nick].phone))["messages"] for nick in ("anna", "boris")}
    assert (len(messages["anna"]), len(messages["boris"])) == (0, 1)
    assert await off(anna) == {("APPOINTMENTS", "SMS")}
    inbox = (await anna.ask("Inbox", first=50))["viewer"]["inbox"]["nodes"]
    assert "APPOINTMENT_CANCELLED" in {message["kind"] for message in inbox}


async def test_the_link_of_a_mail_leaves_its_topic_without_signing_in(region: Region) -> None:
    anna = await sign_in(region, "anna")
    person = decode_id((await anna.ask("Profile"))["viewer"]["person"]["id"], "Person")
    said = Unsubscribing(person, Way(Topic.PRESCRIPTIONS, Channel.EMAIL))
    link = f"{region.base_url}{UNSUBSCRIBE_PATH}/{build_unsubscribe_links(region.settings).token(said)}"
    assert (await region.http.get(link)).status_code == 200
    assert await off(anna) == set()
    answer = await region.http.post(link, data={"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    assert await off(anna) == {("PRESCRIPTIONS", "EMAIL")}
    changes = [{"topic": "PRESCRIPTIONS", "channel": "EMAIL", "isOn": True}]
    await anna.act("SetNotificationPreferences", changes=changes)
    assert await off(anna) == set()
