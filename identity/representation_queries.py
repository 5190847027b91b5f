"""All SQL about who acts for whom, children known included."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TypeAlias
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from identity.principal import PersonId
from identity.representation_tables import InvitationRow, RepresentationRow
from identity.representation_values import GrantedRight, Representation, RepresentationKind, Term

RightsRow: TypeAlias = RepresentationRow | InvitationRow


async def live_between(
    session: AsyncSession, *, person_id: PersonId, representative_id: PersonId
) -> Sequence[RepresentationRow]:
    """Return everything by which one acts for the other that nobody has ended, oldest first."""
    statement = (
        select(RepresentationRow)
        .where(
            col(RepresentationRow.person_id) == person_id,
            col(RepresentationRow.representative_id) == representative_id,
            col(RepresentationRow.ended_at).is_(None),
        )
        .order_by(col(RepresentationRow.id))
    )
    return (await session.exec(statement)).all()


async def live_by_law(session: AsyncSession, person_id: PersonId) -> Sequence[RepresentationRow]:
    """Return everything by which somebody acts for a person by law that nobody has ended, oldest first."""
    statement = (
        select(RepresentationRow)
        .where(
            col(RepresentationRow.person_id) == person_id,
            col(RepresentationRow.kind) != RepresentationKind.TRUSTED,
            col(RepresentationRow.ended_at).is_(None),
        )
        .order_by(col(RepresentationRow.id))
    )
    return (await session.exec(statement)).all()


async def live_of(
    session: AsyncSession, person_id: PersonId, kind: RepresentationKind, representative_id: PersonId
) -> RepresentationRow | None:
    """Return the one of a kind that nobody has ended."""
    found = await live_between(session, person_id=person_id, representative_id=representative_id)
    return next((row for row in found if row.kind is kind), None)


def ends_of(row: RightsRow) -> dict[GrantedRight, datetime]:
    """Return the end of each right that was given."""
    ends = {
        GrantedRight.READ: row.read_until,
        GrantedRight.BOOK: row.book_until,
        GrantedRight.COLLECT: row.collect_until,
    }
    return {right: end for right, end in ends.items() if end is not None}


def to_value(row: RepresentationRow) -> Representation:
    """Return a row as what the rules take."""
    is_term = row.first_day is not None and row.last_day is not None
    return Representation(
        id=row.id,
        person_id=PersonId(row.person_id),
        representative_id=PersonId(row.representative_id),
        kind=row.kind,
        begun_at=row.begun_at,
        ends=ends_of(row),
        term=Term(row.first_day, row.last_day) if is_term and row.first_day and row.last_day else None,
    )


def set_ends(row: RightsRow, ends: Mapping[GrantedRight, datetime]) -> None:
    """Write the end of each right that is given, and none for the others."""
    row.read_until = ends.get(GrantedRight.READ)
    row.book_until = ends.get(GrantedRight.BOOK)
    row.collect_until = ends.get(GrantedRight.COLLECT)


async def find_as_either(
    session: AsyncSession, representation_id: UUID, actor_id: PersonId
) -> RepresentationRow | None:
    """Return a representation in which somebody is one of the two, ended ones too."""
    of_person = select(RepresentationRow).where(
        col(RepresentationRow.person_id) == actor_id, col(RepresentationRow.id) == representation_id
    )
    if (row := (await session.exec(of_person)).one_or_none()) is not None:
        return row
    of_representative = select(RepresentationRow).where(
        col(RepresentationRow.representative_id) == actor_id, col(RepresentationRow.id) == representation_id
    )
    return (await session.exec(of_representative)).one_or_none()
