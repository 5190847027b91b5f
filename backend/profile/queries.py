"""All SQL of the profile."""

from collections.abc import Callable, Collection, Mapping
from types import MappingProxyType
from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.profile.tables import PersonRow
from backend.profile.values import Person, Phone, Snils
from identity.principal import PersonId

_INSERT: Mapping[str, Callable[..., postgresql.Insert | sqlite.Insert]] = MappingProxyType(
    {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
)
_NEVER_REPLACED = frozenset({"id", "created_at", "time_zone"})


async def find_people(session: AsyncSession, person_ids: Collection[PersonId]) -> dict[PersonId, Person]:
    """Return the people that exist, by id, in no particular order."""
    statement = select(PersonRow).where(col(PersonRow.id).in_(person_ids))
    return {PersonId(row.id): _to_person(row) for row in await session.exec(statement)}


async def save_person(session: AsyncSession, row: PersonRow) -> None:
    """Insert the person, or replace facts that are not newer than the given ones; one statement, safe in a race."""
    given: dict[str, Any] = row.model_dump()
    insert = _INSERT[session.get_bind().dialect.name](PersonRow).values(given)
    await session.exec(
        insert.on_conflict_do_update(
            index_elements=[col(PersonRow.id)],
            set_={name: insert.excluded[name] for name in given if name not in _NEVER_REPLACED},
            where=col(PersonRow.as_of) <= insert.excluded.as_of,
        )
    )


def _to_person(row: PersonRow) -> Person:
    return Person(
        id=PersonId(row.id),
        family_name=row.family_name,
        given_name=row.given_name,
        patronymic=row.patronymic,
        birth_date=row.birth_date,
        sex=row.sex,
        snils=Snils(row.snils) if row.snils else None,
        phone=Phone(row.phone) if row.phone else None,
        email=row.email,
        source=row.source,
        as_of=row.as_of,
        time_zone=row.time_zone,
    )
