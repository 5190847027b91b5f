"""Keeps what a sign-in told about a person; the backend's side of `identity.ports.PersonDirectory`."""

from collections.abc import Callable
from typing import TypeVar

import structlog
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.clock import Clock
from backend.errors import Refusal
from backend.profile.errors import SnilsInvalid
from backend.profile.queries import find_birth, find_by_snils, lock_snils, save_person
from backend.profile.tables import PersonRow
from backend.profile.values import Phone, Sex, Snils
from backend.reading import within
from identity.ports import Birth, PersonFacts
from identity.principal import PersonId

_log = structlog.get_logger(__name__)
_Value = TypeVar("_Value")


class Directory:
    """Implements `identity.ports.PersonDirectory` over the table of persons."""

    def __init__(self, *, clock: Clock) -> None:
        """Take the clock that dates a person's first appearance here."""
        self._clock = clock

    async def birth_of(self, session: AsyncSession, person_id: PersonId) -> Birth | None:
        """Return when a person was born and by which clock they live; None for nobody."""
        return await find_birth(within(session), person_id)

    async def known_as(self, session: AsyncSession, facts: PersonFacts) -> PersonId | None:
        """Return the one person of this SNILS and birth date; None where there is none, or where it is not clear."""
        try:
            snils = Snils.parse(facts.snils or "")
        except SnilsInvalid:
            return None
        await lock_snils(session, snils)
        found = await find_by_snils(within(session), snils)
        is_clear = len(found) == 1 and found[0].birth_date == facts.birth_date
        return found[0].id if is_clear else None

    async def record(self, session: AsyncSession, person_id: PersonId, facts: PersonFacts) -> None:
        """Insert the person, or replace what was known by facts that are not older.

        Older facts that arrive late change nothing. An identifier that breaks its own rule is left out and noted in
        the log by its field's name: a source's slip must not keep a person from signing in.

        Args:
            session: The caller's transaction; nothing is committed here.
            person_id: Whose facts they are.
            facts: All that the source said at `facts.as_of`; it replaces the older facts as a whole.
        """
        snils = _read_or_leave_out(Snils.parse, facts.snils, person_id=person_id, field="snils")
        phone = _read_or_leave_out(Phone.parse, facts.phone, person_id=person_id, field="phone")
        row = PersonRow(
            id=person_id,
            family_name=facts.family_name,
            given_name=facts.given_name,
            patronymic=facts.patronymic,
            birth_date=facts.birth_date,
            sex=Sex(facts.sex),
            snils=snils.digits if snils else None,
            phone=phone.e164 if phone else None,
            email=facts.email,
            source=facts.source,
            as_of=facts.as_of,
            created_at=self._clock(),
        )
        await save_person(session, row)


def _read_or_leave_out(
    parse: Callable[[str], _Value], text: str | None, *, person_id: PersonId, field: str
) -> _Value | None:
    if text is None:
        return None
    try:
        return parse(text)
    except Refusal as refusal:
        _log.warning("source_value_left_out", person_id=str(person_id), field=field, code=refusal.code)
        return None
