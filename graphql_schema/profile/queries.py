"""Reading people."""

from uuid import UUID

from backend.errors import NotFound
from graphql_schema.context import Context
from graphql_schema.profile.types import Person, to_person
from identity.errors import AccessRefused
from identity.principal import PersonId


async def get_person(context: Context, person_id: PersonId) -> Person:
    """Return a person; raises as `ProfileService.get_person` does."""
    profile = context.services.profile
    person = await profile.get_person(context.principal, person_id)
    return to_person(person, age=profile.age_of(person))


async def load_person(context: Context, uuid: UUID) -> Person | None:
    """Return a person by the UUID of the global id; None for a missing one and for a stranger alike (S36).

    Raises:
        NotSignedIn: Nobody is signed in.
    """
    try:
        return await get_person(context, PersonId(uuid))
    except (NotFound, AccessRefused):
        return None
