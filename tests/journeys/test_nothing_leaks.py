"""S43: a whole journey, with faults, leaves no personal data, token or code in any log line."""

import logging
import re
from collections.abc import Iterator
from io import StringIO

import pytest
import structlog

from backend.entrypoints.demo.named import NAMED
from backend.entrypoints.demo.people import generate_people
from backend.entrypoints.logs import configure_logging
from tests.journeys.phone import Phone
from tests.journeys.region import MONDAY, Region
from tests.journeys.test_booking_a_doctor import first_slot


@pytest.fixture
def log() -> Iterator[StringIO]:
    """Log as production does, at its most talkative, into memory."""
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    written = StringIO()
    configure_logging(as_json=True, level="DEBUG", stream=written, final=False)
    yield written
    root.handlers = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def canaries() -> list[str]:
    """Return what must never be written: names, numbers and addresses of Anna and Boris."""
    people = [one for one in generate_people(len(NAMED), seed=40, today=MONDAY.date()) if one.nick in {"anna", "boris"}]
    facts = [
        fact
        for one in people
        for fact in (one.family_name, one.given_name, one.patronymic, one.snils, one.enp, one.phone, one.email)
    ]
    spaced = [f"{one.snils[:3]}-{one.snils[3:6]}-{one.snils[6:9]} {one.snils[9:]}" for one in people]
    return [*facts, *spaced, *(one.birth_date.isoformat() for one in people)]


async def test_a_journey_with_faults_writes_no_personal_data(region: Region, log: StringIO) -> None:
    anna = Phone(region)
    await anna.sign_in("anna")
    await anna.ask("HomeScreen")
    slot = await first_slot(anna)
    held = await anna.act("HoldSlot", slotId=slot["id"])
    await anna.act("BookAppointment", holdId=held["hold"]["id"])
    boris = Phone(region)
    await region.break_simulator("esia", endpoint="person", kind="garbage", times=1)
    assert (await boris.authorize("boris", "v" * 50)).startswith("error:")
    await boris.sign_in("boris")
    await region.break_simulator("oms", kind="garbage", times=20)
    assert "errors" in (await boris.send("HomeScreen")).json()
    await boris.act("HoldSlot", slotId=slot["id"])
    written = log.getvalue()
    assert written.count('"event":"request"') > 10
    assert [canary for canary in canaries() if canary.casefold() in written.casefold()] == []
    secrets = [anna.access_token, anna.refresh_token, boris.access_token, boris.refresh_token]
    assert [secret for secret in secrets if secret in written] == []
    assert re.findall(r"code=|state=|code_challenge", written) == []
