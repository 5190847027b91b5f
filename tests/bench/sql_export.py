"""The statements of the services, written to a file for servers in other languages: the same text on both sides."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import Column, SQLColumnExpression
from sqlalchemy.sql.visitors import iterate

from backend.clock import system_clock
from backend.entrypoints.bootstrap import open_parts
from backend.reading import Statement
from backend.settings import Settings
from tests.bench.peers import screen
from tests.bench.peers.kept_rows import STATEMENTS
from tests.bench.peers.rest import RestFacts
from tests.bench.processes import BenchmarkFailed
from tests.bench.works import APPOINTMENTS, MESSAGES

PARAMETERS = frozenset({"person_id", "ids", "now", "limit"})
"""What the other side knows to give."""

_SECTIONS = {
    "appointments": "appointments",
    "policy_snapshots": "policy",
    "notifications": "messages",
    "persons": "person",
}
"""By a table that only this section reads, the more telling one first; the count of messages selects no column."""


def export_statements(settings: Settings, token: str, folder: Path) -> dict[str, Path]:
    """Write files: the statements that the services run for the home screen, those of the loaders, and the one of all.

    Args:
        settings: Complete ones, of a database with data on PostgreSQL.
        token: Whose home screen is opened once to see what runs.
        folder: Where the files go.

    Returns:
        The files by shape: `sections`, `relations` and `screen`.

    Raises:
        BenchmarkFailed: A statement needs a parameter that the other side does not know, or a section is missing.
    """
    seen = asyncio.run(_statements_of_home(settings, token))
    files = {shape: folder / f"{shape}.json" for shape in ("sections", "relations", "screen")}
    files["sections"].write_bytes(orjson.dumps(described({section_of(one): one for one in seen})))
    files["relations"].write_bytes(orjson.dumps(described(STATEMENTS)))
    whole = {"sql": screen.SQL, "names": screen.NAMES, "columns": ["screen"]}
    files["screen"].write_bytes(orjson.dumps({"screen": whole}))
    missing = {*_SECTIONS.values(), "unread"} - {section_of(one) for one in seen}
    if missing:
        raise BenchmarkFailed(f"the home screen ran no statement for {sorted(missing)}")
    return files


def described(statements: Mapping[str, Statement[Any]]) -> dict[str, Any]:
    """Return what another language needs of statements, by name: the text, its parameters, and its columns.

    Raises:
        BenchmarkFailed: A parameter is not one of `PARAMETERS`.
    """
    found = {}
    for name, statement in statements.items():
        text = statement.sql("postgresql")
        if unknown := set(text.names) - PARAMETERS:
            raise BenchmarkFailed(f"the statement {name} needs {sorted(unknown)}, which no peer gives")
        columns = [qualified_name(column) for column in statement.shape.columns]
        found[name] = {"sql": text.sql, "names": text.names, "columns": columns}
    return found


def section_of(statement: Statement[Any]) -> str:
    """Return which section of the home screen a statement reads."""
    tables = {qualified_name(column).partition(".")[0] for column in statement.shape.columns}
    return next((section for table, section in _SECTIONS.items() if table in tables), "unread")


def qualified_name(column: SQLColumnExpression[Any]) -> str:
    """Return `table.column` of a column, also of one whose type is changed; the bare name of anything else."""
    clause: Any = column.__clause_element__() if hasattr(column, "__clause_element__") else column
    for part in iterate(clause):
        if isinstance(part, Column) and part.table is not None:
            return f"{part.table.name}.{part.name}"
    return str(getattr(column, "name", "value"))


async def _statements_of_home(settings: Settings, token: str) -> list[Statement[Any]]:
    seen: list[Statement[Any]] = []
    async with open_parts(settings, system_clock) as parts:
        actor = parts.tokens.verify(token)
        with parts.database.read.observed(seen.append):
            facts = RestFacts(parts.services, parts.clock)
            await facts.home(actor, "ru", appointments=APPOINTMENTS, messages=MESSAGES)
    return seen
