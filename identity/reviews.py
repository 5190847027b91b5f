"""The officer's queue: what enters it, once each, and how an officer settles it."""

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession
from uuid_utils.compat import uuid7

from identity.emergency_tables import ReviewRow
from identity.emergency_values import Emergency, EmergencyId
from identity.principal import PersonId
from identity.review_values import ReviewId, ReviewSource, ReviewState, Verdict


@dataclass(frozen=True, slots=True)
class Review:
    """One thing to review, as far as its row tells; of the two things it can be about it has one."""

    id: ReviewId
    person_id: PersonId
    source: ReviewSource
    emergency_id: EmergencyId | None
    entry: int | None
    opened_at: datetime
    opened_by: PersonId
    state: ReviewState
    verdict: Verdict | None
    settled_at: datetime | None


async def ask_about_emergency(session: AsyncSession, emergency: Emergency) -> Review:
    """Put an emergency into the queue, in the transaction that opens it."""
    row = ReviewRow(
        person_id=emergency.person_id,
        id=uuid7(),
        source=ReviewSource.EMERGENCY,
        emergency_id=emergency.id,
        opened_at=emergency.opened_at,
        opened_by=emergency.actor_id,
        state=ReviewState.OPEN,
    )
    session.add(row)
    await session.flush()
    return review_of(row)


async def ask_about_entry(
    session: AsyncSession, person_id: PersonId, entry: int, *, by: PersonId, comment: str | None, now: datetime
) -> Review:
    """Put an entry of a person's log into the queue; one that is there already stays as it is.

    Args:
        session: The caller's transaction.
        person_id: Whose log.
        entry: The sequence of an entry that exists.
        by: Who says that it was not right: the person, or who acts for them.
        comment: What they say.
        now: The present, aware.
    """
    values = {
        "person_id": person_id,
        "id": uuid7(),
        "source": ReviewSource.REPORT,
        "entry": entry,
        "opened_at": now,
        "opened_by": by,
        "comment": comment,
        "state": ReviewState.OPEN,
    }
    on_postgresql = session.get_bind().dialect.name == "postgresql"
    insert = postgresql.insert(ReviewRow) if on_postgresql else sqlite.insert(ReviewRow)
    await session.exec(insert.values(values).on_conflict_do_nothing(index_elements=["person_id", "entry"]))
    found = select(ReviewRow).where(col(ReviewRow.person_id) == person_id, col(ReviewRow.entry) == entry)
    return review_of((await session.exec(found)).one())


async def find_person(session: AsyncSession, review_id: ReviewId) -> PersonId | None:
    """Return whose review it is: an officer names it by its own id."""
    found = (await session.exec(select(ReviewRow.person_id).where(col(ReviewRow.id) == review_id))).one_or_none()
    return PersonId(found) if found else None


async def settle(
    session: AsyncSession,
    person_id: PersonId,
    review_id: ReviewId,
    *,
    verdict: Verdict,
    note: str,
    by: PersonId,
    now: datetime,
) -> Review | None:
    """Write what an officer found; None where it is settled already, and then nothing is changed."""
    statement = (
        select(ReviewRow)
        .where(col(ReviewRow.person_id) == person_id, col(ReviewRow.id) == review_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    row = (await session.exec(statement)).one()
    if row.state is ReviewState.SETTLED:
        return None
    row.verdict, row.note, row.settled_by = verdict, note, by
    row.state = ReviewState.NEEDS_MORE if verdict is Verdict.NEEDS_MORE else ReviewState.SETTLED
    row.settled_at = None if verdict is Verdict.NEEDS_MORE else now
    session.add(row)
    await session.flush()
    return review_of(row)


def review_of(row: ReviewRow) -> Review:
    """Return a row as a value."""
    return Review(
        id=ReviewId(row.id),
        person_id=PersonId(row.person_id),
        source=row.source,
        emergency_id=EmergencyId(row.emergency_id) if row.emergency_id else None,
        entry=row.entry,
        opened_at=row.opened_at.astimezone(UTC),
        opened_by=PersonId(row.opened_by),
        state=row.state,
        verdict=row.verdict,
        settled_at=row.settled_at,
    )
