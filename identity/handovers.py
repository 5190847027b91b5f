"""Handing over from a kiosk or a call to a phone: one code a session, for its own person, good once and for minutes.

A code signs nobody in: it is taken only from somebody who is signed in as the same person. What it does is to end the
kiosk's session and to say what was begun there; a call, which is no session of the person's, goes on. Every function
works inside the caller's transaction.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import col, delete, update
from sqlmodel.ext.asyncio.session import AsyncSession

from identity.handover_tables import HandoverRow
from identity.principal import PersonId, SessionId
from identity.queries import end_sessions

CODE_LASTS = timedelta(minutes=5)
"""Source: issue "Kiosk"; as long as a slot is kept."""


@dataclass(frozen=True, slots=True)
class TakenOver:
    """What a phone goes on with."""

    session_id: SessionId
    subject_id: UUID | None


async def offer(
    session: AsyncSession,
    person_id: PersonId,
    session_id: SessionId,
    *,
    code_hash: str,
    subject_id: UUID | None,
    now: datetime,
) -> datetime:
    """Keep a code of a kiosk's session or of a call, in the place of the one before; return when it ends, aware UTC."""
    expires_at = now + CODE_LASTS
    kept = {
        "code_hash": code_hash,
        "subject_id": subject_id,
        "created_at": now,
        "expires_at": expires_at,
        "used_at": None,
    }
    values = {"person_id": person_id, "session_id": session_id, **kept}
    unique = ["person_id", "session_id"]
    statement = (
        postgresql.insert(HandoverRow).values(values).on_conflict_do_update(index_elements=unique, set_=kept)
        if session.get_bind().dialect.name == "postgresql"
        else sqlite.insert(HandoverRow).values(values).on_conflict_do_update(index_elements=unique, set_=kept)
    )
    await session.exec(statement)
    return expires_at


async def take_over(session: AsyncSession, person_id: PersonId, code_hash: str, *, now: datetime) -> TakenOver | None:
    """Use a code of this very person up and end the session it came from; of several who try, one gets it.

    Returns:
        What was begun; None for a code that is wrong, over, used, replaced or another person's, all alike.
    """
    statement = (
        update(HandoverRow)
        .where(
            col(HandoverRow.person_id) == person_id,
            col(HandoverRow.code_hash) == code_hash,
            col(HandoverRow.used_at).is_(None),
            col(HandoverRow.expires_at) > now,
        )
        .values(used_at=now)
        .returning(col(HandoverRow.session_id), col(HandoverRow.subject_id))
        .execution_options(synchronize_session=False)
    )
    found = (await session.exec(statement)).one_or_none()
    if found is None:
        return None
    taken = TakenOver(SessionId(found.session_id), found.subject_id)
    await end_sessions(session, person_id, now=now, only=taken.session_id)
    return taken


async def purge(session: AsyncSession, now: datetime) -> int:
    """Delete the codes that are over, used or not; return how many."""
    over = delete(HandoverRow).where(col(HandoverRow.expires_at) <= now)
    return (await session.exec(over.execution_options(synchronize_session=False))).rowcount
