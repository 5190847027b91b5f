"""What an SMS gateway reports is believed by its signature, and kept once."""

import pytest

from backend.database import Database
from notifications.channels.port import Provider
from notifications.channels.sms_reports import Report, ReportUnreadable, ReportUnsigned, read_reports, sign
from notifications.delivery_tables import DeliveryState, ReceiptKind
from notifications.gateway_reports import keep_reports
from tests.factories.deliveries import Post, RememberingSender

SECRET = "secret-of-the-tests"
ACCEPTED, RECEIVED, UNDELIVERED = (
    ReceiptKind.PROVIDER_ACCEPTED, ReceiptKind.DEVICE_RECEIVED, ReceiptKind.UNDELIVERED,
)  # fmt: skip


async def keep(post: Post, *reports: Report, provider: Provider = Provider.SMS_GATEWAY) -> int:
    async with post.database.transaction() as session:
        return await keep_reports(session, provider, reports, now=post.clock())


async def test_a_delivered_message_is_received_and_told_twice_it_is_once(database: Database) -> None:
    post = Post(database)
    await post.tell()
    await post.courier(RememberingSender()).deliver_due()
    report = Report(id="at-provider-1", status="DELIVERED")
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
    await keep(post, Report.model_validate({"id": "at-provider-1", "status": status}))
    assert [(row.state, row.reason) for row in await post.rows()] == [(DeliveryState.FAILED, reason)]
    assert await post.receipts() == sorted([ACCEPTED, UNDELIVERED])


async def test_an_unknown_message_and_another_gateways_change_nothing(database: Database) -> None:
    post = Post(database)
    await post.tell()
    await post.courier(RememberingSender()).deliver_due()
    assert await keep(post, Report(id="somebody-elses", status="DELIVERED")) == 0
    assert await keep(post, Report(id="at-provider-1", status="REFUSED"), provider=Provider.SMS_RESERVE) == 0
    assert await post.receipts() == [ACCEPTED]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b"[]",
        b'{"reports": [{"id": "", "status": "DELIVERED"}]}',
        b'{"reports": [{"id": "1", "status": "?"}]}',
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
    body = b'{"reports": [{"id": "1", "status": "DELIVERED", "at": "2026-11-28T10:00:00Z"}]}'
    assert read_reports(body, signature=sign(body, SECRET), secret=SECRET) == [Report(id="1", status="DELIVERED")]
