"""All SQL of calls. A ticket that decides something is locked, so that its uses and its end stand in one line."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, func, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import and_, col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from identity.call_rules import ABSOLUTE_LIMIT, IDLE_LIMIT, NUMBER_KEPT_FOR, THROTTLED_FOR, ends_at
from identity.call_tables import HAS_NUMBER, NO_NUMBER, CallTicketRow
from identity.principal import PersonId, Principal

_MOST_SWEPT = 5_000


async def insert_ticket(session: AsyncSession, ticket: CallTicketRow) -> bool:
    """Insert a ticket; False when the operator's session has an open one: the index says so, not a look beforehand."""
    values = ticket.model_dump()
    unique, where = ["operator_id", "session_id"], col(CallTicketRow.closed_at).is_(None)
    on_postgresql = session.get_bind().dialect.name == "postgresql"
    insert = (
        postgresql.insert(CallTicketRow).values(values).on_conflict_do_nothing(index_elements=unique, index_where=where)
        if on_postgresql
        else sqlite.insert(CallTicketRow)
        .values(values)
        .on_conflict_do_nothing(index_elements=unique, index_where=where)
    )
    inserted = await session.exec(insert.returning(col(CallTicketRow.id)))
    return inserted.scalar_one_or_none() is not None


async def find_ticket(session: AsyncSession, operator: Principal, ticket_id: UUID) -> CallTicketRow | None:
    """Return a ticket of this operator and session, open or not."""
    statement = select(CallTicketRow).where(_of(operator), col(CallTicketRow.id) == ticket_id)
    return (await session.exec(statement)).one_or_none()


async def find_open(session: AsyncSession, operator: Principal, now: datetime) -> CallTicketRow | None:
    """Return the open ticket of this operator and session."""
    return (await session.exec(select(CallTicketRow).where(_of(operator), _is_open(now)))).one_or_none()


async def lock_open(session: AsyncSession, operator: Principal, ticket_id: UUID, now: datetime) -> CallTicketRow | None:
    """Return an open ticket of this operator and session, locked until the transaction ends."""
    statement = (
        select(CallTicketRow)
        .where(_of(operator), col(CallTicketRow.id) == ticket_id, _is_open(now))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return (await session.exec(statement)).one_or_none()


async def use_open(
    session: AsyncSession, operator: Principal, patient_id: PersonId, now: datetime
) -> CallTicketRow | None:
    """Return the open ticket in which this patient was chosen, used now and locked until the transaction ends.

    A statement that waited for the lock looks at the row again (READ COMMITTED): a ticket that was closed meanwhile is
    not found.
    """
    statement = (
        update(CallTicketRow)
        .where(_of(operator), _is_open(now), col(CallTicketRow.patient_id) == patient_id)
        .values(used_at=now)
        .returning(CallTicketRow)
        .execution_options(synchronize_session=False, populate_existing=True)
    )
    found: CallTicketRow | None = (await session.exec(statement)).scalar_one_or_none()
    return found


async def close_over(session: AsyncSession, now: datetime, *, of: Principal | None = None) -> int:
    """Close the tickets whose limits are over, at the instant they were; return how many."""
    over = (
        select(CallTicketRow)
        .where(col(CallTicketRow.closed_at).is_(None), _is_over(now))
        .order_by(col(CallTicketRow.operator_id), col(CallTicketRow.id))
        .limit(_MOST_SWEPT)
        .with_for_update()
    )
    if of is not None:
        over = over.where(_of(of))
    tickets = (await session.exec(over)).all()
    for ticket in tickets:
        ticket.closed_at = ends_at(ticket)
        session.add(ticket)
    await session.flush()
    return len(tickets)


async def forget_numbers(session: AsyncSession, now: datetime) -> int:
    """Empty the numbers of calls that ended too long ago for them to be of use; return of how many."""
    old = update(CallTicketRow).where(col(CallTicketRow.closed_at) <= now - NUMBER_KEPT_FOR, HAS_NUMBER)
    return (await (await session.connection()).execute(old.values(caller_number=NO_NUMBER))).rowcount


async def count_opened(session: AsyncSession, operator_id: PersonId, now: datetime) -> int:
    """Count the calls an operator has opened of late, over all sessions."""
    return await _count(session, func.count(), operator_id, now)


async def count_wrong(session: AsyncSession, operator_id: PersonId, now: datetime) -> int:
    """Count an operator's wrong answers and patients of late, over all sessions."""
    wrong = func.sum(CallTicketRow.wrong_answers + CallTicketRow.wrong_patients)
    return await _count(session, wrong, operator_id, now)


async def count_codes(session: AsyncSession, operator_id: PersonId, now: datetime) -> int:
    """Count the codes an operator has sent of late, over all sessions."""
    return await _count(session, func.sum(CallTicketRow.codes_sent), operator_id, now)


async def _count(session: AsyncSession, total: ColumnElement[int], operator_id: PersonId, now: datetime) -> int:
    statement = select(func.coalesce(total, 0)).where(
        col(CallTicketRow.operator_id) == operator_id, col(CallTicketRow.opened_at) > now - THROTTLED_FOR
    )
    return int((await session.exec(statement)).one())


def _of(operator: Principal) -> ColumnElement[bool]:
    return and_(
        col(CallTicketRow.operator_id) == operator.person_id, col(CallTicketRow.session_id) == operator.session_id
    )


def _is_open(now: datetime) -> ColumnElement[bool]:
    return and_(
        col(CallTicketRow.closed_at).is_(None),
        col(CallTicketRow.used_at) > now - IDLE_LIMIT,
        col(CallTicketRow.opened_at) > now - ABSOLUTE_LIMIT,
    )


def _is_over(now: datetime) -> ColumnElement[bool]:
    return or_(col(CallTicketRow.used_at) <= now - IDLE_LIMIT, col(CallTicketRow.opened_at) <= now - ABSOLUTE_LIMIT)
