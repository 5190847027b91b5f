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
from notifications.examples import example_of
from notifications.messages import Message, MessageKind
from notifications.outbox import enqueue
from notifications.preferences import Way
from notifications.topics import Topic
from notifications.unsubscribing import Unsubscribing
from tests.journeys.phone import Phone
from tests.journeys.region import Region, running_region
from tests.journeys.test_code_by_sms import phone_of
from tests.journeys.test_family import demo_people
from tests.plugins.waiting import until

REMINDER = MessageKind.APPOINTMENT_REMINDER


@pytest.fixture
async def region(seeded_settings: DatabaseSettings, tmp_path: Path, development_keys: Path) -> AsyncIterator[Region]:
    """The region of every journey, which sends."""
    async with running_region(seeded_settings, tmp_path / "data", development_keys, delivering=True) as running:
        yield running


async def sign_in(region: Region, nick: str) -> Phone:
    phone = Phone(region)
    await phone.sign_in(nick)
    return phone


async def remind(region: Region, phone: Phone) -> None:
    """Write a reminder of a visit: it goes by SMS at once, for there is no device."""
    person = decode_id((await phone.ask("Profile"))["viewer"]["person"]["id"], "Person")
    message = Message(REMINDER, person, dedupe_key="reminder:1", parameters=example_of(REMINDER))
    async with region.database.transaction() as session:
        await enqueue(session, message, now=region.clock())


async def reminders(region: Region) -> set[tuple[DeliveryState, str | None]]:
    """Return where the SMS about visits stand."""
    wanted = select(DeliveryRow).where(col(DeliveryRow.kind) == REMINDER, col(DeliveryRow.channel) == Channel.SMS)
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
    for phone in (anna, boris):
        await remind(region, phone)

    async def both_wait() -> bool:
        return await reminders(region) == {(DeliveryState.WAITING, "quiet_hours")}

    await until(both_wait, what="the night")
    changes = [{"topic": "APPOINTMENTS", "channel": "SMS", "isOn": False}]
    assert (await anna.act("SetNotificationPreferences", changes=changes))["errors"] == []
    region.clock.advance(timedelta(minutes=30))

    async def morning_is_over() -> bool:
        ended = {(DeliveryState.SENT, None), (DeliveryState.SUPPRESSED, "switched_off")}
        return await reminders(region) == ended

    await until(morning_is_over, what="the morning")
    people = demo_people(region)
    messages = {nick: (await phone_of(region, people[nick].phone))["messages"] for nick in ("anna", "boris")}
    assert (len(messages["anna"]), len(messages["boris"])) == (0, 1)
    anna = await sign_in(region, "anna")  # her token is ten minutes old at most
    assert await off(anna) == {("APPOINTMENTS", "SMS")}
    inbox = (await anna.ask("Inbox", first=50))["viewer"]["inbox"]["nodes"]
    assert "APPOINTMENT_REMINDER" in {message["kind"] for message in inbox}


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
