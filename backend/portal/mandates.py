"""What a portal is to a person: something only while a session is open in which it has named them."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from backend.portal.queries import latest_open
from identity.access import Action
from identity.capacities import Capacity, Mandate
from identity.principal import ActorKind, PersonId, Principal

RIGHTS = frozenset({Action.OPEN_PORTAL_SESSION, Action.HOLD_SLOT, Action.BOOK_APPOINTMENT, Action.CANCEL_APPOINTMENT})
"""What a portal may do for whom it has named; it sees no appointments, and nobody's profile."""


class PortalMandates:
    """Implements `identity.access_control.MandateSource` over the sessions of portals."""

    def __init__(self, portals: Collection[PersonId]) -> None:
        """Take which systems are portals: no other has any right of one."""
        self._portals = frozenset(portals)

    @property
    def kinds(self) -> frozenset[ActorKind]:
        """Return systems."""
        return frozenset({ActorKind.SERVICE})

    async def find(
        self, session: AsyncSession, actor: Principal, person_id: PersonId, now: datetime
    ) -> Sequence[Mandate]:
        """Return the mandate of the session of this portal and person that is open longest."""
        if actor.person_id not in self._portals:
            return ()
        found = await latest_open(session, person_id, system_id=actor.person_id, now=now)
        if found is None:
            return ()
        reference, until = found
        return (Mandate(Capacity.PORTAL, until=until, rights=RIGHTS, reference=reference),)
