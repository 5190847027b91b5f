"""How quickly messages are written, taken and sent, beside the floor of each: a bare insert, a bare POST."""

import asyncio
import multiprocessing
import resource
import socket
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import structlog
import uvicorn
from prometheus_client import CollectorRegistry
from pydantic import HttpUrl
from sqlalchemy import text
from sqlmodel import insert
from starlette.applications import Starlette
from starlette.routing import Mount
from uuid_utils.compat import uuid7

from backend.clock import system_clock
from backend.database import Database
from backend.entrypoints.development import completed
from backend.settings import Settings
from notifications.carriers import Carriers
from notifications.channels.port import Channel
from notifications.channels.sms import SmsSender
from notifications.channels.sms_simulator import create_simulator
from notifications.courier import Courier, Ground
from notifications.delivery_tables import PlannedRow
from notifications.messages import Message, MessageKind, Severity
from notifications.metrics import Metrics
from notifications.outbox import enqueue
from notifications.queue import claim
from notifications.settings import DeliverySettings, SmsSettings
from tests.bench.contests import Engine
from tests.bench.measure import Say
from tests.bench.report import Spread
from tests.bench.results import Results
from tests.bench.stage import Stage
from tests.factories.deliveries import Post
from tests.notifications.channels.measure import measure_pushes

TOLD = 2_000
ROUNDS = 3
_TOKEN = "token-of-the-bench"
_A_TRANSACTION = 50
_BATCH = 500
_PUSHES = 500


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one message: by the clock, and of this process's CPU."""

    microseconds: float
    cpu_microseconds: float


def measure_messages(stage: Stage, results: Results, say: Say) -> None:
    """Measure the queue on the stage's database; pushes, which know no database, with PostgreSQL only."""
    settings = completed(Settings(), system_clock)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    try:
        asyncio.run(_measure_queue(settings, stage.engine.value, results, say))
        if stage.engine is Engine.POSTGRESQL:
            _measure_pushes(results, say)
    finally:
        structlog.reset_defaults()


async def _measure_queue(settings: Settings, engine: str, results: Results, say: Say) -> None:
    database = Database(settings.database)
    listener = socket.create_server(("127.0.0.1", 0))
    gateway = multiprocessing.get_context("fork").Process(target=_serve, args=(listener,), daemon=True)
    gateway.start()
    queue = _Queue(database, f"http://127.0.0.1:{listener.getsockname()[1]}/sms")
    rounds: dict[str, list[Cost]] = {}
    try:
        for _ in range(ROUNDS):
            for name, work in queue.works().items():
                rounds.setdefault(name, []).append(await _timed(work))
    finally:
        gateway.terminate()
        gateway.join()
        listener.close()
        await database.close()
    for name, costs in rounds.items():
        rate = 1e6 / Spread.of(one.microseconds for one in costs).median
        cpu_ms = Spread.of(one.cpu_microseconds for one in costs).median / 1_000
        results.figures |= {
            f"messages {engine} {name} /s": round(rate),
            f"messages {engine} {name} ms CPU": round(cpu_ms, 3),
        }
        say(f"{engine}: {name} {rate:,.0f} messages/s, {cpu_ms:.3f} ms CPU each")
    for ours, floor in (("enqueue", "bare insert"), ("deliver", "bare insert")):
        pairs = zip(rounds[floor], rounds[ours], strict=True)
        results.ratios[f"messages {engine} {ours}:{floor} time"] = Spread.of(
            round(other.microseconds / mine.microseconds, 4) for other, mine in pairs
        )


def _measure_pushes(results: Results, say: Say) -> None:
    ways = measure_pushes(_PUSHES)
    for name, (rate, cpu_ms) in ways.items():
        results.figures |= {f"push {name} /s": round(rate), f"push {name} ms CPU": round(cpu_ms, 3)}
        say(f"push by {name}: {rate:,.0f} messages/s, {cpu_ms:.2f} ms CPU each")
    floor = ways["bare httpx2 POST"][1]
    for name in ("firebase-admin", "rustore"):
        ratio = round(floor / ways[name][1], 4)
        results.ratios[f"push {name}:bare POST cost"] = Spread(ratio, ratio, ratio)


