"""Numbers the changes of an inbox, so that a phone can ask for what is new and never miss one (ADR 0027).

Who changes a message takes its number away, in the transaction of the change, and waits for nobody. Who reads gives
numbers to what is committed and has none, under the lock of the person's one state. So a number, once given, is of a
change that everybody can see, and a later one has a greater number, in whatever order transactions commit.
"""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Table, func
from sqlmodel import SQLModel, col, delete, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from notifications.inserts import insert_into
from notifications.tables import InboxStateRow, NotificationRow, WithdrawnRow

MOST_AT_ONCE = 1_000
"""How many changes one transaction numbers; the rest waits for the next reader."""


async def number_changes(session: AsyncSession, person_id: UUID, *, most: int = MOST_AT_ONCE) -> int:
    """Number what is committed and has no number; return how many there were.

    Args:
        session: A transaction of its own; it waits for another that numbers this inbox, and for no other writer.
        person_id: Whose inbox; its state is made if there is none.
        most: How many at most, of each kind.
    """
    begun = InboxStateRow(person_id=person_id, epoch=uuid4(), last_change=0)
    await session.exec(insert_into(session, InboxStateRow).values(begun.model_dump()).on_conflict_do_nothing())
    state = select(InboxStateRow.last_change).where(col(InboxStateRow.person_id) == person_id).with_for_update()
    before = last = (await session.exec(state)).one()
    last = await _number(session, NotificationRow, ("created_at", "id"), person_id, after=last, most=most)
    last = await _number(session, WithdrawnRow, ("withdrawn_at", "notification_id"), person_id, after=last, most=most)
    if last != before:
        await session.exec(
            update(InboxStateRow).where(col(InboxStateRow.person_id) == person_id).values(last_change=last)
        )
    return last - before


async def withdraw(session: AsyncSession, person_id: UUID, notification_id: UUID, *, now: datetime) -> bool:
    """Take a message out of an inbox, and out of every phone that has it; return whether it was there.

    What is still to be sent of it finds it gone.
    """
    removed = await session.exec(
        delete(NotificationRow).where(
            col(NotificationRow.person_id) == person_id, col(NotificationRow.id) == notification_id
        )
    )
    if removed.rowcount == 0:
        return False
    session.add(WithdrawnRow(person_id=person_id, notification_id=notification_id, withdrawn_at=now))
    await session.flush()
    return True


async def _number(
    session: AsyncSession, kind: type[SQLModel], order: tuple[str, str], person_id: UUID, *, after: int, most: int
) -> int:
    """Give the next numbers to rows of one kind, in their order; return the last number given.

    A row that a writer has locked is left to the next reader: its writer takes the number away anyhow.
    """
    table: Table = kind.__table__  # type: ignore[attr-defined] # SQLModel sets it on tables
    first, key = (table.c[name] for name in order)
    free = (
        select(first.label("first"), key.label("key"))
        .where(table.c.person_id == person_id, table.c.change.is_(None))
        .order_by(first, key)
        .limit(most)
        .with_for_update(skip_locked=True)
        .cte("free")
    )
    place = func.row_number().over(order_by=(free.c.first, free.c.key))
    placed: Any = select(free.c.key, place.label("place")).cte("placed")
    numbered = (
        update(table)
        .where(table.c.person_id == person_id, key == placed.c.key)
        .values(change=after + placed.c.place)
        .returning(table.c.change)
    )
    return after + len((await (await session.connection()).execute(numbered)).all())
