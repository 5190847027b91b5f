"""The turn that a hold takes where people queue for the release of its slot.

A queue stands between its release and its end while somebody has a turn, or may get one. The lock of a queue comes
after those of slots, shares and the person, so that whoever gives turns waits for no slot.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BindParameter, ColumnElement, DateTime, Uuid, and_, bindparam, exists, or_, select, update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.booking.errors import QueueTurnNeeded
from backend.booking.release_tables import ReleaseQueuePlaceRow, ReleaseQueueRow
from backend.booking.rows import fetch
from backend.booking.scope import Scope
from backend.booking.states import PlaceState
from backend.booking.tables import ScheduleRow, SlotRow
from backend.booking.values import Channel
from backend.reading import Statement
from backend.shapes import Shape
from identity.columns import choice

_NOW: BindParameter[datetime] = bindparam("now", type_=DateTime(timezone=True))
_CHANNEL: BindParameter[str] = bindparam("channel", type_=choice(Channel, "release_queue_places_channel"))
_queue, _place = ReleaseQueueRow, ReleaseQueuePlaceRow


def competes(place: Any) -> ColumnElement[bool]:
    """Say that a place has a turn now, or may get one; parameter: `now`."""
    has_turn = and_(place.state == PlaceState.TURN, place.turn_until > _NOW)
    return or_(place.state == PlaceState.QUEUED, has_turn)


IS_QUEUED_FOR = (
    exists()
    .where(
        col(ScheduleRow.id) == col(SlotRow.schedule_id),
        col(_queue.post_id) == col(ScheduleRow.post_id),
        col(_queue.released_at) == col(SlotRow.released_at),
        col(_queue.ended_at).is_(None),
        col(_queue.ends_at) > _NOW,
        exists().where(col(_place.queue_id) == col(_queue.id), competes(_place)).correlate(_queue),
    )
    .correlate(SlotRow)
)
"""People queue for the slot: it is held by turns only; parameter: `now`."""


@dataclass(frozen=True, slots=True)
class _Standing:
    """A queue before its end: a place in it that competes, and the open turn of the person through a channel."""

    competing: UUID | None
    own_turn: UUID | None


_IN_QUEUE = select(col(_place.id)).where(col(_place.queue_id) == col(_queue.id)).limit(1).correlate(_queue)
_STANDING = Shape(
    _Standing,
    _IN_QUEUE.where(competes(_place)).scalar_subquery(),
    _IN_QUEUE.where(
        col(_place.person_id) == bindparam("person_id", type_=Uuid()),
        col(_place.channel) == _CHANNEL,
        col(_place.state) == PlaceState.TURN,
        col(_place.turn_until) > _NOW,
    ).scalar_subquery(),
)
_STANDS = Statement(
    _STANDING.select()
    .select_from(_queue)
    .where(
        col(_queue.id) == bindparam("queue_id", type_=Uuid()),
        col(_queue.ended_at).is_(None),
        col(_queue.ends_at) > _NOW,
    ),
    _STANDING,
)


async def lock_queue(session: AsyncSession, queue_id: UUID) -> None:
    """Let one change of a queue be made at a time; on SQLite writers already follow one another."""
    await fetch(session, select(col(_queue.id)).where(col(_queue.id) == queue_id).with_for_update())


async def take_turn(scope: Scope, queue_id: UUID, channel: Channel) -> None:
    """Use up the turn that the person has through a channel, where the queue stands.

    Whoever has none is refused without taking the queue's lock. Where nobody competes the lock is taken too: somebody
    may just be joining.

    Raises:
        QueueTurnNeeded: It is not the person's turn, or not through this channel, or it ended a moment ago.
    """
    standing = await _standing(scope, queue_id, channel)
    if standing is None:
        return
    if standing.competing is not None and standing.own_turn is None:
        raise QueueTurnNeeded
    await lock_queue(scope.session, queue_id)
    standing = await _standing(scope, queue_id, channel)
    if standing is None or standing.competing is None:
        return
    used = (
        update(_place)
        .where(
            col(_place.person_id) == scope.person_id,
            col(_place.id) == standing.own_turn,
            col(_place.state) == PlaceState.TURN,
        )
        .values(state=PlaceState.USED, ended_at=scope.clock())
    )
    if (await (await scope.session.connection()).execute(used)).rowcount != 1:
        raise QueueTurnNeeded


async def _standing(scope: Scope, queue_id: UUID, channel: Channel) -> _Standing | None:
    asked = {"queue_id": queue_id, "person_id": scope.person_id, "channel": channel}
    return await scope.rows.row(_STANDS, **asked, now=scope.clock())
