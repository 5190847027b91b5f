"""SQL of the family that is not identity's own; rows that decide something are locked."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import TypeAlias
from uuid import UUID

from sqlalchemy import DateTime, Uuid, func, literal, or_, tuple_
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.family.values import CheckPosition
from identity.principal import PersonId
from identity.representation_tables import (
    ChildCheckRow,
    GuardianshipRow,
    GuardianshipState,
    InvitationRow,
    InvitationState,
    RepresentationRow,
)

CheckRow: TypeAlias = tuple[GuardianshipRow, datetime | None]
"""A guardianship, and when what it gave was ended by somebody or by time."""

UNANSWERED = (InvitationState.OFFERED, InvitationState.OPENED)


async def lock(session: AsyncSession, kind: str, name: str) -> None:
    """Let one transaction at a time decide about a thing that has no row yet; SQLite's writers follow one another."""
    if session.get_bind().dialect.name == "postgresql":
        key = func.hashtextextended(f"{kind}:{name}", 0)
        await (await session.connection()).execute(select(func.pg_advisory_xact_lock(key)))


async def live_acts_for(session: AsyncSession, person_id: PersonId) -> Sequence[RepresentationRow]:
    """Return everything by which a person acts for others that nobody has ended, oldest first."""
    statement = select(RepresentationRow).where(
        col(RepresentationRow.representative_id) == person_id, col(RepresentationRow.ended_at).is_(None)
    )
    return (await session.exec(statement.order_by(col(RepresentationRow.id)))).all()


async def live_acted_for_by(session: AsyncSession, person_id: PersonId) -> Sequence[RepresentationRow]:
    """Return everything by which others act for a person that nobody has ended, oldest first."""
    statement = select(RepresentationRow).where(
        col(RepresentationRow.person_id) == person_id, col(RepresentationRow.ended_at).is_(None)
    )
    return (await session.exec(statement.order_by(col(RepresentationRow.id)))).all()


async def unanswered_by(session: AsyncSession, person_id: PersonId, now: datetime) -> Sequence[InvitationRow]:
    """Return the invitations a person made that can still be answered, oldest first."""
    statement = select(InvitationRow).where(
        col(InvitationRow.person_id) == person_id,
        col(InvitationRow.state).in_(UNANSWERED),
        col(InvitationRow.expires_at) > now,
    )
    return (await session.exec(statement.order_by(col(InvitationRow.id)))).all()


async def opened_by(session: AsyncSession, person_id: PersonId, now: datetime) -> Sequence[InvitationRow]:
    """Return the invitations a person has opened and can still answer, oldest first."""
    statement = select(InvitationRow).where(
        col(InvitationRow.representative_id) == person_id,
        col(InvitationRow.state) == InvitationState.OPENED,
        col(InvitationRow.expires_at) > now,
    )
    return (await session.exec(statement.order_by(col(InvitationRow.id)))).all()


async def lock_invitation_by_code(
    session: AsyncSession, person_id: PersonId, hashes: Collection[str]
) -> InvitationRow | None:
    """Return the invitation one of whose hashes is given, locked."""
    statement = (
        select(InvitationRow)
        .where(col(InvitationRow.person_id) == person_id, col(InvitationRow.code_hash).in_(hashes))
        .with_for_update()
    )
    return (await session.exec(statement)).first()


async def lock_invitation(
    session: AsyncSession, invitation_id: UUID, *, person_id: PersonId | None = None, invited: PersonId | None = None
) -> InvitationRow | None:
    """Return an invitation that a person made, or has opened, locked."""
    side = (
        col(InvitationRow.person_id) == person_id
        if person_id is not None
        else col(InvitationRow.representative_id) == invited
    )
    statement = select(InvitationRow).where(side, col(InvitationRow.id) == invitation_id).with_for_update()
    return (await session.exec(statement)).one_or_none()


