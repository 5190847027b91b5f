"""A few PostgreSQL connections for reading: nothing is sent but the statement itself, which stays prepared.

No BEGIN and no RESET: a statement is its own transaction, the server refuses every write, and nothing is ever set on
a connection, so there is nothing to reset. Behind PgBouncer in transaction mode see docs/guides/reads.md.
"""

import asyncio
from collections import deque
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import asyncpg
import orjson

from backend.drivers.failures import StatementTooSlow, operational_error
from backend.errors import DatabaseBusy, DatabaseUnavailable, Operational

_KEPT_STATEMENTS = 512
_LONGEST_KEPT_STATEMENT = 65_536
SETTINGS_OF_READS: Mapping[str, str] = MappingProxyType(
    {"default_transaction_read_only": "on", "random_page_cost": "1.1"}
)
"""What a connection for reading begins with.

The cost of a page out of turn is that of solid-state drives. With the default, made for disks that turn, PostgreSQL
compares each slot with every claim, where these are few, instead of looking its own up by the index.
"""
_SETTLE_SECONDS = 5.0
_TICK_SECONDS = 0.002
"""The clock of uvloop goes by milliseconds: a timer may come so much before its time."""


class PostgresqlReads:
    """A bounded free-list: the connection used last is taken first, who waits longest is served first."""

    def __init__(self, connect: Mapping[str, Any], *, most: int, wait_seconds: float) -> None:
        """Say how to connect; nothing connects before the first statement.

        Args:
            connect: Arguments of `asyncpg.connect`; `server_settings` hold the time-outs of statements.
            most: So many connections at once.
            wait_seconds: How long a statement waits for one of them.
        """
        settings = {**connect.get("server_settings", {}), **SETTINGS_OF_READS}
        self._connect = {
            **connect,
            "server_settings": settings,
            "statement_cache_size": _KEPT_STATEMENTS,
            "max_cacheable_statement_size": _LONGEST_KEPT_STATEMENT,
            "max_cached_statement_lifetime": 0,
        }
        self._wait_seconds = wait_seconds
        self._free = most
        self._idle: list[asyncpg.Connection] = []
        self._waiting: deque[tuple[float, asyncio.Future[None]]] = deque()
        """Until when each waits, by the clock of the loop, and its turn; the oldest first."""
        self._patience: asyncio.TimerHandle | None = None
        self._settling: set[asyncio.Task[None]] = set()
        self._is_closed = False

    async def fetch(
        self, sql: str, arguments: tuple[Any, ...], *, seconds: float | None = None
    ) -> Sequence[Sequence[Any]]:
        """Return the rows of one statement; asked a second time when its connection was lost.

        One that cannot be opened is not tried twice: who waits would wait for two time-outs.

        Args:
            sql: The text, with its placeholders.
            arguments: A value for each of them.
            seconds: Give the statement up after this time of its own; the wait for a connection is not counted.

        Raises:
            DatabaseBusy: No connection could be had in time.
            StatementTooSlow: The statement ran out of the server's time or of `seconds`.
            DatabaseUnavailable: The server does not answer.
            ValueError: The driver or the server (SQLSTATE class 22) refuses a value; the text does not quote it.
        """
        connection = await self._acquire()
        try:
            return await self._run(connection, sql, arguments, seconds)
        except DatabaseUnavailable:
            self._forget_idle()  # what broke one connection broke the others
        return await self._run(await self._acquire(), sql, arguments, seconds)

    async def close(self) -> None:
        """Close what is idle now, and what is in use as soon as it is done; a later statement opens anew."""
        self._is_closed = True
        if self._patience is not None and all(turn.done() for _, turn in self._waiting):
            self._waiting.clear()
            self._patience.cancel()
            self._patience = None
        for task in tuple(self._settling):
            task.cancel()
        await asyncio.gather(*self._settling, return_exceptions=True)
        idle, self._idle = self._idle, []
        leaving = (connection.close(timeout=_SETTLE_SECONDS) for connection in idle)
        await asyncio.gather(*leaving, return_exceptions=True)  # one that cannot say good-bye is cut off by the driver

    async def _run(
        self, connection: asyncpg.Connection, sql: str, arguments: tuple[Any, ...], seconds: float | None
    ) -> Sequence[Sequence[Any]]:
        try:
            records: Sequence[Sequence[Any]] = await connection.fetch(sql, *arguments, timeout=seconds)
        except asyncpg.DataError as error:
            self._settle(connection)
            raise ValueError(_told_of(error)) from None  # the error itself quotes the value
        except BaseException as error:
            self._settle(connection)
            failure = _failure_of(error, is_closed=connection.is_closed())
            if failure is None or not isinstance(error, Exception):
                raise
            raise failure from error
        self._release(connection)
        return records

    async def _acquire(self) -> asyncpg.Connection:
        if self._free:
            self._free -= 1
        else:
            await self._wait()
        try:
            while self._idle:
                connection = self._idle.pop()
                if not connection.is_closed():
                    return connection
            return await self._open()
        except BaseException:
            self._pass_on()
            raise

    async def _open(self) -> asyncpg.Connection:
        self._is_closed = False
        try:
            connection = await asyncpg.connect(**self._connect)
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:  # a time-out is an OSError
            raise operational_error(error) or DatabaseUnavailable() from error
        await _load_json(connection)
        return connection

    async def _wait(self) -> None:
        loop = asyncio.get_running_loop()
        turn: asyncio.Future[None] = loop.create_future()
        self._waiting.append((loop.time() + self._wait_seconds, turn))
        if self._patience is None:
            self._patience = loop.call_later(self._wait_seconds, self._give_up, loop)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled() and turn.exception() is None:
                self._pass_on()  # the turn came together with the cancellation
            raise

    def _give_up(self, loop: asyncio.AbstractEventLoop) -> None:
        """Let go who has waited long enough. One timer for all: a timer for each cost more than the waiting itself."""
        self._patience = None
        now = loop.time() + _TICK_SECONDS
        while self._waiting and (self._waiting[0][1].done() or self._waiting[0][0] <= now):
            _, turn = self._waiting.popleft()
            if not turn.done():
                turn.set_exception(DatabaseBusy())
        if self._waiting:
            self._patience = loop.call_at(self._waiting[0][0], self._give_up, loop)

    def _pass_on(self) -> None:
        """Let the next one have a connection, or keep the place free."""
        while self._waiting:
            _, turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        self._free += 1

    def _release(self, connection: asyncpg.Connection) -> None:
        if self._is_closed or connection.is_closed():
            connection.terminate()
        else:
            self._idle.append(connection)
        self._pass_on()

    def _settle(self, connection: asyncpg.Connection) -> None:
        """Give a connection back once it is quiet again.

        Of a statement that was cancelled the server may still be at work; the driver asks it to stop. One that failed
        on our side after it was prepared has left locks behind, until the next one is run to its end.
        """
        if connection.is_closed() or self._is_closed:
            self._release(connection)
            return
        task = asyncio.get_running_loop().create_task(_wait_until_quiet(connection))
        self._settling.add(task)
        task.add_done_callback(lambda done: self._settled(done, connection))

    def _settled(self, task: asyncio.Task[None], connection: asyncpg.Connection) -> None:
        """Release a connection, also where `close` cancelled the task before it began."""
        self._settling.discard(task)
        if task.cancelled() or task.exception() is not None:
            connection.terminate()
        self._release(connection)

    def _forget_idle(self) -> None:
        while self._idle:
            self._idle.pop().terminate()


def _failure_of(error: BaseException, *, is_closed: bool) -> Operational | None:
    """Return what a failure of a statement on its connection means; None when it is a bug."""
    failure = operational_error(error)
    if isinstance(failure, DatabaseBusy) or (isinstance(error, TimeoutError) and not is_closed):
        return StatementTooSlow()
    is_lost = isinstance(error, OSError) or is_closed
    return failure or (DatabaseUnavailable() if is_lost else None)


def _told_of(error: asyncpg.DataError) -> str:
    """Say who refused a value and why; the server's own words carry a severity, the driver's do not."""
    if error.severity is None:
        return "a parameter is not of its type, or beyond its range"
    return f"PostgreSQL refused a value: {error.sqlstate} {type(error).__name__}"


async def _wait_until_quiet(connection: asyncpg.Connection) -> None:
    async with asyncio.timeout(_SETTLE_SECONDS):
        await connection.fetch("SELECT 1")  # the driver sends it when the cancellation is through


async def _load_json(connection: asyncpg.Connection) -> None:
    """Let the driver load JSON, given as text, as it does on the connections of SQLAlchemy; nothing is sent."""
    await connection.set_type_codec(
        "json", encoder=str.encode, decoder=orjson.loads, schema="pg_catalog", format="binary"
    )
