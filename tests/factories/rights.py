"""The rights of the subject over one database, and people whose every column can be told apart."""

import io
import json
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import time, timedelta
from enum import Enum
from itertools import count
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Float,
    Integer,
    LargeBinary,
    String,
    Table,
    Time,
    Uuid,
    select,
)
from sqlalchemy import Enum as EnumType
from sqlalchemy.types import TypeEngine
from uuid_utils.compat import uuid7

from backend.clock import SettableClock
from backend.database import Database
from backend.entrypoints.migrations.tables import METADATA
from backend.integrations.object_store.disk import DiskStore
from backend.rights.downloads import Downloads
from backend.rights.erasures import ErasureService
from backend.rights.export_jobs import ExportParts, ExportWorker
from backend.rights.exports import ExportService
from backend.rights.holdings import HOLDINGS
from backend.rights.ports import DocumentSource, ObjectStore
from backend.rights.retention import is_secret
from backend.rights.values import ExportId, ExportStatus
from backend.settings import RightsSettings
from identity.access_control import MandateSource
from identity.principal import PersonId, Principal, SessionId
from tests.factories.access import access_control
from tests.factories.people import NOW

DOWNLOADS, RECEIPTS = "https://zdorovye.example/downloads", "https://zdorovye.example/erasures"
TABLES = tuple(METADATA.sorted_tables)
"""Referred ones first; they are sorted anew whenever somebody asks the metadata."""
OWN_TABLES = frozenset({"data_exports", "erasure_requests"})
"""Those that the services under test write themselves."""


@dataclass
class LiveSessions:
    """Every session lives but those that ended."""

    ended: set[SessionId] = field(default_factory=set)
    asked: int = 0

    async def is_live(self, person_id: PersonId, session_id: SessionId) -> bool:
        """Say whether it did not end."""
        self.asked += 1
        return session_id not in self.ended


@dataclass
class RightsHouse:
    """The services, a worker and a folder."""

    database: Database
    folder: Path
    clock: SettableClock = field(default_factory=lambda: SettableClock(NOW))
    settings: RightsSettings = field(default_factory=RightsSettings)
    sources: Sequence[MandateSource] = ()
    documents: Sequence[DocumentSource] = ()
    published: list[PersonId] = field(default_factory=list)
    sessions: LiveSessions = field(default_factory=LiveSessions)

    def __post_init__(self) -> None:
        """Build them."""
        database, clock = self.database, self.clock
        self.store = DiskStore(self.folder)
        self.access = access_control(database, clock, *self.sources)
        self.exports = ExportService(
            database=database, access=self.access, clock=clock, settings=self.settings, download_url=DOWNLOADS
        )
        self.erasures = ErasureService(
            database=database,
            access=self.access,
            clock=clock,
            settings=self.settings,
            metadata=METADATA,
            published=self.published.append,
            receipt_url=RECEIPTS,
        )
        self.worker = self.another_worker()
        self.downloads = Downloads(
            database=database, store=self.store, access=self.access, sessions=self.sessions, clock=clock
        )

    def another_worker(self, store: ObjectStore | None = None) -> ExportWorker:
        """Return a worker of its own name, over the same folder unless another store is given."""
        parts = ExportParts(
            self.database,
            store or self.store,
            self.clock,
            self.settings,
            METADATA,
            self.published.append,
            self.documents,
        )
        return ExportWorker(parts, uuid7())

    async def ask(self, actor: Principal, person_id: PersonId | None = None) -> ExportId:
        """Ask for a copy under a new key."""
        outcome = await self.exports.request_export(
            actor, person_id=person_id or actor.person_id, idempotency_key=uuid7()
        )
        return outcome.value.id

    async def status(self, actor: Principal, person_id: PersonId | None = None) -> ExportStatus:
        """Return the newest copy of the actor's."""
        return (await self.exports.list_exports(actor, person_id or actor.person_id))[0]

    async def token(self, actor: Principal, export_id: ExportId, person_id: PersonId | None = None) -> str:
        """Return the token of a new link."""
        url = await self.exports.download_url(actor, person_id or actor.person_id, export_id)
        assert url.startswith(f"{DOWNLOADS}/")
        return url.removeprefix(f"{DOWNLOADS}/")

    async def download(self, token: str) -> bytes:
        """Return the whole file behind a link."""
        found = await self.downloads.open(token)
        return b"".join([chunk async for chunk in self.downloads.read(found, first=0, last=found.size - 1)])

    async def copy_of(self, actor: Principal, person_id: PersonId | None = None) -> "Copy":
        """Ask for a copy, make it, and open it."""
        export_id = await self.ask(actor, person_id)
        assert await self.worker.run_due() == 1
        return Copy(await self.download(await self.token(actor, export_id, person_id)))


