"""What one request asks PostgreSQL at the same time travels as one statement; see ADR 0010, "One round trip"."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from itertools import chain
from operator import attrgetter
from typing import Any, NamedTuple, Protocol, TypeAlias

import structlog

from backend.drivers.failures import StatementTooSlow
from backend.drivers.joining import Combination, Combinations, can_be_joined
from backend.errors import DatabaseBusy, Operational

_log = structlog.get_logger(__name__)

_APART_SECONDS = 60.0

_Rows: TypeAlias = Sequence[Sequence[Any]]


class TimedDriver(Protocol):
    """Connections for reading that give a statement up after a time of its own."""

    async def fetch(self, sql: str, arguments: tuple[Any, ...], *, seconds: float | None = None) -> _Rows:
        """Return every row; raises StatementTooSlow where running the statement takes longer than `seconds`."""

    async def close(self) -> None:
        """Close every connection."""


class Asked(NamedTuple):
    """A statement as it is sent; its arguments are personal data and belong in no log."""

    sql: str
    arguments: tuple[Any, ...]


Observer = Callable[[tuple[Asked, ...]], None]
"""Is told of each trip before it begins: the statements that travel together."""


class RoundTrips:
    """Carries statements over a driver: those of one scope together, every other one by itself.

    A joined statement that fails is asked again in its parts, so that a section fails alone (R61). A combination that
    takes longer than `joined_seconds` is kept apart for a minute; then one trip tries whether it is quick again.
    The first combinations are joined, so many as there is room for; any later one never is.
    """

    def __init__(
        self,
        driver: TimedDriver,
        *,
        joined_seconds: float,
        patience_seconds: float,
    ) -> None:
        """Take the driver and the time limits.

        Args:
            driver: What runs statements.
            joined_seconds: How long a joined statement may run.
            patience_seconds: How long a statement may take altogether, waiting too: joined first, then by itself.
        """
        self._driver = driver
        self._patience_seconds = patience_seconds
        self._joined_seconds = joined_seconds
        self._combinations = Combinations(_APART_SECONDS)
        self._under_way: set[asyncio.Task[_Rows]] = set()
        self._observers: tuple[Observer, ...] = ()

    @contextmanager
    def together(self) -> Iterator[None]:
        """Let statements asked at the same time, by this task and by those that it starts, travel together.

        A scope inside another one is the same scope. What is asked after its end goes by itself.
        """
        if self._scope() is not None:
            yield
            return
        scope = _Scope(self)
        _SCOPE.set(scope)
        try:
            yield
        finally:
            scope.is_open = False

    async def fetch(self, sql: str, arguments: tuple[Any, ...]) -> _Rows:
        """Return every row; raises what the driver raises."""
        asked = Asked(sql, arguments)
        scope = self._scope()
        if scope is None:
            return await self._fetch_alone(asked)
        passenger = scope.add(asked)
        try:
            rows = await passenger.answer
        except asyncio.CancelledError:
            passenger.leave()
            raise
        if rows is not None:
            return rows
        if passenger.late_at is None:
            return await self._fetch_alone(asked)
        try:
            async with asyncio.timeout_at(passenger.late_at):
                return await self._fetch_alone(asked)
        except TimeoutError:
            raise DatabaseBusy from None

    async def close(self) -> None:
        """Close every connection; trips under way come to their end."""
        await self._driver.close()

    @contextmanager
    def observed(self, observe: Observer) -> Iterator[None]:
        """Tell `observe` of each trip meanwhile; for tests and diagnosis."""
        self._observers = (*self._observers, observe)
        try:
            yield
        finally:
            self._observers = tuple(one for one in self._observers if one is not observe)

    def depart(self, passengers: list["_Passenger"]) -> None:
        """Begin as few trips as hold them; the order in which they came makes no other text."""
        passengers.sort(key=_text_of)
        while passengers:
            most = next(n for n in range(len(passengers), 0, -1) if n == 1 or _fit(passengers[:n]))
            self._send(passengers[:most])
            del passengers[:most]

    def _scope(self) -> "_Scope | None":
        scope = _SCOPE.get()
        return scope if scope is not None and scope.is_open and scope.trips is self else None

    async def _fetch_alone(self, asked: Asked) -> _Rows:
        self._tell((asked,))
        return await self._driver.fetch(asked.sql, asked.arguments)

    def _tell(self, asked: tuple[Asked, ...]) -> None:
        for observe in self._observers:
            observe(asked)

    def _send(self, load: list["_Passenger"]) -> None:
        loop = asyncio.get_running_loop()
        now = loop.time()
        combination = self._combinations.find(_key(load), now) if len(load) > 1 else None
        if combination is None:
            for passenger in load:
                passenger.go_alone()
            return
        task = loop.create_task(self._carry(combination.text, tuple([passenger.asked for passenger in load])))
        trip = _Trip(load, task, combination, combination.is_on_trial, now + self._patience_seconds)
        for passenger in load:
            passenger.trip = trip
        self._under_way.add(task)
        task.add_done_callback(lambda _done: self._arrive(trip))

    async def _carry(self, text: str, load: tuple[Asked, ...]) -> _Rows:
        self._tell(load)
        arguments = tuple(chain.from_iterable([asked.arguments for asked in load]))
        [row] = await self._driver.fetch(text, arguments, seconds=self._joined_seconds)
        return row

    def _arrive(self, trip: "_Trip") -> None:
        self._under_way.discard(trip.task)
        trip.let_go()
        if trip.task.cancelled():
            trip.cancel()
        elif (error := trip.task.exception()) is None:
            if trip.is_trial:
                trip.combination.apart_until = None
            trip.hand_out(trip.task.result())
        elif isinstance(error, Operational) and not isinstance(error, StatementTooSlow):
            trip.fail(error)  # each by itself would have met the same
        else:
            _log.warning("joined_statement_failed", statements=len(trip.passengers), reason=type(error).__name__)
            if isinstance(error, StatementTooSlow):
                self._combinations.keep_apart(trip.combination, trip.task.get_loop().time())
            trip.part()


class _Scope:
    """Gathers what is asked, until a whole turn of the event loop has brought nothing more."""

    def __init__(self, trips: RoundTrips) -> None:
        self.trips = trips
        self.is_open = True
        self._waiting: list[_Passenger] = []

    def add(self, asked: Asked) -> "_Passenger":
        """Let one more wait for the next trip.

        A question that a task asks in its first step comes a turn later than those beside it: hence the second look.
        """
        loop = asyncio.get_running_loop()
        if not self._waiting:
            loop.call_soon(self._look, loop, 0)
        passenger = _Passenger(asked, loop.create_future())
        self._waiting.append(passenger)
        return passenger

    def _look(self, loop: asyncio.AbstractEventLoop, seen: int) -> None:
        if len(self._waiting) != seen:
            loop.call_soon(self._look, loop, len(self._waiting))
            return
        waiting, self._waiting = self._waiting, []
        self.trips.depart([passenger for passenger in waiting if not passenger.answer.done()])


_SCOPE: ContextVar[_Scope | None] = ContextVar("scope of statements", default=None)


class _Passenger:
    """A statement that waits: for its rows, or for None, which tells it to go by itself until `late_at`."""

    __slots__ = ("answer", "asked", "late_at", "trip")

    def __init__(self, asked: Asked, answer: asyncio.Future[_Rows | None]) -> None:
        self.asked = asked
        self.answer = answer
        self.late_at: float | None = None
        self.trip: _Trip | None = None

    def go_alone(self, late_at: float | None = None) -> None:
        self.late_at = late_at
        self.answer.set_result(None)

    def leave(self) -> None:
        """Wait no longer; the last one to leave ends the trip."""
        if self.trip is not None:
            self.trip.end_if_left()


@dataclass(slots=True, eq=False)
class _Trip:
    """A joined statement under way, and who waits for it."""

    passengers: Sequence[_Passenger]
    task: asyncio.Task[_Rows]
    combination: Combination
    is_trial: bool
    late_at: float

    def end_if_left(self) -> None:
        if all(passenger.answer.done() for passenger in self.passengers):
            self.task.cancel()

    def let_go(self) -> None:
        """End the circle of trip and passengers, in which all rows would wait for the garbage collector."""
        for passenger in self.passengers:
            passenger.trip = None

    def hand_out(self, answers: _Rows) -> None:
        for passenger, rows in zip(self.passengers, answers, strict=True):
            if not passenger.answer.done():
                passenger.answer.set_result(rows)

    def fail(self, error: Operational) -> None:
        for passenger in self._waiting():
            own = type(error)()  # one error raised in several tasks would gather all their tracebacks
            own.__cause__ = error
            passenger.answer.set_exception(own)

    def part(self) -> None:
        for passenger in self._waiting():
            passenger.go_alone(self.late_at)

    def cancel(self) -> None:
        for passenger in self._waiting():
            passenger.answer.cancel()

    def _waiting(self) -> Iterator[_Passenger]:
        return (passenger for passenger in self.passengers if not passenger.answer.done())


_text_of = attrgetter("asked.sql")


def _fit(load: Sequence[_Passenger]) -> bool:
    return can_be_joined([passenger.asked.sql for passenger in load])


def _key(load: Sequence[_Passenger]) -> tuple[tuple[str, int], ...]:
    return tuple([(passenger.asked.sql, len(passenger.asked.arguments)) for passenger in load])
