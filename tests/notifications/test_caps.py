"""Never more messages of campaigns in a week than the cap, however many processes send at once (R60)."""

import asyncio
from datetime import timedelta
from uuid import UUID

from uuid_utils.compat import uuid7

from backend.database import Database
from notifications.caps import WINDOW, CampaignMessage, purge, take_slots
from notifications.channels.port import Channel, Outcome, Provider, Verdict
from notifications.delivery_tables import DeliveryState
from notifications.messages import MessageKind, Severity
from tests.factories.deliveries import Post, RememberingSender
from tests.factories.people import NOW

CAP = 2
CHANNELS = (Channel.SMS, Channel.EMAIL, Channel.PUSH)


async def reasons(post: Post, channel: Channel = Channel.SMS) -> list[str | None]:
    return [row.reason or row.state.value for row in await post.rows(channel)]


async def deliver(post: Post, *answers: Outcome, channel: Channel = Channel.SMS) -> RememberingSender:
    sender = RememberingSender(answers=list(answers))
    await post.courier(sender, channel=channel).deliver_due()
    return sender


async def test_the_third_of_a_week_is_capped_and_the_week_moves_on(database: Database) -> None:
    post, person, noon = Post(database), uuid7(), NOW + timedelta(hours=3)
    post.clock.set(noon)
    for _ in range(CAP + 1):
        await post.put(person, Channel.SMS)
        await deliver(post)
        post.clock.advance(timedelta(hours=1))
    assert await reasons(post) == ["sent", "sent", "capped"]
    post.clock.set(noon + WINDOW - timedelta(seconds=1))
    await post.put(person, Channel.SMS)
    await deliver(post)
    post.clock.set(noon + WINDOW)
    await post.put(person, Channel.SMS)
    await deliver(post)
    assert await reasons(post) == ["sent", "sent", "capped", "capped", "sent"]


async def test_only_campaigns_count_and_only_they_are_capped(database: Database) -> None:
    post, person = Post(database), uuid7()
    for _ in range(CAP + 1):
        await post.put(person, Channel.SMS, kind=MessageKind.APPOINTMENT_CANCELLED)
    await post.put(person, Channel.SMS)
    await post.put(uuid7(), Channel.SMS)
    await deliver(post)
    assert await reasons(post) == ["sent"] * (CAP + 3)


async def test_a_message_counts_once_over_all_its_channels(database: Database) -> None:
    post, person = Post(database), uuid7()
    for _ in range(CAP):
        await post.put(person, Channel.SMS, Channel.EMAIL)
    for channel in (Channel.SMS, Channel.EMAIL):
        await deliver(post, channel=channel)
    await post.put(person, Channel.EMAIL)
    await deliver(post, channel=Channel.EMAIL)
    assert (await reasons(post), await reasons(post, Channel.EMAIL)) == (["sent", "sent"], ["sent", "sent", "capped"])


async def test_what_came_to_nothing_gives_its_slot_back_and_what_is_tried_again_keeps_it(database: Database) -> None:
    post, person = Post(database), uuid7()
    for _ in range(CAP):
        await post.put(person, Channel.SMS)
    await deliver(post, Outcome(Verdict.CONTENT_REFUSED), Outcome(Verdict.RETRY))  # both wait
    await post.put(person, Channel.EMAIL)
    await deliver(post, channel=Channel.EMAIL)
    assert await reasons(post, Channel.EMAIL) == ["capped"]
    post.preferences = post.preferences.model_copy(update={"campaigns_a_week": CAP + 1})
    await post.put(person, Channel.EMAIL)
    await deliver(post, Outcome(Verdict.ADDRESS_DEAD), channel=Channel.EMAIL)
    await post.put(uuid7(), Channel.EMAIL)
    await post.put(person, Channel.PUSH)
    assert await reasons(post, Channel.EMAIL) == ["capped", "address_dead", "waiting"]
    async with database.transaction() as session:
        message = CampaignMessage(person, uuid7())
        assert await take_slots(session, [message], cap=CAP + 1, now=post.clock()) == {message}
        assert await take_slots(session, [CampaignMessage(person, uuid7())], cap=CAP, now=post.clock()) == set()


