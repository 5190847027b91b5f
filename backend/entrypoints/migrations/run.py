"""Brings a database to the newest shape, and tells whether it is there."""

import asyncio
from collections.abc import Callable
from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from backend.database import Database, translated_errors
from backend.entrypoints.migrations.tables import METADATA
from backend.settings import DatabaseSettings

_HERE = Path(__file__).parent


def upgrade(url: str, revision: str = "head") -> None:
    """Apply every migration that is missing, all of them or none; safe to repeat.

    Args:
        url: SQLAlchemy URL of an async driver.
        revision: The last one to apply.
    """
    _with_connection(url, lambda config, _connection: command.upgrade(config, revision))


def downgrade(url: str, revision: str) -> None:
    """Undo migrations down to `revision` (`base` for an empty database)."""
    _with_connection(url, lambda config, _connection: command.downgrade(config, revision))


def autogenerate(url: str, message: str, revision: str) -> None:
    """Write a new migration from what the tables say and the database lacks; to be read before it is kept."""

    def write(config: Config, _connection: Connection) -> None:
        command.revision(config, message, autogenerate=True, rev_id=revision)

    _with_connection(url, write)


def differences(url: str) -> list[str]:
    """Return where tables and database differ, either way; empty when `alembic check` is clean."""
    found: list[str] = []

    def compare(_config: Config, connection: Connection) -> None:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        found.extend(str(difference) for difference in compare_metadata(context, METADATA))

    _with_connection(url, compare)
    return found


def is_current(url: str) -> bool:
    """Return whether the database stands at the newest migration."""
    found: list[bool] = []

    def compare(config: Config, connection: Connection) -> None:
        here = MigrationContext.configure(connection).get_current_heads()
        found.append(set(here) == set(ScriptDirectory.from_config(config).get_heads()))

    _with_connection(url, compare)
    return found[0]


def _with_connection(url: str, work: Callable[[Config, Connection], None]) -> None:
    config = Config()
    config.set_main_option("script_location", str(_HERE))

    def run(connection: Connection) -> None:
        config.attributes["connection"] = connection
        work(config, connection)

    async def connect() -> None:
        database = Database(DatabaseSettings(url=url, pool_size=1, statement_timeout_seconds=3600))
        try:
            with translated_errors():
                async with database.engine.begin() as connection:
                    await connection.run_sync(run)
        finally:
            await database.close()

    asyncio.run(connect())
