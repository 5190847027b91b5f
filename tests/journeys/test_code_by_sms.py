"""A caller without the app: the code of an operator's call comes by SMS to the telephone that is registered."""

import logging
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import structlog
from sqlmodel import col, select

from backend.settings import DatabaseSettings, Executor
from notifications.delivery_tables import ReceiptKind, ReceiptRow
from tests.journeys.desk import Desk
from tests.journeys.region import Region, running_region
from tests.journeys.test_family import demo_people
from tests.plugins.waiting import until


@pytest.fixture
async def region(seeded_settings: DatabaseSettings, tmp_path: Path, development_keys: Path) -> AsyncIterator[Region]:
    """The region of every journey, which sends."""
    folder = tmp_path / "data"
    async with running_region(
        seeded_settings, folder, development_keys, executor=Executor.TRUSTED, delivering=True
    ) as running:
        yield running


async def phone_of(region: Region, number: str) -> dict[str, Any]:
    """Look at what a telephone got, and at how much the gateway was handed in all."""
    answer = await region.http.get(f"{region.simulators_url}/sms/_control/messages", params={"to": number})
    found: dict[str, Any] = answer.json()
    return found


async def test_the_code_reaches_the_registered_phone_and_verifies(
    region: Region, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.INFO)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.INFO))
    who = demo_people(region)["boris"]
    said = {"familyName": who.family_name, "givenName": who.given_name, "birthDate": who.birth_date.isoformat()}
    desk = Desk(region, "operator")
    assert await desk.sign_in("operator") is None
    opened = await desk.act("openCall", "OpenCallInput", "call { id }", callerNumber=who.phone)
    call = {"callId": opened["call"]["id"]}
    await region.break_simulator("sms", kind="hang_up")  # it was taken, and nobody heard of it
    sent = await desk.act("sendCallerCode", "SendCallerCodeInput", "call { id }", **call, person=said)
    assert sent["errors"] == []

    async def handed_in(times: int) -> bool:
        return bool((await phone_of(region, who.phone))["handedIn"] == times)

    await until(lambda: handed_in(1), what="the first try")
    region.clock.advance(timedelta(seconds=30))
    await until(lambda: handed_in(2), what="the second one")
    (message,) = (await phone_of(region, who.phone))["messages"]
    code = message["text"][:6]
    verified = await desk.act(
        "verifyCaller", "VerifyCallerInput", "call { verifiedBy }", **call, person=said, code=code
    )
    assert verified["call"] == {"verifiedBy": "CODE"}

    async def told_back() -> bool:
        async with region.database.reading() as session:
            kinds = list(await session.exec(select(ReceiptRow.kind).order_by(col(ReceiptRow.kind))))
        return kinds == [ReceiptKind.DEVICE_RECEIVED, ReceiptKind.PROVIDER_ACCEPTED]

    await until(told_back, what="the gateway's report")
    written = caplog.text + "".join(capsys.readouterr())
    structlog.reset_defaults()
    assert "message_sent" in written
    assert [canary for canary in (code, who.phone, who.family_name) if canary in written] == []
