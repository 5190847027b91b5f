"""Wake-ups by one contract: in memory, and between two workers over a real Redis."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from uuid import uuid4

import pytest
from redis.exceptions import RedisError
from structlog.testing import capture_logs

from backend.redis_connection import open_redis
from backend.redis_signals import RedisSignals
from backend.signals import MemorySignals, Signals
from tests.plugins.redis import RedisServer
from tests.plugins.waiting import until


@asynccontextmanager
async def worker(url: str) -> AsyncIterator[RedisSignals]:
    redis = open_redis(url)
    signals = RedisSignals(redis)
    try:
        yield signals
    finally:
        await signals.close()
        await redis.aclose()


@pytest.fixture(params=["memory", "redis"])
async def signals(request: pytest.FixtureRequest) -> AsyncIterator[Signals]:
    if request.param == "memory":
        yield MemorySignals()
        return
    async with worker(request.getfixturevalue("redis_url")) as signals:
        yield signals


@pytest.fixture
def topic() -> str:
    return f"inbox:{uuid4()}"


async def woken(wakes: AsyncIterator[None], *, within: float = 10) -> None:
    await asyncio.wait_for(anext(wakes), within)


async def not_woken(wakes: AsyncIterator[None]) -> None:
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(anext(wakes), 0.1)


async def test_a_change_wakes_everybody_who_watches_that_topic_and_nobody_else(signals: Signals, topic: str) -> None:
    async with signals.watch(topic) as first, signals.watch(topic) as second, signals.watch(topic + "0") as other:
        signals.publish(topic)
        await asyncio.gather(woken(first), woken(second))
        await not_woken(other)


async def test_many_changes_at_once_are_one_wake_up(signals: Signals, topic: str) -> None:
    async with signals.watch(topic) as wakes:
        for _ in range(1_000):
            signals.publish(topic)
        await woken(wakes)
        await not_woken(wakes)


async def test_a_new_watcher_is_not_woken_by_what_was_before(signals: Signals, topic: str) -> None:
    async with signals.watch(topic):
        signals.publish(topic)
        async with signals.watch(topic) as wakes:
            await not_woken(wakes)


async def test_a_wait_given_up_loses_no_later_change(signals: Signals, topic: str) -> None:
    async with signals.watch(topic) as wakes:
        await not_woken(wakes)
        signals.publish(topic)
        await woken(wakes)


async def test_nothing_is_left_behind_by_those_who_leave(signals: Signals, topic: str) -> None:
    with pytest.raises(RuntimeError):
        async with signals.watch(topic), signals.watch(topic):
            assert signals.watcher_count() == 2
            raise RuntimeError
    signals.publish(topic)
    assert signals.watcher_count() == 0


async def test_a_change_in_one_worker_wakes_those_who_watch_in_another(redis_url: str, topic: str) -> None:
    async with worker(redis_url) as one, worker(redis_url) as two, two.watch(topic) as wakes, two.watch("x") as other:
        one.publish(topic)
        await woken(wakes)
        await not_woken(other)


async def test_a_topic_is_watched_anew_after_its_last_watcher_left(redis_url: str, topic: str) -> None:
    async with worker(redis_url) as one, worker(redis_url) as two:
        for _ in range(5):
            async with two.watch(topic) as wakes:
                one.publish(topic)
                await woken(wakes)


async def test_a_watcher_is_woken_though_the_one_before_it_left_without_waiting(redis_url: str, topic: str) -> None:
    """However far the first one's subscription came: asked for, on its way, or confirmed after it was taken back."""

    async def look_in(topic: str) -> None:
        async with two.watch(topic):
            pass

    async with worker(redis_url) as one, worker(redis_url) as two, two.watch("x") as other:
        for turns in range(12):
            brief = asyncio.create_task(look_in(f"{topic}{turns}"))
            for _ in range(turns):
                await asyncio.sleep(0)
            brief.cancel()
            await asyncio.wait({brief})
            one.publish("x")
            await woken(other)  # Redis answers in order: so what was sent for the first one is answered
            async with two.watch(f"{topic}{turns}") as wakes:
                one.publish(f"{topic}{turns}")
                await woken(wakes)


async def test_redis_hears_only_of_topics_that_somebody_watches(redis_url: str, topic: str) -> None:
    async with AsyncExitStack() as stack:
        redis = open_redis(redis_url)
        stack.push_async_callback(redis.aclose)
        one = await stack.enter_async_context(worker(redis_url))
        channel = f"zdorovye:signal:{topic}"
        async with one.watch(topic), one.watch(topic):
            assert await redis.pubsub_numsub(channel) == [(channel.encode(), 1)]
        async with asyncio.timeout(20):
            while await redis.pubsub_numsub(channel) != [(channel.encode(), 0)]:
                pass


