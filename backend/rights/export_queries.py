"""All SQL of copies of one's data. What a worker writes is fenced: only the newest attempt's words count."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func
from sqlmodel import col, select, update
from sqlmodel.ext.asyncio.session import AsyncSession
from uuid_utils.compat import uuid7

from backend.inserts import insert_into
from backend.rights.tables import ACTIVE, DataExportRow
from backend.rights.values import ACTIVE_EXPORTS, ExportId, ExportState, ExportStatus
from identity.principal import PersonId

MOST_LISTED = 20


@dataclass(frozen=True, slots=True)
class Lease:
    """A worker's hold of one job; `attempt` counts from 1."""

    person_id: PersonId
    id: ExportId
    requested_by: PersonId
    withheld: bool
    worker_id: UUID
    attempt: int

    @property
    def object_name(self) -> str:
        """Return where this attempt keeps its file: never where another one does."""
        return object_name(self.person_id, self.id, self.attempt)


def object_name(person_id: UUID, export_id: UUID, attempt: int) -> str:
    """Return the name of a copy's object."""
    return f"{person_id.hex}.{export_id.hex}.{attempt}"


def parsed_name(name: str) -> tuple[UUID, UUID, int] | None:
    """Return what `object_name` was given, or None for a name it did not make."""
    parts = name.split(".")
    try:
        person_id, export_id, attempt = parts
        return UUID(hex=person_id), UUID(hex=export_id), int(attempt)
    except ValueError:
        return None


async def add_export(
    session: AsyncSession, person_id: PersonId, *, requested_by: PersonId, withheld: bool, now: datetime
) -> ExportId | None:
    """Queue a copy, unless one is being made."""
    values = {
        "person_id": person_id,
        "id": uuid7(),
        "requested_by": requested_by,
        "withheld": withheld,
        "state": ExportState.QUEUED,
        "progress_percent": 0,
        "requested_at": now,
        "claimable_at": now,
        "attempt": 0,
    }
    insert = insert_into(session, DataExportRow).values(values)
    statement = insert.on_conflict_do_nothing(index_elements=["person_id"], index_where=ACTIVE)
    added = (await session.exec(statement.returning(col(DataExportRow.id)))).scalar_one_or_none()
    return None if added is None else ExportId(added)


async def count_since(session: AsyncSession, person_id: PersonId, since: datetime) -> int:
    """Count the copies asked for after an instant that did not fail."""
    statement = select(func.count()).where(
        col(DataExportRow.person_id) == person_id,
        col(DataExportRow.requested_at) > since,
        col(DataExportRow.state) != ExportState.FAILED,
    )
    return (await session.exec(statement)).one()


async def list_exports(session: AsyncSession, person_id: PersonId, requested_by: PersonId) -> list[ExportStatus]:
    """Return the newest copies of a person that somebody asked for, latest first."""
    statement = (
        select(DataExportRow)
        .where(col(DataExportRow.person_id) == person_id, col(DataExportRow.requested_by) == requested_by)
        .order_by(col(DataExportRow.requested_at).desc(), col(DataExportRow.id).desc())
        .limit(MOST_LISTED)
    )
    return [status_of(row) for row in (await session.exec(statement)).all()]


async def find_export(session: AsyncSession, person_id: PersonId, export_id: ExportId) -> DataExportRow | None:
    """Return the row of a copy."""
    statement = select(DataExportRow).where(
        col(DataExportRow.person_id) == person_id, col(DataExportRow.id) == export_id
    )
    return (await session.exec(statement)).one_or_none()


async def claim_due(
    session: AsyncSession, *, worker_id: UUID, now: datetime, lease: timedelta, most_attempts: int
) -> Lease | DataExportRow | None:
    """Take the job that waits for longest; the caller commits.

    Returns:
        The lease; or the row of a job whose workers all died, to be given up; or None when nothing waits.
    """
    statement = (
        select(DataExportRow)
        .where(col(DataExportRow.state).in_(ACTIVE_EXPORTS), col(DataExportRow.claimable_at) <= now)
        .order_by(col(DataExportRow.claimable_at), col(DataExportRow.id))
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    row = (await session.exec(statement)).one_or_none()
    if row is None or row.attempt >= most_attempts:
        return row
    row.state, row.attempt, row.worker_id = ExportState.RUNNING, row.attempt + 1, worker_id
    row.progress_percent, row.claimable_at = 0, now + lease
    session.add(row)
    await session.flush()
    return Lease(
        PersonId(row.person_id), ExportId(row.id), PersonId(row.requested_by), row.withheld, worker_id, row.attempt
    )


async def write_fenced(session: AsyncSession, lease: Lease, **values: Any) -> bool:
    """Change the job if the lease is still the newest; return whether it was."""
    statement = (
        update(DataExportRow)
        .where(
            col(DataExportRow.person_id) == lease.person_id,
            col(DataExportRow.id) == lease.id,
            col(DataExportRow.state) == ExportState.RUNNING,
            col(DataExportRow.worker_id) == lease.worker_id,
            col(DataExportRow.attempt) == lease.attempt,
        )
        .values(**values)
    )
    return bool((await session.exec(statement)).rowcount)


async def drop_key(session: AsyncSession, person_id: PersonId, export_id: ExportId) -> None:
    """Make a copy unreadable for ever, whatever becomes of its file."""
    await session.exec(
        update(DataExportRow)
        .where(col(DataExportRow.person_id) == person_id, col(DataExportRow.id) == export_id)
        .values(state=ExportState.EXPIRED, data_key=None)
    )


async def expire(session: AsyncSession, now: datetime) -> int:
    """Drop the keys of the copies that are over by `now`; return how many."""
    statement = (
        update(DataExportRow)
        .where(col(DataExportRow.state) == ExportState.READY, col(DataExportRow.expires_at) <= now)
        .values(state=ExportState.EXPIRED, data_key=None)
    )
    return (await session.exec(statement)).rowcount


def status_of(row: DataExportRow) -> ExportStatus:
    """Return what a row says to its person."""
    return ExportStatus(
        ExportId(row.id),
        PersonId(row.person_id),
        row.state,
        row.progress_percent,
        row.requested_at,
        row.ready_at,
        row.expires_at,
        row.size_bytes,
        row.failure,
    )
