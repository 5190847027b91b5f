"""Leaving a topic by the link of a mail: nobody is signed in, the link says all (RFC 8058)."""

import structlog

from backend.clock import Clock
from backend.database import Database
from backend.errors import NotFound
from backend.profile.queries import find_birth
from backend.reading import Rows, within
from identity.principal import PersonId
from notifications.preferences import Way, switch
from notifications.unsubscribing import UnsubscribeLinks, Unsubscribing

_log = structlog.get_logger("preferences")


class UnsubscribeService:
    """Use-cases of links; a wrong one answers alike, whatever is wrong with it."""

    def __init__(self, *, database: Database, clock: Clock, links: UnsubscribeLinks) -> None:
        """Take who reads the links."""
        self._database = database
        self._clock = clock
        self._links = links

    async def find(self, token: str) -> Way:
        """Return what a link would switch off; nothing changes, since whoever scans a mail follows its links.

        Raises:
            NotFound: No link of ours, or not any more.
        """
        return (await self._said(self._database.read, token)).way

    async def leave(self, token: str) -> Way:
        """Switch off what a link says; once more changes nothing. Raises as `find` does."""
        async with self._database.transaction() as session:
            said = await self._said(within(session), token)
            await switch(session, said.person_id, {said.way: False}, now=self._clock())
        _log.info("unsubscribed", person_id=str(said.person_id), topic=said.way.topic, channel=said.way.channel)
        return said.way

    async def _said(self, rows: Rows, token: str) -> Unsubscribing:
        """Read a link; of somebody who was erased nothing may be written anew."""
        said = self._links.read(token)
        if said is None or await find_birth(rows, PersonId(said.person_id)) is None:
            raise NotFound
        return said
