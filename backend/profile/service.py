"""What may be asked about people."""

from backend.clock import Clock
from backend.database import Database
from backend.errors import NotFound
from backend.profile.queries import find_person
from backend.profile.rules import age_in_years
from backend.profile.values import Person
from identity.access import Action
from identity.access_control import AccessControl
from identity.principal import PersonId, Principal


class ProfileService:
    """Use-cases of the profile; each call reads by itself."""

    def __init__(self, *, database: Database, access: AccessControl, clock: Clock) -> None:
        """Take the database, who may read it, and the clock that ages are counted by."""
        self._database = database
        self._access = access
        self._clock = clock

    async def get_person(self, actor: Principal | None, person_id: PersonId) -> Person:
        """Return what is known of a person.

        Raises:
            NotFound: Nothing was ever recorded under this id.
            NotSignedIn: Nobody is signed in.
            AccessRefused: `actor` may not read this person's profile.
        """
        await self._access.admit(actor, Action.READ_PROFILE, person_id)
        person = await find_person(self._database.read, person_id)
        if person is None:
            raise NotFound
        return person

    async def admit(self, actor: Principal | None, person_id: PersonId) -> None:
        """Say whether `actor` may see who a person is, without reading it.

        Raises:
            NotSignedIn: Nobody is signed in.
            AccessRefused: `actor` may not, or there is no such person.
        """
        await self._access.admit(actor, Action.READ_PROFILE, person_id)

    def age_of(self, person: Person) -> int:
        """Count the full years of a person today, in the person's own time zone."""
        return age_in_years(person.birth_date, now=self._clock(), time_zone=person.time_zone)
