"""The mandates of citizens: read with the access, so that what has ended opens nothing from the next request on."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from identity.capacities import Mandate
from identity.ports import Birth, People
from identity.principal import ActorKind, PersonId, Principal
from identity.representation_queries import live_between, live_by_law, to_value
from identity.representation_rules import mandates_of
from identity.representation_tables import RepresentationRow
from identity.representation_values import RepresentationKind


class Representations:
    """Implements `identity.access_control.MandateSource` for parents, guardians and adults who are trusted."""

    def __init__(self, people: People) -> None:
        """Take who knows how old people are."""
        self._people = people

    @property
    def kinds(self) -> frozenset[ActorKind]:
        """Return that only somebody signed in as a citizen acts for a relative, whatever work they do."""
        return frozenset({ActorKind.CITIZEN})

    async def find(
        self, session: AsyncSession, actor: Principal, person_id: PersonId, now: datetime
    ) -> Sequence[Mandate]:
        """Return what the actor is to the person at this instant, by the person's own clock; see the protocol."""
        rows = await live_between(session, person_id=person_id, representative_id=actor.person_id)
        return await self._mandates(session, rows, person_id, now)

    async def _mandates(
        self, session: AsyncSession, rows: Sequence[RepresentationRow], person_id: PersonId, now: datetime
    ) -> list[Mandate]:
        birth: Birth | None = None
        if any(row.kind is not RepresentationKind.TRUSTED for row in rows):
            birth = await self._people.birth_of(session, person_id)
        return [mandate for row in rows for mandate in mandates_of(to_value(row), birth, now)]

    async def may(
        self, session: AsyncSession, caller_id: PersonId, patient_id: PersonId, now: datetime
    ) -> Mandate | None:
        """Return what a caller of 122 is to the patient (`identity.call_ports.RepresentedBy`), the widest first."""
        rows = await live_between(session, person_id=patient_id, representative_id=caller_id)
        found = await self._mandates(session, rows, patient_id, now)
        return min(found, key=lambda mandate: mandate.rights is not None, default=None)

    async def representatives_of(self, session: AsyncSession, person_id: PersonId, now: datetime) -> list[PersonId]:
        """Return who represents a child or a ward by law at this instant, each once; nobody for an adult."""
        rows = await live_by_law(session, person_id)
        birth = await self._people.birth_of(session, person_id) if rows else None
        found = [row for row in rows if mandates_of(to_value(row), birth, now)]
        return list(dict.fromkeys(PersonId(row.representative_id) for row in found))
