"""One door to the database, on SQLite (embedded) and on PostgreSQL (production)."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
from typing import Any

import asyncpg
from sqlalchemy import DateTime, Dialect, event
from sqlalchemy.dialects import sqlite
from sqlalchemy.dialects.postgresql.asyncpg import AsyncpgDateTime
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.drivers.failures import operational_error
from backend.drivers.postgresql import PostgresqlReads
from backend.drivers.sqlite import SqliteReads
from backend.errors import DatabaseBusy, DatabaseUnavailable
from backend.reading import Reader
from backend.round_trips import RoundTrips
from backend.settings import DatabaseSettings


def _refuse_naive(value: datetime | None) -> datetime | None:
    if value is not None and value.tzinfo is None:
        raise ValueError("naive datetime given to the database")
    return value


_READING_THREADS = 2
"""More gain nothing: a small statement is mostly Python, which one thread runs at a time."""

_JOINED_PART = 0.4
"""Of a statement's time, for several joined: those that are then asked again, each by itself, still have their own."""

_OF_SQLALCHEMY = frozenset(
    {"async_fallback", "async_creator_fn", "prepared_statement_cache_size", "prepared_statement_name_func"}
)
"""Words of an address that mean something to SQLAlchemy, not to the driver."""


class _UtcInSqlite(sqlite.DATETIME):
    """SQLite keeps no zone: store UTC, refuse naive instants, give aware ones back."""

    def bind_processor(self, dialect: Dialect) -> Any:
        store: Any = super().bind_processor(dialect)

        def process(value: datetime | None) -> Any:
            aware = _refuse_naive(value)
            return store(aware and aware.astimezone(UTC).replace(tzinfo=None))

        return process

    def result_processor(self, dialect: Dialect, coltype: object) -> Any:
        load: Any = super().result_processor(dialect, coltype)

        def process(value: Any) -> datetime | None:
            loaded: datetime | None = load(value)
            return None if loaded is None else loaded.replace(tzinfo=UTC)

        return process


class _UtcInPostgresql(AsyncpgDateTime):
    """PostgreSQL would read a naive instant as local: refuse it, as SQLite does here."""

    def bind_processor(self, dialect: Dialect) -> Any:  # the parent's signature
        return _refuse_naive


class Database:
    """`read` runs hot reads without ORM; sessions, of one service call each, are for the rest and for every write.

    A session is never shared between concurrent tasks; `read` is.

    Writers on SQLite queue in this process before they ask for the file's lock, so that waiting is fair, and
    begin IMMEDIATE, so that a read is never upgraded half-way (R55).
    """

    def __init__(self, settings: DatabaseSettings) -> None:
        """Build the pool; nothing connects until the first session."""
        self.is_sqlite = make_url(settings.url).get_backend_name() == "sqlite"
        self.engine = _sqlite_engine(settings) if self.is_sqlite else _postgresql_engine(settings)
        self._reading_engine = self.engine.execution_options(
            **({"begin": "BEGIN"} if self.is_sqlite else {"isolation_level": "AUTOCOMMIT"})
        )
        self.read = _reader(settings, self.engine)
        self._lock_timeout = settings.lock_timeout_seconds
        self._writers: asyncio.Lock | None = asyncio.Lock() if self.is_sqlite else None

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncSession]:
        """Open a writing session that commits on leaving and rolls back on any exception.

        Raises:
            DatabaseBusy: A lock, a connection or the statement's time could not be had; nothing was written.
            DatabaseUnavailable: The database does not answer; nothing is known to have been written.
        """
        with translated_errors():
            await self._queue_writer()
            try:
                async with AsyncSession(self.engine, expire_on_commit=False) as session, session.begin():
                    yield session
            finally:
                if self._writers is not None:
                    self._writers.release()

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncSession]:
        """Open a session for reading only: each statement sees what is committed when it starts.

        Raises:
            DatabaseBusy: As for `transaction`.
            DatabaseUnavailable: As for `transaction`.
        """
        with translated_errors():
            async with AsyncSession(self._reading_engine, expire_on_commit=False, autoflush=False) as session:
                yield session

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[AsyncSession]:
        """Open a session that sees one state from its first statement on; it keeps no writer waiting.

        Raises:
            DatabaseBusy: As for `transaction`.
            DatabaseUnavailable: As for `transaction`.
        """
        engine = self._reading_engine
        if not self.is_sqlite:
            engine = self.engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        with translated_errors():
            async with AsyncSession(engine, expire_on_commit=False, autoflush=False) as session, session.begin():
                yield session

    async def close(self) -> None:
        """Close every pooled connection."""
        await self.read.close()
        await self.engine.dispose()

    async def _queue_writer(self) -> None:
        if self._writers is None:
            return
        try:
            async with asyncio.timeout(self._lock_timeout):
                await self._writers.acquire()
        except TimeoutError as error:
            raise DatabaseBusy from error


