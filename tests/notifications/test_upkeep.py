"""What has come to an end is forgotten after a time, or sent again by somebody's word."""

from datetime import timedelta

from backend.database import Database
from notifications import upkeep
from notifications.channels.port import Channel, Outcome, Provider, Verdict
from notifications.delivery_tables import DeliveryState
from notifications.messages import MessageKind
from notifications.parking import REFUSALS_TO_PARK, parked
from tests.factories.deliveries import Post, RememberingSender
from tests.factories.people import NOW


async def replay(post: Post, reason: str, most: int = 100) -> int:
    async with post.database.transaction() as session:
        return await upkeep.replay(session, reason=reason, since=NOW - timedelta(hours=1), most=most, now=post.clock())


async def test_what_failed_for_a_reason_is_sent_again_but_not_what_is_too_late(database: Database) -> None:
    post = Post(database)
    await post.tell()
    await post.tell(expires_at=NOW + timedelta(minutes=5))
    await post.courier().deliver_due()  # no gateway is set up
    assert {(row.state, row.reason) for row in await post.rows()} == {(DeliveryState.FAILED, "no_provider")}
    post.clock.advance(timedelta(minutes=6))
    assert [await replay(post, "other"), await replay(post, "no_provider")] == [0, 1]
    sender = RememberingSender()
    await post.courier(sender).deliver_due()
    assert sorted(row.state for row in await post.rows()) == [DeliveryState.FAILED, DeliveryState.SENT]
    assert len(sender.parcels) == 1


async def test_only_what_is_over_and_old_is_forgotten(database: Database) -> None:
    post = Post(database)
    await post.tell()
    await post.courier(RememberingSender()).deliver_due()
    await post.tell(expires_at=NOW + timedelta(days=365))
    post.clock.set(NOW + upkeep.KEPT + timedelta(seconds=1))
    await post.tell()
    async with database.transaction() as session:
        assert await upkeep.purge(session, NOW + upkeep.KEPT) == 0
        assert await upkeep.purge(session, post.clock()) == 1
    assert [row.state for row in await post.rows()] == [DeliveryState.WAITING] * 2


async def test_one_letter_that_a_filter_refuses_parks_nothing_and_several_do(database: Database) -> None:
    post = Post(database)
    refused = Outcome(Verdict.CONTENT_REFUSED, "550")
    for number in range(REFUSALS_TO_PARK[Channel.EMAIL]):
        async with database.reading() as session:
            assert await parked(session) == {}, number
        await post.tell(kind=MessageKind.EXPORT_READY, parameters={})
        post.clock.advance(timedelta(days=1))
        await post.courier(RememberingSender(Provider.SMTP, answers=[refused]), channel=Channel.EMAIL).deliver_due()
    async with database.reading() as session:
        assert len(await parked(session)) == 1
    assert {row.state for row in await post.rows(Channel.EMAIL)} == {DeliveryState.FAILED}


async def test_what_is_counted_names_nobody(database: Database) -> None:
    """S43: metrics tell kinds, providers and codes."""
    post = Post(database)
    await post.tell()
    await post.courier(RememberingSender()).deliver_due()
    samples = [sample for metric in post.registry.collect() for sample in metric.samples]
    tried = [one for one in samples if one.name == "zdorovye_delivery_tries_total"]
    assert [(one.labels, one.value) for one in tried] == [
        ({"kind": "caller_code", "provider": "sms_gateway", "verdict": "accepted", "reason": ""}, 1.0)
    ]
    assert {label for one in samples for label in one.labels} <= {
        "kind",
        "provider",
        "verdict",
        "reason",
        "le",
        "channel",
    }
