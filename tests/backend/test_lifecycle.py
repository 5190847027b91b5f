import asyncio

from backend.lifecycle import Lifecycle


async def test_a_drain_wakes_everybody_who_waits_and_whoever_comes_later() -> None:
    lifecycle = Lifecycle()
    waiting = [asyncio.create_task(lifecycle.wait_for_drain()) for _ in range(3)]
    await asyncio.wait(waiting, timeout=0)
    assert not lifecycle.is_draining
    assert not any(task.done() for task in waiting)
    lifecycle.begin_drain()
    assert lifecycle.is_draining
    async with asyncio.timeout(20):
        await asyncio.gather(*waiting)
        await lifecycle.wait_for_drain()


async def test_a_drain_begins_once() -> None:
    lifecycle = Lifecycle()
    lifecycle.begin_drain()
    lifecycle.begin_drain()
    assert lifecycle.is_draining


async def test_one_who_stops_waiting_leaves_the_others_waiting() -> None:
    lifecycle = Lifecycle()
    patient, impatient = (asyncio.create_task(lifecycle.wait_for_drain()) for _ in range(2))
    await asyncio.wait([patient, impatient], timeout=0)
    impatient.cancel()
    await asyncio.wait([impatient])
    assert not patient.done()
    lifecycle.begin_drain()
    await asyncio.wait_for(patient, 1)
