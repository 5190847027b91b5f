"""All SQL of requests for erasure."""

from datetime import datetime

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession
from uuid_utils.compat import uuid7

from backend.inserts import insert_into
from backend.rights.receipts import write_receipt
from backend.rights.tables import WAITING, ErasureRequestRow
from backend.rights.values import Erasure, ErasureId, ErasureItem, ErasureState
from identity.principal import PersonId


async def add_erasure(
    session: AsyncSession,
    person_id: PersonId,
    *,
    now: datetime,
    erases_at: datetime,
    receipt_key: bytes,
    plan: tuple[ErasureItem, ...],
) -> ErasureId | None:
    """Note the wish, unless one waits already."""
    values = {
        "person_id": person_id,
        "id": uuid7(),
        "state": ErasureState.WAITING,
        "requested_at": now,
        "erases_at": erases_at,
        "due_at": erases_at,
        "receipt_key": receipt_key,
        "statement": [item.to_json() for item in plan],
    }
    insert = insert_into(session, ErasureRequestRow).values(values)
    statement = insert.on_conflict_do_nothing(index_elements=["person_id"], index_where=WAITING)
    added = (await session.exec(statement.returning(col(ErasureRequestRow.id)))).scalar_one_or_none()
    return None if added is None else ErasureId(added)


async def find_erasure(session: AsyncSession, person_id: PersonId, erasure_id: ErasureId) -> ErasureRequestRow | None:
    """Return the row of a request."""
    statement = select(ErasureRequestRow).where(
        col(ErasureRequestRow.person_id) == person_id, col(ErasureRequestRow.id) == erasure_id
    )
    return (await session.exec(statement)).one_or_none()


async def newest_erasure(session: AsyncSession, person_id: PersonId) -> ErasureRequestRow | None:
    """Return the latest request of a person."""
    statement = (
        select(ErasureRequestRow)
        .where(col(ErasureRequestRow.person_id) == person_id)
        .order_by(col(ErasureRequestRow.requested_at).desc(), col(ErasureRequestRow.id).desc())
        .limit(1)
    )
    return (await session.exec(statement)).one_or_none()


async def lock_waiting(session: AsyncSession, person_id: PersonId) -> ErasureRequestRow | None:
    """Return the waiting request of a person, locked until the transaction ends."""
    statement = (
        select(ErasureRequestRow)
        .where(col(ErasureRequestRow.person_id) == person_id, col(ErasureRequestRow.state) == ErasureState.WAITING)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return (await session.exec(statement)).one_or_none()


async def lock_due(session: AsyncSession, now: datetime) -> ErasureRequestRow | None:
    """Return the request that is due for longest and that nobody else is at, locked until the transaction ends."""
    statement = (
        select(ErasureRequestRow)
        .where(col(ErasureRequestRow.due_at) <= now)
        .order_by(col(ErasureRequestRow.due_at), col(ErasureRequestRow.id))
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    return (await session.exec(statement)).one_or_none()


def erasure_of(row: ErasureRequestRow) -> Erasure:
    """Return what a row says."""
    erasure_id = ErasureId(row.id)
    return Erasure(
        erasure_id,
        row.state,
        row.requested_at,
        row.erases_at,
        row.cancelled_at,
        row.erased_at,
        tuple(ErasureItem.from_json(item) for item in row.statement),
        write_receipt(PersonId(row.person_id), erasure_id, row.receipt_key),
    )