class CountingSignals(MemorySignals):
    """Counts the topics that are looked through."""

    looked_through = 0

    def topics(self) -> set[str]:
        """Hand all of them out."""
        found = super().topics()
        self.looked_through += len(found)
        return found


async def test_one_more_watcher_costs_the_same_however_many_there_are(redis_url: str, topic: str) -> None:
    names = [f"{topic}{number}" for number in range(200)]
    async with worker(redis_url) as one, worker(redis_url) as two:
        one._local = counting = CountingSignals()
        for rest in (names[:150], names[150:]):  # the second time on a connection that stands
            async with AsyncExitStack() as stack:
                watched = [await stack.enter_async_context(one.watch(name)) for name in rest]
                for name in rest:
                    two.publish(name)
                await asyncio.gather(*(woken(wakes) for wakes in watched))
        assert counting.looked_through <= len(names)


async def test_those_who_come_and_go_while_redis_is_away_leave_nothing_behind(redis_server: RedisServer) -> None:
    async with worker(redis_server.url) as one, one.watch("x") as wakes:
        redis_server.kill()
        await until(lambda: _is_cut_off(one), what="the loss of the connection")
        await asyncio.gather(*(_look_in(one, f"inbox:{number}") for number in range(50)))
        assert one._touched is None
        redis_server.start()
        await woken(wakes)
        assert one._local.topics() == {"x"}


async def _is_cut_off(signals: RedisSignals) -> bool:
    return signals._touched is None


async def _look_in(signals: RedisSignals, topic: str) -> None:
    async with signals.watch(topic):
        pass


async def test_what_is_published_while_redis_is_away_arrives_when_it_is_back(
    redis_server: RedisServer, topic: str
) -> None:
    async with worker(redis_server.url) as one, worker(redis_server.url) as two, two.watch(topic) as wakes:
        redis_server.kill()
        async with one.watch(topic) as own:  # nobody waits long for a dead Redis
            one.publish(topic)
            await woken(own, within=0.5)
        redis_server.start()
        await woken(wakes)
        await until(lambda: _was_published(redis_server), what="what was kept to be sent")


async def _was_published(server: RedisServer) -> bool:
    """Ask the server, which was killed and so counts from nothing, whether anybody published."""
    client = open_redis(server.url)
    try:
        return "cmdstat_publish" in await client.info("commandstats")
    except RedisError:
        return False  # it is not up yet
    finally:
        await client.aclose()


async def test_every_watcher_is_woken_when_redis_is_back_for_a_wake_up_may_be_lost(
    redis_server: RedisServer, topic: str
) -> None:
    async with worker(redis_server.url) as one, one.watch(topic) as first, one.watch(topic + "0") as second:
        redis_server.kill()
        await not_woken(first)
        redis_server.start()
        await asyncio.gather(woken(first), woken(second))


async def test_a_watcher_let_in_without_redis_is_served_once_it_is_there(redis_server: RedisServer, topic: str) -> None:
    redis_server.kill()
    async with worker(redis_server.url) as one, worker(redis_server.url) as two, two.watch(topic) as wakes:
        redis_server.start()
        await woken(wakes)
        one.publish(topic)
        await woken(wakes)


async def test_a_frozen_redis_holds_up_no_publisher_and_is_noticed(redis_server: RedisServer, topic: str) -> None:
    async with worker(redis_server.url) as one, one.watch(topic) as wakes:
        one.publish(topic)
        await woken(wakes)
        redis_server.freeze()
        one.publish(topic)
        await woken(wakes, within=0.5)
        redis_server.thaw()


async def test_an_outage_is_one_warning_line_and_names_no_topic(redis_server: RedisServer, topic: str) -> None:
    with capture_logs() as lines:
        async with worker(redis_server.url) as one, one.watch(topic) as wakes:
            redis_server.kill()
            for _ in range(5):
                one.publish(topic)
                await woken(wakes)
                await not_woken(wakes)
            redis_server.start()
            await woken(wakes)
    warnings = [line["event"] for line in lines if line["log_level"] == "warning"]
    assert sorted(warnings) == ["signals_listening_failed", "signals_sending_failed"]
    assert topic not in str(lines)


async def test_what_waits_for_redis_is_bounded(redis_server: RedisServer) -> None:
    redis_server.kill()
    async with worker(redis_server.url) as one:
        for number in range(10_050):
            one.publish(f"inbox:{number}")
        assert len(one._unsent) == 10_000
        assert "inbox:49" not in one._unsent
        assert "inbox:10049" in one._unsent
        with suppress(RedisError, OSError):
            await asyncio.gather(one._send_unsent(), _publish_soon(one, "later", 100))
        assert len(one._unsent) == 10_000
        assert "later:99" in one._unsent


async def _publish_soon(signals: RedisSignals, kind: str, count: int) -> None:
    """Publish while what was before is on its way."""
    await asyncio.sleep(0)
    for number in range(count):
        signals.publish(f"{kind}:{number}")
