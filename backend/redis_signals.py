"""Wake-ups between several workers, over Redis pub/sub.

One connection a worker listens for all its topics. Redis keeps no message for who is away, so after every reconnection
all watchers of the worker are woken: they read the present state, and what was missed does not matter.
"""

import asyncio
import random
import secrets
from collections import OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager, suppress
from typing import Any

import structlog
from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from redis.exceptions import RedisError

from backend.signals import MemorySignals

_log = structlog.get_logger(__name__)

_UNREACHABLE = (RedisError, OSError)  # a time-out is an OSError
_PREFIX = "zdorovye:signal:"
_MOST_UNSENT = 10_000
_SHORTEST_PAUSE, _LONGEST_PAUSE = 0.05, 2.0
_SILENCE_SECONDS = 5.0
_CONFIRMATION_SECONDS = 1.0


class RedisSignals:
    """Wakes those who watch in this worker at once, and those in the others through Redis.

    While Redis is away, changes in other workers are not seen; those of this worker are. Publishing never fails: what
    could not be sent is sent later, once a topic, for at most 10,000 topics.
    """

    def __init__(self, redis: Redis) -> None:
        """Take a client that is shared with others and closed by its owner."""
        self._redis = redis
        self._worker = secrets.token_hex(8).encode()
        self._local = MemorySignals()
        self._unsent: OrderedDict[str, None] = OrderedDict()
        self._something_unsent = asyncio.Event()
        self._changed = asyncio.Event()
        self._touched: set[str] | None = None  # topics to look at again; None while there is no connection
        self._listening: set[str] = set()
        self._awaited: dict[str, asyncio.Event] = {}
        self._tasks: list[asyncio.Task[None]] = []

    def publish(self, topic: str) -> None:
        """Wake the watchers of this worker now and those of the others soon."""
        self._local.publish(topic)
        self._unsent.pop(topic, None)
        self._unsent[topic] = None
        self._drop_oldest_unsent()
        self._something_unsent.set()
        self._start()

    @asynccontextmanager
    async def watch(self, topic: str) -> AsyncIterator[AsyncIterator[None]]:
        """Watch a topic; waits for Redis to confirm it, but not longer than a second: a late one wakes the watcher."""
        try:
            with self._local.registered(topic) as wakes:
                self._start()
                self._touch(topic)
                if topic not in self._listening:
                    await self._wait_for_confirmation(topic)
                wakes.forget()
                yield wakes
        finally:
            if not self._local.is_watched(topic):
                self._awaited.pop(topic, None)
                self._touch(topic)

    def _touch(self, topic: str) -> None:
        """Let the connection look whether the topic is watched; a later one looks at all of them."""
        if self._touched is not None:
            self._touched.add(topic)
            self._changed.set()

    async def _wait_for_confirmation(self, topic: str) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(_CONFIRMATION_SECONDS):
                await self._awaited.setdefault(topic, asyncio.Event()).wait()

    def watcher_count(self) -> int:
        """Count the open watches of all topics in this worker."""
        return self._local.watcher_count()

    async def close(self) -> None:
        """Stop listening, and send what is unsent if Redis takes it at once."""
        tasks, self._tasks = self._tasks, []
        await _end(tasks, again_after=1.0)
        with suppress(*_UNREACHABLE):
            await self._send_unsent()

    def _start(self) -> None:
        if not self._tasks:
            self._tasks = [
                asyncio.create_task(_keep_up(self._listen, "signals_listening")),
                asyncio.create_task(_keep_up(self._send, "signals_sending")),
            ]

    async def _send(self, reached: Callable[[], None]) -> None:
        while True:
            await self._something_unsent.wait()
            await self._send_unsent()
            reached()

    async def _send_unsent(self) -> None:
        """Send every topic that is unsent, in one round trip; those that failed stay."""
        self._something_unsent.clear()
        sending, self._unsent = self._unsent, OrderedDict()
        if not sending:
            return
        pipeline = self._redis.pipeline(transaction=False)
        for topic in sending:
            pipeline.publish(_PREFIX + topic, self._worker)
        try:
            await pipeline.execute()
        except BaseException:
            self._unsent = sending | self._unsent
            self._drop_oldest_unsent()
            self._something_unsent.set()
            raise

    def _drop_oldest_unsent(self) -> None:
        while len(self._unsent) > _MOST_UNSENT:
            self._unsent.popitem(last=False)

    async def _listen(self, reached: Callable[[], None]) -> None:
        """Listen over one connection until it fails."""
        pubsub = self._redis.pubsub()
        try:
            await pubsub.subscribe(_PREFIX)  # a connection without any topic cannot be read
            await self._hear(pubsub)
            reached()
            tasks = [asyncio.create_task(work(pubsub)) for work in (self._keep_topics, self._keep_hearing)]
            try:
                done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            finally:
                await _end(tasks, again_after=0.05)
            for task in done:
                task.result()
        finally:
            self._touched = None
            self._listening.clear()
            with suppress(*_UNREACHABLE):
                await pubsub.aclose()  # type: ignore[no-untyped-call] # redis-py did not annotate it

    async def _keep_topics(self, pubsub: PubSub) -> None:
        """Subscribe to the topics that are watched and no others, several at once."""
        asked: set[str] = set()
        self._touched = self._local.topics()
        while True:
            self._changed.clear()
            touched, self._touched = self._touched, set()
            watched = {topic for topic in touched if self._local.is_watched(topic)}
            if new := watched - asked:
                await pubsub.subscribe(*(_PREFIX + topic for topic in new))
            if old := (touched - watched) & asked:
                await pubsub.unsubscribe(*(_PREFIX + topic for topic in old))
            asked |= new
            asked -= old
            await self._changed.wait()

    async def _keep_hearing(self, pubsub: PubSub) -> None:
        while True:
            if await self._hear(pubsub):
                continue
            await pubsub.ping()
            if not await self._hear(pubsub):
                raise TimeoutError("Redis does not answer")

    async def _hear(self, pubsub: PubSub) -> bool:
        """Take one message; False when there was none for a while."""
        message: dict[str, Any] | None = await pubsub.get_message(timeout=_SILENCE_SECONDS)
        if message is None:
            return False
        if message["type"] in {"message", "subscribe", "unsubscribe"}:
            self._take(message["type"], message["channel"].decode().removeprefix(_PREFIX), message["data"])
        return True

    def _take(self, kind: str, topic: str, sender: object) -> None:
        if kind == "subscribe":
            self._confirm(topic)
        elif kind == "unsubscribe":
            self._listening.discard(topic)
        elif sender != self._worker:
            self._local.publish(topic)

    def _confirm(self, topic: str) -> None:
        """From now on nothing is lost; what was before may have been."""
        self._listening.add(topic)
        self._local.publish(topic)
        if (awaited := self._awaited.pop(topic, None)) is not None:
            awaited.set()


async def _end(tasks: Iterable[asyncio.Task[None]], *, again_after: float) -> None:
    """Cancel and await tasks; more than once, for Python 3.11 loses a cancellation that meets the end of a wait."""
    pending = set(tasks)
    while pending:
        for task in pending:
            task.cancel()
        _, pending = await asyncio.wait(pending, timeout=again_after)


async def _keep_up(work: Callable[[Callable[[], None]], Awaitable[None]], name: str) -> None:
    """Do what never ends, again after each failure; one warning line an outage."""
    failures = 0

    def reached() -> None:
        nonlocal failures
        if failures:
            _log.info(f"{name}_again", failures=failures)
        failures = 0

    while True:
        try:
            await work(reached)
        except _UNREACHABLE as error:
            if not failures:
                _log.warning(f"{name}_failed", error=type(error).__name__)
        except Exception as error:  # the boundary: a bug must not end what keeps workers together
            _log.error(f"{name}_bug", exc_info=error)  # structlog takes the error itself
        failures += 1
        pause = min(_LONGEST_PAUSE, _SHORTEST_PAUSE * 2 ** min(failures, 10))
        await asyncio.sleep(pause * random.uniform(0.5, 1))  # noqa: S311 # jitter, no secret
