"""What became of what was sent is counted, and somebody is told when too much fails."""

from datetime import timedelta

import pytest
from uuid_utils.compat import uuid7

from backend.database import Database
from notifications import receipts
from notifications.channels.port import Channel, Outcome, Provider, Verdict
from notifications.delivery_tables import DeliveryState, ReceiptKind
from notifications.messages import MessageKind
from notifications.statistics import Backlog, Line, Share, backlogs, count_hour, failure_shares
from tests.factories.deliveries import Post, RememberingSender
from tests.factories.people import NOW


async def test_an_hour_is_counted_by_what_became_of_it(database: Database) -> None:
    post = Post(database)
    person = uuid7()
    for one in (person, uuid7(), uuid7()):
        await post.tell(one)
    sender = RememberingSender(
        answers=[Outcome(Verdict.ACCEPTED)] * 2 + [Outcome(Verdict.ADDRESS_DEAD, "invalid_number")]
    )
    await post.courier(sender).deliver_due()
    async with database.transaction() as session:
        seen = next(one for one in await post.rows() if one.state is DeliveryState.SENT)
        await receipts.record(
            session, seen.person_id, [seen.notification_id], ReceiptKind.SEEN, source_id=uuid7(), now=NOW
        )
    async with database.reading() as session:
        lines = await count_hour(session, NOW)
        assert await count_hour(session, NOW + timedelta(hours=1)) == []
        assert await count_hour(session, NOW - timedelta(hours=1)) == []
    kind, sms, gateway = MessageKind.CALLER_CODE, Channel.SMS, Provider.SMS_GATEWAY
    assert lines == [
        Line(NOW, kind, sms, gateway, DeliveryState.FAILED, "invalid_number", count=1, delivered=0, seen=0),
        Line(NOW, kind, sms, gateway, DeliveryState.SENT, None, count=2, delivered=0, seen=1),
    ]


async def test_what_waits_too_long_is_told(database: Database) -> None:
    post = Post(database)
    await post.tell()
    async with database.reading() as session:
        assert await backlogs(session, now=NOW - timedelta(seconds=1)) == []
        assert await backlogs(session, now=NOW) == [Backlog(Channel.SMS, 1, NOW)]


async def test_the_share_of_failures_is_of_what_has_come_to_an_end(database: Database) -> None:
    post = Post(database)
    for _ in range(4):
        await post.tell()
    answers = [Outcome(Verdict.ADDRESS_DEAD), Outcome(Verdict.RETRY), Outcome(Verdict.ACCEPTED)]
    await post.courier(RememberingSender(answers=answers)).deliver_due()
    async with database.reading() as session:
        assert await failure_shares(session, since=NOW) == [Share(Provider.SMS_GATEWAY, failed=1, total=3)]
        assert await failure_shares(session, since=NOW + timedelta(seconds=1)) == []


@pytest.mark.parametrize(
    ("failed", "total", "alarming"), [(4, 49, False), (40, 49, False), (4, 50, False), (5, 50, True), (50, 50, True)]
)
def test_somebody_is_told_when_a_tenth_fails_of_enough(failed: int, total: int, alarming: bool) -> None:
    assert Share(Provider.FCM, failed, total).is_alarming is alarming
