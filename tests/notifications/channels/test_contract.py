"""What `Sender` promises, asked of every real sender over a real socket, against its simulator."""

import asyncio
import gc
import logging
import os
import time
from collections import Counter
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
import structlog

from notifications.channels.port import Content, Outcome, Sender, Verdict
from tests.notifications.channels.case_fcm import FCM
from tests.notifications.channels.case_rustore import RUSTORE
from tests.notifications.channels.case_sms import SMS
from tests.notifications.channels.case_smtp import SMTP
from tests.notifications.channels.contract import Case, Row, raw_server
from tests.notifications.channels.parcels import CANARIES, NOW, make_parcel
from tests.plugins.waiting import until

CASES = (FCM, RUSTORE, SMS, SMTP)
ALL = pytest.mark.parametrize("case", CASES, ids=lambda case: str(case.provider))
EACH_FAULT = pytest.mark.parametrize(
    ("case", "row"),
    [pytest.param(case, row, id=f"{case.provider}-{row.name}") for case in CASES for row in case.rows],
)
_SLACK_SECONDS = 1.0


@ALL
async def test_a_message_is_accepted_and_arrives_once(case: Case) -> None:
    async with case.connect() as line:
        outcome = await line.sender.send(make_parcel(case.address_kind))
        assert (outcome.verdict, outcome.reason, outcome.retry_after_seconds) == (Verdict.ACCEPTED, "", None)
        assert line.sender.provider is case.provider
        assert len(await line.arrived()) == 1


@EACH_FAULT
async def test_each_fault_has_its_verdict_and_the_next_message_is_none_the_worse(case: Case, row: Row) -> None:
    async with case.connect() as line:
        await line.spoil(row.command)
        outcome = await line.sender.send(make_parcel(case.address_kind))
        assert outcome == replace(
            Outcome(row.verdict, row.reason, retry_after_seconds=row.retry_after_seconds),
            provider_message_id=outcome.provider_message_id,
        )
        assert len(await line.arrived()) == row.arrives
        another = make_parcel(case.address_kind, delivery_id=UUID(int=1), notification_id=UUID(int=1))
        assert (await line.sender.send(another)).verdict is Verdict.ACCEPTED
        assert len(await line.arrived()) == row.arrives + 1


@ALL
async def test_a_provider_that_hangs_costs_no_more_than_the_time_out_and_nobody_knows(case: Case) -> None:
    async with case.connect() as warm:
        await warm.sender.send(make_parcel(case.address_kind))
    async with case.connect(timeout_seconds=0.4) as line:
        await line.spoil(case.hang)
        started_at = time.monotonic()
        outcome = await line.sender.send(make_parcel(case.address_kind))
        assert (outcome.verdict, outcome.reason) == (Verdict.UNCLEAR, "timed_out")
        assert time.monotonic() - started_at < 0.4 * case.longest_seconds + _SLACK_SECONDS


@ALL
async def test_where_nobody_listens_nothing_was_sent(case: Case) -> None:
    sender = await case.open_to(1, 2.0)
    try:
        outcome = await sender.send(make_parcel(case.address_kind))
        assert outcome.verdict is Verdict.RETRY
        assert outcome.reason.endswith(("not_connected", "not_reached"))
    finally:
        await sender.close()


async def _silent(_writer: asyncio.StreamWriter) -> None:
    pass


async def _closing(writer: asyncio.StreamWriter) -> None:
    writer.transport.abort()


async def _noisy(writer: asyncio.StreamWriter) -> None:
    writer.write(bytes(range(256)) * 300 + b"\r\n")


async def _dripping(writer: asyncio.StreamWriter) -> None:
    never = asyncio.Event()
    for _ in range(100):
        if writer.is_closing():
            break
        writer.write(b"2")
        with suppress(TimeoutError):
            await asyncio.wait_for(never.wait(), 0.02)


@ALL
@pytest.mark.parametrize("greet", [_silent, _closing, _noisy, _dripping])
async def test_a_provider_that_is_none_is_borne(case: Case, greet: object) -> None:
    async with raw_server(greet) as port:  # type: ignore[arg-type] # one of those above
        sender = await case.open_to(port, 0.5)
        started_at = time.monotonic()
        try:
            outcome = await sender.send(make_parcel(case.address_kind))
            assert time.monotonic() - started_at < 0.5 * case.longest_seconds + _SLACK_SECONDS
            if greet in {_silent, _closing}:
                assert outcome.verdict is case.to_silence
            assert outcome.verdict in {Verdict.RETRY, Verdict.UNCLEAR}
        finally:
            await sender.close()


