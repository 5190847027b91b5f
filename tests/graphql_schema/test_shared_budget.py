"""One budget over several workers: what is granted stays within the documented bound, whatever the order of things."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from redis.asyncio import Redis
from structlog.testing import capture_logs

from backend.clock import SettableClock, system_clock
from backend.redis_connection import open_redis
from graphql_schema.shared_budget import RedisLevels, SharedCostBudget
from tests.factories.people import NOW
from tests.plugins.redis import RedisServer

CAPACITY = 600
RATE = CAPACITY / 60
PAYER = f"person:{UUID(int=1)}"


class LevelsInMemory:
    """The arithmetic of the script in Redis, by a clock of the test; may be away."""

    def __init__(self, clock: SettableClock) -> None:
        """Keep nobody yet."""
        self._clock = clock
        self._levels: dict[str, tuple[float, float]] = {}
        self.is_away = False

    async def settle(self, spent: Mapping[str, float]) -> Mapping[str, float]:
        """Settle."""
        if self.is_away:
            raise ConnectionError
        now = self._clock().timestamp()
        for payer, cost in spent.items():
            level, since = self._levels.get(payer, (float(CAPACITY), now))
            level = min(CAPACITY, min(CAPACITY, level + (now - since) * RATE) - cost)
            self._levels[payer] = (level, now)
        return {payer: self._levels[payer][0] for payer in spent}


class BudgetOfWorkers(RuleBasedStateMachine):
    """Workers spend, give back and settle in any order; nobody waits for anybody."""

    @initialize(count=st.integers(1, 4))
    def begin(self, count: int) -> None:
        """Start the workers."""
        self.loop = asyncio.new_event_loop()
        self.clock = SettableClock(NOW)
        self.levels = LevelsInMemory(self.clock)
        self.workers = [SharedCostBudget(self.levels, cost_per_minute=CAPACITY, clock=self.clock) for _ in range(count)]
        self.granted = 0
        self.owed = [0] * count

    @rule(who=st.integers(0, 3), cost=st.integers(1, CAPACITY))
    def spend(self, who: int, cost: int) -> None:
        """One worker decides by what it knows."""
        number = who % len(self.workers)
        spending = self.loop.run_until_complete(self.workers[number].spend(PAYER, cost))
        assert 0 <= spending.available <= CAPACITY
        if spending.retry_after_ms is None:
            self.granted += cost
            self.owed[number] += cost

    @rule(who=st.integers(0, 3), share=st.floats(0, 1))
    def give_back(self, who: int, share: float) -> None:
        """An operation needed less than it took."""
        number = who % len(self.workers)
        back = int(self.owed[number] * share)
        self.owed[number] = 0
        self.granted -= back
        self.loop.run_until_complete(self.workers[number].give_back(PAYER, back))

    @rule(who=st.integers(0, 3))
    def settle(self, who: int) -> None:
        """One worker tells and learns."""
        self.loop.run_until_complete(self.workers[who % len(self.workers)].settle())

    @rule(seconds=st.integers(1, 90))
    def wait(self, seconds: int) -> None:
        """Time passes, and every worker settles in it: it does so each quarter of a second."""
        for worker in self.workers:
            self.loop.run_until_complete(worker.settle())
        self.clock.advance(timedelta(seconds=seconds))

    @invariant()
    def no_more_is_granted_than_the_bound_says(self) -> None:
        """`N * capacity + rate * t`."""
        seconds = (self.clock() - NOW).total_seconds()
        assert self.granted <= len(self.workers) * CAPACITY + RATE * seconds + 1e-6

    def teardown(self) -> None:
        """End what still waits to settle."""
        for worker in getattr(self, "workers", ()):
            self.loop.run_until_complete(worker.close())
        if hasattr(self, "loop"):
            self.loop.close()


BudgetOfWorkers.TestCase.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
TestBudgetOfWorkers = BudgetOfWorkers.TestCase


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator[Redis]:
    client = open_redis(redis_url)
    yield client
    await client.aclose()


def over(redis: Redis) -> SharedCostBudget:
    levels = RedisLevels(redis, cost_per_minute=CAPACITY)
    return SharedCostBudget(levels, cost_per_minute=CAPACITY, clock=system_clock)


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
    levels = await RedisLevels(client, cost_per_minute=CAPACITY).settle({payer: 0})
    assert 300 <= levels[payer] < 310
    await one.close()
    await client.aclose()


async def test_what_is_spent_while_a_settlement_is_under_way_is_not_forgotten() -> None:
    clock = SettableClock(NOW)

    class SlowLevels(LevelsInMemory):
        """Answers when told."""

        answer = asyncio.Event()

        async def settle(self, spent: Mapping[str, float]) -> Mapping[str, float]:
            """Settle late."""
            levels = await super().settle(spent)
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
        async def settle(self, spent: Mapping[str, float]) -> Mapping[str, float]:
            if self.is_away:
                raise ValueError("could not convert string to float")
            return await super().settle(spent)

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
