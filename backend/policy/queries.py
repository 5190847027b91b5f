"""All SQL of policies."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import col, delete, select
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.policy.snapshots import dump_record, load_record
from backend.policy.tables import PolicySnapshotRow
from backend.policy.values import PolicyRecord
from identity.principal import PersonId

_INSERT: Mapping[str, Callable[..., postgresql.Insert | sqlite.Insert]] = MappingProxyType(
    {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A kept answer of the register; `fetched_at` is when it was asked, aware UTC."""

    record: PolicyRecord
    fetched_at: datetime


async def find_snapshots(session: AsyncSession, person_ids: Collection[PersonId]) -> dict[PersonId, Snapshot]:
    """Return the kept answers that exist, by person, in no particular order."""
    statement = select(PolicySnapshotRow).where(col(PolicySnapshotRow.person_id).in_(person_ids))
    return {
        PersonId(row.person_id): Snapshot(record=load_record(row.data), fetched_at=row.fetched_at)
        for row in await session.exec(statement)
    }


async def save_snapshot(session: AsyncSession, person_id: PersonId, snapshot: Snapshot) -> None:
    """Keep an answer unless one that was fetched later is already kept; one statement, safe in a race."""
    insert = _INSERT[session.get_bind().dialect.name](PolicySnapshotRow).values(
        person_id=person_id,
        data=dump_record(snapshot.record),
        as_of=snapshot.record.as_of,
        fetched_at=snapshot.fetched_at,
    )
    await session.exec(
        insert.on_conflict_do_update(
            index_elements=[col(PolicySnapshotRow.person_id)],
            set_={name: insert.excluded[name] for name in ("data", "as_of", "fetched_at")},
            where=col(PolicySnapshotRow.fetched_at) <= insert.excluded.fetched_at,
        )
    )


async def delete_snapshot(session: AsyncSession, person_id: PersonId, *, fetched_before: datetime) -> None:
    """Forget an answer, unless it was fetched after `fetched_before`."""
    await session.exec(
        delete(PolicySnapshotRow).where(
            col(PolicySnapshotRow.person_id) == person_id, col(PolicySnapshotRow.fetched_at) <= fetched_before
        )
    )
