"""Looking after queues: drawing the order at the release, giving turns, ending what is over; each queue by itself.

Everything is decided anew from what stands in the tables, under the lock of the queue: any number of processes may
look, and a look that is lost costs nothing but time. The lock is the last one that whoever holds a slot takes, too.
"""

import random
from collections.abc import Callable, Sequence
from datetime import datetime

import structlog
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.booking.states import PlaceState
from backend.booking.terms import BookingTerms, horizon
from backend.booking.values import Channel
from backend.clock import Clock
from backend.database import Database
from backend.reading import Rows, within
from backend.release_queue import change_queries, messages, queries, release_queries
from backend.release_queue.rules import Shuffle, draw, is_draw_due, plan
from backend.release_queue.terms import PORTAL_TERMS, QueueTerms
from backend.release_queue.values import Plan, Queue
from identity.principal import PersonId
from notifications import outbox

SYSTEM_CHANCE: Shuffle = random.SystemRandom().shuffle
"""The chance of the operating system, which nobody can foresee."""

log = structlog.get_logger("release_queue")


async def draw_if_due(session: AsyncSession, queue: Queue, *, now: datetime, shuffle: Shuffle = SYSTEM_CHANCE) -> bool:
    """Draw the order of those who joined before the release, once; the caller has locked the queue.

    Returns:
        Whether it was drawn now.
    """
    if not is_draw_due(queue, now=now):
        return False
    joined = await queries.undrawn(within(session), queue.id)
    places = [(joined[one], one, place) for one, place in draw(joined, shuffle)]
    await change_queries.write_draw(session, queue.id, places, now)
    log.info("drawn", queue_id=str(queue.id), participants=len(joined))
    return True


class QueueLook:
    """Looks at the queues whose release has come; two at once do no harm."""

    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        booking_terms: BookingTerms,
        published: Callable[[PersonId], None],
        terms: QueueTerms = PORTAL_TERMS,
        shuffle: Shuffle = SYSTEM_CHANCE,
    ) -> None:
        """Write to `database`; `published` wakes who watches an inbox, after the commit; `shuffle` is chance."""
        self._database = database
        self._clock = clock
        self._booking_terms = booking_terms
        self._published = published
        self._terms = terms
        self._shuffle = shuffle

    async def look(self) -> int:
        """Draw, give turns, and end what is over; return how many turns were given."""
        given, rows = 0, self._database.read
        for queue in await queries.at_work(rows, now=self._clock()):
            if is_draw_due(queue, now=self._clock()) or not (await self._plan(rows, queue)).is_empty:
                given += await self._advance(queue)
        return given

    async def _advance(self, seen: Queue) -> int:
        """Write what is to be written about a queue, decided anew under its lock; return how many turns were given."""
        async with self._database.transaction() as session:
            queue, rows = await queries.lock_queue_of(session, seen.post_id, seen.released_at), within(session)
            if queue.ended_at is not None:
                return 0
            await draw_if_due(session, queue, now=self._clock(), shuffle=self._shuffle)
            wanted = await self._plan(rows, queue)
            told = await self._write(session, queue, wanted)
        for person_id in told:
            self._published(person_id)
        return len(wanted.turns)

    async def _plan(self, rows: Rows, queue: Queue) -> Plan:
        now, terms = self._clock(), self._terms
        slots = await release_queries.slots_of(rows, queue.post_id, queue.released_at)
        return plan(
            queue,
            await queries.competitors(rows, queue.id, now=now, limit=terms.most_read),
            slots,
            await release_queries.shares_of(rows, slots, now=now),
            {channel: horizon(self._booking_terms.horizons, channel, now) for channel in Channel},
            now=now,
            terms=terms,
        )

    async def _write(self, session: AsyncSession, queue: Queue, wanted: Plan) -> Sequence[PersonId]:
        """Write a plan, and tell whom it is about; return them."""
        now, told = self._clock(), []
        about = await queries.told_of(within(session), queue.post_id)
        for one in wanted.missed:
            await change_queries.change_places(session, [one], state=PlaceState.MISSED, ended_at=one.turn_until)
        await change_queries.change_places(session, wanted.left, state=PlaceState.LEFT, ended_at=now)
        for one, until in wanted.turns:
            await change_queries.change_places(session, [one], state=PlaceState.TURN, turn_until=until)
            await outbox.enqueue(session, messages.turn_come(one.person_id, one.id, about, until), now=now)
            told.append(one.person_id)
            log.info("turn_given", queue_id=str(queue.id), place_id=str(one.id))
        if wanted.is_over:
            await change_queries.end_queue(session, queue.id, now)
            for person_id, place_id in await change_queries.end_all_queued(session, queue.id, now):
                await outbox.enqueue(session, messages.queue_over(person_id, place_id, about), now=now)
                told.append(person_id)
            log.info("queue_ended", queue_id=str(queue.id))
        return told