@ALL
@pytest.mark.parametrize(
    "address",
    [
        *("", " ", "x\r\nBcc: y@z.ru", "x\x00y", "\ud83d", "Анна", "a b", '{"a": 1}', "a@b\n.ru"),
        pytest.param("x" * 5_000, id="long"),
    ],
)
async def test_an_address_that_is_none_is_dead_or_refused_and_nothing_else_breaks(case: Case, address: str) -> None:
    async with case.connect() as line:
        outcome = await line.sender.send(make_parcel(case.address_kind, address=address))
        assert outcome.verdict in {Verdict.ADDRESS_DEAD, Verdict.ACCEPTED}
        assert len(await line.arrived()) == (outcome.verdict is Verdict.ACCEPTED)
        assert (await line.sender.send(make_parcel(case.address_kind))).verdict is Verdict.ACCEPTED


@ALL
@pytest.mark.parametrize("left", [timedelta(days=-1), timedelta(0), timedelta(milliseconds=1), timedelta(days=4_000)])
async def test_an_end_that_is_past_or_far_away_is_no_reason_to_fail(case: Case, left: timedelta) -> None:
    async with case.connect() as line:
        outcome = await line.sender.send(make_parcel(case.address_kind, expires_at=NOW + left))
        assert outcome.verdict is Verdict.ACCEPTED


@ALL
async def test_many_at_once_arrive_once_each_whatever_becomes_of_some(case: Case) -> None:
    refused = next(row for row in case.rows if row.verdict is Verdict.ADDRESS_DEAD)
    parcels = [make_parcel(case.address_kind, notification_id=UUID(int=n), delivery_id=UUID(int=n)) for n in range(40)]
    async with case.connect() as line:
        await line.sender.send(make_parcel(case.address_kind))
        for _ in range(7):
            await line.spoil(refused.command)
        outcomes = await asyncio.gather(*(line.sender.send(parcel) for parcel in parcels))
        assert Counter(outcome.verdict for outcome in outcomes) == {Verdict.ACCEPTED: 33, Verdict.ADDRESS_DEAD: 7}
        arrived = " ".join(await line.arrived())
        times = [arrived.count(str(parcel.notification_id)) > 0 for parcel in parcels]
        assert times == [outcome.verdict is Verdict.ACCEPTED for outcome in outcomes]
        assert len(await line.arrived()) == 34


def _sockets() -> int:
    links = []
    for name in os.listdir("/proc/self/fd"):
        try:
            links.append(str(Path(f"/proc/self/fd/{name}").readlink()))
        except FileNotFoundError:
            continue
    return sum(link.startswith("socket:") for link in links)


def _tasks() -> int:
    """Count tasks, without the one by which the test's own server waits for its next tick, and that comes and goes."""
    return sum("Event.wait" not in repr(task.get_coro()) for task in asyncio.all_tasks())


@ALL
async def test_a_cancelled_try_leaves_nothing_open(case: Case) -> None:
    async with case.connect() as line:
        await line.spoil({**case.hang, "times": 8})
        tasks, sockets = _tasks(), _sockets()
        tries = [asyncio.create_task(line.sender.send(make_parcel(case.address_kind))) for _ in range(8)]

        async def is_under_way() -> bool:
            return _sockets() > sockets + 1

        await until(is_under_way, what="a connection at both ends", seconds=10)
        for running in tries:
            running.cancel()
        results = await asyncio.gather(*tries, return_exceptions=True)
        assert any(isinstance(result, asyncio.CancelledError) for result in results)
        await line.sender.close()
        gc.collect()

        async def is_closed() -> bool:
            return _tasks() <= tasks and _sockets() <= sockets

        await until(is_closed, what="no task and no socket more than before", seconds=10)


@pytest.mark.parametrize(
    ("case", "row"),
    [
        pytest.param(case, row, id=f"{case.provider}-{row.name if row else 'well'}")
        for case in CASES
        for row in (None, *case.rows)
    ],
)
async def test_no_personal_data_and_no_secret_in_logs_or_addresses(
    case: Case, row: Row | None, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    """S43: everything that any logger writes on our side, and every address that is asked."""
    caplog.set_level(logging.DEBUG)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.DEBUG))
    try:
        async with case.connect() as line:
            if row is not None:
                await line.spoil(row.command)
            content = Content(
                "Canary title", "Canary body\r\n.\r\nAnna", headers=(("List-Unsubscribe", "<https://c.example>"),)
            )
            outcome = await line.sender.send(make_parcel(case.address_kind, content=content))
    finally:
        structlog.reset_defaults()
    theirs = ("mail.log", "uvicorn", "asyncio", "python_multipart")
    records = [record for record in caplog.records if not record.name.startswith(theirs)]
    written = " ".join(str(record.__dict__) + record.getMessage() for record in records)
    written += "".join(capsys.readouterr()) + repr(outcome) + " ".join(line.asked)
    assert "message_sent" in written
    wanted = [*CANARIES, *case.secrets]
    assert [word for word in wanted if word in written] == []


@ALL
async def test_a_sender_that_was_never_used_closes(case: Case) -> None:
    sender: Sender = await case.open_to(1, 1.0)
    await sender.close()
