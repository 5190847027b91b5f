"""What oversight asks of the house."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from sqlmodel.ext.asyncio.session import AsyncSession

from identity.principal import PersonId


class Representatives(Protocol):
    """Knows who represents a child or a ward by law, confirmed by documents."""

    async def representatives_of(self, session: AsyncSession, person_id: PersonId, now: datetime) -> Sequence[PersonId]:
        """Return who represents this person now, in the caller's transaction; nobody for an adult."""


class Organizations(Protocol):
    """Knows what organisations are called."""

    async def names_of(self, ogrns: Collection[str]) -> Mapping[str, str]:
        """Return the names of those that are known, by OGRN."""
