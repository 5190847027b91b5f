"""What the kept answers of the register tell others: who insures whom, and by what callers are known."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Date, String, Text, bindparam, cast
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.policy.queries import find_known_person
from backend.policy.rules import is_younger_than
from backend.policy.snapshots import load_record
from backend.policy.tables import PolicySnapshotRow
from backend.policy.values import InsuredPerson, PolicyRecord, PolicyStatus
from backend.profile.tables import PersonRow
from backend.profile.values import Snils
from backend.reading import Statement, within
from backend.shapes import Shape
from identity.call_ports import KnownPerson
from identity.names import FullName
from identity.principal import PersonId

INSURER_TRUSTED_FOR = timedelta(days=31)
"""How long an answer says who insures somebody: people change the company (326-ФЗ art. 16), and nobody tells us."""

_LAST_DIGITS = 4


class Insurers:
    """Implements `identity.insured_people.InsurerOf`; the register is not asked, for that cannot be done in time."""

    async def insurer_of(self, session: AsyncSession, person_id: PersonId, now: datetime) -> str | None:
        """Return the insurer's OGRN, by an answer that is young, about this very person, and of an active policy."""
        known = await find_known_person(within(session), person_id)
        if known is None or known.insured is None or known.snapshot is None:
            return None
        record = known.snapshot.record
        is_sure = record.is_about(known.insured) and record.policy.status is PolicyStatus.ACTIVE
        is_young = is_younger_than(INSURER_TRUSTED_FOR, known.snapshot.fetched_at, now=now)
        return record.policy.insurer.ogrn if is_sure and is_young else None


@dataclass(frozen=True, slots=True)
class _AskedFor:
    """Somebody of the birth date or number asked for, and the register's kept answer about them."""

    id: PersonId
    family_name: str
    given_name: str
    patronymic: str | None
    insured: InsuredPerson | None
    record: PolicyRecord | None


_ASKED_FOR = Shape(
    _AskedFor,
    col(PersonRow.id),
    col(PersonRow.family_name),
    col(PersonRow.given_name),
    col(PersonRow.patronymic),
    Shape(
        InsuredPerson,
        Shape(Snils, col(PersonRow.snils)),
        col(PersonRow.birth_date),
        col(PersonRow.sex),
        optional=True,
    ),
    Shape(load_record, cast(col(PolicySnapshotRow.data), Text), optional=True),
)
_KNOWN = (
    _ASKED_FOR.select()
    .select_from(PersonRow)
    .outerjoin(PolicySnapshotRow, col(PolicySnapshotRow.person_id) == col(PersonRow.id))
    .order_by(col(PersonRow.id))
)
_BORN_ON = Statement(_KNOWN.where(col(PersonRow.birth_date) == bindparam("birth_date", type_=Date())), _ASKED_FOR)
_REACHED_AT = Statement(_KNOWN.where(col(PersonRow.phone) == bindparam("phone", type_=String())), _ASKED_FOR)


class KnownPeople:
    """Implements `identity.call_ports.KnownPeople` over the persons and the kept answers about them."""

    async def born_on(self, session: AsyncSession, birth_date: date) -> Sequence[KnownPerson]:
        """Return everybody born on a day; some dozens in a region of a million."""
        return [_known(one) for one in await within(session).rows(_BORN_ON, birth_date=birth_date)]

    async def reached_at(self, session: AsyncSession, phone: str) -> Sequence[KnownPerson]:
        """Return everybody whose registered number this is: the one of the newest sign-in, to which SMS go."""
        return [_known(one) for one in await within(session).rows(_REACHED_AT, phone=phone)]


def _known(one: _AskedFor) -> KnownPerson:
    """Show what a caller is asked for; a number is for life, so it may come of an old answer."""
    name = FullName(one.family_name, one.given_name, one.patronymic)
    enp = one.record.policy.enp if one.record and one.insured and one.record.is_about(one.insured) else None
    return KnownPerson(one.id, name, enp.digits[-_LAST_DIGITS:] if enp else None)
