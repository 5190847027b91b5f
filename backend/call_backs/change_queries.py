"""All SQL that changes call-backs.

A row is only ever locked by who does not wait for it (SKIP LOCKED), and written last, when every other lock is had: so
no order between these rows and the others (call, audit head) can end in a deadlock.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Executable, and_, delete, select, update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.call_backs.queries import IS_HELD, IS_OPEN, IS_TAKEN, clock_of
from backend.call_backs.tables import OWN_OPEN, CallBackRow
from backend.inserts import insert_into
from identity.principal import PersonId, Principal

KEPT_FOR = timedelta(days=30)
"""How long a request is kept after its end: a number is of no use longer."""

_MOST_SWEPT = 500
_MOST_AT_ONCE = 500
_row = CallBackRow


async def insert(session: AsyncSession, row: CallBackRow) -> bool:
    """Add a person's own request; False when they have an open one: the index says so, not a look beforehand."""
    adding = insert_into(session, _row).values(row.model_dump()).on_conflict_do_nothing(**_ONE_OPEN)
    return len(await _fetch(session, adding.returning(col(_row.id)))) == 1


async def insert_many(session: AsyncSession, rows: Sequence[CallBackRow]) -> list[PersonId]:
    """Add requests of many people for a proposal at once; return those whose was added: the index says who had one."""
    added: list[PersonId] = []
    for place in range(0, len(rows), _MOST_AT_ONCE):
        values = [row.model_dump() for row in rows[place : place + _MOST_AT_ONCE]]
        adding = insert_into(session, _row).values(values).on_conflict_do_nothing(**_ONE_A_PROPOSAL)
        added += [PersonId(one[0]) for one in await _fetch(session, adding.returning(col(_row.person_id)))]
    return added


async def lock_next(session: AsyncSession, operator: Principal, *, now: datetime) -> Any | None:
    """Return whoever has been due longest and nobody keeps, locked; None where nobody is due.

    The operator serves nobody of their own. What another transaction has locked is being taken.
    """
    due = (
        select(_row)
        .where(
            IS_OPEN,
            col(_row.due_at) <= now,
            col(_row.ends_at) > now,
            ~IS_HELD,
            col(_row.person_id) != operator.person_id,
            col(_row.callee_id) != operator.person_id,
        )
        .order_by(col(_row.due_at), col(_row.id))
        .limit(1)
        .with_for_update(skip_locked=True, of=_row)
    )
    return next(iter(await _fetch(session, due, **clock_of(now))), None)


async def lock_taken(session: AsyncSession, operator: Principal, call_back_id: UUID) -> Any | None:
    """Return a request that this operator's session has taken and nobody has taken since, locked."""
    mine = select(_row).where(
        col(_row.taken_by) == operator.person_id,
        col(_row.taken_in) == operator.session_id,
        col(_row.id) == call_back_id,
        IS_TAKEN,
    )
    return next(iter(await _fetch(session, mine.with_for_update(skip_locked=True))), None)


async def lock_own(session: AsyncSession, person_id: PersonId, call_back_id: UUID) -> Any | None:
    """Return a person's own request, locked; None where there is none, or somebody changes it just now."""
    own = select(_row).where(col(_row.person_id) == person_id, col(_row.id) == call_back_id)
    return next(iter(await _fetch(session, own.with_for_update(skip_locked=True))), None)


async def lock_over(session: AsyncSession, now: datetime, *, of: PersonId | None = None) -> Sequence[Any]:
    """Return open requests whose window has passed and that nobody keeps, locked; at most some hundreds."""
    over = select(_row).where(IS_OPEN, col(_row.ends_at) <= now, ~IS_HELD)
    if of is not None:
        over = over.where(col(_row.person_id) == of)
    over = over.order_by(col(_row.ends_at), col(_row.id)).limit(_MOST_SWEPT)
    return await _fetch(session, over.with_for_update(skip_locked=True, of=_row), **clock_of(now))


async def change(session: AsyncSession, person_id: UUID, call_back_id: UUID, **values: Any) -> None:
    """Write columns of a request that the caller has locked."""
    own = and_(col(_row.person_id) == person_id, col(_row.id) == call_back_id)
    await (await session.connection()).execute(update(_row).where(own).values(**values))


async def purge(session: AsyncSession, now: datetime) -> int:
    """Delete what ended too long ago to be of use; return how many there were."""
    old = delete(_row).where(col(_row.ended_at) <= now - KEPT_FOR)
    return (await (await session.connection()).execute(old)).rowcount


_ONE_OPEN: dict[str, Any] = {"index_elements": ["person_id"], "index_where": OWN_OPEN}
_ONE_A_PROPOSAL: dict[str, Any] = {"index_elements": ["person_id", "proposal_id"]}


async def _fetch(session: AsyncSession, statement: Executable, **parameters: Any) -> Sequence[Any]:
    return (await (await session.connection()).execute(statement, parameters or None)).all()
