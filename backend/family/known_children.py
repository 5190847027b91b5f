"""The children as the last sign-in told of them."""

from collections.abc import Sequence

from backend.database import Database
from identity.known_children import KnownChild, children_of
from identity.principal import PersonId


class RecordedChildren:
    """Implements `backend.family.ports.KnownChildren` over what was recorded at sign-in."""

    def __init__(self, database: Database) -> None:
        """Take the database that sign-ins write to."""
        self._database = database

    async def list(self, person_id: PersonId) -> Sequence[KnownChild]:
        """Return the children, oldest first."""
        async with self._database.reading() as session:
            return await children_of(session, person_id)
