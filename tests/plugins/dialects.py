"""Databases of one kind share what SQLAlchemy compiled for them.

Every test has a database of its own, and compiled each of its statements anew: SQLAlchemy remembers them in the engine,
those of a flush in the mapper, and both by the dialect object, of which each engine has one. Here all engines have one
memory, in which two dialects of one kind are as one: as in a process that has one database for all its life.
"""

from typing import Any

from sqlalchemy import Engine
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg
from sqlalchemy.dialects.sqlite.aiosqlite import SQLiteDialect_aiosqlite
from sqlalchemy.util import LRUCache

_COMPILED: LRUCache[Any, Any] = LRUCache(3_000)


class _LikeItsKind:
    """Equal to another of its class that stores each type in the same way."""

    colspecs: Any

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self.colspecs == getattr(other, "colspecs", None)

    def __hash__(self) -> int:
        return hash(type(self))

    @classmethod
    def engine_created(cls, engine: Engine) -> None:
        """Give a new engine the memory of all."""
        engine.update_execution_options(compiled_cache=_COMPILED)


class SharingPostgresql(_LikeItsKind, PGDialect_asyncpg):
    """PostgreSQL over asyncpg."""

    supports_statement_cache = True


class SharingSqlite(_LikeItsKind, SQLiteDialect_aiosqlite):
    """SQLite over aiosqlite."""

    supports_statement_cache = True


registry.register("postgresql.asyncpg", __name__, SharingPostgresql.__name__)
registry.register("sqlite.aiosqlite", __name__, SharingSqlite.__name__)
