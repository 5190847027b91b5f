"""Counts the SQL statements of operations, whoever sends them."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol
from uuid import uuid4

import httpx2
from apscheduler.executors.base import run_coroutine_job
from sqlalchemy import event

from backend.database import Database
from mobile_contracts.manifest import Operation
from tests.journeys.documents import APP_OF, OPERATIONS_OF_APP, trusted
from tests.journeys.region import Region

CONTROL = ("BEGIN", "SAVEPOINT", "RELEASE", "ROLLBACK")

Found = dict[str, tuple[int, int]]
"""By operation: statements outside a transaction, and inside one."""


class Asker(Protocol):
    """A phone, a kiosk or a desk, signed in."""

    region: Region

    def credentials(self) -> dict[str, str]:
        """Return the headers that show who asks."""

    async def send_document(self, operation: Operation, variables: dict[str, Any]) -> httpx2.Response:
        """Send an operation by its id."""


@dataclass
class Count:
    """What was run meanwhile."""

    reads: int = 0
    in_transactions: int = 0


def is_of_a_job() -> bool:
    """Tell what housekeeping runs meanwhile from what was asked for."""
    task = asyncio.current_task()
    coroutine = task.get_coro() if task else None
    return bool(getattr(coroutine, "__name__", None) == run_coroutine_job.__name__)


@contextmanager
def counted(database: Database) -> Iterator[Count]:
    """Count what a database runs: its reader by the reader's own observer, its sessions by SQLAlchemy's events."""
    count = Count()

    def note_read(_statement: object) -> None:
        count.reads += not is_of_a_job()

    def note_statement(_connection: Any, _cursor: Any, sql: str, *_rest: Any) -> None:
        count.in_transactions += not (sql.startswith(CONTROL) or is_of_a_job())

    event.listen(database.engine.sync_engine, "before_cursor_execute", note_statement)
    try:
        with database.read.observed(note_read):
            yield count
    finally:
        event.remove(database.engine.sync_engine, "before_cursor_execute", note_statement)


@dataclass
class Counting:
    """Somebody whose operations are counted, each as it is sent; several may count together.

    Attributes:
        who: Who sends.
        app: Which app that is, by its folder of `operations/`.
        found: What was counted, by name; what another app has first is counted as `<name>, <app>`.
    """

    who: Asker
    app: str = "citizen"
    found: Found = field(default_factory=dict)

    async def look(self, name: str, **variables: Any) -> dict[str, Any]:
        """Send an operation without counting it: the first one of a session looks at the session too."""
        answer = await self.who.send_document(OPERATIONS_OF_APP[self.app][name], variables)
        body: dict[str, Any] = answer.json()
        assert "errors" not in body, (name, body)
        data: dict[str, Any] = body["data"]
        return data

    async def ask(self, name: str, **variables: Any) -> dict[str, Any]:
        """Send an operation and return its data."""
        with counted(self.who.region.app_database) as count:
            data = await self.look(name, **variables)
        for payload in data.values():
            assert not (isinstance(payload, dict) and payload.get("errors")), (name, payload)
        self._note(name, count)
        return data

    async def act(self, name: str, **values: Any) -> dict[str, Any]:
        """Send a mutation with one `input` under a new key; return its payload, which says that all went well."""
        data = await self.ask(name, input={**values, "idempotencyKey": str(uuid4())})
        payload: dict[str, Any] = next(iter(data.values()))
        assert payload["errors"] == [], (name, payload)
        return payload

    async def follow(self, name: str, **variables: Any) -> None:
        """Begin a subscription and count up to its first event, which comes at once."""
        url, body = f"{self.who.region.base_url}/graphql", trusted(OPERATIONS_OF_APP[self.app][name], variables)
        headers = {"accept": "text/event-stream", **self.who.credentials()}
        with counted(self.who.region.app_database) as count:
            async with self.who.region.http.stream("POST", url, json=body, headers=headers) as events:
                lines = events.aiter_lines()
                assert await anext(lines) == "event: next"
                assert '"errors"' not in await anext(lines)
        self._note(name, count)

    def _note(self, name: str, count: Count) -> None:
        label = name if APP_OF[name] == self.app else f"{name}, {self.app}"
        now = (count.reads, count.in_transactions)
        assert self.found.setdefault(label, now) == now, (
            f"{label} ran {now} with more rows, {self.found[label]} with fewer"
        )
