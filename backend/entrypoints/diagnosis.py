"""`zdorovye doctor`: what is well and what is not, one line each, without personal data or secrets."""

import asyncio
from dataclasses import dataclass

import httpx2
from sqlalchemy import text

from backend.clock import Clock
from backend.database import Database
from backend.entrypoints.bootstrap import build_parts
from backend.entrypoints.migrations.run import is_current
from backend.entrypoints.preflight import redis_answers
from backend.errors import Operational
from backend.settings import Settings
from identity.keys import KeyUnusable
from identity.tls import tls_context

_PATIENCE_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at."""

    well: bool
    text: str


async def diagnose(settings: Settings, clock: Clock) -> list[Finding]:
    """Look at keys, database, migrations, Redis and outside systems; nothing is changed, each look ends in 3 s."""
    return [
        await _keys(settings, clock),
        *await _database(settings),
        *await _redis(settings),
        await _reachable("ESIA", settings.identity.esia.base_url),
        await _reachable("OMS registry", str(settings.oms_registry.base_url)),
        await _reachable("federal registry (ФЭР)", str(settings.fer_registry.base_url)),
    ]


async def _keys(settings: Settings, clock: Clock) -> Finding:
    try:
        parts = build_parts(settings, clock)
    except (KeyUnusable, OSError, ValueError) as error:
        return Finding(well=False, text=f"keys: {type(error).__name__}: {error}")
    await parts.close()
    return Finding(well=True, text="keys: all can be used")


async def _database(settings: Settings) -> list[Finding]:
    database = Database(settings.database)
    engine = "SQLite" if database.is_sqlite else "PostgreSQL"
    try:
        async with database.reading() as session:
            await (await session.connection()).execute(text("SELECT 1"))
    except Operational as error:
        return [Finding(well=False, text=f"database: {engine} does not answer ({error.code})")]
    finally:
        await database.close()
    current = await asyncio.to_thread(is_current, settings.database.url)
    shape = "at the newest shape" if current else "not at the newest shape: run `zdorovye migrate`"
    return [Finding(well=True, text=f"database: {engine} answers"), Finding(well=current, text=f"database: {shape}")]


async def _redis(settings: Settings) -> list[Finding]:
    if not settings.redis_url:
        return []  # one process needs none
    answers = await redis_answers(settings.redis_url)
    return [Finding(well=answers, text=f"Redis: {'answers' if answers else 'does not answer'}")]


async def _reachable(name: str, url: str) -> Finding:
    try:
        async with httpx2.AsyncClient(verify=tls_context(), timeout=_PATIENCE_SECONDS, trust_env=False) as http:
            answer = await http.get(url)
    except httpx2.HTTPError as error:
        return Finding(well=False, text=f"{name}: not reached ({type(error).__name__})")
    return Finding(well=True, text=f"{name}: answers ({answer.status_code})")
