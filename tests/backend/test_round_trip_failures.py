"""What becomes of those who travel together when the trip fails, is slow, or somebody leaves."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.drivers.failures import StatementTooSlow
from backend.errors import DatabaseBusy, DatabaseUnavailable
from tests.backend.hand_driver import World, leaving_nothing, settle


@pytest.fixture
async def world() -> AsyncIterator[World]:
    """A world that must leave nothing behind."""
    async with leaving_nothing() as world:
        yield world


async def test_a_statement_that_fails_fails_alone(world: World) -> None:
    """R61: the others of its trip are asked again, each by itself."""
    tasks = await world.several(1, 2, 3)
    world.driver.sent[0].answer.set_exception(LookupError("no such table"))
    await settle()
    assert world.sent() == [(1, 2, 3), (1,), (2,), (3,)]
    for one in world.driver.sent[1:]:
        if one.arguments == (2,):
            one.answer.set_exception(LookupError("no such table"))
        else:
            one.succeed()
    found = await asyncio.gather(*tasks, return_exceptions=True)
    assert (found[0], repr(found[1]), found[2]) == (1, "LookupError('no such table')", 3)
    again = await world.several(1, 2, 3)
    assert world.sent()[4:] == [(1, 2, 3)], "what failed for another reason than time is joined again"
    world.driver.sent[4].succeed()
    await asyncio.gather(*again)


@pytest.mark.parametrize("kind", [DatabaseUnavailable, DatabaseBusy])
async def test_without_a_connection_nothing_is_asked_again(
    world: World, kind: type[DatabaseUnavailable | DatabaseBusy]
) -> None:
    """Each by itself would wait for the same connection: under load that would make five statements of one."""
    tasks = await world.several(1, 2, 3)
    world.driver.sent[0].answer.set_exception(kind())
    found = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(one) for one in found] == [kind] * 3
    assert len({id(one) for one in found}) == 3, "each has an error of its own"
    assert len(world.sent()) == 1


async def test_what_was_too_slow_together_is_kept_apart_and_tried_again(world: World) -> None:
    tasks = await world.several(1, 2)
    world.driver.sent[0].answer.set_exception(StatementTooSlow())
    await settle()
    assert world.sent() == [(1, 2), (1,), (2,)]
    tasks += await world.several(1, 2)
    tasks += await world.several(1, 3)
    assert world.sent()[3:] == [(1,), (2,), (1, 3)], "only this combination is kept apart"
    world.end_time_apart()
    tasks += await world.several(1, 2)
    tasks += await world.several(1, 2)
    assert world.sent()[6:] == [(1, 2), (1,), (2,)], "while one tries, the others stay apart"
    for one in world.driver.sent[1:]:
        one.succeed()
    assert await asyncio.gather(*tasks) == [1, 2, 1, 2, 1, 3, 1, 2, 1, 2]
    again = await world.several(1, 2)
    assert world.sent()[9:] == [(1, 2)]
    world.driver.sent[9].succeed()
    await asyncio.gather(*again)


async def test_a_statement_takes_its_whole_time_at_most_however_it_travels() -> None:
    """So a section ends before the request does (R61)."""
    world = World(patience_seconds=0.05)
    tasks = await world.several(1, 2)
    world.driver.sent[0].answer.set_exception(StatementTooSlow())
    found = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(one) for one in found] == [DatabaseBusy] * 2
    assert [one.answer.cancelled() for one in world.driver.sent[1:]] == [True, True]


@pytest.mark.parametrize("steps", range(6))
async def test_who_is_cancelled_harms_nobody(world: World, steps: int) -> None:
    with world.trips.together():
        tasks = [asyncio.create_task(world.ask(number, f"t{number}")) for number in range(3)]
        for _ in range(steps):
            await asyncio.sleep(0)
        tasks[1].cancel()
        await settle()
    world.driver.sent[0].succeed()
    found = await asyncio.gather(*tasks, return_exceptions=True)
    assert (found[0], type(found[1]), found[2]) == (0, asyncio.CancelledError, 2)


async def test_who_is_cancelled_before_the_departure_is_not_asked_for(world: World) -> None:
    with world.trips.together():
        tasks = [asyncio.create_task(world.ask(number, f"t{number}")) for number in range(3)]
        await asyncio.sleep(0)
        tasks[1].cancel()
        await settle()
    assert world.sent() == [(0, 2)]
    world.driver.sent[0].succeed()
    assert (await asyncio.gather(*tasks, return_exceptions=True))[::2] == [0, 2]


async def test_a_trip_that_everybody_left_is_cancelled(world: World) -> None:
    tasks = await world.several(1, 2, 3)
    for left, task in enumerate(tasks, 1):
        assert not world.driver.sent[0].answer.cancelled()
        task.cancel()
        await settle()
        assert world.driver.sent[0].answer.cancelled() == (left == 3)
    assert world.trips._under_way == set()
    found = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(one) for one in found] == [asyncio.CancelledError] * 3


async def test_a_trip_that_is_ended_from_outside_leaves_nobody_waiting(world: World) -> None:
    tasks = await world.several(1, 2)
    for trip in tuple(world.trips._under_way):
        trip.cancel()
    found = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(one) for one in found] == [asyncio.CancelledError] * 2


async def test_an_error_that_comes_with_the_cancellation_is_not_complained_about(world: World) -> None:
    for who in combinations(range(3), 2):
        tasks = await world.several(1, 2, 3)
        world.driver.sent[-1].answer.set_exception(DatabaseUnavailable())
        for steps in who:
            for _ in range(steps):
                await asyncio.sleep(0)
            tasks[steps].cancel()
        found = await asyncio.gather(*tasks, return_exceptions=True)
        assert {type(one) for one in found} <= {asyncio.CancelledError, DatabaseUnavailable}


FAILURES = {"slow": StatementTooSlow, "bug": LookupError, "unavailable": DatabaseUnavailable, "busy": DatabaseBusy}
ASKED = st.tuples(st.integers(0, 1), st.integers(0, 3), st.integers(0, 4))


@dataclass
class Crowd:
    """Two requests; `asked` says of each question whose it is, in which turn it comes, and which statement it is."""

    world: World
    asked: list[tuple[int, int, int]]
    tasks: dict[int, "asyncio.Task[Any]"] = field(default_factory=dict)

    async def request(self, number: int) -> None:
        """Ask what is this request's, in one scope, and wait for all of it."""
        with self.world.trips.together():
            for index, (whose, turn, table) in enumerate(self.asked):
                if whose == number:
                    self.tasks[index] = asyncio.create_task(self.ask(index, turn, table))
            await asyncio.gather(*(self.tasks[index] for index in self.of(number)), return_exceptions=True)

    async def ask(self, index: int, turn: int, table: int) -> Any:
        for _ in range(turn):
            await asyncio.sleep(0)
        return await self.world.ask(index, f"t{table}")

    def of(self, number: int) -> set[int]:
        """Return the questions of a request."""
        return {index for index, (whose, _, _) in enumerate(self.asked) if whose == number}

    def check(self) -> None:
        """Everybody has own rows or an own error, and no trip carried questions of both requests."""
        for index, task in self.tasks.items():
            if not task.cancelled() and task.exception() is None:
                assert task.result() == index
        for sent in self.world.driver.sent:
            assert set(sent.arguments) <= self.of(0) or set(sent.arguments) <= self.of(1)


@settings(deadline=None, max_examples=150)
@given(
    asked=st.lists(ASKED, max_size=12),
    cancelled=st.dictionaries(st.integers(0, 20), st.integers(0, 11), max_size=6),
    outcomes=st.lists(st.sampled_from(["rows", *FAILURES]), max_size=20),
)
async def test_in_any_order_everybody_gets_what_is_theirs(
    asked: list[tuple[int, int, int]], cancelled: dict[int, int], outcomes: list[str]
) -> None:
    """Whatever comes, fails or is cancelled in which turn: nothing is mixed, nobody waits for ever, nothing is left."""
    async with leaving_nothing() as world:
        crowd = Crowd(world, asked)
        requests = [asyncio.create_task(crowd.request(number)) for number in (0, 1)]
        script = iter(outcomes)
        for turn in range(300):
            await asyncio.sleep(0)
            if (task := crowd.tasks.get(cancelled.get(turn, -1))) is not None:
                task.cancel()
            at_work = [sent for sent in world.driver.sent if not sent.answer.done()]
            if turn % 3 == 2 and at_work:
                at_work[0].end(FAILURES.get(next(script, "rows")))
        assert all(one.done() for one in requests), "somebody waits for ever"
        crowd.check()
