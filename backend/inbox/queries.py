"""All SQL of the inbox, always by `person_id`."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime, Integer, Uuid, bindparam, func, tuple_
from sqlmodel import col, update
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.reading import Rows, Statement
from backend.shapes import Shape, alone
from backend.sql_texts import among
from notifications.inbox import InboxItem, InboxPosition
from notifications.tables import NotificationRow

ITEM = Shape(
    InboxItem,
    col(NotificationRow.id),
    col(NotificationRow.person_id),
    col(NotificationRow.kind),
    col(NotificationRow.severity),
    col(NotificationRow.parameters),
    col(NotificationRow.template_version),
    col(NotificationRow.subject_id),
    col(NotificationRow.created_at),
    col(NotificationRow.seen_at),
)
_OWN = col(NotificationRow.person_id) == bindparam("person_id", type_=Uuid())
_AFTER = tuple_(bindparam("after", type_=DateTime(timezone=True)), bindparam("after_id", type_=Uuid()))
_NEWEST_FIRST = (
    ITEM.select()
    .where(_OWN)
    .order_by(col(NotificationRow.created_at).desc(), col(NotificationRow.id).desc())
    .limit(bindparam("limit", type_=Integer()))
)
_FIRST_PAGE = Statement(_NEWEST_FIRST, ITEM)
_LATER_PAGE = Statement(
    _NEWEST_FIRST.where(tuple_(col(NotificationRow.created_at), col(NotificationRow.id)) < _AFTER), ITEM
)
_BY_IDS = Statement(ITEM.select().where(_OWN, among(col(NotificationRow.id), "ids")), ITEM)
_COUNT = alone(func.count())
_UNSEEN = Statement(
    _COUNT.select().select_from(NotificationRow).where(_OWN, col(NotificationRow.seen_at).is_(None)), _COUNT
)


async def list_newest(
    rows: Rows, person_id: UUID, *, limit: int, after: InboxPosition | None = None
) -> list[InboxItem]:
    """Return at most `limit` messages, newest first, from `after` on (exclusive)."""
    if after is None:
        return await rows.rows(_FIRST_PAGE, person_id=person_id, limit=limit)
    return await rows.rows(_LATER_PAGE, person_id=person_id, after=after.created_at, after_id=after.id, limit=limit)


async def find_items(rows: Rows, person_id: UUID, ids: Collection[UUID]) -> dict[UUID, InboxItem]:
    """Return those of the messages that exist and are this person's, by id."""
    return {item.id: item for item in await rows.rows(_BY_IDS, person_id=person_id, ids=ids)}


async def count_unseen(rows: Rows, person_id: UUID) -> int:
    """Count the messages that the person has not seen."""
    return await rows.scalar(_UNSEEN, person_id=person_id)


async def mark_seen(session: AsyncSession, person_id: UUID, ids: Collection[UUID], *, now: datetime) -> int:
    """Note that the person saw these messages; what was seen before keeps its time, a foreign id is not touched.

    Returns:
        How many were unseen; each of them is a change that has no number yet (`notifications.changes`).
    """
    marked = await session.exec(
        update(NotificationRow)
        .where(
            col(NotificationRow.person_id) == person_id,
            col(NotificationRow.id).in_(ids),
            col(NotificationRow.seen_at).is_(None),
        )
        .values(seen_at=now, change=None)
    )
    return marked.rowcount
