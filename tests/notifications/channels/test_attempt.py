"""One try, whatever a sender does."""

import asyncio
from datetime import UTC, datetime
from uuid import UUID

import pytest
from structlog.testing import capture_logs

from notifications.channels.attempt import attempt
from notifications.channels.port import Address, AddressKind, Content, Outcome, Parcel, Provider, Verdict
from notifications.messages import MessageKind, Severity

PARCEL = Parcel(
    delivery_id=UUID(int=1),
    notification_id=UUID(int=2),
    kind=MessageKind.WELCOME,
    severity=Severity.TRANSACTIONAL,
    address=Address(AddressKind.TOKEN, "canary-address"),
    content=Content("canary-title", "canary-body"),
    expires_at=datetime(2026, 12, 1, tzinfo=UTC),
)


async def test_a_bug_of_a_sender_is_an_unclear_outcome_and_its_words_are_not_logged() -> None:
    async def trying(parcel: Parcel) -> Outcome:
        raise KeyError(parcel.address.value)

    with capture_logs() as logs:
        outcome = await attempt(Provider.FCM, PARCEL, seconds=5, trying=trying)
    assert outcome == Outcome(Verdict.UNCLEAR, "unexpected")
    assert [(log["event"], log["log_level"]) for log in logs] == [
        ("sender_failed", "error"),
        ("message_sent", "warning"),
    ]
    assert logs[0]["error"] == "KeyError"
    assert logs[0]["where"].startswith("tests.notifications.channels.test_attempt:")
    assert "canary" not in str(logs)


async def test_a_try_that_hangs_is_ended_and_nobody_knows_what_came_of_it() -> None:
    ended = asyncio.Event()

    async def trying(_parcel: Parcel) -> Outcome:
        try:
            return await asyncio.get_running_loop().create_future()  # type: ignore[no-any-return] # never
        finally:
            ended.set()

    outcome = await attempt(Provider.FCM, PARCEL, seconds=0.05, trying=trying)
    assert outcome == Outcome(Verdict.UNCLEAR, "timed_out")
    assert ended.is_set()


async def test_a_cancelled_try_is_cancelled() -> None:
    async def trying(_parcel: Parcel) -> Outcome:
        return await asyncio.get_running_loop().create_future()  # type: ignore[no-any-return] # never

    running = asyncio.create_task(attempt(Provider.FCM, PARCEL, seconds=60, trying=trying))
    await asyncio.sleep(0)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
