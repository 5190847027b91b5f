"""Sends are spread evenly over time."""

import asyncio

from notifications.pace import Pace


async def test_turns_are_as_far_apart_as_the_pace_says() -> None:
    loop = asyncio.get_running_loop()
    pace, began = Pace(200, monotonic=loop.time), loop.time()
    await asyncio.gather(*(pace.turn() for _ in range(21)))
    assert loop.time() - began >= 20 / 200 - 0.001


async def test_who_comes_late_does_not_save_turns_up() -> None:
    now = [0.0]
    pace = Pace(1, monotonic=lambda: now[0])
    await pace.turn()
    now[0] = 100.0
    await pace.turn()
    assert pace._next == 101.0
