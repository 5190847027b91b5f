"""Two workers, each with its hub and its signals, over one Redis and one database."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from typing import Any, cast

import orjson
import pytest

from backend.clock import SettableClock
from backend.database import Database
from backend.inbox.service import InboxService
from backend.inbox.topics import inbox_topic
from backend.redis_connection import open_redis
from backend.redis_signals import RedisSignals
from backend.services import Services
from backend.settings import GraphQLSettings
from graphql_schema.budget import MemoryCostBudget
from graphql_schema.documents import TrustedDocuments
from graphql_schema.engine import Caller, Engine
from graphql_schema.events import Watch
from graphql_schema.presentation import Presentation
from graphql_schema.requests import OperationRequest
from graphql_schema.streams import Streams
from identity.principal import Principal
from notifications.outbox import enqueue
from tests.factories.access import access_control
from tests.factories.messages import make_message
from tests.factories.people import NOW, make_principal
from tests.graphql_schema.own_corner import CATALOGUE, SCHEMA, OwnCorner
from tests.plugins.redis import RedisServer

FOLLOW = "subscription { inboxChanged { unreadCount } }"


class Worker:
    """One process's share of the product, as far as subscriptions go."""

    def __init__(self, database: Database, signals: RedisSignals) -> None:
        self.clock = SettableClock(NOW)
        self.signals = signals
        self.database = database
        self.inbox = InboxService(
            database=database, access=access_control(database, self.clock), clock=self.clock, signals=signals
        )
        limits = GraphQLSettings()
        self.engine = Engine(
            SCHEMA,
            services=self._services(),
            presentation=Presentation(CATALOGUE, "https://zdorovye.example"),
            documents=TrustedDocuments(),
            trusted_documents_only=False,
            open_schema=True,
            limits=limits,
            budget=MemoryCostBudget(cost_per_minute=10**9, clock=self.clock),
            clock=self.clock,
        )
        self.streams = Streams(self.engine, clock=self.clock, limits=limits)

    async def follow(self, actor: Principal) -> Watch:
        operation = self.engine.choose(OperationRequest(FOLLOW, None, None, {}))
        watch = await self.streams.start(operation, {}, Caller(actor, "", "ru", "trace"))
        assert isinstance(watch, Watch)
        return watch

    async def tell(self, actor: Principal, key: str) -> None:
        async with self.database.transaction() as session:
            await enqueue(session, make_message(actor.person_id, key), now=NOW)
        self.signals.publish(inbox_topic(actor.person_id))

    def _services(self) -> Services:
        return replace(OwnCorner(self.database, clock=self.clock).services, inbox=self.inbox)


@asynccontextmanager
async def two_workers(database: Database, url: str) -> AsyncIterator[tuple[Worker, Worker]]:
    async with AsyncExitStack() as stack:
        workers = []
        for _ in range(2):
            redis = open_redis(url)
            stack.push_async_callback(redis.aclose)
            signals = RedisSignals(redis)
            stack.push_async_callback(signals.close)
            workers.append(Worker(database, signals))
        yield workers[0], workers[1]


async def unread(watch: Watch, expected: int) -> None:
    """Wait until a watcher is shown this state; every one before must be older."""
    async with asyncio.timeout(20):
        async for event in watch:
            shown = orjson.loads(event.payload)["data"]["inboxChanged"]["unreadCount"]
            assert shown <= expected
            if shown == expected:
                return
    pytest.fail("the stream ended")


async def test_a_change_in_either_worker_reaches_the_watchers_of_both(database: Database, redis_url: str) -> None:
    anna = make_principal()
    async with two_workers(database, redis_url) as workers:
        watches = [await worker.follow(anna) for worker in workers for _ in range(3)]
        for watch in watches:
            await unread(watch, 0)
        for number, worker in enumerate(workers, start=1):
            await worker.tell(anna, str(number))
            for watch in watches:
                await unread(watch, number)
        for watch in watches:
            await watch.aclose()


async def test_watchers_recover_the_latest_state_after_redis_died_and_no_change_failed(
    database: Database, redis_server: RedisServer
) -> None:
    anna = make_principal()
    async with two_workers(database, redis_server.url) as (one, two):
        here, there = await one.follow(anna), await two.follow(anna)
        await asyncio.gather(unread(here, 0), unread(there, 0))
        redis_server.kill()
        for number in range(3):
            await one.tell(anna, str(number))
        await unread(here, 3)
        redis_server.start()
        await unread(there, 3)
        await two.tell(anna, "last")
        await asyncio.gather(unread(here, 4), unread(there, 4))
        for watch in (here, there):
            await watch.aclose()


async def test_a_source_that_refuses_says_so(database: Database, redis_url: str) -> None:
    unconfirmed = replace(make_principal(), assurance=cast("Any", "standard"))
    async with two_workers(database, redis_url) as (one, _):
        events = [event async for event in await one.follow(unconfirmed)]
    (event,) = events
    assert event.refusal is not None
    assert orjson.loads(event.errors)[0]["extensions"]["code"] == "ACCOUNT_NOT_CONFIRMED"
