"""How many SQL statements each operation of the contracts runs: nobody makes one more by accident (ADR 0010)."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import event

from backend.database import Database
from tests.journeys.phone import OPERATIONS, Phone
from tests.journeys.region import Region

# Statements outside a transaction, and inside one (BEGIN, SAVEPOINT and COMMIT left out). PostgreSQL is also asked for
# the lock of the idempotency key and, where a claim begins, for that of the person.
EXPECTED: dict[str, dict[str, tuple[int, int]]] = {
    "sqlite": {
        "HomeScreen": (5, 0),
        "Inbox": (2, 0),
        "SearchSlots": (1, 0),
        "HoldSlot": (0, 7),
        "BookAppointment": (0, 11),
        "CancelAppointment": (0, 10),
    },
    "postgresql": {
        "HomeScreen": (5, 0),
        "Inbox": (2, 0),
        "SearchSlots": (1, 0),
        "HoldSlot": (0, 9),
        "BookAppointment": (0, 13),
        "CancelAppointment": (0, 11),
    },
}
CONTROL = ("BEGIN", "SAVEPOINT", "RELEASE", "ROLLBACK")


@dataclass
class Count:
    """What was run meanwhile."""

    reads: int = 0
    in_transactions: int = 0


@contextmanager
def counted(database: Database) -> Iterator[Count]:
    """Count what a database runs: its reader by the reader's own observer, its sessions by SQLAlchemy's events."""
    count = Count()

    def note_read(_statement: object) -> None:
        count.reads += 1

    def note_statement(_connection: Any, _cursor: Any, sql: str, *_rest: Any) -> None:
        count.in_transactions += not sql.startswith(CONTROL)

    event.listen(database.engine.sync_engine, "before_cursor_execute", note_statement)
    try:
        with database.read.observed(note_read):
            yield count
    finally:
        event.remove(database.engine.sync_engine, "before_cursor_execute", note_statement)


class Counting:
    """A phone whose operations are counted, each as it is sent."""

    def __init__(self, phone: Phone) -> None:
        self.phone = phone
        self.found: dict[str, tuple[int, int]] = {}

    async def ask(self, name: str, **variables: Any) -> dict[str, Any]:
        with counted(self.phone.region.app_database) as count:
            data = await self.phone.ask(name, **variables)
        now = (count.reads, count.in_transactions)
        assert self.found.setdefault(name, now) == now, (
            f"{name} ran {now} with more rows, {self.found[name]} with fewer"
        )
        return data

    async def act(self, name: str, **values: Any) -> dict[str, Any]:
        with counted(self.phone.region.app_database) as count:
            payload = await self.phone.act(name, **values)
        assert payload["errors"] == []
        now = (count.reads, count.in_transactions)
        assert self.found.setdefault(name, now) == now, (
            f"{name} ran {now} with more rows, {self.found[name]} with fewer"
        )
        return payload


async def test_each_operation_runs_exactly_its_statements_however_many_rows_there_are(
    region: Region, anna: Phone
) -> None:
    await anna.ask("HomeScreen")  # the first one asks the register and keeps its answer
    counting = Counting(anna)
    for specialty in ("therapist", "dentist"):
        await counting.ask("HomeScreen")
        await counting.ask("Inbox", first=50)
        wanted = {"specialty": specialty, "town": "Калуга"}
        await counting.ask("SearchSlots", filter=wanted, first=1)
        slots = (await counting.ask("SearchSlots", filter=wanted, first=50))["slots"]["nodes"]
        slot = slots[0 if specialty == "therapist" else -1]
        hold = await counting.act("HoldSlot", slotId=slot["id"])
        booked = await counting.act("BookAppointment", holdId=hold["hold"]["id"])
    await counting.ask("HomeScreen")
    await counting.ask("Inbox", first=50)
    await counting.act("CancelAppointment", appointmentId=booked["appointment"]["id"], reason="PATIENT_DECLINE")
    engine = region.app_database.engine.dialect.name
    assert counting.found == EXPECTED[engine], table(counting.found, EXPECTED[engine])
    assert counting.found.keys() == OPERATIONS.keys(), "every operation of the contracts is counted"


def table(found: dict[str, tuple[int, int]], expected: dict[str, tuple[int, int]]) -> str:
    """Return both side by side, an operation a line: reads + statements in transactions."""
    lines = [f"{name:24} {found.get(name)!s:>10}  expected {expected.get(name)!s:>10}" for name in OPERATIONS]
    return "\n" + "\n".join(lines)
