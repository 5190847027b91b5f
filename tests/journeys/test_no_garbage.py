"""Answers leave nothing for the garbage collector: what is of one request is free as soon as it is answered.

A circle would keep all rows of an answer until the collector comes, and its coming is what other requests wait for.
"""

import gc
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from backend.settings import Executor
from tests.journeys.phone import Phone
from tests.journeys.test_booking_a_doctor import THERAPIST, first_slot

OF_THE_CONTEXT = "graphql_schema.context.Context"
"""graphql-core's executor is a circle of its own, in which the context hangs. Compiled code makes it where a type is
abstract; interpreted, it is always there."""

READS: dict[str, dict[str, Any]] = {
    "Appointments": {},
    "Clinics": {},
    "HomeScreen": {},
    "Inbox": {"first": 50},
    "SearchSlots": {"filter": THERAPIST, "first": 50},
    "SyncNotifications": {},
}


@contextmanager
def circles() -> Iterator[Counter[str]]:
    """Count, by class, our own objects that were made meanwhile and that only the collector could free."""
    found: Counter[str] = Counter()
    gc.collect()
    gc.disable()
    gc.set_debug(gc.DEBUG_SAVEALL)
    try:
        yield found
        gc.collect(0)  # the young ones: all that was made since
        names = [f"{type(one).__module__}.{type(one).__qualname__}" for one in gc.garbage]
        found.update(name for name in names if name.startswith(("backend.", "graphql_schema.", "identity.")))
    finally:
        gc.set_debug(0)
        gc.garbage.clear()
        gc.enable()


@pytest.mark.parametrize("name", sorted(READS))
async def test_a_read_leaves_no_circle(anna: Phone, executor: Executor, name: str) -> None:
    hold = await anna.act("HoldSlot", slotId=(await first_slot(anna))["id"])
    await anna.act("BookAppointment", holdId=hold["hold"]["id"])
    await anna.ask(name, **READS[name])  # the first one is compiled
    with circles() as found:
        await anna.ask(name, **READS[name])
    assert set(found) <= ({OF_THE_CONTEXT} if executor is Executor.NEVER else set())


async def test_what_a_loader_reads_is_free_too(anna: Phone) -> None:
    """A history, asked for through `node`."""
    hold = await anna.act("HoldSlot", slotId=(await first_slot(anna))["id"])
    booked = await anna.act("BookAppointment", holdId=hold["hold"]["id"])
    visit = booked["appointment"]["id"]
    await anna.ask("AppointmentHistory", id=visit)
    with circles() as found:
        await anna.ask("AppointmentHistory", id=visit)
    assert set(found) <= {OF_THE_CONTEXT}


def test_a_circle_is_found() -> None:
    """The test above would see one."""

    class Knot:
        """Holds itself."""

        def __init__(self) -> None:
            self.itself = self

    Knot.__module__ = "backend.knots"
    with circles() as found:
        Knot()
    assert sum(found.values()) == 1
