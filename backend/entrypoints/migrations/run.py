"""Brings a database to the newest shape."""

import asyncio
import importlib
import importlib.util

from sqlalchemy.ext.asyncio import create_async_engine
from sqlmodel import SQLModel

from backend.entrypoints.migrations.tables import TABLE_MODULES


def upgrade(url: str) -> None:
    """Temporary, until the first migration is generated: create the tables that exist so far."""
    for name in TABLE_MODULES:
        try:
            found = importlib.util.find_spec(name)
        except ModuleNotFoundError:
            found = None
        if found:
            importlib.import_module(name)

    async def create() -> None:
        engine = create_async_engine(url)
        async with engine.begin() as connection:
            await connection.run_sync(SQLModel.metadata.create_all)
        await engine.dispose()

    asyncio.run(create())
