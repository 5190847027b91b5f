"""The cost budget of several workers: each decides by its own bucket, and settles with the others four times a second.

No request waits for Redis. What that costs in exactness: with N workers a person can spend up to N full budgets at
once, if the requests reach all of them between two settlements. It is booked all the same: the shared level goes below
zero, and nobody grants anything until it is paid back, so over time no more is spent than with one worker. In any time
t at most `N * capacity + rate * t` is granted. While Redis is away each worker goes on by its own bucket.

Anonymous addresses are not shared: each worker salts their keys for itself, so each has its own budget for them.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Mapping
from contextlib import suppress
from typing import Protocol

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from backend.clock import Clock
from graphql_schema.budget import MemoryCostBudget, Spending

_log = structlog.get_logger(__name__)

SETTLE_SECONDS = 0.25
SHARED_PAYERS = "person:"
_UNREACHABLE = (RedisError, OSError)
_MOST_UNSETTLED = 10_000
_KEY = "zdorovye:cost:"
_SETTLE = """
local capacity, rate, spent = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local time = redis.call('TIME')
local now = tonumber(time[1]) + tonumber(time[2]) / 1000000
local kept = redis.call('HMGET', KEYS[1], 'level', 'since')
local level, since = tonumber(kept[1] or capacity), tonumber(kept[2] or now)
level = math.min(capacity, level + math.max(0, now - since) * rate) - spent
level = math.min(capacity, level)
redis.call('HSET', KEYS[1], 'level', tostring(level), 'since', string.format('%.6f', now))
redis.call('PEXPIRE', KEYS[1], math.ceil((capacity - level) / rate * 1000) + 1000)
return tostring(level)
"""


class SharedLevels(Protocol):
    """Where the levels of all workers are added up."""

    async def settle(self, spent: Mapping[str, float]) -> Mapping[str, float]:
        """Subtract what was spent (negative: given back) and return the level of each payer, which may be negative."""


class RedisLevels:
    """Levels in Redis, by the clock of Redis; a full bucket is not kept at all."""

    def __init__(self, redis: Redis, *, cost_per_minute: int) -> None:
        """Take a client that is closed by its owner."""
        self._redis = redis
        self._capacity = cost_per_minute
        self._script = redis.register_script(_SETTLE)

    async def settle(self, spent: Mapping[str, float]) -> Mapping[str, float]:
        """Settle every payer in one round trip.

        Raises:
            RedisError: Redis cannot be reached, or refuses.
            OSError: Its connection failed.
        """
        pipeline = self._redis.pipeline(transaction=False)
        for payer, cost in spent.items():
            await self._script(keys=[_KEY + payer], args=[self._capacity, self._capacity / 60, cost], client=pipeline)
        levels = await pipeline.execute()
        return {payer: float(level) for payer, level in zip(spent, levels, strict=True)}


class SharedCostBudget:
    """Decides at once by a local bucket; `levels` joins it with those of the other workers."""

    def __init__(self, levels: SharedLevels, *, cost_per_minute: int, clock: Clock) -> None:
        """Begin with full buckets: the first settlement of a payer corrects that."""
        self._levels = levels
        self._capacity = float(cost_per_minute)
        self._local = MemoryCostBudget(cost_per_minute=cost_per_minute, clock=clock)
        self._unsettled: OrderedDict[str, float] = OrderedDict()
        self._settling: asyncio.Task[None] | None = None
        self._is_away = False

    @property
    def restore_rate(self) -> float:
        """Return how much comes back each second, over all workers."""
        return self._local.restore_rate

    async def spend(self, payer: str, cost: int) -> Spending:
        """Take `cost` from what this worker knows of the budget, or nothing when there is too little."""
        spending = await self._local.spend(payer, cost)
        self._note(payer, cost if spending.retry_after_ms is None else 0)
        return spending

    async def give_back(self, payer: str, cost: int) -> int:
        """Return what was taken and not needed."""
        available = await self._local.give_back(payer, cost)
        self._note(payer, -cost)
        return available

    async def close(self) -> None:
        """Settle what is left, if Redis takes it at once."""
        if self._settling is not None:
            self._settling.cancel()
            await asyncio.gather(self._settling, return_exceptions=True)
            self._settling = None
        with suppress(*_UNREACHABLE):
            await self._settle()

    async def settle(self) -> None:
        """Tell the others what was spent here, and learn what they spent; while Redis is away nothing is lost."""
        try:
            await self._settle()
        except Exception as error:  # a boundary: whatever it was, the next settlement tries again
            if not self._is_away:
                _log.warning("cost_budget_not_shared", error=type(error).__name__)
            self._is_away = True
        else:
            self._is_away = False

    async def _settle(self) -> None:
        settling, self._unsettled = self._unsettled, OrderedDict()
        if not settling:
            return
        try:
            levels = await self._levels.settle(settling)
        except BaseException:
            later, self._unsettled = self._unsettled, settling
            for payer, cost in later.items():
                self._add(payer, cost)
            raise
        for payer, level in levels.items():
            self._local.set_level(payer, level - self._unsettled.get(payer, 0.0))

    def _note(self, payer: str, cost: float) -> None:
        """Remember what to tell; also a refusal asks for the level, which others may have paid back."""
        if not payer.startswith(SHARED_PAYERS):
            return
        self._add(payer, cost)
        if self._settling is None:
            self._settling = asyncio.create_task(self._settle_later())

    def _add(self, payer: str, cost: float) -> None:
        """Add up; a long outage costs a payer one full budget at most, and only the newest payers are kept."""
        total = self._unsettled.pop(payer, 0.0) + cost
        self._unsettled[payer] = max(-self._capacity, min(self._capacity, total))
        if len(self._unsettled) > _MOST_UNSETTLED:
            self._unsettled.popitem(last=False)

    async def _settle_later(self) -> None:
        """Settle after a while, and again until nothing is left: an idle worker asks nobody."""
        while self._unsettled:
            await asyncio.sleep(SETTLE_SECONDS)
            await self.settle()
        self._settling = None
