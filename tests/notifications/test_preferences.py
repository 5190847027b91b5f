"""What a person wants, at the moment when a message would go: nothing is sent, and the delivery says why."""

from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import select
from uuid_utils.compat import uuid7

from backend.database import Database
from notifications.channels.port import Channel
from notifications.delivery_tables import DeliveryState
from notifications.messages import MessageKind
from notifications.preference_tables import MessagePreferenceRow
from notifications.preferences import OwnHours, Way, is_wanted, own_hours, set_own_hours, switch, switched_off
from notifications.quiet_hours import QuietHours
from notifications.topics import TOPICS, Topic
from tests.factories.deliveries import Post, RememberingSender
from tests.factories.people import NOW

INVITED = MessageKind.INVITATION_TO_CHECKUP
BOOKED = MessageKind.APPOINTMENT_CANCELLED
NIGHT = NOW + timedelta(hours=13)
"""22:00 in Moscow."""


async def set_switch(post: Post, person_id: UUID, topic: Topic, channel: Channel, *, is_on: bool = False) -> None:
    async with post.database.transaction() as session:
        await switch(session, person_id, {Way(topic, channel): is_on}, now=post.clock())


async def ends(post: Post, channel: Channel = Channel.SMS) -> list[tuple[DeliveryState, str | None]]:
    return [(row.state, row.reason) for row in await post.rows(channel)]


@pytest.mark.parametrize("topic", Topic)
def test_what_is_switched_off_is_unwanted_unless_a_law_wants_it(topic: Topic) -> None:
    way = Way(topic, Channel.SMS)
    assert is_wanted(way, {way}) == (TOPICS[topic].statutory is not None)
    assert is_wanted(way, {Way(topic, Channel.PUSH)})
    assert is_wanted(way, ())


async def test_a_topic_that_is_off_is_not_sent_over_this_channel_only(database: Database) -> None:
    post, sms, mail, person = Post(database), RememberingSender(), RememberingSender(), uuid7()
    await set_switch(post, person, Topic.CAMPAIGNS, Channel.SMS)
    await post.put(person, Channel.SMS, Channel.EMAIL)
    await post.courier(sms).deliver_due()
    await post.courier(mail, channel=Channel.EMAIL).deliver_due()
    assert await ends(post) == [(DeliveryState.SUPPRESSED, "switched_off")]
    assert await ends(post, Channel.EMAIL) == [(DeliveryState.SENT, None)]
    assert (len(sms.parcels), len(mail.parcels)) == (0, 1)


async def test_it_is_asked_when_it_goes_not_when_it_was_written(database: Database) -> None:
    post, sender, person = Post(database), RememberingSender(), uuid7()
    await post.put(person, Channel.SMS)
    await set_switch(post, person, Topic.CAMPAIGNS, Channel.SMS)
    await post.courier(sender).deliver_due()
    await set_switch(post, person, Topic.CAMPAIGNS, Channel.SMS, is_on=True)
    await post.put(person, Channel.SMS)
    await post.courier(sender).deliver_due()
    assert await ends(post) == [(DeliveryState.SUPPRESSED, "switched_off"), (DeliveryState.SENT, None)]


async def test_another_persons_switch_is_nobody_elses(database: Database) -> None:
    post, sender = Post(database), RememberingSender()
    await set_switch(post, uuid7(), Topic.CAMPAIGNS, Channel.SMS)
    await post.put(uuid7(), Channel.SMS)
    await post.courier(sender).deliver_due()
    assert await ends(post) == [(DeliveryState.SENT, None)]


async def test_a_row_that_switches_a_statutory_topic_off_has_no_effect(database: Database) -> None:
    post, sender, person = Post(database), RememberingSender(), uuid7()
    await set_switch(post, person, Topic.SECURITY, Channel.SMS)
    await post.tell(person)
    await post.courier(sender).deliver_due()
    assert await ends(post) == [(DeliveryState.SENT, None)]


async def test_a_consent_withdrawn_after_the_planning_stops_what_waits_s39(database: Database) -> None:
    post, sender, person = Post(database), RememberingSender(), uuid7()
    await post.put(person, Channel.SMS)
    await post.put(person, Channel.SMS, kind=BOOKED)
    post.register.refused.add(person)
    await post.courier(sender).deliver_due()
    assert await ends(post) == [(DeliveryState.SUPPRESSED, "no_consent"), (DeliveryState.SENT, None)]
    assert [parcel.kind for parcel in sender.parcels] == [BOOKED]


