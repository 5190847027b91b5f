"""The cost budget of several workers: each decides by its own bucket, and settles with the others four times a second.

No request waits for Redis. What that costs in exactness: with N workers a person can spend up to N full budgets at
once, if the requests reach all of them between two settlements. It is booked all the same: the shared level goes below
zero, and nobody grants anything until it is paid back, so over time no more is spent than with one worker. In any time
t at most `N * capacity + rate * t` is granted. While Redis is away each worker goes on by its own bucket.

A settlement is repeated until it is answered, and subtracted once all the same: it bears the worker's name and a
number, and Redis keeps beside a level the number and the sum it subtracted last for each worker. It forgets them a
minute after the bucket is full again: a worker that was cut off for longer subtracts a second time what was answered to
nobody, a full budget of the payer at most.

Anonymous addresses are not shared: each worker salts their keys for itself, so each has its own budget for them.
"""

import asyncio
import secrets
from collections import OrderedDict
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
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
local capacity, rate = tonumber(ARGV[1]), tonumber(ARGV[2])
local worker, number, since_number, spent = ARGV[3], tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
local time = redis.call('TIME')
local now = tonumber(time[1]) + tonumber(time[2]) / 1000000
local kept = redis.call('HMGET', KEYS[1], 'level', 'since', 'number:' .. worker, 'spent:' .. worker)
local level, since = tonumber(kept[1] or capacity), tonumber(kept[2] or now)
local done, before = tonumber(kept[3] or 0), tonumber(kept[4] or 0)
local new = spent
if done >= number then
  new = 0
else
  if done >= since_number then new = spent - before end
  redis.call('HSET', KEYS[1], 'number:' .. worker, number, 'spent:' .. worker, tostring(spent))
end
level = math.min(capacity, level + math.max(0, now - since) * rate) - new
level = math.min(capacity, level)
redis.call('HSET', KEYS[1], 'level', tostring(level), 'since', string.format('%.6f', now))
redis.call('PEXPIRE', KEYS[1], math.ceil((capacity - level) / rate * 1000) + 60000)
return tostring(level)
"""


@dataclass(frozen=True, slots=True)
class Owed:
    """What a payer spent (negative: was given back) and no answer has confirmed.

    Attributes:
        cost: All of it, also what an unanswered settlement may have subtracted.
        since: Number of the first settlement that told of it.
    """

    cost: float
    since: int


@dataclass(frozen=True, slots=True)
class Settlement:
    """What one worker tells: each has a higher number than those before it."""

    worker: str
    number: int
    owed: Mapping[str, Owed]


class SharedLevels(Protocol):
    """Where the levels of all workers are added up."""

    async def settle(self, settlement: Settlement) -> Mapping[str, float]:
        """Subtract what is owed and was not subtracted before; return the level of each payer, which may be negative.

        A settlement that comes after one with a higher number changes nothing.
        """


class RedisLevels:
    """Levels in Redis, by the clock of Redis; a bucket that has been full for a minute is not kept at all."""

    def __init__(self, redis: Redis, *, cost_per_minute: int) -> None:
        """Take a client that is closed by its owner."""
        self._redis = redis
        self._capacity = cost_per_minute
        self._script = redis.register_script(_SETTLE)

    async def settle(self, settlement: Settlement) -> Mapping[str, float]:
        """Settle every payer in one round trip.

        Raises:
            RedisError: Redis cannot be reached, or refuses.
            OSError: Its connection failed.
        """
        fixed = (self._capacity, self._capacity / 60, settlement.worker, settlement.number)
        async with self._redis.pipeline(transaction=False) as pipeline:
            for payer, owed in settlement.owed.items():
                await self._script(keys=[_KEY + payer], args=[*fixed, owed.since, owed.cost], client=pipeline)
            levels = await pipeline.execute()
        return {payer: float(level) for payer, level in zip(settlement.owed, levels, strict=True)}


class SharedCostBudget:
    """Decides at once by a local bucket; `levels` joins it with those of the other workers."""

    def __init__(self, levels: SharedLevels, *, cost_per_minute: int, clock: Clock) -> None:
        """Begin with full buckets: the first settlement of a payer corrects that."""
        self._levels = levels
        self._capacity = float(cost_per_minute)
        self._local = MemoryCostBudget(cost_per_minute=cost_per_minute, clock=clock)
        self._worker = secrets.token_hex(8)
        self._number = 0
        self._unsettled: OrderedDict[str, Owed] = OrderedDict()
        self._settling: asyncio.Task[None] | None = None
        self._one_at_a_time = asyncio.Lock()
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
        async with self._one_at_a_time:  # what two tell at once could not be told apart after a failure
            if self._unsettled:
                await self._settle_all()

    async def _settle_all(self) -> None:
        self._number += 1
        settling, self._unsettled = self._unsettled, OrderedDict()
        try:
            levels = await self._levels.settle(Settlement(self._worker, self._number, settling))
        except BaseException:
            later, self._unsettled = self._unsettled, settling
            for payer, owed in later.items():
                self._add(payer, owed.cost)
            raise
        for payer, level in levels.items():
            later_cost = self._unsettled[payer].cost if payer in self._unsettled else 0.0
            self._local.set_level(payer, level - later_cost)

    def _note(self, payer: str, cost: float) -> None:
        """Remember what to tell; also a refusal asks for the level, which others may have paid back."""
        if not payer.startswith(SHARED_PAYERS):
            return
        self._add(payer, cost)
        if self._settling is None:
            self._settling = asyncio.create_task(self._settle_later())

    def _add(self, payer: str, cost: float) -> None:
        """Add up; a long outage costs a payer one full budget at most, and only the newest payers are kept."""
        owed = self._unsettled.pop(payer, None) or Owed(0.0, self._number + 1)
        total = max(-self._capacity, min(self._capacity, owed.cost + cost))
        self._unsettled[payer] = Owed(total, owed.since)
        if len(self._unsettled) > _MOST_UNSETTLED:
            self._unsettled.popitem(last=False)

    async def _settle_later(self) -> None:
        """Settle after a while, and again until nothing is left: an idle worker asks nobody."""
        while self._unsettled:
            await asyncio.sleep(SETTLE_SECONDS)
            await self.settle()
        self._settling = None
