"""All SQL of policies."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Text, Uuid, bindparam, cast
from sqlmodel import col, delete
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.inserts import insert_into
from backend.policy.snapshots import dump_record, load_record
from backend.policy.tables import PolicySnapshotRow
from backend.policy.values import InsuredPerson, PolicyRecord
from backend.profile.tables import PersonRow
from backend.profile.values import Snils
from backend.reading import Rows, Statement
from backend.shapes import Shape
from identity.principal import PersonId


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A kept answer of the register; `fetched_at` is when it was asked, aware UTC."""

    record: PolicyRecord
    fetched_at: datetime


@dataclass(frozen=True, slots=True)
class KnownPerson:
    """Whom the register would be asked about, None without a SNILS, and its last answer, if one is kept."""

    insured: InsuredPerson | None
    snapshot: Snapshot | None


_KNOWN_PERSON = Shape(
    KnownPerson,
    Shape(
        InsuredPerson,
        Shape(Snils, col(PersonRow.snils)),
        col(PersonRow.birth_date),
        col(PersonRow.sex),
        optional=True,
    ),
    Shape(
        Snapshot,
        Shape(load_record, cast(col(PolicySnapshotRow.data), Text)),
        col(PolicySnapshotRow.fetched_at),
        optional=True,
    ),
)
_BY_PERSON = Statement(
    _KNOWN_PERSON.select()
    .select_from(PersonRow)
    .outerjoin(PolicySnapshotRow, col(PolicySnapshotRow.person_id) == col(PersonRow.id))
    .where(col(PersonRow.id) == bindparam("person_id", type_=Uuid())),
    _KNOWN_PERSON,
)
"""Both at once: what is kept is shown only while it is about the SNILS and birth date that the person has now."""


async def find_known_person(rows: Rows, person_id: PersonId) -> KnownPerson | None:
    """Return what is known of a person's policy, if anything was ever recorded of the person."""
    return await rows.row(_BY_PERSON, person_id=person_id)


async def save_snapshot(session: AsyncSession, person_id: PersonId, snapshot: Snapshot) -> None:
    """Keep an answer unless one that was fetched later is already kept; one statement, safe in a race."""
    insert = insert_into(session, PolicySnapshotRow).values(
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
