"""Which proofs were shown before: kept for as long as they could be shown again."""

import asyncio
import hashlib
from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime
from typing import Protocol

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

MOST_PROOFS = 200_000
"""How many a worker remembers, about 30 MB; 1,600 a second for the two minutes that a proof can be good."""
_PREFIX = "zdorovye:proof:"
_PAUSE_SECONDS = 1.0
"""Between two attempts to reach a Redis that is away: requests do not wait for it one after the other."""
_log = structlog.get_logger("identity")


class Replays(Protocol):
    """The port."""

    async def is_first(self, proof_id: str, *, good_until: datetime) -> bool:
        """Note a proof and tell whether it was not noted before.

        Args:
            proof_id: Names the proof, of any length.
            good_until: After this instant nobody takes it anyhow, aware UTC.
        """


class MemoryReplays:
    """The proofs that this worker saw; beyond `most` the oldest is forgotten."""

    def __init__(self, *, clock: Callable[[], datetime], most: int = MOST_PROOFS) -> None:
        """Begin with none."""
        self._clock = clock
        self._most = most
        self._seen: OrderedDict[bytes, datetime] = OrderedDict()

    async def is_first(self, proof_id: str, *, good_until: datetime) -> bool:
        """See `Replays.is_first`."""
        return self.note(proof_id, good_until=good_until)

    def note(self, proof_id: str, *, good_until: datetime) -> bool:
        """Do the same without waiting."""
        key = _digest(proof_id)
        if key in self._seen:
            return False
        self._seen[key] = good_until
        now = self._clock()
        while self._seen:
            oldest, until = next(iter(self._seen.items()))
            if until >= now and len(self._seen) <= self._most:
                break
            del self._seen[oldest]
        return True

    def __len__(self) -> int:
        """Return how many are remembered."""
        return len(self._seen)


class RedisReplays:
    """The proofs that any worker saw: those that come at the same time travel together.

    While Redis is away each worker knows its own alone (ADR 0015).
    """

    def __init__(self, redis: Redis, *, clock: Callable[[], datetime]) -> None:
        """Take a client that is shared with others and closed by its owner."""
        self._redis = redis
        self._clock = clock
        self._own = MemoryReplays(clock=clock)
        self._waiting: list[tuple[str, int, asyncio.Future[bool]]] = []
        self._sending: asyncio.Task[None] | None = None
        self._away_until: float | None = None

    async def is_first(self, proof_id: str, *, good_until: datetime) -> bool:
        """See `Replays.is_first`."""
        if not self._own.note(proof_id, good_until=good_until):
            return False
        loop = asyncio.get_running_loop()
        if self._away_until is not None and loop.time() < self._away_until:
            return True
        seconds = max(1, int((good_until - self._clock()).total_seconds()) + 1)
        answer: asyncio.Future[bool] = loop.create_future()
        self._waiting.append((_PREFIX + _digest(proof_id).hex(), seconds, answer))
        if self._sending is None:
            self._sending = asyncio.create_task(self._send())
        return await answer

    async def _send(self) -> None:
        try:
            while self._waiting:
                together, self._waiting = self._waiting, []
                noted = await self._note([(key, seconds) for key, seconds, _ in together])
                for is_first, (_, _, answer) in zip(noted, together, strict=True):
                    if not answer.done():
                        answer.set_result(is_first)
        finally:
            self._sending = None

    async def _note(self, keys: list[tuple[str, int]]) -> list[bool]:
        pipeline = self._redis.pipeline(transaction=False)
        for key, seconds in keys:
            pipeline.set(key, b"", nx=True, ex=seconds)
        try:
            noted = await pipeline.execute()
        except (RedisError, OSError) as error:
            if self._away_until is None:
                _log.warning("identity.replays_unshared", error=type(error).__name__)
            self._away_until = asyncio.get_running_loop().time() + _PAUSE_SECONDS
            return [True] * len(keys)
        self._away_until = None
        return [one is not None for one in noted]


def _digest(proof_id: str) -> bytes:
    return hashlib.blake2b(proof_id.encode("utf-8", "surrogatepass"), digest_size=16).digest()
