"""A batch seen through: what becomes of each delivery by what came of its send."""

from datetime import timedelta

import pytest
from sqlmodel import col, update
from uuid_utils.compat import uuid7

from backend.database import Database
from notifications import queue, receipts
from notifications.channels.port import Channel, Outcome, Provider, Verdict
from notifications.delivery_tables import DeliveryState, ReceiptKind
from notifications.parking import parked, release
from notifications.retries import MOST_TRIES
from notifications.tables import NotificationRow
from tests.factories.deliveries import PHONE, Post, RememberingSender
from tests.factories.people import NOW


async def test_a_message_is_sent_once_and_noted(database: Database) -> None:
    post, sender = Post(database), RememberingSender()
    notification_id = await post.tell()
    courier = post.courier(sender)
    assert [await courier.deliver_due() for _ in range(2)] == [1, 0]
    (parcel,) = sender.parcels
    assert (parcel.notification_id, parcel.address.value, parcel.content.body[:6]) == (notification_id, PHONE, "123456")
    (row,) = await post.rows()
    assert (row.state, row.provider, row.provider_message_id) == (
        DeliveryState.SENT, Provider.SMS_GATEWAY, "at-provider-1",
    )  # fmt: skip
    assert await post.receipts() == [ReceiptKind.PROVIDER_ACCEPTED]


@pytest.mark.parametrize(
    ("outcome", "state", "reason"),
    [
        (Outcome(Verdict.RETRY, "http_503"), DeliveryState.WAITING, "http_503"),
        (Outcome(Verdict.UNCLEAR, "timed_out"), DeliveryState.WAITING, "timed_out"),
        (Outcome(Verdict.PROVIDER_UNUSABLE, "http_401"), DeliveryState.WAITING, "http_401"),
        (Outcome(Verdict.CONTENT_REFUSED, "invalid_text"), DeliveryState.WAITING, "text_parked"),
        (Outcome(Verdict.ADDRESS_DEAD, "invalid_number"), DeliveryState.FAILED, "invalid_number"),
        (Outcome(Verdict.RECIPIENT_REFUSES), DeliveryState.FAILED, "recipient_refuses"),
    ],
    ids=lambda given: given.verdict if isinstance(given, Outcome) else "",
)
async def test_each_verdict_has_its_end(
    database: Database, outcome: Outcome, state: DeliveryState, reason: str
) -> None:
    post = Post(database)
    await post.tell()
    await post.courier(RememberingSender(answers=[outcome])).deliver_due()
    (row,) = await post.rows()
    assert (row.state, row.reason, row.due_at > NOW) == (state, reason, state is DeliveryState.WAITING)
    assert await post.receipts() == []


async def test_a_provider_that_asks_for_a_rest_gets_it(database: Database) -> None:
    post = Post(database)
    await post.tell()
    await post.courier(RememberingSender(answers=[Outcome(Verdict.RETRY, retry_after_seconds=90)])).deliver_due()
    (row,) = await post.rows()
    assert row.due_at == NOW + timedelta(seconds=90)


async def test_after_so_many_tries_it_has_failed(database: Database) -> None:
    post = Post(database)
    await post.tell()
    answers = [Outcome(Verdict.RETRY, "http_503")] * MOST_TRIES[Channel.SMS]
    sender = RememberingSender(answers=list(answers))
    for _ in answers:
        await post.courier(sender).deliver_due()  # a new process each time: none knows of a provider at rest
        post.clock.advance(timedelta(hours=1))
    (row,) = await post.rows()
    assert (row.state, row.attempt, len(sender.parcels)) == (DeliveryState.FAILED, len(answers), len(answers))


async def test_what_is_too_late_is_not_sent(database: Database) -> None:
    post, sender = Post(database), RememberingSender(answers=[Outcome(Verdict.RETRY)])
    await post.tell(expires_at=NOW + timedelta(seconds=8))
    await post.tell(expires_at=NOW + timedelta(seconds=2))
    post.clock.advance(timedelta(seconds=3))
    await post.courier(sender).deliver_due()
    rows = await post.rows()
    assert [row.state for row in rows] == [DeliveryState.EXPIRED] * 2  # a next try would come too late, too
    assert len(sender.parcels) == 1


async def test_what_was_seen_elsewhere_is_not_sent_even_after_it_was_taken(database: Database) -> None:
    post, sender = Post(database), RememberingSender()
    await post.tell()
    async with database.transaction() as session:  # between the claim and the send nothing else tells of it
        await session.exec(update(NotificationRow).values(seen_at=NOW))
    await post.courier(sender).deliver_due()
    (row,) = await post.rows()
    assert (row.state, row.reason, sender.parcels) == (DeliveryState.CANCELLED, "seen", [])


