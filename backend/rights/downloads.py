"""The other side of a download link: whose it is, whether it still holds, and the bytes behind it (S35, S51)."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime

from backend.clock import Clock
from backend.database import Database
from backend.rights.errors import DownloadLinkInvalid
from backend.rights.export_queries import find_export, object_name
from backend.rights.exports import is_there
from backend.rights.links import Link, read_token
from backend.rights.ports import ObjectStore, SessionLiveness
from backend.rights.sealing import SEGMENT, Opened
from identity.access import Action
from identity.access_control import AccessControl
from identity.errors import IdentityRefusal
from identity.principal import ActorKind, Assurance, Principal

RECHECK_SECONDS = 5
"""How often a download that goes on asks whether its sign-in still stands: signing out ends it within 10 s (S30)."""


@dataclass(frozen=True, slots=True)
class Download:
    """A copy that may be taken now; `made_at` names the file."""

    link: Link
    size: int
    made_at: datetime
    opened: Opened


class Downloads:
    """Opens links. A link alone says nothing: copy, sign-in and right are looked at anew each time it is used."""

    def __init__(
        self, *, database: Database, store: ObjectStore, access: AccessControl, sessions: SessionLiveness, clock: Clock
    ) -> None:
        """Take everything it works with."""
        self._database = database
        self._store = store
        self._access = access
        self._sessions = sessions
        self._clock = clock

    async def open(self, token: str) -> Download:
        """Return what a link leads to; for a parent's copy the mandate is asked for, and the audit has it.

        Args:
            token: The last part of the link's path.

        Raises:
            DownloadLinkInvalid: For whatever reason: who holds a wrong link does not learn which.
            DatabaseBusy, DatabaseUnavailable: Nothing is known about it now.
        """
        if (claimed := read_token(token)) is None:
            raise DownloadLinkInvalid
        link, now = claimed.link, self._clock()
        async with self._database.reading() as session:
            row = await find_export(session, link.person_id, link.export_id)
        if row is None or row.data_key is None or not claimed.is_signed_by(row.data_key):
            raise DownloadLinkInvalid
        if now >= link.expires_at or not is_there(row, now) or row.requested_by != link.actor_id:
            raise DownloadLinkInvalid
        if not await self._sessions.is_live(link.actor_id, link.session_id):
            raise DownloadLinkInvalid
        await self._admit(link)
        if row.size_bytes is None or row.ready_at is None:
            raise DownloadLinkInvalid
        name, store = object_name(row.person_id, row.id, row.attempt), self._store
        opened = Opened(
            row.data_key, name, row.size_bytes, lambda offset, length: store.read(name, offset=offset, length=length)
        )
        return Download(link, row.size_bytes, row.ready_at, opened)

    async def read(self, download: Download, *, first: int, last: int) -> AsyncIterator[bytes]:
        """Yield the bytes from `first` to `last`, both included; in the middle it may end, as the sign-in does.

        Raises:
            DownloadLinkInvalid: The sign-in ended, or the copy was deleted, meanwhile.
            ExportStorageUnavailable: The file is not what was sealed, or cannot be read.
        """
        loop = asyncio.get_running_loop()
        checked_at = loop.time()
        for number in range(first // SEGMENT, last // SEGMENT + 1):
            if loop.time() - checked_at >= RECHECK_SECONDS:
                await self._check(download)
                checked_at = loop.time()
            plain = await asyncio.to_thread(download.opened.segment, number)
            begin = number * SEGMENT
            yield plain[max(0, first - begin) : last + 1 - begin]

    async def _check(self, download: Download) -> None:
        link = download.link
        async with self._database.reading() as session:
            row = await find_export(session, link.person_id, link.export_id)
        if row is None or row.data_key is None or not await self._sessions.is_live(link.actor_id, link.session_id):
            raise DownloadLinkInvalid

    async def _admit(self, link: Link) -> None:
        """Ask for the right as it is now; only confirmed citizens were ever given a link (`Action.EXPORT_DATA`)."""
        actor = Principal(
            ActorKind.CITIZEN, link.actor_id, Assurance.CONFIRMED, link.session_id, expires_at=link.expires_at
        )
        try:
            await self._access.admit(actor, Action.DOWNLOAD_EXPORT, link.person_id)
        except IdentityRefusal as refusal:
            raise DownloadLinkInvalid from refusal