@contextmanager
def translated_errors() -> Iterator[None]:
    """Turn what drivers raise about locks, time and connections into our own operational errors.

    Raises:
        DatabaseBusy: A lock, a connection or the statement's time could not be had.
        DatabaseUnavailable: The database does not answer, or refuses us.
    """
    try:
        yield
    except PoolTimeout as error:
        raise DatabaseBusy from error
    except DBAPIError as error:
        original: Any = getattr(error.orig, "__cause__", None) or error.orig
        failure = operational_error(original)
        if failure is None and not error.connection_invalidated:
            raise
        raise failure or DatabaseUnavailable() from error
    except (OSError, asyncpg.PostgresError) as error:  # while connecting, before SQLAlchemy takes over
        raise DatabaseUnavailable from error


def _pool(settings: DatabaseSettings) -> dict[str, Any]:
    """Return what both engines share; the text of an error never quotes the values of a statement (S43)."""
    return {
        "pool_size": settings.pool_size,
        "max_overflow": 0,
        "pool_timeout": settings.pool_timeout_seconds,
        "hide_parameters": True,
    }


def _sqlite_engine(settings: DatabaseSettings) -> AsyncEngine:
    engine = create_async_engine(settings.url, **_pool(settings))
    dialect = engine.sync_engine.dialect
    dialect.colspecs = {**dialect.colspecs, DateTime: _UtcInSqlite}

    @event.listens_for(engine.sync_engine, "connect")
    def prepare(connection: Any, _record: object) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout = {int(settings.lock_timeout_seconds * 1000)}")
        for pragma in ("journal_mode = WAL", "foreign_keys = ON", "synchronous = FULL"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def begin(connection: Any) -> None:
        connection.exec_driver_sql(connection.get_execution_options().get("begin", "BEGIN IMMEDIATE"))

    return engine


def _postgresql_engine(settings: DatabaseSettings) -> AsyncEngine:
    engine = create_async_engine(
        settings.url,
        **_pool(settings),
        connect_args={
            "timeout": settings.connect_timeout_seconds,
            "server_settings": _server_settings(settings),
        },
    )
    dialect = engine.sync_engine.dialect
    dialect.colspecs = {**dialect.colspecs, DateTime: _UtcInPostgresql}
    return engine


def _server_settings(settings: DatabaseSettings) -> dict[str, str]:
    return {
        "application_name": "zdorovye",
        "timezone": "UTC",
        "lock_timeout": f"{int(settings.lock_timeout_seconds * 1000)}ms",
        "statement_timeout": f"{int(settings.statement_timeout_seconds * 1000)}ms",
        "idle_in_transaction_session_timeout": "30s",
    }


def _reader(settings: DatabaseSettings, engine: AsyncEngine) -> Reader:
    """Build what reads beside the engine, at the same address; it connects at its first statement."""
    addresses, options = engine.dialect.create_connect_args(engine.url)
    if engine.dialect.name == "sqlite":
        connect = {**options, "database": addresses[0], "timeout": settings.lock_timeout_seconds}
        reads = SqliteReads(
            connect,
            most=min(settings.pool_size, _READING_THREADS),
            wait_seconds=settings.pool_timeout_seconds,
            statement_seconds=settings.statement_timeout_seconds,
        )
        return Reader(reads, "sqlite")
    connect = {
        **{name: value for name, value in options.items() if name not in _OF_SQLALCHEMY},
        "timeout": settings.connect_timeout_seconds,
        "server_settings": _server_settings(settings),
    }
    connections = PostgresqlReads(connect, most=settings.pool_size, wait_seconds=settings.pool_timeout_seconds)
    trips = RoundTrips(
        connections,
        joined_seconds=settings.statement_timeout_seconds * _JOINED_PART,
        patience_seconds=settings.pool_timeout_seconds
        + settings.connect_timeout_seconds
        + settings.statement_timeout_seconds,
    )
    return Reader(trips, "postgresql")
