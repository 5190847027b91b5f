"""The queue: what is due is given to one, for a while, and to another when that one is gone."""

import asyncio
from datetime import timedelta

from uuid_utils.compat import uuid7

from backend.database import Database
from notifications import queue
from notifications.channels.port import Channel
from notifications.delivery_tables import DeliveryState
from notifications.messages import Severity
from notifications.queue import Claimed, Settlement
from tests.factories.deliveries import Post
from tests.factories.people import NOW

LEASE = timedelta(seconds=60)


async def take(post: Post, most: int = 10, channel: Channel = Channel.SMS) -> list[Claimed]:
    async with post.database.transaction() as session:
        return await queue.claim(session, channel, most=most, now=post.clock(), lease=LEASE)


async def reap(post: Post) -> int:
    async with post.database.transaction() as session:
        return await queue.reap(session, post.clock())


async def settle(post: Post, *settlements: Settlement) -> None:
    async with post.database.transaction() as session:
        await queue.settle(session, settlements, now=post.clock())


async def test_the_pressing_go_first_then_the_longest_due(database: Database) -> None:
    post = Post(database)
    told = []
    for severity, late in ((Severity.CAMPAIGN, 3), (Severity.TRANSACTIONAL, 2), (Severity.TRANSACTIONAL, 1)):
        post.clock.set(NOW - timedelta(minutes=late))
        told.append(await post.tell(severity=severity))
    post.clock.set(NOW)
    told.append(await post.tell(severity=Severity.CRITICAL))
    first, second, third, fourth = (one.notification_id for one in [*await take(post, 3), *await take(post)])
    assert [first, {second, third}, fourth] == [told[3], {told[1], told[2]}, told[0]]


async def test_what_is_not_due_and_what_is_of_another_channel_stays(database: Database) -> None:
    post = Post(database)
    await post.tell()
    assert await take(post, channel=Channel.EMAIL) == []
    post.clock.advance(timedelta(seconds=-1))
    assert await take(post) == []


async def test_many_at_once_never_get_the_same(database: Database) -> None:
    post = Post(database)
    for _ in range(40):
        await post.tell()
    taken = [one.id for batch in await asyncio.gather(*(take(post, 7) for _ in range(8))) for one in batch]
    assert len(taken) == len(set(taken))
    taken += [one.id for one in await take(post, 40)]
    assert len(set(taken)) == 40


async def test_a_lease_that_is_over_is_given_to_another_and_the_first_cannot_finish(database: Database) -> None:
    post = Post(database)
    await post.tell()
    (first,) = await take(post)
    assert await reap(post) == 0
    post.clock.advance(LEASE + timedelta(seconds=1))
    assert await reap(post) == 1
    await settle(post, Settlement(first, DeliveryState.SENT))
    assert [row.state for row in await post.rows()] == [DeliveryState.WAITING]
    (second,) = await take(post)
    assert (second.id, second.attempt) == (first.id, 2)
    await settle(post, Settlement(first, DeliveryState.FAILED, "late"))
    await settle(post, Settlement(second, DeliveryState.SENT))
    (row,) = await post.rows()
    assert (row.state, row.reason, row.lease_until, row.finished_at) == (DeliveryState.SENT, None, None, post.clock())


async def test_what_was_not_tried_is_no_try(database: Database) -> None:
    post = Post(database)
    await post.tell()
    (one,) = await take(post)
    await settle(post, Settlement(one, DeliveryState.WAITING, "rests", due_at=post.clock(), counts=False))
    (again,) = await take(post)
    assert again.attempt == 1


async def test_cancelling_is_of_one_persons_messages_and_of_those_that_wait(database: Database) -> None:
    post = Post(database)
    anna = uuid7()
    seen, other = await post.tell(anna), await post.tell(anna)
    foreign = await post.tell()
    (taken, *_) = await take(post, 1)
    async with database.transaction() as session:
        await queue.cancel_waiting(session, anna, [seen, other, foreign], reason="seen", now=post.clock())
    states = {row.notification_id: row.state for row in await post.rows()}
    expected = dict.fromkeys((seen, other), DeliveryState.CANCELLED) | {foreign: DeliveryState.WAITING}
    assert states == expected | {taken.notification_id: DeliveryState.SENDING}
