"""Messages for a later time: planned with the event they follow from, changed or dropped with it.

A plan is no message: nobody sees it before its time. When it is due it becomes one, in the transaction that drops it.
"""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlmodel import col, delete, select
from sqlmodel.ext.asyncio.session import AsyncSession

from notifications.delivery_tables import PlannedRow
from notifications.inserts import insert_into
from notifications.kinds import severity_of
from notifications.messages import Message
from notifications.outbox import enqueue
from notifications.templates import templates

MOST_AT_ONCE = 200
"""How many plans one transaction makes messages of."""


async def plan(session: AsyncSession, key: str, message: Message, *, due_at: datetime, now: datetime) -> None:
    """Plan a message, or change what is planned under the key.

    Args:
        session: The transaction of the event.
        key: Names the plan, of this person.
        message: What to tell then.
        due_at: When; aware.
        now: Aware.

    Raises:
        ValueError: As `enqueue`; a bug of the caller, found before anything is written.
    """
    templates().check(message.kind, message.parameters)
    row = PlannedRow(
        person_id=message.person_id,
        key=key,
        dedupe_key=message.dedupe_key,
        kind=message.kind,
        severity=severity_of(message),
        parameters=dict(message.parameters),
        subject_id=message.subject_id,
        due_at=due_at,
        expires_at=message.expires_at,
        planned_at=now,
    )
    insert = insert_into(session, PlannedRow).values(row.model_dump())
    changed = {name: insert.excluded[name] for name in row.model_dump() if name not in {"person_id", "key"}}
    await session.exec(insert.on_conflict_do_update(index_elements=["person_id", "key"], set_=changed))


async def drop(session: AsyncSession, person_id: UUID, keys: Collection[str]) -> None:
    """Drop plans; a key without one does no harm."""
    await session.exec(delete(PlannedRow).where(col(PlannedRow.person_id) == person_id, col(PlannedRow.key).in_(keys)))


async def tell_due(session: AsyncSession, now: datetime) -> int:
    """Make messages of the plans that are due, the longest due first; returns of how many.

    One that nobody wants any more is dropped. Each is locked while it is told, so that a change of plan at the same
    time waits for it or comes before it.
    """
    due = (
        select(PlannedRow)
        .where(col(PlannedRow.due_at) <= now)
        .order_by(col(PlannedRow.due_at))
        .limit(MOST_AT_ONCE)
        .with_for_update(skip_locked=True)
    )
    rows = list(await session.exec(due))
    for row in rows:
        if row.expires_at is None or now < row.expires_at:
            await enqueue(session, _message(row), now=now)
        await session.delete(row)
    return len(rows)


def _message(row: PlannedRow) -> Message:
    return Message(
        kind=row.kind,
        person_id=row.person_id,
        dedupe_key=row.dedupe_key,
        parameters=row.parameters,
        subject_id=row.subject_id,
        severity=row.severity,
        expires_at=row.expires_at,
    )