class _Queue:
    """What is measured of one database, in its order: each work leaves what the next one needs."""

    def __init__(self, database: Database, gateway_url: str) -> None:
        self._database = database
        self._url = HttpUrl(gateway_url)

    def works(self) -> dict[str, Callable[[], Awaitable[int]]]:
        """Return the works by name; each returns of how many messages it was."""
        return {"bare insert": self.insert, "enqueue": self.write, "claim": self.take, "deliver": self.deliver}

    async def insert(self) -> int:
        """Insert one row a message: what any writing costs here."""
        now = datetime.now(UTC)
        for _ in range(TOLD // _A_TRANSACTION):
            async with self._database.transaction() as session:
                for _ in range(_A_TRANSACTION):
                    await (await session.connection()).execute(insert(PlannedRow), _bare_row(now))
        return TOLD

    async def write(self) -> int:
        """Write messages with their deliveries."""
        for _ in range(TOLD // _A_TRANSACTION):
            async with self._database.transaction() as session:
                for _ in range(_A_TRANSACTION):
                    await enqueue(session, _message(), now=system_clock())
        return TOLD

    async def take(self) -> int:
        """Claim them all, batch by batch."""
        taken = 0
        while taken < TOLD:
            async with self._database.transaction() as session:
                now = system_clock()
                taken += len(await claim(session, Channel.SMS, most=_BATCH, now=now, lease=timedelta(minutes=9)))
        return taken

    async def deliver(self) -> int:
        """Take, send over HTTP and write down."""
        async with self._database.transaction() as session:
            await (await session.connection()).execute(_GIVE_BACK)
        courier, sent = self._courier(), 0
        while batch := await courier.deliver_due():
            sent += batch
        await courier.close()
        return sent

    def _courier(self) -> Courier:
        database = self._database
        ground = Ground(
            transaction=database.transaction,
            reading=database.reading,
            clock=system_clock,
            monotonic=time.monotonic,
            settings=DeliverySettings(batch=_BATCH, concurrency=20, per_second=10_000),
            metrics=Metrics(CollectorRegistry()),
        )
        sender = SmsSender(SmsSettings(base_url=self._url, token=_TOKEN), clock=system_clock)
        return Courier(Channel.SMS, Carriers([sender], monotonic=time.monotonic), Post(database).packer(), ground)


_GIVE_BACK = text("UPDATE deliveries SET state = 'waiting' WHERE state = 'sending'")


def _bare_row(now: datetime) -> dict[str, object]:
    row = PlannedRow(
        person_id=uuid7(),
        key="bench",
        dedupe_key="bench",
        kind=MessageKind.WELCOME,
        severity=Severity.TRANSACTIONAL,
        parameters={},
        due_at=now + timedelta(days=9_999),
        planned_at=now,
    )
    return row.model_dump()


def _message() -> Message:
    return Message(
        kind=MessageKind.CALLER_CODE,
        person_id=uuid7(),
        dedupe_key="bench",
        parameters={"code": "123456"},
        expires_at=system_clock() + timedelta(hours=1),
    )


async def _timed(work: Callable[[], Awaitable[int]]) -> Cost:
    began, used = time.perf_counter(), _cpu_seconds()
    count = await work()
    took, cost = time.perf_counter() - began, _cpu_seconds() - used
    return Cost(took / count * 1e6, cost / count * 1e6)


def _cpu_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _serve(listener: socket.socket) -> None:
    app = Starlette(routes=[Mount("/sms", create_simulator(token=_TOKEN))])
    uvicorn.Server(uvicorn.Config(app, log_level="error", access_log=False)).run(sockets=[listener])
