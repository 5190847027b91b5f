"""Breaking the glass: an emergency opens a person's data to one actor for a while (S40).

Everything about it is written in the caller's transaction, the officer's review and the message to the person too, so
there is no emergency that nobody was told of.
"""

from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import col, select, update
from sqlmodel.ext.asyncio.session import AsyncSession
from uuid_utils.compat import uuid7

from identity.capacities import Capacity, Mandate
from identity.emergency_errors import EmergencyLimitReached, EmergencyStillOpen
from identity.emergency_tables import EmergencyCountRow, EmergencyRow
from identity.emergency_values import Emergency, EmergencyId, EmergencyTerms, Reason
from identity.principal import ActorKind, PersonId, Principal

OPENS = {
    ActorKind.CLINICIAN: Capacity.CLINICIAN_IN_EMERGENCY,
    ActorKind.AMBULANCE_CREW: Capacity.CREW_IN_EMERGENCY,
}
"""What an emergency makes of whom."""


class EmergencyMandates:
    """Finds the emergencies that are open; a source of `identity.access_control`."""

    kinds: frozenset[ActorKind] = frozenset(OPENS)

    async def find(
        self, session: AsyncSession, actor: Principal, person_id: PersonId, now: datetime
    ) -> Sequence[Mandate]:
        """Return a mandate for the actor's open emergency of this person, in the job it was opened in."""
        return [
            Mandate(OPENS[one.actor_kind], until=one.expires_at, reference=one.id)
            for one in await _open_ones(session, actor, person_id, now)
        ]


async def open_emergency(
    session: AsyncSession,
    actor: Principal,
    person_id: PersonId,
    reason: Reason,
    *,
    terms: EmergencyTerms,
    now: datetime,
) -> Emergency:
    """Write an emergency of an actor who may break the glass; the caller tells the person and commits.

    Raises:
        EmergencyLimitReached: `terms.most_a_day` were opened by the actor on this day (UTC).
        EmergencyStillOpen: One of this actor and person has not ended.
    """
    await _count(session, actor, now, most=terms.most_a_day)  # its lock makes one actor's openings follow one another
    if await _open_ones(session, actor, person_id, now):
        raise EmergencyStillOpen
    row = EmergencyRow(
        person_id=person_id,
        id=uuid7(),
        actor_id=actor.person_id,
        actor_kind=actor.kind,
        organization=actor.organization,
        category=reason.category,
        reason=reason.text,
        opened_at=now,
        expires_at=now + terms.lasts,
    )
    session.add(row)
    await session.flush()
    return emergency_of(row)


async def find(session: AsyncSession, person_id: PersonId, emergency_id: EmergencyId) -> Emergency | None:
    """Return one emergency, open or over."""
    statement = select(EmergencyRow).where(
        col(EmergencyRow.person_id) == person_id, col(EmergencyRow.id) == emergency_id
    )
    row = (await session.exec(statement)).one_or_none()
    return emergency_of(row) if row else None


async def end(session: AsyncSession, person_id: PersonId, emergency_id: EmergencyId, now: datetime) -> None:
    """End an emergency before its time; one that is over keeps its end."""
    await session.exec(
        update(EmergencyRow)
        .where(
            col(EmergencyRow.person_id) == person_id,
            col(EmergencyRow.id) == emergency_id,
            col(EmergencyRow.expires_at) > now,
        )
        .values(expires_at=now)
        .execution_options(synchronize_session=False)
    )


def emergency_of(row: EmergencyRow) -> Emergency:
    """Return a row as a value."""
    return Emergency(
        id=EmergencyId(row.id),
        person_id=PersonId(row.person_id),
        actor_id=PersonId(row.actor_id),
        actor_kind=row.actor_kind,
        organization=row.organization,
        reason=Reason(row.category, row.reason),
        opened_at=row.opened_at.astimezone(UTC),
        expires_at=row.expires_at.astimezone(UTC),
    )


async def _open_ones(session: AsyncSession, actor: Principal, person_id: PersonId, now: datetime) -> list[Emergency]:
    """Return those that the actor opened in the job they are at now."""
    statement = (
        select(EmergencyRow)
        .where(
            col(EmergencyRow.person_id) == person_id,
            col(EmergencyRow.actor_id) == actor.person_id,
            col(EmergencyRow.expires_at) > now,
        )
        .execution_options(populate_existing=True)
    )
    found = (emergency_of(row) for row in await session.exec(statement))
    return [one for one in found if one.actor_kind is actor.kind and one.organization == actor.organization]


async def _count(session: AsyncSession, actor: Principal, now: datetime, *, most: int) -> None:
    values = {"actor_id": actor.person_id, "day": now.astimezone(UTC).date(), "opened": 1}
    on_postgresql = session.get_bind().dialect.name == "postgresql"
    insert = postgresql.insert(EmergencyCountRow) if on_postgresql else sqlite.insert(EmergencyCountRow)
    opened = col(EmergencyCountRow.opened)
    statement = (
        insert.values(values)
        .on_conflict_do_update(index_elements=["actor_id", "day"], set_={"opened": opened + 1}, where=opened < most)
        .returning(opened)
    )
    if (await session.exec(statement)).first() is None:
        raise EmergencyLimitReached
