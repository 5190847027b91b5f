"""What is done to deliveries that have come to an end: forgotten after a time, or sent again by somebody's word."""

from datetime import datetime, timedelta

from sqlalchemy import or_, tuple_
from sqlmodel import col, delete, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from notifications.delivery_tables import DeliveryRow, DeliveryState
from notifications.queue import FINAL

KEPT = timedelta(days=90)
"""How long the way of a message is kept after it was written (config); statistics and complaints ask for it."""

MOST_FORGOTTEN = 5_000
"""In one transaction."""


async def purge(session: AsyncSession, now: datetime) -> int:
    """Forget deliveries that have long come to an end; returns how many. The inbox keeps the messages themselves."""
    over = (
        select(DeliveryRow.person_id, DeliveryRow.id)
        .where(col(DeliveryRow.created_at) < now - KEPT, col(DeliveryRow.state).in_(FINAL))
        .order_by(col(DeliveryRow.created_at))
        .limit(MOST_FORGOTTEN)
        .cte("over")
    )
    gone = await session.exec(
        delete(DeliveryRow)
        .where(tuple_(col(DeliveryRow.person_id), col(DeliveryRow.id)).in_(select(over.c.person_id, over.c.id)))
        .returning(col(DeliveryRow.id))
        .execution_options(synchronize_session=False)
    )
    return len(gone.all())


async def replay(session: AsyncSession, *, reason: str, since: datetime, most: int, now: datetime) -> int:
    """Try again what has failed for a reason that somebody has mended; what is too late by now stays as it is.

    Args:
        session: A transaction.
        reason: As it stands in the row.
        since: Only what was written from then on; aware.
        most: How many at most.
        now: Aware.

    Returns:
        How many wait again.
    """
    failed = (
        select(DeliveryRow.person_id, DeliveryRow.id)
        .where(
            col(DeliveryRow.created_at) >= since,
            col(DeliveryRow.state) == DeliveryState.FAILED,
            col(DeliveryRow.reason) == reason,
            or_(col(DeliveryRow.expires_at).is_(None), col(DeliveryRow.expires_at) > now),
        )
        .order_by(col(DeliveryRow.created_at))
        .limit(most)
        .with_for_update(skip_locked=True)
        .cte("failed")
    )
    again = await session.exec(
        update(DeliveryRow)
        .where(col(DeliveryRow.person_id) == failed.c.person_id, col(DeliveryRow.id) == failed.c.id)
        .values(state=DeliveryState.WAITING, due_at=now, attempt=0, reason=None, finished_at=None)
        .returning(col(DeliveryRow.id))
        .execution_options(synchronize_session=False)
    )
    return len(again.all())
