"""What a case's resolvers do, decided by a hash of where they stand: both executors meet the same world."""

import asyncio
import random
import re
import zlib
from collections.abc import Awaitable, Generator, Hashable
from dataclasses import dataclass, field
from typing import Any

from graphql import GraphQLError

Key = tuple[str | int, ...]
_ADDRESS = re.compile(r" at 0x[0-9a-f]+|(?<=\.\.\.)[ atx0-9a-f]+(?=>)|(?<=Task-)\d+")  # reprlib cuts some short


def without_addresses(text: str) -> str:
    """Return a text without addresses in memory and numbers of tasks, which differ from run to run."""
    return _ADDRESS.sub("", text)


def steady(value: object) -> str:
    """Return the representation of a value without addresses."""
    return without_addresses(repr(value))


def dice_of(seed: int) -> random.Random:
    """Return dice that fall the same way for the same seed."""
    return random.Random(seed)  # noqa: S311 # cases are drawn, not secrets


class Boom(Exception):
    """A failure with extensions of its own, which graphql-core copies into the error."""

    def __init__(self, message: str, extensions: dict[str, Any] | None = None) -> None:
        super().__init__(message)
        self.extensions = extensions


@dataclass(frozen=True, slots=True)
class Plan:
    """The rates of everything out of the ordinary.

    `faults` and `waits` are probabilities per value; `longest` bounds lists; `calm` names places (as in the error
    path) where nothing happens: the reduction of a found difference quiets one place after another.
    """

    seed: int
    faults: float
    waits: float
    longest: int = 3
    calm: frozenset[Key] = frozenset()


@dataclass(slots=True)
class Run:
    """One execution of a case: the plan, and what the executor was seen to do. It is the context value."""

    plan: Plan
    events: list[Hashable] = field(default_factory=list)
    reached: set[Key] = field(default_factory=set)
    futures: list[asyncio.Future[Any]] = field(default_factory=list)
    loader: "Loader" = field(init=False)

    def __post_init__(self) -> None:
        """Give the run its loader."""
        self.loader = Loader(self)

    def dice(self, key: Key, salt: str) -> random.Random:
        """Return the dice of one place; the same place always gives the same dice."""
        return dice_of(zlib.crc32(repr((self.plan.seed, key, salt)).encode()))

    def fails(self, key: Key, dice: random.Random) -> bool:
        """Tell whether something goes wrong here."""
        self.reached.add(key)
        return dice.random() < self.plan.faults and key not in self.plan.calm

    def waits(self, key: Key, dice: random.Random) -> bool:
        """Tell whether a value comes later."""
        return dice.random() < self.plan.waits and key not in self.plan.calm

    def note(self, *event: Hashable) -> None:
        """Write down what was seen, in order."""
        self.events.append(event)

    def later(self, key: Key, value: Any, failure: Exception | None, dice: random.Random) -> Awaitable[Any]:
        """Return an awaitable of a value or a failure, of one of the many kinds there are."""
        kind = dice.randrange(8)
        if kind == 0:
            return self._arrive(key, value, failure, ticks=0)
        if kind == 1:
            return _Awaitable(value, failure)
        if kind in {2, 3}:
            return self.future(value, failure, now=kind == 2)
        if kind == 4:
            return asyncio.ensure_future(self._arrive(key, value, failure, ticks=dice.randrange(3)))
        if kind == 5:
            return self.loader.load(key, value, failure)
        return self._arrive(key, value, failure, ticks=dice.randrange(1, 6))

    async def _arrive(self, key: Key, value: Any, failure: Exception | None, *, ticks: int) -> Any:
        try:
            for _ in range(ticks):
                await asyncio.sleep(0)
        except asyncio.CancelledError:
            self.note("cancelled", key)
            raise
        self.note("arrived", key)
        if failure is not None:
            raise failure
        return value

    def future(self, value: Any, failure: Exception | None, *, now: bool) -> asyncio.Future[Any]:
        """Return a future that has its outcome now or will have it soon; nobody complains when it is not awaited."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Any] = loop.create_future()
        self.futures.append(future)
        if now:
            settle(future, value, failure)
        else:
            loop.call_soon(settle, future, value, failure)
        return future


def settle(future: asyncio.Future[Any], value: Any, failure: Exception | None) -> None:
    """Give a future its outcome, unless its waiter has been cancelled."""
    if future.done():
        return
    if failure is None:
        future.set_result(value)
    else:
        future.set_exception(failure)


class _Awaitable:
    """Something that may be awaited and is neither a coroutine nor a future."""

    def __init__(self, value: Any, failure: Exception | None) -> None:
        self._value, self._failure = value, failure

    def __await__(self) -> Generator[None, None, Any]:
        yield
        if self._failure is not None:
            raise self._failure
        return self._value


class Loader:
    """A batch loader: the keys asked for in one tick are answered together; of many, some may fail."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._batch: list[tuple[Key, asyncio.Future[Any], Any, Exception | None]] = []

    def load(self, key: Key, value: Any, failure: Exception | None) -> asyncio.Future[Any]:
        """Ask for one key."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Any] = loop.create_future()
        self._run.futures.append(future)
        if not self._batch:
            loop.call_soon(self._dispatch)
        self._batch.append((key, future, value, failure))
        return future

    def _dispatch(self) -> None:
        batch, self._batch = self._batch, []
        self._run.note("batch", tuple(key for key, *_ in batch))
        for _, future, value, failure in batch:
            settle(future, value, failure)


def failure_at(key: Key, dice: random.Random) -> Exception:
    """Draw the exception that is raised, or stands as a value, at a place."""
    text = f"fault at {'.'.join(map(str, key))}"
    makers = (
        lambda: ValueError(text),
        lambda: KeyError(text),
        lambda: TypeError(text),
        RuntimeError,
        lambda: AttributeError(text),
        lambda: Boom(text, {"code": "BOOM", "class": [1]}),
        lambda: GraphQLError(text),
        lambda: GraphQLError(text, extensions={"code": "E", "n": len(key)}),
        lambda: GraphQLError(text, path=["another", 7], original_error=Boom("inner", {"deep": True})),
        lambda: TimeoutError(text),
        lambda: RecursionError(text),
        lambda: NotImplementedError(text),
    )
    return dice.choice(makers)()
