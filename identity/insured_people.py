"""What a representative of an insurance company is to a person: something only if the company insures them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Protocol

from sqlmodel.ext.asyncio.session import AsyncSession

from identity.access import Action
from identity.capacities import Capacity, Mandate
from identity.principal import ActorKind, PersonId, Principal

ACTIONS_OF_LEVEL: Mapping[int, frozenset[Action]] = MappingProxyType(
    {
        1: frozenset({Action.READ_PROFILE}),
        2: frozenset({Action.READ_PROFILE, Action.READ_POLICY}),
        3: frozenset({Action.READ_PROFILE, Action.READ_POLICY}),
    }
)
"""What of the insurer's rules each level may: 1 contact centre, 2 complex cases, 3 complaints and quality.

Source: domain reference, §7.
"""


class InsurerOf(Protocol):
    """Knows who insures whom."""

    async def insurer_of(self, session: AsyncSession, person_id: PersonId, now: datetime) -> str | None:
        """Return the OGRN of the company that insures the person, in the caller's transaction; None for unknown."""


class InsuredPeople:
    """Implements `identity.access_control.MandateSource`; nothing is kept, so a change of insurer ends it at once."""

    def __init__(self, insurers: InsurerOf) -> None:
        """Take who knows insurers."""
        self._insurers = insurers

    @property
    def kinds(self) -> frozenset[ActorKind]:
        """Return representatives of insurers."""
        return frozenset({ActorKind.INSURANCE_REPRESENTATIVE})

    async def find(
        self, session: AsyncSession, actor: Principal, person_id: PersonId, now: datetime
    ) -> Sequence[Mandate]:
        """Return the mandate of the actor's level, if their company is the person's; nothing when in doubt."""
        rights = ACTIONS_OF_LEVEL.get(actor.level or 0)
        if rights is None or not actor.organization:
            return ()
        if await self._insurers.insurer_of(session, person_id, now) != actor.organization:
            return ()
        return (Mandate(Capacity.INSURER_OF_PERSON, rights=rights),)
