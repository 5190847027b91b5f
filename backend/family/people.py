"""Finding the person meant by a SNILS and a birth date, or making them known; never by name."""

from sqlmodel.ext.asyncio.session import AsyncSession
from uuid_utils.compat import uuid7

from backend.family.errors import PersonFactsConflict
from backend.family.ports import PersonRegister
from backend.family.rules import same_person
from backend.profile.queries import find_by_snils, lock_snils
from backend.profile.values import Snils
from backend.reading import within
from identity.ports import PersonFacts
from identity.principal import PersonId


async def find_or_record(
    session: AsyncSession, directory: PersonRegister, facts: PersonFacts, *, snils: Snils, but: PersonId
) -> PersonId:
    """Return the person of a SNILS and birth date; one whom nobody knew is recorded with these facts.

    What is known already stays as it is: the person's own sign-in knows better than a relative's.

    Args:
        session: The open transaction; two that mean one SNILS follow one another.
        directory: Keeps the facts of a new person.
        facts: What a source told about the person meant.
        snils: The number in `facts`.
        but: Who must not be meant: the relative.

    Raises:
        PersonFactsConflict: Under this SNILS stand several, another birth date, or the relative.
    """
    await lock_snils(session, snils)
    found = same_person(await find_by_snils(within(session), snils), facts.birth_date)
    if found is not None:
        if found.id == but:
            raise PersonFactsConflict
        return found.id
    person_id = PersonId(uuid7())
    await directory.record(session, person_id, facts)
    return person_id
