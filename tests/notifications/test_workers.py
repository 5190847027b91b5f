"""R58, R60: whatever happens to the processes that send, each message arrives, and a phone shows it once."""

import os
import random
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx2
import pytest
from sqlmodel import col, func, select
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.routing import Mount
from starlette.types import Receive, Scope, Send
from uuid_utils.compat import uuid7

from backend.database import Database
from backend.profile.tables import PersonRow
from backend.profile.values import Sex
from backend.settings import DatabaseSettings, Settings
from notifications.channels.sms_simulator import create_simulator
from notifications.delivery_tables import DeliveryRow, DeliveryState
from notifications.messages import Message, MessageKind, Severity
from notifications.outbox import enqueue
from tests.notifications.sending import forking, start_worker, worker_settings
from tests.plugins.http import http_client
from tests.plugins.serving import serving
from tests.plugins.waiting import pause, until

KILLS = int(os.environ.get("ZDOROVYE_TEST_KILLS", "5"))
"""In each run; the long mode (`make kills`) says 50."""

PER_KILL = 30
WORKERS = 6
TOLD = 120


@dataclass
class House:
    """A database, a gateway behind real HTTP, and settings of workers between them."""

    database: Database
    settings: Settings
    control: httpx2.AsyncClient

    async def tell(self, count: int) -> None:
        """Write messages, each to a person of their own with a telephone of their own."""
        now = datetime.now(UTC)
        async with self.database.transaction() as session:
            for _ in range(count):
                person_id = uuid7()
                session.add(_person(person_id, now))
                message = Message(
                    kind=MessageKind.CALLER_CODE,
                    person_id=person_id,
                    dedupe_key="code",
                    parameters={"code": "123456"},
                    severity=Severity.CRITICAL,
                )
                await enqueue(session, message, now=now)

    async def counted(self) -> dict[DeliveryState, int]:
        """Count the deliveries in each state."""
        query = select(DeliveryRow.state, func.count()).group_by(col(DeliveryRow.state))
        async with self.database.reading() as session:
            return {DeliveryState(state): count for state, count in (await session.exec(query)).all()}

    async def phones(self) -> dict[str, Any]:
        """Look at what arrived."""
        found: dict[str, Any] = (await self.control.get("/sms/_control/messages")).json()
        return found

    async def all_sent(self, count: int) -> bool:
        """Tell whether so many are sent, and nothing else is there."""
        return await self.counted() == {DeliveryState.SENT: count}


def _person(person_id: Any, now: datetime) -> PersonRow:
    return PersonRow(
        id=person_id,
        family_name="Вымышленная",
        given_name="Анна",
        birth_date=now.date(),
        sex=Sex.FEMALE,
        phone=f"+79{person_id.int % 10**9:09d}",
        source="test",
        as_of=now,
        created_at=now,
    )


class Late:
    """Lets the gateway answer after a moment, so that a kill finds messages on their way."""

    def __init__(self, app: Starlette, seed: int) -> None:
        self._app, self._random = app, random.Random(seed)  # noqa: S311 # chance, no secret

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not Request(scope).url.path.endswith("_control/messages"):
            await pause(self._random.uniform(0.0, 0.03))
        await self._app(scope, receive, send)


@asynccontextmanager
async def opened(database: Database, given: DatabaseSettings, *, seed: int, **delivery: float) -> AsyncIterator[House]:
    gateway = create_simulator(token="token-of-the-tests")
    async with (
        serving(Starlette(routes=[Mount("/sms", Late(gateway, seed))])) as url,
        http_client(base_url=url) as control,
    ):
        yield House(database, worker_settings(given, f"{url}/sms", **delivery), control)


@pytest.fixture
def seed() -> int:
    return random.randrange(2**32)  # noqa: S311 # chance, no secret


async def test_nothing_is_lost_and_nothing_shown_twice_over_many_kills(
    database: Database, database_settings: DatabaseSettings, seed: int, capsys: pytest.CaptureFixture[str]
) -> None:
    context, chance = forking(), random.Random(seed)  # noqa: S311 # chance, no secret
    async with opened(database, database_settings, seed=seed, lease_seconds=1, batch=10, concurrency=3) as house:
        for _ in range(KILLS):
            await house.tell(PER_KILL)
            before = (await house.phones())["handedIn"]
            process = start_worker(context, house.settings)

            async def at_work(before: int = before) -> bool:
                return bool((await house.phones())["handedIn"] > before)

            await until(at_work, what="a worker that sends")
            await pause(chance.uniform(0.0, 0.1))
            process.kill()
            process.join()
            assert process.exitcode == -9
        last = start_worker(context, house.settings)
        told = KILLS * PER_KILL
        await until(lambda: house.all_sent(told), what="the rest to be sent", seconds=100)
        last.terminate()
        last.join()
        assert last.exitcode == 0
        phones = await house.phones()
    shown = [one["clientId"] for one in phones["messages"]]
    with capsys.disabled():
        sys.stdout.write(f"\n{KILLS} kills, {told} messages, {phones['handedIn'] - told} sent again, seed {seed}\n")
    assert len(shown) == len(set(shown)) == told
    assert len({one["to"] for one in phones["messages"]}) == told


async def test_six_workers_at_once_send_each_message_once(
    database: Database, database_settings: DatabaseSettings, seed: int
) -> None:
    context = forking()
    async with opened(database, database_settings, seed=seed, lease_seconds=120, batch=10, concurrency=5) as house:
        await house.tell(TOLD)
        workers = [start_worker(context, house.settings) for _ in range(WORKERS)]
        await until(lambda: house.all_sent(TOLD), what="all to be sent", seconds=100)
        for worker in workers:
            worker.terminate()
        for worker in workers:
            worker.join()
        phones = await house.phones()
    assert [worker.exitcode for worker in workers] == [0] * WORKERS
    assert phones["handedIn"] == len(phones["messages"]) == TOLD
