import asyncio
from uuid import UUID

import pytest

from backend.inbox.feed import InboxFeed
from identity.principal import PersonId

ANNA, BORIS = PersonId(UUID(int=1)), PersonId(UUID(int=2))


async def test_a_change_wakes_everybody_who_watches_that_person_and_nobody_else() -> None:
    feed = InboxFeed()
    async with feed.watch(ANNA) as first, feed.watch(ANNA) as second, feed.watch(BORIS) as other:
        feed.publish(ANNA)
        await asyncio.gather(anext(first), anext(second))
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(anext(other), 0.01)


async def test_many_changes_at_once_are_one_wake_up() -> None:
    feed = InboxFeed()
    async with feed.watch(ANNA) as wakes:
        for _ in range(1_000):
            feed.publish(ANNA)
        await anext(wakes)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(anext(wakes), 0.01)


async def test_a_wait_given_up_loses_no_later_change() -> None:
    feed = InboxFeed()
    async with feed.watch(ANNA) as wakes:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(anext(wakes), 0.01)
        feed.publish(ANNA)
        await asyncio.wait_for(anext(wakes), 1)


async def test_nothing_is_left_behind_by_those_who_leave() -> None:
    feed = InboxFeed()
    with pytest.raises(RuntimeError):
        async with feed.watch(ANNA), feed.watch(ANNA):
            assert feed.watcher_count() == 2
            raise RuntimeError
    feed.publish(ANNA)
    assert feed.watcher_count() == 0
