"""All SQL that changes queues and places, inside a transaction that has locked the queue."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, func, select, update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.booking.release_tables import ReleaseQueuePlaceRow, ReleaseQueueRow
from backend.booking.rows import fetch
from backend.booking.states import COMPETING_PLACES, PlaceState
from backend.inserts import insert_into
from backend.release_queue.values import PlaceId, QueueId
from identity.principal import PersonId

_queue, _place = ReleaseQueueRow, ReleaseQueuePlaceRow


async def add_queue(session: AsyncSession, queue: ReleaseQueueRow) -> None:
    """Add the queue of a release, unless there is one."""
    adding = insert_into(session, ReleaseQueueRow).values(queue.model_dump())
    await _change(session, adding.on_conflict_do_nothing(index_elements=["post_id", "released_at"]))


async def next_place(session: AsyncSession, queue_id: QueueId) -> int:
    """Return the last place of a queue that is drawn."""
    last = select(func.max(col(_place.place))).where(col(_place.queue_id) == queue_id)
    return int((await fetch(session, last))[0][0] or 0) + 1


async def states_of(session: AsyncSession, person_id: PersonId, queue_id: QueueId) -> list[tuple[UUID, PlaceState]]:
    """Return every place that the person has or had in a queue, as it is written; in any order."""
    had = select(col(_place.id), col(_place.state)).where(
        col(_place.person_id) == person_id, col(_place.queue_id) == queue_id
    )
    return [(place_id, state) for place_id, state in await fetch(session, had)]


async def insert_place(session: AsyncSession, place: ReleaseQueuePlaceRow) -> None:
    """Add a place."""
    session.add(place)
    await session.flush()


async def write_draw(
    session: AsyncSession, queue_id: QueueId, places: Sequence[tuple[PersonId, PlaceId, int]], now: datetime
) -> None:
    """Write whose place is which, and that the order is drawn."""
    if places:
        one = update(_place).where(col(_place.person_id) == bindparam("whose"), col(_place.id) == bindparam("one"))
        given = [{"whose": person_id, "one": place_id, "drawn": place} for person_id, place_id, place in places]
        await (await session.connection()).execute(one.values(place=bindparam("drawn")), given)
    await _change(session, update(_queue).where(col(_queue.id) == queue_id).values(drawn_at=now))


async def end_queue(session: AsyncSession, queue_id: QueueId, now: datetime) -> None:
    """Write that a queue has ended."""
    await _change(session, update(_queue).where(col(_queue.id) == queue_id).values(ended_at=now))


async def lock_left_over(session: AsyncSession, queue_id: QueueId, *, limit: int) -> list[tuple[PersonId, PlaceId]]:
    """Lock at most `limit` places that compete in a queue; those that somebody else changes now are left out."""
    left = (
        select(col(_place.person_id), col(_place.id))
        .where(col(_place.queue_id) == queue_id, col(_place.state).in_(COMPETING_PLACES))
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return [(PersonId(person), PlaceId(place)) for person, place in await fetch(session, left)]


async def change_places(
    session: AsyncSession, ones: Collection[tuple[PersonId, PlaceId]], **values: Any
) -> list[tuple[PersonId, PlaceId]]:
    """Write columns of several places that compete; return those that still do, in any order."""
    if not ones:
        return []
    people, ids = zip(*ones, strict=True)
    changed = (
        update(_place)
        .where(col(_place.person_id).in_(people), col(_place.id).in_(ids), col(_place.state).in_(COMPETING_PLACES))
        .values(**values)
        .returning(col(_place.person_id), col(_place.id))
    )
    return [(PersonId(person), PlaceId(place)) for person, place in await fetch(session, changed)]


async def change_place(
    session: AsyncSession,
    person_id: PersonId,
    place_id: UUID,
    *,
    among_states: Sequence[PlaceState] = COMPETING_PLACES,
    **values: Any,
) -> bool:
    """Write columns of the person's own place when it is in one of these states; return whether it is."""
    wanted = update(_place).where(
        col(_place.person_id) == person_id, col(_place.id) == place_id, col(_place.state).in_(among_states)
    )
    return await _change(session, wanted.values(**values)) > 0


async def _change(session: AsyncSession, statement: Any) -> int:
    return (await (await session.connection()).execute(statement)).rowcount
