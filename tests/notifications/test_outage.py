"""After an outage much is due at once: it goes at a pace, what is too late is dropped, and nothing is lost."""

import asyncio
from collections import Counter
from datetime import timedelta

from sqlmodel import insert
from uuid_utils.compat import uuid7

from backend.database import Database
from notifications.channels.port import Channel, Outcome, Parcel, Provider, Verdict
from notifications.delivery_tables import DeliveryRow, DeliveryState
from notifications.messages import MessageKind, Severity
from notifications.tables import NotificationRow
from tests.factories.deliveries import Post, RememberingSender
from tests.factories.people import NOW

DUE = 10_000
OF_USE = 400
PER_SECOND = 400


async def pile_up(post: Post) -> None:
    """Write what came together while nobody could send: most of it is of no use any more."""
    then = NOW - timedelta(hours=2)
    told = NotificationRow(
        person_id=uuid7(),
        dedupe_key="code",
        kind=MessageKind.CALLER_CODE,
        severity=Severity.CRITICAL,
        parameters={"code": "123456"},
        template_version=1,
        created_at=then,
    ).model_dump()
    sent = DeliveryRow(
        person_id=told["person_id"],
        notification_id=told["id"],
        kind=told["kind"],
        channel=Channel.SMS,
        address_id=told["person_id"],
        priority=0,
        state=DeliveryState.WAITING,
        due_at=then,
        created_at=then,
    ).model_dump()
    notifications, deliveries = [], []
    for number in range(DUE):
        person, message = uuid7(), uuid7()
        ends = NOW + (timedelta(hours=9) if number % (DUE // OF_USE) == 0 else timedelta(minutes=-1))
        notifications.append({**told, "id": message, "person_id": person, "expires_at": ends})
        ids = {"id": uuid7(), "person_id": person, "notification_id": message, "address_id": person}
        deliveries.append({**sent, **ids, "expires_at": ends})
    async with post.database.transaction() as session:
        connection = await session.connection()
        await connection.execute(insert(NotificationRow), notifications)
        await connection.execute(insert(DeliveryRow), deliveries)


async def test_10_000_due_at_once_are_paced_and_the_late_ones_dropped(database: Database) -> None:
    loop = asyncio.get_running_loop()
    times: list[float] = []

    class Timed(RememberingSender):
        async def send(self, parcel: Parcel) -> Outcome:
            times.append(loop.time())
            return await super().send(parcel)

    post = Post(database, batch=500, per_second=PER_SECOND)
    await pile_up(post)
    sender = Timed()
    courier = post.courier(sender, monotonic=loop.time)
    taken = 0
    while batch := await courier.deliver_due():
        taken += batch
    assert taken == DUE
    assert Counter((row.state, row.reason) for row in await post.rows()) == {
        (DeliveryState.SENT, None): OF_USE,
        (DeliveryState.EXPIRED, "too_late"): DUE - OF_USE,
    }
    assert len({parcel.delivery_id for parcel in sender.parcels}) == len(sender.parcels) == OF_USE
    batches = [times[place : place + OF_USE * 500 // DUE] for place in range(0, OF_USE, OF_USE * 500 // DUE)]
    spread = sum(batch[-1] - batch[0] for batch in batches)
    assert spread >= 0.5 * (OF_USE - len(batches)) / PER_SECOND  # sent as they come, a batch takes no time


async def test_a_storm_of_429_is_waited_out_and_the_reserve_carries(database: Database) -> None:
    post = Post(database, concurrency=1)
    for _ in range(12):
        await post.tell()
    busy = [Outcome(Verdict.RETRY, "http_429", retry_after_seconds=30)] * 12
    first, reserve = RememberingSender(answers=busy), RememberingSender(Provider.SMS_RESERVE)
    courier = post.courier(first, reserve)
    await courier.deliver_due()
    assert (len(first.parcels), len(reserve.parcels)) == (5, 7)  # five in a row are a rest
    waiting = [row for row in await post.rows() if row.state is DeliveryState.WAITING]
    assert {row.due_at - NOW for row in waiting} == {timedelta(seconds=30)}
    post.clock.advance(timedelta(seconds=31))
    post.monotonic += 5.0
    await courier.deliver_due()
    assert Counter(row.provider for row in await post.rows()) == {Provider.SMS_RESERVE: 12}
    assert len({parcel.delivery_id for parcel in reserve.parcels}) == 12


async def test_when_nobody_can_carry_it_waits_and_is_no_try(database: Database) -> None:
    post = Post(database)
    await post.tell()
    down = RememberingSender(answers=[Outcome(Verdict.PROVIDER_UNUSABLE, "http_401")])
    courier = post.courier(down)
    await courier.deliver_due()
    post.clock.advance(timedelta(minutes=1))
    await courier.deliver_due()  # by the monotonic clock it still rests
    (row,) = await post.rows()
    assert (row.state, row.reason, row.attempt, len(down.parcels)) == (
        DeliveryState.WAITING, "provider_resting", 1, 1,
    )  # fmt: skip
    post.clock.advance(timedelta(minutes=1))
    post.monotonic += 60
    await courier.deliver_due()
    assert [one.state for one in await post.rows()] == [DeliveryState.SENT]


async def test_a_clock_that_jumps_neither_loses_nor_repeats(database: Database) -> None:
    post, sender = Post(database), RememberingSender()
    for _ in range(3):
        await post.tell()
    post.clock.advance(timedelta(days=-2))  # nothing is due yet
    assert await post.courier(sender).deliver_due() == 0
    post.clock.advance(timedelta(days=4))
    await post.courier(sender).deliver_due()
    post.clock.advance(timedelta(days=-3))
    await post.courier(sender).deliver_due()
    assert len(sender.parcels) == 3
    assert {row.state for row in await post.rows()} == {DeliveryState.SENT}
