"""Looking after queues: drawing the order at the release, giving turns, ending what is over; each queue by itself.

Everything is decided anew from what stands in the tables, under the lock of the queue: any number of processes may
look, and a look that is lost costs nothing but time. The lock is the last one that whoever holds a slot takes, too.
"""

import random
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime

import structlog
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.booking.states import PlaceState
from backend.booking.terms import BookingTerms, horizon
from backend.booking.values import Channel
from backend.clock import Clock
from backend.database import Database
from backend.errors import Operational
from backend.reading import Rows, within
from backend.release_queue import change_queries, messages, queries, release_queries
from backend.release_queue.rules import Shuffle, draw, is_draw_due, plan
from backend.release_queue.terms import PORTAL_TERMS, QueueTerms
from backend.release_queue.values import Plan, Queue, QueueId
from identity.principal import PersonId
from notifications import outbox

SYSTEM_CHANCE: Shuffle = random.SystemRandom().shuffle
"""The chance of the operating system, which nobody can foresee."""

PATIENCE = 3
"""So many looks pass over a queue that is locked; the next one waits for it, after all others: where hundreds join at
once, somebody always has the lock."""

MOST_PARTS = 5
"""In so many transactions a look tells that a queue has ended, each a third of a second; the next look goes on."""

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
        self._found_locked: Counter[QueueId] = Counter()

    async def look(self) -> int:
        """Draw, give turns, and end what is over; return how many turns were given. One that fails stops no other."""
        given, found = 0, await self._at_work()
        self._found_locked = Counter({one.id: self._found_locked[one.id] for one in found})
        for queue in sorted(found, key=self._is_waited_for):
            if queue.ended_at is None:
                given += await self._guarded(queue, self._look_at)
        for queue in await self._at_work() if found else ():
            if queue.ended_at is not None:
                await self._guarded(queue, self._tell_end)
        return given

    async def _at_work(self) -> list[Queue]:
        return await queries.at_work(self._database.read, now=self._clock())

    async def _guarded(self, queue: Queue, work: Callable[[Queue], Awaitable[int]]) -> int:
        try:
            return await work(queue)
        except Operational as error:
            log.warning("queue_failed", queue_id=str(queue.id), code=error.code)
        except Exception:  # a bug in one queue must not stop those behind it
            log.exception("queue_failed", queue_id=str(queue.id))
        return 0

    async def _look_at(self, queue: Queue) -> int:
        rows = self._database.read
        if is_draw_due(queue, now=self._clock()) or not (await self._plan(rows, queue)).is_empty:
            return await self._advance(queue)
        return 0

    async def _advance(self, seen: Queue) -> int:
        """Write what is to be written about a queue, decided anew under its lock; return how many turns were given.

        While somebody else changes the queue nothing is done, and the next look does it.
        """
        async with self._database.transaction() as session:
            queue = await self._locked(session, seen)
            if queue is None or queue.ended_at is not None:
                return 0
            await draw_if_due(session, queue, now=self._clock(), shuffle=self._shuffle)
            wanted = await self._plan(within(session), queue)
            told = await self._write(session, queue, wanted)
            if wanted.is_over:
                await change_queries.end_queue(session, queue.id, self._clock())
                log.info("queue_ended", queue_id=str(queue.id))
        for person_id in told:
            self._published(person_id)
        return len(told)

    async def _locked(self, session: AsyncSession, seen: Queue) -> Queue | None:
        before = self._found_locked.pop(seen.id, 0)
        if before >= PATIENCE:
            return await queries.lock_queue_of(session, seen.post_id, seen.released_at)
        queue = await queries.lock_if_free(session, seen.post_id, seen.released_at)
        if queue is None:
            self._found_locked[seen.id] = before + 1
        return queue

    def _is_waited_for(self, queue: Queue) -> bool:
        return self._found_locked[queue.id] >= PATIENCE

    async def _tell_end(self, queue: Queue) -> int:
        """Let places that still compete in an ended queue be over, and tell whose they are; return how many.

        In parts: thousands at once would keep one transaction open for long, and others waiting for their turns.
        """
        count = 0
        for _ in range(MOST_PARTS):
            async with self._database.transaction() as session:
                left = await change_queries.lock_left_over(session, queue.id, limit=self._terms.told_at_once)
                over = await change_queries.change_places(session, left, state=PlaceState.OVER, ended_at=queue.ended_at)
                about = await queries.told_of(within(session), queue.post_id)
                for person_id, place_id in over:
                    message = messages.queue_over(person_id, place_id, about)
                    await outbox.enqueue(session, message, now=self._clock())
            for person_id, _ in over:
                self._published(person_id)
            count += len(over)
            if len(over) < self._terms.told_at_once:
                break
        return count

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
        """Write a plan, and tell who got a turn; return them. Whoever was erased meanwhile gets none."""
        now, told = self._clock(), []
        for one in wanted.missed:
            await change_queries.change_places(session, [one.key], state=PlaceState.MISSED, ended_at=one.turn_until)
        left = [one.key for one in wanted.left]
        await change_queries.change_places(session, left, state=PlaceState.LEFT, ended_at=now)
        about = await queries.told_of(within(session), queue.post_id)
        for one, until in wanted.turns:
            given = await change_queries.change_places(session, [one.key], state=PlaceState.TURN, turn_until=until)
            for person_id, place_id in given:
                await outbox.enqueue(session, messages.turn_come(person_id, place_id, about, until), now=now)
                told.append(person_id)
                log.info("turn_given", queue_id=str(queue.id), place_id=str(place_id))
        return told
