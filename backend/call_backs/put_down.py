"""Putting many people down to be called, whom a clinic's cancellation reaches in no other way."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession
from uuid_utils.compat import uuid7

from backend.call_backs import change_queries
from backend.call_backs.rules import is_called, window_of
from backend.call_backs.tables import CallBackRow
from backend.call_backs.terms import PORTAL_CALL_BACKS, CallBackTerms
from backend.call_backs.values import CallBackReason, CallBackState, Callee
from identity.principal import PersonId


async def put_down(
    session: AsyncSession,
    callees: Sequence[Callee],
    *,
    actor_id: UUID,
    proposal_id: UUID,
    now: datetime,
    terms: CallBackTerms = PORTAL_CALL_BACKS,
) -> list[PersonId]:
    """Put people down to be called as soon as there is time for every try, by one insert for all of them.

    Args:
        session: The transaction that writes down what became of their appointments.
        callees: Whom to call, each once; whose number is none that operators call is left to the clinic.
        actor_id: Who confirmed the cancellation.
        proposal_id: Which cancellation; nobody is put down twice for one, whatever became of the first time.
        now: The present.
        terms: The figures.

    Returns:
        Those who were put down.
    """
    rows = []
    for one in sorted((one for one in callees if is_called(one.number)), key=lambda callee: callee.person_id):
        window = window_of(None, zone=one.time_zone, now=now, terms=terms, room=terms.for_all_attempts)
        rows.append(
            CallBackRow(
                person_id=one.person_id,
                id=uuid7(),
                actor_id=actor_id,
                callee_id=one.person_id,
                called_number=one.number,
                time_zone=one.time_zone,
                reason=CallBackReason.CANCELLATION,
                begins_at=window.begins_at,
                ends_at=window.ends_at,
                due_at=window.begins_at,
                state=CallBackState.WAITING,
                requested_at=now,
                proposal_id=proposal_id,
            )
        )
    return await change_queries.insert_many(session, rows) if rows else []
