"""Looks through all appointments for what must not be; nothing is changed, and memory does not grow with them."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta
from itertools import groupby

from sqlmodel.ext.asyncio.session import AsyncSession

from backend.booking.inspection_queries import (
    CHUNK,
    ActiveClaim,
    active_by_slot,
    by_person,
    count_appointments,
    events_of,
    events_since,
)
from backend.booking.inspection_rules import Fault, Flaw, Inspected, Limits, flaws_of_one, flaws_of_person
from backend.booking.states import ACTIVE_STATUSES
from backend.reading import Rows, within

_LONG_BEFORE = timedelta(days=36_500)


async def count(session: AsyncSession) -> int:
    """Return how many appointments there are to look through."""
    return await count_appointments(within(session))


async def inspect(session: AsyncSession, *, now: datetime, limits: Limits) -> AsyncIterator[Flaw | int]:
    """Yield what is wrong, and after each chunk how many appointments were looked at since the last one.

    Args:
        session: A snapshot: what changes meanwhile is not half seen.
        now: The present.
        limits: How long what is to pass may last.
    """
    rows = within(session)
    since = await events_since(rows)
    person: list[Inspected] = []
    async for chunk in _people(rows, now - _LONG_BEFORE):
        events = await events_of(rows, chunk)
        for one in chunk:
            for flaw in flaws_of_one(one, events[one.id], now=now, limits=limits, events_since=since):
                yield flaw
        for person_id, own in groupby(chunk, key=lambda one: one.person_id):
            if person and person[0].person_id != person_id:
                for flaw in flaws_of_person(person, now=now):
                    yield flaw
                person = []
            person += [one for one in own if one.status in ACTIVE_STATUSES]
        yield len(chunk)
    for flaw in flaws_of_person(person, now=now):
        yield flaw
    async for flaw in _twice_claimed(rows):
        yield flaw


async def _people(rows: Rows, nowhere: datetime) -> AsyncIterator[Sequence[Inspected]]:
    last: Inspected | None = None
    while chunk := await by_person(rows, last, nowhere=nowhere):
        yield chunk
        if len(chunk) < CHUNK:
            return
        last = chunk[-1]


async def _twice_claimed(rows: Rows) -> AsyncIterator[Flaw]:
    """Yield the slots that have two claims; the unique index says that there is none, unless it is broken or gone."""
    last: ActiveClaim | None = None
    while chunk := await active_by_slot(rows, last):
        for one in chunk:
            if last is not None and last.slot_id == one.slot_id:
                yield Flaw(Fault.TWO_CLAIMS_OF_SLOT, (last.id, one.id))
            last = one
        if len(chunk) < CHUNK:
            return
