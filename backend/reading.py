"""Reads without ORM: a statement is written out once, at import, and costs no SQLAlchemy when it runs.

See docs/guides/reads.md for how a domain writes one, and ADR 0010 for why.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any, Generic, Protocol, TypeVar

from sqlalchemy import ColumnElement, Integer, bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.drivers.conversions import DialectName
from backend.round_trips import RoundTrips
from backend.shapes import AnySelect, Records, Shape
from backend.sql_texts import SqlText, write_sql

Row = TypeVar("Row")


class Statement(Generic[Row]):
    """A query and the shape of its rows, ready for both databases; immutable."""

    def __init__(self, query: AnySelect, shape: Shape[Row], *, in_postgresql: AnySelect | None = None) -> None:
        """Write the query out for both drivers.

        Args:
            query: A Core select of exactly the shape's columns, in their order (begin it with `shape.select()`). What
                changes from call to call is a named `bindparam` without a value; every value is constant.
            shape: What each row becomes.
            in_postgresql: The same rows in words that its planner understands better.

        Raises:
            ValueError: The query selects other columns, or a list parameter is not said with `among`.
            TypeError: A column or a parameter is of a type without conversion.
        """
        wanted, selected = list(shape.select().selected_columns), list(query.selected_columns)
        if len(wanted) != len(selected) or not all(map(ColumnElement.compare, wanted, selected)):
            raise ValueError("a query selects exactly the columns of its shape, in their order")
        if in_postgresql is not None and len(in_postgresql.selected_columns) != len(wanted):
            raise ValueError("other words select the same columns")
        self.query = query
        self.shape = shape
        self._texts = {
            "postgresql": write_sql(query if in_postgresql is None else in_postgresql, "postgresql"),
            "sqlite": write_sql(query, "sqlite"),
        }
        self._read = {name: shape.reader(name) for name in _DIALECTS}

    def sql(self, dialect: DialectName) -> SqlText:
        """Return the very text that is sent, the order of its parameters, and what converts them."""
        return self._texts[dialect]

    def read(self, dialect: DialectName, records: Records) -> list[Row]:
        """Make values of a driver's rows, in their order."""
        return self._read[dialect](records)


_DIALECTS: tuple[DialectName, ...] = ("postgresql", "sqlite")


def first_in_order(query: AnySelect, shape: Shape[Row], *, order: Sequence[Any], most: int) -> Statement[Row]:
    """Return the statement of the first rows in an order, as many as its parameter `limit` says.

    Of a limit that it does not know PostgreSQL expects a tenth of all rows. A plan that is kept would then be made for
    tens of thousands of slots instead of fifty, or seem so dear that none is kept and each page is planned anew, which
    costs many times what reading it does. So the text says how many it can be at most.

    Args:
        query: As for `Statement`, without order or limit.
        shape: What each row becomes.
        order: Columns of the shape; together they name a row.
        most: No caller's `limit` is above it: there would be no more rows.

    Raises:
        ValueError: The order names what is no column of the shape; otherwise as `Statement` does.
    """
    ordered, limit = query.order_by(*order), bindparam("limit", type_=Integer())
    few = ordered.limit(most).subquery()
    columns: Any = [few.corresponding_column(one) for one in order]
    if any(one is None for one in columns):
        raise ValueError("an order is made of columns of the shape")
    walked = select(*few.c).order_by(*columns)
    return Statement(ordered.limit(limit), shape, in_postgresql=walked.limit(limit))


Observer = Callable[[Statement[Any]], None]
"""Is told of each statement before it is sent."""


class Driver(Protocol):
    """Connections for reading of one kind of database."""

    async def fetch(self, sql: str, arguments: tuple[Any, ...]) -> Records:
        """Return every row, in the driver's own values."""

    async def close(self) -> None:
        """Close every connection."""


