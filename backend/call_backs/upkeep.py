"""What time alone asks of call-backs: a window that has passed ends a request, and whoever waits for it is told."""

from datetime import datetime
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from backend.call_backs import change_queries, messages
from backend.call_backs.rules import state_at_end
from identity.principal import PersonId
from notifications import outbox


async def end_over(session: AsyncSession, now: datetime, *, of: PersonId | None = None) -> int:
    """End requests whose window has passed and that no operator works at; return how many.

    Args:
        session: The open transaction.
        now: The present.
        of: Of one person; of everybody when None, some hundreds at a time.
    """
    over = await change_queries.lock_over(session, now, of=of)
    for row in over:
        await change_queries.change(
            session, row.person_id, row.id, state=state_at_end(row.attempts), ended_at=row.ends_at
        )
        await tell_unreached(session, row, now=now)
    return len(over)


async def tell_unreached(session: AsyncSession, row: Any, *, now: datetime) -> None:
    """Tell whom a request is about, and who was to be called, that there will be no further call; each once."""
    for one in sorted({row.person_id, row.callee_id}):
        await outbox.enqueue(session, messages.unreached(one, row.id), now=now)