async def test_a_cap_of_none_lets_none_go(database: Database) -> None:
    post = Post(database)
    post.preferences = post.preferences.model_copy(update={"campaigns_a_week": 0})
    await post.put(uuid7(), Channel.SMS)
    sender = await deliver(post)
    assert (await reasons(post), sender.parcels) == (["capped"], [])


async def test_many_processes_at_once_never_send_more_than_the_cap(database: Database) -> None:
    """Eight couriers over three channels, 12 messages for each of five people, some refused by the provider."""
    post = Post(database, batch=3)
    post.settings = post.settings.model_copy(update={"batch": 3})
    people = [uuid7() for _ in range(5)]
    devices: dict[UUID, UUID] = {one: await post.add_device(one, f"token-{one}") for one in people}
    for number in range(12):
        for person in people:
            await post.put(person, CHANNELS[number % 3], CHANNELS[(number + 1) % 3])
    await _aim_pushes(post, devices)
    providers = {Channel.SMS: Provider.SMS_GATEWAY, Channel.EMAIL: Provider.SMTP, Channel.PUSH: Provider.FCM}

    async def work(place: int, *, refusing: bool = True) -> None:
        channel = CHANNELS[place % 3]
        refused = [Outcome(Verdict.RETRY), Outcome(Verdict.PROVIDER_UNUSABLE)][: place % 3 if refusing else 0]
        courier = post.courier(RememberingSender(providers[channel], answers=refused), channel=channel)
        while await courier.deliver_due():
            pass

    await asyncio.gather(*(work(place) for place in range(8)))
    post.clock.advance(timedelta(minutes=10))  # what was refused is tried again
    await asyncio.gather(*(work(place, refusing=False) for place in range(3)))
    rows = [row for channel in CHANNELS for row in await post.rows(channel)]
    sent = {(row.person_id, row.notification_id) for row in rows if row.state is DeliveryState.SENT}
    assert {person: sum(one[0] == person for one in sent) for person in people} == dict.fromkeys(people, CAP)
    assert {row.reason for row in rows if row.state is DeliveryState.SUPPRESSED} == {"capped"}


async def test_two_transactions_that_ask_at_once_share_what_is_left(database: Database) -> None:
    post, person = Post(database), uuid7()
    messages = [CampaignMessage(person, await post.put(person, Channel.SMS)) for _ in range(6)]

    async def take(one: CampaignMessage) -> bool:
        async with database.transaction() as session:
            return bool(await take_slots(session, [one], cap=CAP, now=NOW))

    assert sum(await asyncio.gather(*map(take, messages))) == CAP


async def test_slots_of_last_week_are_swept(database: Database) -> None:
    post, person = Post(database), uuid7()
    await post.put(person, Channel.SMS)
    await deliver(post)
    async with database.transaction() as session:
        assert await purge(session, NOW + timedelta(days=13)) == 0
        assert await purge(session, NOW + timedelta(days=14)) == 1
        assert await take_slots(session, [], cap=CAP, now=NOW) == set()


async def test_a_campaign_told_as_something_else_is_what_it_was_told_as(database: Database) -> None:
    """The severity stands in the message: a kind that becomes a campaign later changes nothing that is written."""
    post, person = Post(database), uuid7()
    for _ in range(CAP + 1):
        await post.put(person, Channel.SMS, kind=MessageKind.APPOINTMENT_CANCELLED, severity=Severity.CAMPAIGN)
    await deliver(post)
    assert sorted(str(one) for one in await reasons(post)) == ["capped", "sent", "sent"]


async def _aim_pushes(post: Post, devices: dict[UUID, UUID]) -> None:
    """Let pushes go to the people's devices."""
    async with post.database.transaction() as session:
        for row in await post.rows(Channel.PUSH):
            row.address_id = devices[row.person_id]
            await session.merge(row)
