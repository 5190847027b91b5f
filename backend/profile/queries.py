"""All SQL of the profile."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import String, Uuid, bindparam, func, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.inserts import insert_into
from backend.profile.tables import PersonRow
from backend.profile.values import Person, Phone, Snils
from backend.reading import Rows, Statement
from backend.shapes import Shape
from backend.sql_texts import among
from identity.opaque import digest
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
_BY_IDS = Statement(_PERSON.select().where(among(col(PersonRow.id), "person_ids")), _PERSON)
_BY_SNILS = Statement(
    _PERSON.select().where(col(PersonRow.snils) == bindparam("snils", type_=String())).order_by(col(PersonRow.id)),
    _PERSON,
)
_BIRTH = Shape(Birth, col(PersonRow.birth_date), col(PersonRow.time_zone))
_BIRTH_BY_ID = Statement(_BIRTH.select().where(col(PersonRow.id) == bindparam("person_id", type_=Uuid())), _BIRTH)
_NEVER_REPLACED = frozenset({"id", "created_at", "time_zone"})


async def find_person(rows: Rows, person_id: PersonId) -> Person | None:
    """Return the person, if anything was ever recorded under this id."""
    return await rows.row(_BY_ID, person_id=person_id)


async def find_persons(rows: Rows, person_ids: Collection[PersonId]) -> dict[PersonId, Person]:
    """Return those of the persons who are known, by id."""
    found = await rows.rows(_BY_IDS, person_ids=list(person_ids)) if person_ids else []
    return {person.id: person for person in found}


async def find_by_snils(rows: Rows, snils: Snils) -> list[Person]:
    """Return everybody recorded under a SNILS; more than one is a source's slip, and nobody's to decide here."""
    return await rows.rows(_BY_SNILS, snils=snils.digits)


async def lock_snils(session: AsyncSession, snils: Snils) -> None:
    """Let one transaction at a time make a person of this SNILS known; SQLite's writers follow one another."""
    if session.get_bind().dialect.name == "postgresql":
        key = func.hashtextextended(digest(f"snils:{snils.digits}"), 0)  # no statement holds the number
        await (await session.connection()).execute(select(func.pg_advisory_xact_lock(key)))


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