async def lock_check(session: AsyncSession, person_id: PersonId, child_id: UUID) -> ChildCheckRow | None:
    """Return how often a parent was wrong about a child, locked."""
    statement = select(ChildCheckRow).where(
        col(ChildCheckRow.person_id) == person_id, col(ChildCheckRow.child_id) == child_id
    )
    return (await session.exec(statement.with_for_update())).one_or_none()


async def due_to_look_at(
    session: AsyncSession, now: datetime, *, notice: timedelta, limit: int
) -> Sequence[RepresentationRow]:
    """Return what has run out, or will within `notice` without having been announced; what ends first, first."""
    statement = (
        select(RepresentationRow)
        .where(
            col(RepresentationRow.ended_at).is_(None),
            or_(
                col(RepresentationRow.expires_at) <= now,
                (col(RepresentationRow.expires_at) <= now + notice) & col(RepresentationRow.end_announced_at).is_(None),
            ),
        )
        .order_by(col(RepresentationRow.expires_at), col(RepresentationRow.id))
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return (await session.exec(statement)).all()


async def guardianships_waiting(session: AsyncSession, *, person_id: PersonId, limit: int) -> Sequence[GuardianshipRow]:
    """Return the guardianships of one guardian that wait for an officer, oldest first."""
    statement = select(GuardianshipRow).where(
        col(GuardianshipRow.person_id) == person_id, col(GuardianshipRow.state) == GuardianshipState.WAITING_FOR_CHECK
    )
    ordered = statement.order_by(col(GuardianshipRow.requested_at), col(GuardianshipRow.id)).limit(limit)
    return (await session.exec(ordered)).all()


async def find_guardianship(
    session: AsyncSession, person_id: PersonId, guardianship_id: UUID
) -> GuardianshipRow | None:
    """Return what a guardian has told of, locked until the transaction ends."""
    statement = select(GuardianshipRow).where(
        col(GuardianshipRow.person_id) == person_id, col(GuardianshipRow.id) == guardianship_id
    )
    return (await session.exec(statement.with_for_update())).one_or_none()


async def guardianship_queue(
    session: AsyncSession, state: GuardianshipState, *, limit: int, after: CheckPosition | None
) -> Sequence[CheckRow]:
    """Return at most `limit` guardianships of all guardians in a state, the first told first, from `after` on."""
    place = tuple_(col(GuardianshipRow.requested_at), col(GuardianshipRow.id))
    statement = _CHECKS.where(col(GuardianshipRow.state) == state)
    if after is not None:
        before = literal(after.requested_at, DateTime(timezone=True)), literal(after.id, Uuid())
        statement = statement.where(place > tuple_(*before))
    ordered = statement.order_by(col(GuardianshipRow.requested_at), col(GuardianshipRow.id)).limit(limit)
    return (await session.exec(ordered)).all()


async def find_check(session: AsyncSession, person_id: PersonId, guardianship_id: UUID) -> Sequence[CheckRow]:
    """Return one guardianship as the queue would."""
    one = col(GuardianshipRow.person_id) == person_id, col(GuardianshipRow.id) == guardianship_id
    return (await session.exec(_CHECKS.where(*one))).all()


async def find_guardian(session: AsyncSession, guardianship_id: UUID) -> PersonId | None:
    """Return who told of a guardianship: an officer names it by its own id."""
    statement = select(GuardianshipRow.person_id).where(col(GuardianshipRow.id) == guardianship_id)
    found = (await session.exec(statement)).one_or_none()
    return PersonId(found) if found else None


async def person_acted_for(session: AsyncSession, representation_id: UUID) -> PersonId | None:
    """Return for whom somebody acts or acted: an officer names a representation by its own id."""
    statement = select(RepresentationRow.person_id).where(col(RepresentationRow.id) == representation_id)
    found = (await session.exec(statement)).one_or_none()
    return PersonId(found) if found else None


_CHECKS = select(GuardianshipRow, RepresentationRow.ended_at).outerjoin(
    RepresentationRow, col(RepresentationRow.id) == col(GuardianshipRow.representation_id)
)