class Copy:
    """A zip as its person opens it."""

    def __init__(self, data: bytes) -> None:
        """Read it whole; a broken one fails."""
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            assert archive.testzip() is None
            self.files = {name: archive.read(name) for name in archive.namelist()}

    @property
    def everything(self) -> str:
        """Return all texts of it."""
        return "\n".join(content.decode() for content in self.files.values())

    def table(self, name: str) -> dict[str, Any]:
        """Return the file of a table."""
        read: dict[str, Any] = json.loads(self.files[f"data/{name}.json"])
        return read


@dataclass(frozen=True)
class Canary:
    """A text that stands in one column of one person's row."""

    table: str
    column: str
    text: str


_NUMBERS = count(1)


class Planting:
    """Fills a row of every table of holdings for a person, each text column with a canary of its own."""

    def __init__(self, database: Database) -> None:
        """Plant into `database`."""
        self._database = database

    async def plant(self, person_id: PersonId, mark: str, *, other: UUID | None = None, **given: Any) -> list[Canary]:
        """Fill one row a table and return its canaries.

        Reference rows that the person's rows point at are planted too, and hold no canary.

        Args:
            person_id: Whose rows.
            mark: Begins every canary of theirs: five letters.
            other: Whom other columns name that name people; by default somebody without rows.
            given: Values in place of made-up ones, as `appointments__status`.
        """
        canaries: list[Canary] = []
        async with self._database.transaction() as session:
            connection = await session.connection()
            known: dict[str, dict[str, Any]] = {}
            for table in TABLES:
                if table.name in _WANTED:
                    row = {
                        column.name: given.get(
                            f"{table.name}__{column.name}",
                            self._value(column, person_id, mark, other or uuid7(), known),
                        )
                        for column in table.columns
                    }
                    known[table.name] = row
                    canaries += _canaries(table, row)
                    await connection.execute(table.insert().values(row))
        return canaries

    def _value(
        self, column: Column[Any], person_id: UUID, mark: str, other: UUID, known: Mapping[str, Mapping[str, Any]]
    ) -> Any:
        holding = HOLDINGS.get(column.table.name)
        if holding is not None and column.name == holding.owners[0]:
            return person_id
        if holding is not None and column.name in {*holding.owners, *holding.mentions}:
            return other
        for key in column.foreign_keys:
            return known[key.column.table.name][key.column.name]
        if isinstance(column.type, BigInteger):
            return next(_NUMBERS)
        return _made_up(column, mark)


_CANARY_LENGTH = 9
"""Five letters of the person and a word for the column; a column that is shorter, as a language is, holds none."""


def _canaries(table: Table, row: Mapping[str, Any]) -> Iterator[Canary]:
    if table.name in HOLDINGS:
        for name, value in row.items():
            if isinstance(value, dict):
                yield Canary(table.name, name, value["canary"])
            elif isinstance(value, str) and not isinstance(value, Enum) and len(value) >= _CANARY_LENGTH:
                yield Canary(table.name, name, value)


def _made_up(column: Column[Any], mark: str) -> Any:
    kind, text = getattr(column.type, "impl_instance", column.type), f"{mark}{_short(column)}"
    if isinstance(kind, EnumType):
        return list(kind.enum_class)[0] if kind.enum_class else kind.enums[0]  # noqa: RUF015 # enums are short
    made: list[tuple[type[TypeEngine[Any]], Any]] = [
        (String, text[: getattr(kind, "length", None)]),
        (JSON, {"canary": text}),
        (DateTime, NOW + timedelta(hours=2 if column.name in {"ends_at", "starts_before"} else 1)),
        (Date, NOW.date()),
        (Time, time(18 if column.name == "closes" else 9)),
        (Boolean, False),
        (Integer, 1),
        (Float, 1.0),
        (LargeBinary, text.encode()),
        (Uuid, uuid7()),
    ]
    return next(value for known, value in made if isinstance(kind, known))


def _referred(names: Iterable[str]) -> set[str]:
    found = {key.column.table.name for name in names for key in METADATA.tables[name].foreign_keys}
    return found | _referred(found) if found else set()


_WANTED = (HOLDINGS.keys() - OWN_TABLES) | _referred(HOLDINGS)
_NUMBER_OF_COLUMN = {
    (table.name, column.name): number
    for number, (table, column) in enumerate((table, column) for table in TABLES for column in table.columns)
}


def _short(column: Column[Any]) -> str:
    """Return a word for a column, unlike every other's."""
    return f"q{_NUMBER_OF_COLUMN[column.table.name, column.name]:03}"


async def texts_of_database(database: Database) -> dict[str, str]:
    """Return everything that every table holds, as one text each; bytes are written by their letters."""
    found = {}
    async with database.reading() as session:
        connection = await session.connection()
        for table in TABLES:
            rows = (await connection.execute(select(table))).all()
            found[table.name] = repr([tuple(row) for row in rows])
    return found


def secret_columns() -> set[tuple[str, str]]:
    """Return (table, column) of everything that a copy must not show."""
    return {(name, column.name) for name in HOLDINGS for column in METADATA.tables[name].columns if is_secret(column)}
