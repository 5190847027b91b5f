"""Reading who acts for whom."""

from collections.abc import Sequence
from datetime import datetime

from backend.clock import Clock
from backend.database import Database
from backend.family.ports import KnownChildren
from backend.family.queries import guardianships_waiting, live_acted_for_by, live_acts_for, opened_by, unanswered_by
from backend.family.rows import guardianship_of, invitation_of
from backend.family.rules import MOST_WAITING
from backend.family.values import Guardianship, Invitation, Relation
from backend.profile.queries import find_persons
from backend.profile.values import Person
from backend.reading import within
from identity.access import Action
from identity.access_control import AccessControl
from identity.capacities import Capacity, Category
from identity.known_children import KnownChild
from identity.ports import Birth
from identity.principal import PersonId, Principal
from identity.representation_queries import to_value
from identity.representation_rules import end_of, mandates_of
from identity.representation_tables import RepresentationRow
from identity.representation_values import GrantedRight, RepresentationKind


class Relations:
    """What a person may know of the family; all of it asks for READ_REPRESENTATION, which is one's own."""

    def __init__(self, *, database: Database, access: AccessControl, clock: Clock, children: KnownChildren) -> None:
        """Take the database, who may read it, the present, and who knows of children."""
        self._database = database
        self._access = access
        self._clock = clock
        self._children = children

    async def admit(self, actor: Principal | None, person_id: PersonId) -> None:
        """Say whether `actor` may see who acts for whom, without reading it.

        Raises:
            NotSignedIn, AccessRefused: `actor` may not see it.
        """
        await self._access.admit(actor, Action.READ_REPRESENTATION, person_id)

    async def acts_for(self, actor: Principal | None, person_id: PersonId) -> list[Relation]:
        """Return for whom the person acts now, in the order it began; what has ended or not begun is left out.

        Raises:
            NotSignedIn, AccessRefused: `actor` may not see it.
        """
        await self._access.admit(actor, Action.READ_REPRESENTATION, person_id)
        now = self._clock()
        async with self._database.reading() as session:
            rows = await live_acts_for(session, person_id)
            people = await find_persons(within(session), {PersonId(row.person_id) for row in rows})
        known = [(row, people.get(PersonId(row.person_id))) for row in rows]
        found = [relation_of(row, person, person, now) for row, person in known]
        return [relation for relation in found if relation is not None]

    async def acted_for_by(self, actor: Principal | None, person_id: PersonId) -> list[Relation]:
        """Return who acts for the person now; otherwise as `acts_for`."""
        await self._access.admit(actor, Action.READ_REPRESENTATION, person_id)
        now = self._clock()
        async with self._database.reading() as session:
            rows = await live_acted_for_by(session, person_id)
            people = await find_persons(
                within(session), {person_id, *(PersonId(row.representative_id) for row in rows)}
            )
        own = people.get(person_id)
        found = [relation_of(row, own, people.get(PersonId(row.representative_id)), now) for row in rows]
        return [relation for relation in found if relation is not None]

    async def invitations(self, actor: Principal | None, person_id: PersonId) -> list[Invitation]:
        """Return the invitations that can still be answered: those made, then those opened, each oldest first.

        Raises:
            NotSignedIn, AccessRefused: `actor` may not see it.
        """
        await self._access.admit(actor, Action.READ_REPRESENTATION, person_id)
        now = self._clock()
        async with self._database.reading() as session:
            made = await unanswered_by(session, person_id, now)
            opened = await opened_by(session, person_id, now)
            people = await find_persons(within(session), {PersonId(row.person_id) for row in opened})
        received = [invitation_of(row, people.get(PersonId(row.person_id))) for row in opened]
        return [*(invitation_of(row, None) for row in made), *received]

    async def child_candidates(self, actor: Principal | None, person_id: PersonId) -> Sequence[KnownChild]:
        """Return the children on the account for whom the person does not act yet, oldest first.

        Raises:
            NotSignedIn, AccessRefused: `actor` may not see it.
            Operational: The source does not answer.
        """
        await self._access.admit(actor, Action.READ_REPRESENTATION, person_id)
        known = await self._children.list(person_id)
        async with self._database.reading() as session:
            rows = await live_acts_for(session, person_id)
            confirmed = {PersonId(row.person_id) for row in rows if row.kind is RepresentationKind.PARENT}
            people = await find_persons(within(session), confirmed)
        numbers = {person.snils.digits for person in people.values() if person.snils}
        return [child for child in known if child.told.snils not in numbers]

    async def guardianships(self, actor: Principal | None, person_id: PersonId) -> list[Guardianship]:
        """Return the person's own guardianships that wait for an officer, oldest first.

        Raises:
            NotSignedIn, AccessRefused: `actor` may not see it.
        """
        await self._access.admit(actor, Action.READ_REPRESENTATION, person_id)
        async with self._database.reading() as session:
            rows = await guardianships_waiting(session, person_id=person_id, limit=MOST_WAITING)
        return [guardianship_of(row) for row in rows]


def relation_of(row: RepresentationRow, person: Person | None, shown: Person | None, now: datetime) -> Relation | None:
    """Return how a representation stands, or None when it gives nothing now.

    Args:
        row: One that nobody has ended.
        person: The one acted for, by whose clock it is decided.
        shown: The side to show.
        now: The present.
    """
    if person is None or shown is None:
        return None
    value, birth = to_value(row), Birth(person.birth_date, person.time_zone)
    if value.kind is RepresentationKind.TRUSTED:
        rights = {right: end for right, end in value.ends.items() if now < end}
        capacity, withheld = Capacity.TRUSTED_ADULT, frozenset[Category]()
    else:
        mandate = next(iter(mandates_of(value, birth, now)), None)
        if mandate is None or mandate.until is None:
            return None
        rights = dict.fromkeys(GrantedRight, mandate.until)
        capacity, withheld = mandate.capacity, mandate.withheld
    if not rights:
        return None
    return Relation(
        id=row.id,
        person=shown,
        capacity=capacity,
        rights=rights,
        withheld=withheld,
        until=min(rights.values()),
        ends_at=end_of(value, birth),
        begun_at=row.begun_at,
    )
