"""How many SQL statements each operation of the contracts runs: nobody makes one more by accident (ADR 0010)."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from apscheduler.executors.base import run_coroutine_job
from sqlalchemy import event

from backend.database import Database
from backend.round_trips import Asked
from tests.journeys.machine import Machine
from tests.journeys.phone import OPERATIONS, Phone
from tests.journeys.region import Region
from tests.journeys.test_bad_input import INPUTS
from tests.journeys.test_family import demo_people

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
        "Family": (0, 10),
        "ActingFor": (3, 10),
        "EndRepresentation": (0, 14),
        "ConfirmChild": (0, 18),
        "GrantRepresentation": (0, 8),
        "OpenInvitation": (1, 9),
        "DeclineRepresentation": (0, 6),
        "AcceptRepresentation": (0, 17),
        "RegisterGuardianship": (0, 5),
        "AcceptHandover": (1, 4),
    },
    "postgresql": {
        "HomeScreen": (5, 0),
        "Inbox": (2, 0),
        "SearchSlots": (1, 0),
        "HoldSlot": (0, 9),
        "BookAppointment": (0, 13),
        "CancelAppointment": (0, 11),
        "Family": (0, 10),
        "ActingFor": (3, 10),
        "EndRepresentation": (0, 16),
        "ConfirmChild": (0, 21),
        "GrantRepresentation": (0, 10),
        "OpenInvitation": (1, 10),
        "DeclineRepresentation": (0, 7),
        "AcceptRepresentation": (0, 19),
        "RegisterGuardianship": (0, 7),
        "AcceptHandover": (1, 5),
    },
}
TRIPS = {
    "HomeScreen": 1,
    "Inbox": 1,
    "SearchSlots": 1,
    "HoldSlot": 0,
    "BookAppointment": 0,
    "CancelAppointment": 0,
    "Family": 0,
    "ActingFor": 1,
}
"""How often PostgreSQL is asked outside a transaction: the statements of one request travel together."""

CONTROL = ("BEGIN", "SAVEPOINT", "RELEASE", "ROLLBACK")


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
        count.reads += 1

    def note_statement(_connection: Any, _cursor: Any, sql: str, *_rest: Any) -> None:
        count.in_transactions += not (sql.startswith(CONTROL) or is_of_a_job())

    event.listen(database.engine.sync_engine, "before_cursor_execute", note_statement)
    try:
        with database.read.observed(note_read):
            yield count
    finally:
        event.remove(database.engine.sync_engine, "before_cursor_execute", note_statement)


class Counting:
    """A phone whose operations are counted, each as it is sent; several phones may count together."""

    def __init__(self, phone: Phone, found: dict[str, tuple[int, int]] | None = None) -> None:
        self.phone = phone
        self.found = {} if found is None else found

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
    await a_year_of_a_family(counting, await a_trusted_one(counting))
    await a_visit_to_a_kiosk(counting)
    engine = region.app_database.engine.dialect.name
    assert counting.found == EXPECTED[engine], table(counting.found, EXPECTED[engine])
    assert counting.found.keys() == OPERATIONS.keys(), "every operation of the contracts is counted"


async def a_trusted_one(counting: Counting) -> Counting:
    """Sign in whom Anna trusts; what they send is counted with the rest."""
    boris = Phone(counting.phone.region)
    await boris.sign_in("boris")
    await boris.ask("Family")  # the first request of a device looks at its session
    return Counting(boris, counting.found)


async def a_year_of_a_family(anna: Counting, boris: Counting) -> None:
    """Send every operation of the family, those that read with few rows and with more."""
    (mitya,) = [
        one
        for one in (await anna.ask("Family"))["viewer"]["representation"]["actsFor"]
        if one["capacity"] == "PARENT_OF_CHILD"
    ]
    await anna.phone.ask("ActingFor", personId=mitya["person"]["id"])  # the first one begins the child's audit
    for size in (1, 50):
        await anna.ask("ActingFor", personId=mitya["person"]["id"], appointments=size)
    await anna.act("EndRepresentation", id=mitya["id"])
    (candidate,) = (await anna.ask("Family"))["viewer"]["representation"]["childCandidates"]
    await anna.act("ConfirmChild", childId=candidate["id"], certificate={"series": "I-ДМ", "number": "000001"})
    until = (anna.phone.region.clock() + timedelta(days=30)).isoformat()
    who = demo_people(anna.phone.region)["boris"]
    whom = {"phone": who.phone, "birthDate": who.birth_date.isoformat(), "rights": [{"right": "READ", "until": until}]}
    offers = [await anna.act("GrantRepresentation", **whom) for _ in range(2)]
    opened = [(await boris.act("OpenInvitation", code=offer["code"]))["invitation"]["id"] for offer in offers]
    await boris.act("DeclineRepresentation", invitationId=opened[0])
    await boris.act("AcceptRepresentation", invitationId=opened[1])
    for _ in range(2):
        await anna.act("RegisterGuardianship", **INPUTS["registerGuardianship"])
    await anna.ask("Family")


async def a_visit_to_a_kiosk(anna: Counting) -> None:
    """Begin at a kiosk and go on at the phone."""
    kiosk = Machine(anna.phone.region)
    await kiosk.sign_in("anna")
    made = await kiosk.act("createHandover", "CreateHandoverInput", "handover { code }")
    await anna.act("AcceptHandover", code=made["handover"]["code"])


def table(found: dict[str, tuple[int, int]], expected: dict[str, tuple[int, int]]) -> str:
    """Return both side by side, an operation a line: reads + statements in transactions."""
    lines = [f"{name:24} {found.get(name)!s:>10}  expected {expected.get(name)!s:>10}" for name in OPERATIONS]
    return "\n" + "\n".join(lines)


@contextmanager
def trips_of(region: Region) -> Iterator[list[tuple[Asked, ...]]]:
    """Note each round trip to PostgreSQL; SQLite has none."""
    trips: list[tuple[Asked, ...]] = []
    carrier = region.app_database.read.trips
    assert (carrier is None) == region.app_database.is_sqlite
    with nullcontext() if carrier is None else carrier.observed(trips.append):
        yield trips


async def test_each_operation_takes_one_round_trip(region: Region, anna: Phone) -> None:
    await anna.ask("HomeScreen")  # the first one asks the register and keeps its answer
    found: dict[str, int] = {}

    async def ask(name: str, **variables: Any) -> dict[str, Any]:
        with trips_of(region) as trips:
            data = await anna.ask(name, **variables)
        found[name] = len(trips)
        return data

    async def act(name: str, **values: Any) -> dict[str, Any]:
        data = await ask(name, input={**values, "idempotencyKey": str(uuid4())})
        return next(iter(data.values()))

    await ask("HomeScreen")
    await ask("Inbox", first=50)
    [slot] = (await ask("SearchSlots", filter={"specialty": "therapist"}, first=1))["slots"]["nodes"]
    hold = await act("HoldSlot", slotId=slot["id"])
    booked = await act("BookAppointment", holdId=hold["hold"]["id"])
    await act("CancelAppointment", appointmentId=booked["appointment"]["id"], reason="PATIENT_DECLINE")
    family = (await ask("Family"))["viewer"]["representation"]
    await ask("ActingFor", personId=family["actsFor"][0]["person"]["id"])
    assert found == (dict.fromkeys(TRIPS, 0) if region.app_database.is_sqlite else TRIPS)


async def test_two_people_never_share_a_round_trip(region: Region, anna: Phone) -> None:
    boris = Phone(region)
    await boris.sign_in("boris")
    await asyncio.gather(anna.ask("HomeScreen"), boris.ask("HomeScreen"))
    with trips_of(region) as trips:
        await asyncio.gather(*(phone.ask("HomeScreen") for phone in (anna, boris) * 8))
    people = [{value for asked in trip for value in asked.arguments if isinstance(value, UUID)} for trip in trips]
    assert [len(found) for found in people] == [1] * len(trips)
    assert len(set[UUID]().union(*people)) == (0 if region.app_database.is_sqlite else 2)
    assert len(trips) <= 16
