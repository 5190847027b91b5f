"""Rows of any table as a person's copy shows them, read in pages from the table's own columns."""

from collections.abc import AsyncIterator, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import Column, ColumnElement, Table, case, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.rights.retention import Holding, is_secret

PAGE = 500


def shown_columns(table: Table) -> list[Column[Any]]:
    """Return the columns that a copy shows, in the table's order."""
    return [column for column in table.columns if not is_secret(column)]


def hidden_columns(table: Table) -> list[str]:
    """Return the names of those it does not show."""
    return [column.name for column in table.columns if is_secret(column)]


async def count_rows(session: AsyncSession, table: Table, holding: Holding, person_id: UUID) -> int:
    """Return how many rows are the person's."""
    statement = select(func.count()).select_from(table).where(holding.rows_of(table, person_id))
    return int((await (await session.connection()).execute(statement)).scalar_one())


async def pages_of(
    session: AsyncSession, table: Table, holding: Holding, person_id: UUID
) -> AsyncIterator[list[Mapping[str, Any]]]:
    """Yield the person's rows in the order of their key, `PAGE` at a time."""
    columns = [_shown(column, holding, person_id) for column in shown_columns(table)]
    statement = select(*columns).where(holding.rows_of(table, person_id)).order_by(*table.primary_key.columns)
    connection = await session.connection()
    async with connection.stream(statement.execution_options(yield_per=PAGE)) as rows:
        async for page in rows.mappings().partitions(PAGE):
            yield [dict(row) for row in page]


def _shown(column: Column[Any], holding: Holding, person_id: UUID) -> ColumnElement[Any]:
    """Return a column as the person may see it: of another owner's, nothing."""
    whose = holding.whose.get(column.name)
    if whose is None:
        return column
    return case((column.table.c[whose] == person_id, column)).label(column.name)
