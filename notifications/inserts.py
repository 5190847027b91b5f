"""Inserts with `ON CONFLICT`, which both databases know and SQLAlchemy keeps apart."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TypeAlias

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession

Insert: TypeAlias = postgresql.Insert | sqlite.Insert

_INSERT: Mapping[str, Callable[[type[SQLModel]], Insert]] = MappingProxyType(
    {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
)


def insert_into(session: AsyncSession, table: type[SQLModel]) -> Insert:
    """Begin an insert in the words of the session's database."""
    return _INSERT[session.get_bind().dialect.name](table)
