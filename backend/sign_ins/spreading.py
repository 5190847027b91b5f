"""How the word that a session ended reaches every worker (ADR 0015): by a topic for each part of the people."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from backend.signals import Signals
from identity.live_sessions import SHARDS, LiveSessions, shard_of
from identity.principal import PersonId


def topic_of(shard: int) -> str:
    """Return the topic of a part: a word and a number."""
    return f"sessions:{shard}"


def spread_end(signals: Signals, person_id: PersonId) -> None:
    """Tell every worker that sessions of this person may have ended; to be called after the commit."""
    signals.publish(topic_of(shard_of(person_id)))


@asynccontextmanager
async def kept_current(live: LiveSessions, signals: Signals) -> AsyncIterator[None]:
    """Let `live` hear each word and look around by itself, while the block runs."""
    tasks = [asyncio.create_task(_hear(live, signals, shard)) for shard in range(SHARDS)]
    tasks.append(asyncio.create_task(live.run()))
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await live.close()


async def _hear(live: LiveSessions, signals: Signals, shard: int) -> None:
    async with signals.watch(topic_of(shard)) as wakes:
        async for _ in wakes:
            live.doubt(shard)