class Rows(Protocol):
    """Where a statement can be run: beside everything else (`Reader`) or inside a transaction (`within`)."""

    async def rows(self, statement: Statement[Row], /, **parameters: Any) -> list[Row]:
        """Return what each row becomes, in the query's order; parameters are given by name, all of them."""

    async def row(self, statement: Statement[Row], /, **parameters: Any) -> Row | None:
        """Return what the first row becomes, or None."""

    async def scalar(self, statement: Statement[Row], /, **parameters: Any) -> Row:
        """Return what the one row becomes that there always is, such as a count."""


class Reader:
    """Runs statements: each sees what is committed when it starts. Safe for concurrent tasks."""

    def __init__(self, driver: Driver, dialect: DialectName) -> None:
        """Take connections of the dialect's kind."""
        self._driver = driver
        self.dialect: DialectName = dialect
        self.trips = driver if isinstance(driver, RoundTrips) else None
        """What joins the statements of a scope; None where there is nothing to gain."""
        self._observers: tuple[Observer, ...] = ()

    def together(self) -> AbstractContextManager[None]:
        """Open a scope: what its tasks ask at the same time takes one round trip; without effect on SQLite.

        Open one for each request, so that the statements of two people never travel together.
        """
        return nullcontext() if self.trips is None else self.trips.together()

    async def rows(self, statement: Statement[Row], /, **parameters: Any) -> list[Row]:
        """Return what each row becomes, in the query's order.

        Args:
            statement: What to ask.
            parameters: A value for each of its names, no more and no less.

        Raises:
            DatabaseBusy: A connection could not be had in time, or the statement ran out of time.
            DatabaseUnavailable: The database does not answer.
            TypeError: A parameter is missing or unknown.
            ValueError: A parameter is a naive instant, or not of its type; the text does not quote it.
        """
        for observe in self._observers:
            observe(statement)
        text = statement.sql(self.dialect)
        records = await self._driver.fetch(text.sql, text.bind(**parameters))
        return statement.read(self.dialect, records)

    async def row(self, statement: Statement[Row], /, **parameters: Any) -> Row | None:
        """Return what the first row becomes, or None; raises as `rows` does."""
        found = await self.rows(statement, **parameters)
        return found[0] if found else None

    async def scalar(self, statement: Statement[Row], /, **parameters: Any) -> Row:
        """Return what the one row becomes that there always is; raises as `rows` does."""
        return (await self.rows(statement, **parameters))[0]

    @contextmanager
    def observed(self, observe: Observer) -> Iterator[None]:
        """Tell `observe` of each statement meanwhile; for tests and diagnosis."""
        self._observers = (*self._observers, observe)
        try:
            yield
        finally:
            self._observers = tuple(one for one in self._observers if one is not observe)

    async def close(self) -> None:
        """Close every connection."""
        await self._driver.close()


class within:  # noqa: N801 # reads as a word: `find_items(within(session), ...)`
    """Runs the same statements inside a session's transaction, which sees its own writes."""

    def __init__(self, session: AsyncSession) -> None:
        """Take a session that is open."""
        self._session = session

    async def rows(self, statement: Statement[Row], /, **parameters: Any) -> list[Row]:
        """Return what each row becomes; raises as `Reader.rows`, its errors translated where the session is."""
        connection = await self._session.connection()
        dialect: DialectName = "sqlite" if connection.dialect.name == "sqlite" else "postgresql"
        text = statement.sql(dialect)
        found: Sequence[Any] = (await connection.exec_driver_sql(text.sql, text.bind(**parameters))).all()
        return statement.read(dialect, found)

    async def row(self, statement: Statement[Row], /, **parameters: Any) -> Row | None:
        """Return what the first row becomes, or None."""
        found = await self.rows(statement, **parameters)
        return found[0] if found else None

    async def scalar(self, statement: Statement[Row], /, **parameters: Any) -> Row:
        """Return what the one row becomes that there always is."""
        return (await self.rows(statement, **parameters))[0]