async def test_without_an_address_it_is_suppressed_and_said_so(database: Database) -> None:
    post, sender = Post(database), RememberingSender()
    person = uuid7()
    post.book.missing.add(person)
    await post.tell(person)
    await post.courier(sender).deliver_due()
    (row,) = await post.rows()
    assert (row.state, row.reason, sender.parcels) == (DeliveryState.SUPPRESSED, "no_address", [])


async def test_a_text_that_is_refused_rests_with_all_of_its_kind_until_it_is_released(database: Database) -> None:
    post, sender = Post(database), RememberingSender(answers=[Outcome(Verdict.CONTENT_REFUSED, "invalid_text")])
    await post.tell()
    await post.courier(sender).deliver_due()
    await post.tell()
    post.clock.advance(timedelta(minutes=6))
    await post.courier(sender).deliver_due()
    assert {(row.state, row.reason) for row in await post.rows()} == {(DeliveryState.WAITING, "text_parked")}
    assert len(sender.parcels) == 1
    async with database.transaction() as session:
        (text,) = await parked(session)
        assert await release(session, text)
        assert not await release(session, text)
    post.clock.advance(timedelta(minutes=6))
    await post.courier(sender).deliver_due()
    assert {row.state for row in await post.rows()} == {DeliveryState.SENT}


async def test_a_dead_device_is_retired_and_the_next_step_need_not_wait(database: Database) -> None:
    post = Post(database)
    person = uuid7()
    device = await post.add_device(person)
    await post.tell(person)
    dead = RememberingSender(Provider.FCM, answers=[Outcome(Verdict.ADDRESS_DEAD, "unregistered")])
    await post.courier(dead, channel=Channel.PUSH).deliver_due()
    assert await post.devices() == {device: NOW}
    await post.tell(person)
    assert len(await post.rows(Channel.PUSH)) == 1


async def test_a_provider_nobody_set_up_fails_what_only_it_can_carry(database: Database) -> None:
    post = Post(database)
    person = uuid7()
    await post.add_device(person, provider=Provider.RUSTORE)
    await post.tell(person)
    await post.courier(RememberingSender(Provider.FCM), channel=Channel.PUSH).deliver_due()
    (row,) = await post.rows(Channel.PUSH)
    assert (row.state, row.reason) == (DeliveryState.FAILED, "no_provider")


async def test_a_process_that_was_frozen_sends_nothing(database: Database) -> None:
    """R60: between the claim and the send so much time went by that another may have it."""
    post, sender = Post(database, lease_seconds=60), RememberingSender()
    await post.tell()
    courier = post.courier(sender)
    packer = courier._packer
    pack = packer.pack

    async def freeze(*given: object, **more: object) -> object:
        post.monotonic += 61
        return await pack(*given, **more)  # type: ignore[arg-type] # passed on

    packer.pack = freeze  # type: ignore[method-assign, assignment] # the instant of the freeze
    assert await courier.deliver_due() == 1
    assert sender.parcels == []
    post.clock.advance(timedelta(seconds=61))
    async with database.transaction() as session:
        assert await queue.reap(session, post.clock()) == 1
    await post.courier(sender).deliver_due()
    assert len(sender.parcels) == 1


async def test_a_sender_that_breaks_its_promise_takes_nobody_with_it(database: Database) -> None:
    class Broken(RememberingSender):
        async def send(self, parcel: object) -> Outcome:
            raise RuntimeError

    post = Post(database)
    await post.tell()
    await post.courier(Broken()).deliver_due()
    (row,) = await post.rows()
    assert (row.state, row.reason) == (DeliveryState.WAITING, "sender_failed")


async def test_what_a_device_has_received_cancels_only_what_waited_for_it(database: Database) -> None:
    post = Post(database)
    person = uuid7()
    told = await post.tell(person)
    async with database.transaction() as session:
        kind = ReceiptKind.DEVICE_RECEIVED
        await receipts.record(session, person, [told], kind, source_id=uuid7(), now=NOW)
    assert [row.state for row in await post.rows()] == [DeliveryState.WAITING]
    async with database.transaction() as session:
        await receipts.record(session, person, [told], ReceiptKind.ACTED, source_id=uuid7(), now=NOW)
    assert [row.state for row in await post.rows()] == [DeliveryState.CANCELLED]


async def test_a_text_that_cannot_be_written_fails_alone(database: Database) -> None:
    """A row that lost a parameter, by whatever slip: the others of its batch go all the same."""
    post, sender = Post(database), RememberingSender()
    broken, whole = await post.tell(), await post.tell()
    async with database.transaction() as session:
        await session.exec(update(NotificationRow).where(col(NotificationRow.id) == broken).values(parameters={}))
    await post.courier(sender).deliver_due()
    states = {row.notification_id: (row.state, row.reason) for row in await post.rows()}
    assert states == {broken: (DeliveryState.FAILED, "text_unreadable"), whole: (DeliveryState.SENT, None)}
    assert [parcel.notification_id for parcel in sender.parcels] == [whole]