async def test_at_night_it_waits_for_the_morning_of_the_person(database: Database) -> None:
    post, sender, person = Post(database), RememberingSender(), uuid7()
    post.clock.set(NIGHT)
    await post.put(person, Channel.SMS, kind=BOOKED)
    await post.tell(person)  # critical
    await post.courier(sender).deliver_due()
    waiting, sent = sorted(await post.rows(), key=lambda row: row.state is DeliveryState.SENT)
    assert (waiting.state, waiting.reason, waiting.due_at, waiting.attempt) == (
        DeliveryState.WAITING, "quiet_hours", NIGHT + timedelta(hours=11), 0,
    )  # fmt: skip
    assert sent.state is DeliveryState.SENT
    post.clock.set(waiting.due_at)
    await post.courier(sender).deliver_due()
    assert [row.state for row in await post.rows()] == [DeliveryState.SENT] * 2


async def test_what_is_of_no_use_in_the_morning_is_dropped(database: Database) -> None:
    post, sender = Post(database), RememberingSender()
    post.clock.set(NIGHT)
    await post.put(uuid7(), Channel.SMS, kind=BOOKED, expires_at=NIGHT + timedelta(hours=11))
    await post.courier(sender).deliver_due()
    assert await ends(post) == [(DeliveryState.EXPIRED, "quiet_past_expiry")]
    assert sender.parcels == []


async def send_at_night(post: Post, person: UUID) -> tuple[str | None, Any]:
    """Write a message at 22:00 in Moscow; return what keeps it waiting, and until when after that."""
    post.clock.set(NIGHT)
    await post.put(person, Channel.SMS, kind=BOOKED)
    await post.courier(RememberingSender()).deliver_due()
    (row,) = await post.rows()
    return row.reason, row.due_at - NIGHT


async def test_the_zone_is_that_of_the_device_that_was_used_last(database: Database) -> None:
    post, person = Post(database), uuid7()
    await post.add_device(person, "old", time_zone="Europe/Moscow", last_seen_at=NOW - timedelta(days=1))
    await post.add_device(person, "new", time_zone="Asia/Kathmandu")  # 00:45
    await post.add_device(person, "gone", time_zone="Asia/Tokyo", last_seen_at=NOW + timedelta(days=1), retired_at=NOW)
    assert await send_at_night(post, person) == ("quiet_hours", timedelta(hours=8, minutes=15))


async def test_a_zone_that_does_not_exist_is_passed_over(
    database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    post, person = Post(database), uuid7()
    await post.add_device(person, time_zone="Moon/Crater_of_Anna")
    assert await send_at_night(post, person) == ("quiet_hours", timedelta(hours=11))
    written = capsys.readouterr().out
    assert "time_zone_unknown" in written
    assert "Moon" not in written


@pytest.mark.parametrize(
    ("own", "goes_in"),
    [
        (OwnHours(None), None),
        (OwnHours(QuietHours(time(23), time(7))), None),
        (OwnHours(QuietHours(time(22), time(6, 30))), timedelta(hours=8, minutes=30)),
    ],
    ids=["none", "later", "longer"],
)
async def test_own_hours_take_the_place_of_the_regions(
    database: Database, own: OwnHours, goes_in: timedelta | None
) -> None:
    post, person = Post(database), uuid7()
    async with database.transaction() as session:
        await set_own_hours(session, person, OwnHours(QuietHours(time(12), time(13))), now=NOW)
        await set_own_hours(session, person, own, now=NOW)
        assert await own_hours(session, [person, uuid7()]) == {person: own}
    reason, until = await send_at_night(post, person)
    assert (reason, until if reason else None) == ("quiet_hours" if goes_in else None, goes_in)


async def test_hours_that_are_forgotten_are_the_regions_again(database: Database) -> None:
    post, person = Post(database), uuid7()
    async with database.transaction() as session:
        await set_own_hours(session, person, OwnHours(None), now=NOW)
        await set_own_hours(session, person, None, now=NOW)
    assert await send_at_night(post, person) == ("quiet_hours", timedelta(hours=11))


async def test_a_switch_said_again_keeps_its_instant(database: Database) -> None:
    person, way, later = uuid7(), Way(Topic.POLICY, Channel.PUSH), NOW + timedelta(days=1)

    async def instant() -> datetime:
        async with database.reading() as session:
            return (await session.exec(select(MessagePreferenceRow.changed_at))).one()

    for is_on, now, changed_at in ((False, NOW, NOW), (False, later, NOW), (True, later, later)):
        async with database.transaction() as session:
            await switch(session, person, {way: is_on}, now=now)
            assert await switched_off(session, [person, uuid7()]) == ({} if is_on else {person: {way}})
        assert await instant() == changed_at
