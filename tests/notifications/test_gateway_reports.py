"""What an SMS gateway reports is believed by its signature, and kept once."""

import json
from datetime import timedelta

import pytest
from uuid_utils.compat import uuid7

from backend.database import Database
from notifications.channels.port import Address, AddressKind, Outcome, Provider, Verdict
from notifications.channels.sms_reports import Report, ReportUnreadable, ReportUnsigned, read_reports, sign
from notifications.delivery_tables import DeliveryState, ReceiptKind
from notifications.gateway_reports import Telephones, keep_reports
from notifications.preference_tables import RefusalReason
from notifications.suppression import listed
from tests.factories.deliveries import PHONE, Post, RememberingSender

SECRET = "secret-of-the-tests"
ACCEPTED, RECEIVED, UNDELIVERED = (
    ReceiptKind.PROVIDER_ACCEPTED, ReceiptKind.DEVICE_RECEIVED, ReceiptKind.UNDELIVERED,
)  # fmt: skip


async def keep(post: Post, *reports: Report, provider: Provider = Provider.SMS_GATEWAY) -> int:
    async with post.database.transaction() as session:
        telephones = Telephones(post.book, post.hashes)
        return await keep_reports(session, provider, reports, telephones, now=post.clock())


async def reported(post: Post, status: str) -> Report:
    (row,) = await post.rows()
    return Report.model_validate({"id": "at-provider-1", "clientId": row.id, "status": status})


async def test_a_delivered_message_is_received_and_told_twice_it_is_once(database: Database) -> None:
    post = Post(database)
    await post.tell()
    await post.courier(RememberingSender()).deliver_due()
    report = await reported(post, "DELIVERED")
    assert [await keep(post, report), await keep(post, report)] == [1, 1]
    assert await post.receipts() == sorted([ACCEPTED, RECEIVED])
    assert [row.state for row in await post.rows()] == [DeliveryState.SENT]


@pytest.mark.parametrize(
    ("status", "reason"),
    [("UNDELIVERED", "undelivered"), ("EXPIRED", "network_expired"), ("REFUSED", "recipient_refuses")],
)
async def test_what_did_not_arrive_has_failed(database: Database, status: str, reason: str) -> None:
    post = Post(database)
    await post.tell()
    await post.courier(RememberingSender()).deliver_due()
    await keep(post, await reported(post, status))
    assert [(row.state, row.reason) for row in await post.rows()] == [(DeliveryState.FAILED, reason)]
    assert await post.receipts() == sorted([ACCEPTED, UNDELIVERED])


async def test_an_unknown_message_and_another_gateways_change_nothing(database: Database) -> None:
    post = Post(database)
    await post.tell()
    await post.courier(RememberingSender()).deliver_due()
    foreign = Report(id="somebody-elses", client_id=uuid7(), status="DELIVERED")
    assert await keep(post, foreign) == 0
    assert await keep(post, await reported(post, "REFUSED"), provider=Provider.SMS_RESERVE) == 0
    assert await post.receipts() == [ACCEPTED]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b"[]",
        b'{"reports": [{"id": "1", "status": "DELIVERED"}]}',
        b'{"reports": [{"id": "1", "clientId": "01a2243d-79a5-7771-bc56-eef43df80ab8", "status": "?"}]}',
    ],
)
def test_what_is_not_in_the_agreed_words_is_refused(body: bytes) -> None:
    with pytest.raises(ReportUnreadable):
        read_reports(body, signature=sign(body, SECRET), secret=SECRET)


@pytest.mark.parametrize("signature", ["", "sha256=", sign(b"{}", "another"), sign(b"{ }", SECRET), "sha256=é"])
def test_what_is_not_signed_is_not_read(signature: str) -> None:
    with pytest.raises(ReportUnsigned):
        read_reports(b"{}", signature=signature, secret=SECRET)


def test_what_is_signed_is_read() -> None:
    client_id = uuid7()
    words = {"reports": [{"id": "1", "clientId": str(client_id), "status": "DELIVERED", "at": "2026"}]}
    body = json.dumps(words).encode()
    (report,) = read_reports(body, signature=sign(body, SECRET), secret=SECRET)
    assert report == Report(id="1", client_id=client_id, status="DELIVERED")


async def test_a_report_that_overtakes_the_answer_spares_a_further_try(database: Database) -> None:
    post, sender = Post(database), RememberingSender(answers=[Outcome(Verdict.UNCLEAR, "timed_out")])
    await post.tell()
    await post.courier(sender).deliver_due()
    assert await keep(post, await reported(post, "DELIVERED")) == 1
    post.clock.advance(timedelta(hours=1))
    await post.courier(sender).deliver_due()
    assert ([row.state for row in await post.rows()], len(sender.parcels)) == ([DeliveryState.SENT], 1)


async def test_a_subscriber_who_refuses_is_left_alone_and_one_who_was_away_is_not(database: Database) -> None:
    post = Post(database)
    await post.tell()
    await post.courier(RememberingSender()).deliver_due()
    phone = post.hashes.hash(Address(AddressKind.PHONE, PHONE)) or ""
    for status, expected in (("UNDELIVERED", {}), ("REFUSED", {phone: RefusalReason.REFUSES})):
        await keep(post, await reported(post, status))
        async with database.reading() as session:
            found = await listed(session, [phone], now=post.clock())
        assert {address: one.reason for address, one in found.items()} == expected
