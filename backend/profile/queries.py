"""All SQL of the profile."""

from typing import Any

from sqlalchemy import Uuid, bindparam
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.inserts import insert_into
from backend.profile.tables import PersonRow
from backend.profile.values import Person, Phone, Snils
from backend.reading import Rows, Statement
from backend.shapes import Shape
from identity.ports import Birth
from identity.principal import PersonId

_PERSON = Shape(
    Person,
    col(PersonRow.id),
    col(PersonRow.family_name),
    col(PersonRow.given_name),
    col(PersonRow.patronymic),
    col(PersonRow.birth_date),
    col(PersonRow.sex),
    Shape(Snils, col(PersonRow.snils), optional=True),
    Shape(Phone, col(PersonRow.phone), optional=True),
    col(PersonRow.email),
    col(PersonRow.source),
    col(PersonRow.as_of),
    col(PersonRow.time_zone),
)
_BY_ID = Statement(_PERSON.select().where(col(PersonRow.id) == bindparam("person_id", type_=Uuid())), _PERSON)
_BIRTH = Shape(Birth, col(PersonRow.birth_date), col(PersonRow.time_zone))
_BIRTH_BY_ID = Statement(_BIRTH.select().where(col(PersonRow.id) == bindparam("person_id", type_=Uuid())), _BIRTH)
_NEVER_REPLACED = frozenset({"id", "created_at", "time_zone"})


async def find_person(rows: Rows, person_id: PersonId) -> Person | None:
    """Return the person, if anything was ever recorded under this id."""
    return await rows.row(_BY_ID, person_id=person_id)


async def find_birth(rows: Rows, person_id: PersonId) -> Birth | None:
    """Return when a person was born, and their time zone."""
    return await rows.row(_BIRTH_BY_ID, person_id=person_id)


async def save_person(session: AsyncSession, row: PersonRow) -> None:
    """Insert the person, or replace facts that are not newer than the given ones; one statement, safe in a race."""
    given: dict[str, Any] = row.model_dump()
    insert = insert_into(session, PersonRow).values(given)
    await session.exec(
        insert.on_conflict_do_update(
            index_elements=[col(PersonRow.id)],
            set_={name: insert.excluded[name] for name in given if name not in _NEVER_REPLACED},
            where=col(PersonRow.as_of) <= insert.excluded.as_of,
        )
    )
