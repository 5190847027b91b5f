"""Round trips over a driver in memory, whose answers the test gives by hand."""

import asyncio
import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from backend.round_trips import Asked, RoundTrips


@dataclass(eq=False)
class Sent:
    """A statement that the driver was given; the test answers it by hand."""

    sql: str
    arguments: tuple[Any, ...]
    seconds: float | None
    answer: asyncio.Future[Any] = field(default_factory=lambda: asyncio.get_running_loop().create_future())

    @property
    def is_joined(self) -> bool:
        return self.sql.startswith("SELECT ARRAY")

    def succeed(self) -> None:
        """Answer each statement by its own argument."""
        self.answer.set_result([[[[one]] for one in self.arguments]] if self.is_joined else [list(self.arguments)])

    def end(self, failure: type[Exception] | None) -> None:
        """Fail, or succeed."""
        if failure is None:
            self.succeed()
        else:
            self.answer.set_exception(failure())


class HandDriver:
    """Keeps what it is sent."""

    def __init__(self) -> None:
        self.sent: list[Sent] = []

    async def fetch(self, sql: str, arguments: tuple[Any, ...], *, seconds: float | None = None) -> Any:
        self.sent.append(Sent(sql, arguments, seconds))
        return await self.sent[-1].answer

    async def close(self) -> None:
        """Nothing is open."""


class World:
    """Round trips over a driver by hand, and the tasks that asked."""

    def __init__(self, *, patience_seconds: float = 9) -> None:
        self.driver = HandDriver()
        self.trips = RoundTrips(self.driver, joined_seconds=2, patience_seconds=patience_seconds)
        self.seen: list[tuple[Asked, ...]] = []

    async def ask(self, number: Any, table: str = "a") -> Any:
        [[answer]] = await self.trips.fetch(f"SELECT $1 AS {table}", (number,))
        return answer

    def sent(self) -> list[tuple[Any, ...]]:
        """Return the arguments of each trip so far."""
        return [one.arguments for one in self.driver.sent]

    def end_time_apart(self) -> None:
        """Let the time be over for which combinations are kept apart, without waiting for it."""
        for combination in self.trips._combinations._known.values():
            if combination.apart_until is not None:
                combination.apart_until = 0

    async def several(self, *numbers: Any) -> list["asyncio.Task[Any]"]:
        """Start a task for each in one scope, each with a statement of its own, and let them be sent."""
        with self.trips.together():
            tasks = [asyncio.create_task(self.ask(number, f"t{number}")) for number in numbers]
            await settle()
        return tasks


async def settle() -> None:
    """Let everything run that can without an answer."""
    for _ in range(8):
        await asyncio.sleep(0)


@asynccontextmanager
async def leaving_nothing() -> AsyncIterator[World]:
    """Give a world that must leave no task behind, and no error that nobody has seen."""
    gc.disable()  # so that one short collection finds what is left behind: a whole one takes long in a whole run
    complaints: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _loop, what: complaints.append(what))
    world = World()
    try:
        with world.trips.observed(world.seen.append):
            yield world
        await settle()
        assert world.trips._under_way == set()
        gc.collect(0)
        assert complaints == []
    finally:
        gc.enable()
