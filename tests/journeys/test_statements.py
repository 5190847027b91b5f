"""How many SQL statements each operation of the contracts runs: nobody makes one more by accident (ADR 0010)."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any
from uuid import UUID, uuid4

from backend.round_trips import Asked
from tests.journeys.counting import Counting, Found, is_of_a_job
from tests.journeys.desk_walks import (
    a_call,
    a_call_back,
    a_consent,
    an_emergency,
    an_insurers_question,
    an_officers_day,
)
from tests.journeys.documents import APP_OF
from tests.journeys.phone import Phone
from tests.journeys.reception_walks import a_day_at_a_desk
from tests.journeys.region import Region
from tests.journeys.statement_counts import EXPECTED
from tests.journeys.walks import (
    a_calendar,
    a_change_of_mind,
    a_choice,
    a_choice_of_doctor,
    a_copy,
    a_first_booking,
    a_look_around,
    a_lost_phone,
    a_phone_that_is_woken,
    a_queue,
    a_visit_to_a_kiosk,
    a_wait,
    a_year_of_a_family,
    an_erasure,
)

TRIPS = {
    "HomeScreen": 1,
    "Inbox": 1,
    "SearchSlots": 1,
    "FindSlots": 1,
    "HoldSlot": 1,
    "BookAppointment": 0,
    "Family": 0,
    "ActingFor": 1,
}
"""How often PostgreSQL is asked outside a transaction: the statements of one request travel together."""


async def test_each_operation_runs_exactly_its_statements_however_many_rows_there_are(
    region: Region, anna: Phone
) -> None:
    """One region for all: what is begun early is ready when it is wanted."""
    counting = Counting(anna)
    home = (await counting.look("HomeScreen"))["viewer"]  # the first one asks the register and keeps its answer
    anna_id, enp = home["person"]["id"], home["policy"]["enp"]
    visit = await a_first_booking(counting)
    await a_change_of_mind(counting)
    await counting.act("RequestExport")
    await a_choice_of_doctor(counting)
    await a_look_around(counting, visit)
    await a_calendar(counting, visit)
    await a_choice(counting)
    await a_wait(counting)
    await a_queue(counting)
    await a_year_of_a_family(counting)
    await a_visit_to_a_kiosk(counting)
    await a_call(counting, anna_id, enp)
    await a_call_back(counting, anna_id, enp)
    await an_insurers_question(counting, anna_id)
    await a_consent(counting, anna_id)
    await an_emergency(counting, anna_id)
    await an_officers_day(counting)
    await a_day_at_a_desk(counting)
    await an_erasure(counting)
    await a_copy(counting)
    await a_phone_that_is_woken(counting)
    await a_lost_phone(counting)
    place = 0 if region.app_database.is_sqlite else 1
    expected = {label: counts[place] for label, counts in EXPECTED.items()}
    if counting.found.get("InboxChanged") == (3, 0):  # something happened to the inbox meanwhile, and was read too
        counting.found["InboxChanged"] = expected["InboxChanged"]
    assert counting.found == expected, table(counting.found, expected)
    counted = {label.partition(",")[0] for label in counting.found}
    assert counted == APP_OF.keys(), "every operation is counted"


def table(found: Found, expected: Found) -> str:
    """Return what differs side by side, an operation a line: reads + statements in transactions."""
    labels = [label for label in found | expected if found.get(label) != expected.get(label)]
    lines = [f"{label:24} {found.get(label)!s:>10}  expected {expected.get(label)!s:>10}" for label in labels]
    return "\n" + "\n".join(lines)


@contextmanager
def trips_of(region: Region) -> Iterator[list[tuple[Asked, ...]]]:
    """Note each round trip to PostgreSQL but those of housekeeping; SQLite has none."""
    trips: list[tuple[Asked, ...]] = []

    def note(trip: tuple[Asked, ...]) -> None:
        if not is_of_a_job():
            trips.append(trip)

    carrier = region.app_database.read.trips
    assert (carrier is None) == region.app_database.is_sqlite
    with nullcontext() if carrier is None else carrier.observed(note):
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
    await anna.ask("FindSlots", filter={"text": "терапевт"})  # the first one reads the reference data
    await ask("FindSlots", filter={"text": "терапевт", "town": "Калуга"})
    [slot] = (await ask("SearchSlots", filter={"specialty": "therapist", "town": "Калуга"}, first=1))["slots"]["nodes"]
    hold = await act("HoldSlot", slotId=slot["id"])
    await act("BookAppointment", holdId=hold["hold"]["id"])
    # nothing is given up here: that wakes who offers what has become free, whose reads are not the request's
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
