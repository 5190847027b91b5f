"""Who travels together."""

import asyncio
from collections.abc import AsyncIterator, Callable
from itertools import permutations
from typing import Any

import pytest

from backend.policy.single_flight import SingleFlight
from tests.backend.hand_driver import World, leaving_nothing, settle


@pytest.fixture
async def world() -> AsyncIterator[World]:
    """A world that must leave nothing behind."""
    async with leaving_nothing() as world:
        yield world


async def test_what_is_asked_in_one_turn_takes_one_trip(world: World) -> None:
    tasks = await world.several(1, 2, 3)
    [trip] = world.driver.sent
    assert trip.arguments == (1, 2, 3)
    assert trip.seconds == 2
    trip.succeed()
    assert await asyncio.gather(*tasks) == [1, 2, 3]
    assert [tuple(asked.arguments for asked in trip) for trip in world.seen] == [((1,), (2,), (3,))]


async def test_without_a_scope_each_goes_by_itself_at_once(world: World) -> None:
    tasks = [asyncio.create_task(world.ask(number)) for number in (1, 2)]
    await asyncio.sleep(0)
    assert world.sent() == [(1,), (2,)]
    for one in world.driver.sent:
        one.succeed()
    assert await asyncio.gather(*tasks) == [1, 2]
    assert len(world.seen) == 2


async def test_one_statement_goes_as_it_is(world: World) -> None:
    [task] = await world.several(1)
    [sent] = world.driver.sent
    assert (sent.sql, sent.seconds) == ("SELECT $1 AS t1", None)
    sent.succeed()
    assert await task == 1


@pytest.mark.parametrize("order", list(permutations(("plain", "shared", "later"))))
async def test_who_asks_in_the_first_step_of_a_task_is_waited_for(world: World, order: tuple[str, ...]) -> None:
    """As the policy does, whose question is shared by those who ask meanwhile."""
    flights: SingleFlight[str, Any] = SingleFlight()

    async def inner() -> Any:
        return await asyncio.create_task(world.ask("later", "b"))

    ways: dict[str, Callable[[], Any]] = {
        "plain": lambda: world.ask("plain", "a"),
        "shared": lambda: flights.ask("x", lambda: world.ask("shared", "c")),
        "later": inner,
    }
    with world.trips.together():
        tasks = [asyncio.create_task(ways[name]()) for name in order]
        await settle()
    assert world.sent() == [("plain", "later", "shared")]
    world.driver.sent[0].succeed()
    assert await asyncio.gather(*tasks) == list(order)


async def test_two_requests_never_share_a_trip(world: World) -> None:
    async def request(person: str) -> list[Any]:
        with world.trips.together():
            return await asyncio.gather(*(world.ask(f"{person}{number}", f"t{number}") for number in range(3)))

    requests = [asyncio.create_task(request(person)) for person in "ABC"]
    await settle()
    assert world.sent() == [tuple(f"{person}{number}" for number in range(3)) for person in "ABC"]
    for one in world.driver.sent:
        one.succeed()
    assert await asyncio.gather(*requests) == [list(arguments) for arguments in world.sent()]


async def test_a_scope_inside_a_scope_is_the_same(world: World) -> None:
    with world.trips.together():
        outer = asyncio.create_task(world.ask(1, "a"))
        with world.trips.together():
            inner = asyncio.create_task(world.ask(2, "b"))
            await asyncio.sleep(0)
        after = asyncio.create_task(world.ask(3, "c"))
        await settle()
    [trip] = world.driver.sent
    trip.succeed()
    assert list(await asyncio.gather(outer, inner, after)) == [1, 2, 3]


async def test_a_task_that_outlives_its_scope_goes_by_itself(world: World) -> None:
    """So nothing of a later request travels with what an earlier one left behind."""
    gone = asyncio.Event()

    async def straggler(number: int) -> Any:
        await gone.wait()
        return await world.ask(number)

    with world.trips.together():
        tasks = [asyncio.create_task(straggler(number)) for number in (1, 2)]
        await settle()
    gone.set()
    await settle()
    assert world.sent() == [(1,), (2,)]
    for one in world.driver.sent:
        one.succeed()
    assert await asyncio.gather(*tasks) == [1, 2]


async def test_what_was_asked_before_the_scope_ended_is_still_answered(world: World) -> None:
    with world.trips.together():
        tasks = [asyncio.create_task(world.ask(number, f"t{number}")) for number in (1, 2)]
        await asyncio.sleep(0)
    await settle()
    world.driver.sent[0].succeed()
    assert await asyncio.gather(*tasks) == [1, 2]


async def test_a_second_wave_takes_a_second_trip(world: World) -> None:
    async def chain(number: int) -> Any:
        return await world.ask(await world.ask(number, f"t{number}"), f"u{number}")

    with world.trips.together():
        tasks = [asyncio.create_task(chain(number)) for number in (1, 2)]
        for wave in range(2):
            await settle()
            world.driver.sent[wave].succeed()
        assert await asyncio.gather(*tasks) == [1, 2]
    assert world.sent() == [(1, 2), (1, 2)]


async def test_many_take_as_few_trips_as_hold_them(world: World) -> None:
    tasks = await world.several(*range(9))
    assert world.sent() == [tuple(range(8)), (8,)]
    for one in world.driver.sent:
        one.succeed()
    assert await asyncio.gather(*tasks) == list(range(9))


async def test_the_order_in_which_they_are_asked_makes_no_other_text(world: World) -> None:
    for numbers in permutations((1, 2, 3)):
        tasks = await world.several(*numbers)
        world.driver.sent[-1].succeed()
        assert await asyncio.gather(*tasks) == list(numbers)
    assert len({one.sql for one in world.driver.sent}) == 1
