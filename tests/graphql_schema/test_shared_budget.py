"""One budget over several workers, told to each other over a real Redis."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from uuid import uuid4

import pytest
from redis.asyncio import Redis
from structlog.testing import capture_logs

from backend.clock import SettableClock, system_clock
from backend.redis_connection import open_redis
from graphql_schema.shared_budget import Owed, RedisLevels, Settlement, SharedCostBudget
from tests.factories.people import NOW
from tests.graphql_schema.shared_levels import CAPACITY, PAYER, LevelsInMemory
from tests.plugins.redis import RedisServer


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator[Redis]:
    client = open_redis(redis_url)
    yield client
    await client.aclose()


def over(redis: Redis) -> SharedCostBudget:
    levels = RedisLevels(redis, cost_per_minute=CAPACITY)
    return SharedCostBudget(levels, cost_per_minute=CAPACITY, clock=system_clock)


async def level_of(payer: str, redis: Redis) -> float:
    """Ask as a worker that spent nothing."""
    asking = Settlement("asking", 1, {payer: Owed(0.0, 1)})
    return (await RedisLevels(redis, cost_per_minute=CAPACITY).settle(asking))[payer]


async def test_what_one_worker_grants_another_knows_after_both_settled(redis: Redis) -> None:
    payer = f"person:{uuid4()}"
    one, two = over(redis), over(redis)
    assert (await one.spend(payer, 500)).retry_after_ms is None
    await one.settle()
    assert (await two.spend(payer, 50)).retry_after_ms is None
    await two.settle()
    refused = await two.spend(payer, 200)
    assert refused.retry_after_ms is not None
    assert 50 <= refused.available <= 60
    await one.give_back(payer, 400)
    await one.settle()
    await two.settle()
    assert (await two.spend(payer, 400)).retry_after_ms is None
    await one.close()
    await two.close()


async def test_workers_settle_by_themselves_and_rest_when_nothing_is_left(redis: Redis) -> None:
    payer = f"person:{uuid4()}"
    one, two = over(redis), over(redis)
    await one.spend(payer, CAPACITY)
    async with asyncio.timeout(10):
        while one._settling is not None:
            await asyncio.gather(one._settling)
        await two.spend(payer, 1)
        while two._settling is not None:
            await asyncio.gather(two._settling)
    assert (await two.spend(payer, 100)).retry_after_ms is not None
    await two.close()


async def test_an_overdrawn_budget_is_paid_back(redis: Redis) -> None:
    payer = f"person:{uuid4()}"
    one, two = over(redis), over(redis)
    for worker in (one, two):
        assert (await worker.spend(payer, CAPACITY)).retry_after_ms is None
        await worker.settle()
    refused = await two.spend(payer, 1)
    assert refused.available == 0
    assert refused.retry_after_ms is not None
    assert 55_000 < refused.retry_after_ms <= 60_200
    await one.close()
    await two.close()


async def test_anonymous_addresses_are_not_told_to_redis(redis: Redis) -> None:
    one = over(redis)
    await one.spend("address:abc", 10)
    assert one._settling is None
    assert await redis.exists("zdorovye:cost:address:abc") == 0
    await one.close()


async def test_without_redis_each_worker_goes_on_with_one_warning_and_tells_later(redis_server: RedisServer) -> None:
    payer = f"person:{uuid4()}"
    client = open_redis(redis_server.url)
    one = over(client)
    redis_server.kill()
    with capture_logs() as lines:
        for _ in range(3):
            assert (await one.spend(payer, 100)).retry_after_ms is None
            await one.settle()
        redis_server.start()
        await one.settle()
    assert [line["event"] for line in lines] == ["cost_budget_not_shared"]
    assert payer not in str(lines)
    assert 300 <= await level_of(payer, client) < 310
    await one.close()
    await client.aclose()


async def test_what_is_spent_while_a_settlement_is_under_way_is_not_forgotten() -> None:
    clock = SettableClock(NOW)

    class SlowLevels(LevelsInMemory):
        """Answers when told."""

        answer = asyncio.Event()

        async def settle(self, settlement: Settlement) -> Mapping[str, float]:
            """Settle late."""
            levels = await super().settle(settlement)
            await self.answer.wait()
            return levels

    levels = SlowLevels(clock)
    one = SharedCostBudget(levels, cost_per_minute=CAPACITY, clock=clock)
    await one.spend(PAYER, 100)
    settling = asyncio.create_task(one.settle())
    await asyncio.wait({settling}, timeout=0.01)
    await one.spend(PAYER, 200)
    levels.answer.set()
    await settling
    assert (await one.spend(PAYER, 1)).available == CAPACITY - 301
    await one.close()


async def test_an_answer_that_makes_no_sense_ends_no_settling() -> None:
    class Nonsense(LevelsInMemory):
        async def settle(self, settlement: Settlement) -> Mapping[str, float]:
            if self.is_away:
                raise ValueError("could not convert string to float")
            return await super().settle(settlement)

    clock = SettableClock(NOW)
    levels = Nonsense(clock)
    levels.is_away = True
    first, second = (SharedCostBudget(levels, cost_per_minute=CAPACITY, clock=clock) for _ in range(2))
    await first.spend(PAYER, CAPACITY)
    with capture_logs() as logs:
        await first.settle()
    assert [line["event"] for line in logs] == ["cost_budget_not_shared"]
    levels.is_away = False
    await first.settle()
    await second.spend(PAYER, 1)
    await second.settle()
    assert (await second.spend(PAYER, 1)).retry_after_ms is not None
    for worker in (first, second):
        await worker.close()


async def test_what_redis_subtracted_but_answered_too_late_is_subtracted_once() -> None:
    levels = LevelsInMemory(SettableClock(NOW))
    one, two = (SharedCostBudget(levels, cost_per_minute=CAPACITY, clock=SettableClock(NOW)) for _ in range(2))
    levels.is_late = True
    with capture_logs():
        for worker in (one, two):
            await worker.spend(PAYER, 100)
            await worker.settle()
            await worker.spend(PAYER, 50)
            await worker.settle()
            await worker.give_back(PAYER, 20)
    levels.is_late = False
    for worker in (one, two, one):
        await worker.settle()
    assert levels.level(PAYER) == CAPACITY - 2 * 130
    await one.spend(PAYER, 1)
    await one.settle()
    assert levels.level(PAYER) == CAPACITY - 2 * 130 - 1
    for worker in (one, two):
        await worker.close()


async def test_a_settlement_that_is_carried_out_after_its_repetition_changes_nothing(redis: Redis) -> None:
    payer, levels = f"person:{uuid4()}", RedisLevels(redis, cost_per_minute=CAPACITY)
    late = Settlement("one", 1, {payer: Owed(100.0, 1)})
    repeated = Settlement("one", 2, {payer: Owed(150.0, 1)})
    following = Settlement("one", 3, {payer: Owed(30.0, 3)})
    of_another = Settlement("two", 1, {payer: Owed(100.0, 1)})
    for settlement, left in ((repeated, 450), (late, 450), (following, 420), (late, 420), (of_another, 320)):
        assert left <= (await levels.settle(settlement))[payer] < left + 10


class DeafLevels:
    """Levels in a real Redis, whose answers do not come back while `is_late`."""

    def __init__(self, redis: Redis) -> None:
        """Take a client that is closed by its owner."""
        self._levels = RedisLevels(redis, cost_per_minute=CAPACITY)
        self.is_late = False

    async def settle(self, settlement: Settlement) -> Mapping[str, float]:
        """Settle, and forget the answer."""
        levels = await self._levels.settle(settlement)
        if self.is_late:
            raise TimeoutError
        return levels


async def test_redis_subtracts_once_what_it_could_not_confirm(redis: Redis) -> None:
    payer, levels = f"person:{uuid4()}", DeafLevels(redis)
    one = SharedCostBudget(levels, cost_per_minute=CAPACITY, clock=system_clock)
    levels.is_late = True
    with capture_logs() as lines:
        for _ in range(3):
            await one.spend(payer, 100)
            await one.settle()
    assert [line["event"] for line in lines] == ["cost_budget_not_shared"]
    assert 300 <= await level_of(payer, redis) < 310
    levels.is_late = False
    await one.settle()
    assert 300 <= await level_of(payer, redis) < 310
    await one.spend(payer, 100)
    await one.close()
    assert 200 <= await level_of(payer, redis) < 210
