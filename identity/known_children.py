"""Children that a source keeps on somebody's account: candidates, kept as they were told at the last sign-in."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import col, delete, select
from sqlmodel.ext.asyncio.session import AsyncSession
from uuid_utils.compat import uuid7

from identity.principal import PersonId
from identity.representation_tables import KnownChildRow


@dataclass(frozen=True, slots=True)
class BirthCertificate:
    """What a source knows of a certificate of birth; `act_record` numbers the record at the registry office."""

    series: str | None = field(repr=False)
    number: str = field(repr=False)
    act_record: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class ToldChild:
    """A child as a source told of it; `subject` is its number there, `snils` 11 digits; what is not known is None."""

    subject: str
    family_name: str = field(repr=False)
    given_name: str = field(repr=False)
    patronymic: str | None = field(repr=False)
    birth_date: date | None = field(repr=False)
    sex: Literal["male", "female"] | None
    snils: str | None = field(repr=False)
    certificate: BirthCertificate | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class KnownChild:
    """A child on an account: who, told by which source and when (aware UTC); `id` is ours and stays."""

    id: UUID
    told: ToldChild
    source: str
    as_of: datetime


async def record_children(
    session: AsyncSession, person_id: PersonId, children: Sequence[ToldChild], *, source: str, as_of: datetime
) -> None:
    """Keep the children of an account as a source tells them now, in the caller's transaction.

    Those it does not tell of any more are forgotten; a relation that was confirmed stays, for it rests on documents.
    """
    gone = delete(KnownChildRow).where(
        col(KnownChildRow.person_id) == person_id,
        col(KnownChildRow.source) == source,
        col(KnownChildRow.subject).not_in([child.subject for child in children]),
    )
    await session.exec(gone.execution_options(synchronize_session=False))
    on_postgresql = session.get_bind().dialect.name == "postgresql"
    for child in children:
        values = _columns(person_id, child, source=source, as_of=as_of)
        insert = postgresql.insert(KnownChildRow) if on_postgresql else sqlite.insert(KnownChildRow)
        statement = insert.values({**values, "id": uuid7()})
        await session.exec(
            statement.on_conflict_do_update(index_elements=["person_id", "source", "subject"], set_=values)
        )


async def children_of(session: AsyncSession, person_id: PersonId) -> list[KnownChild]:
    """Return the children on an account, oldest first; those without a birth date last."""
    statement = select(KnownChildRow).where(col(KnownChildRow.person_id) == person_id)
    found = [_known(row) for row in (await session.exec(statement)).all()]
    return sorted(found, key=lambda one: (one.told.birth_date or date.max, one.told.subject))


def _columns(person_id: PersonId, child: ToldChild, *, source: str, as_of: datetime) -> dict[str, object]:
    certificate = child.certificate
    return {
        "person_id": person_id,
        "source": source,
        "subject": child.subject,
        "family_name": child.family_name,
        "given_name": child.given_name,
        "patronymic": child.patronymic,
        "birth_date": child.birth_date,
        "sex": child.sex,
        "snils": child.snils,
        "certificate_series": certificate.series if certificate else None,
        "certificate_number": certificate.number if certificate else None,
        "certificate_act": certificate.act_record if certificate else None,
        "as_of": as_of,
    }


def _known(row: KnownChildRow) -> KnownChild:
    number = row.certificate_number
    certificate = BirthCertificate(row.certificate_series, number, row.certificate_act) if number else None
    told = ToldChild(
        subject=row.subject,
        family_name=row.family_name,
        given_name=row.given_name,
        patronymic=row.patronymic,
        birth_date=row.birth_date,
        sex=row.sex,
        snils=row.snils,
        certificate=certificate,
    )
    return KnownChild(id=row.id, told=told, source=row.source, as_of=row.as_of)
