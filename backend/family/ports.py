"""What the family asks of outside."""

from collections.abc import Sequence
from typing import Protocol

from identity.known_children import KnownChild
from identity.ports import People, PersonDirectory
from identity.principal import PersonId


class KnownChildren(Protocol):
    """Knows which children a source keeps on somebody's account."""

    async def list(self, person_id: PersonId) -> Sequence[KnownChild]:
        """Return the children, oldest first; called outside of any transaction.

        Raises:
            Operational: The source does not answer; that is never shown as "no children".
        """


class PersonRegister(People, PersonDirectory, Protocol):
    """Knows people, and makes new ones known; implemented by the profile."""
