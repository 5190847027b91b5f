"""Who looked at a person's data, as the person reads it (S42)."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from uuid import UUID

from backend.database import Database
from backend.oversight.ports import Organizations
from backend.oversight.queries import find_entries, find_names, list_entries, list_own_hours
from backend.oversight.values import LogEntry, LogFilter, LogPage, OwnHour
from identity.access import Action
from identity.access_control import AccessControl
from identity.principal import PersonId, Principal

MOST_OWN_HOURS = 100
"""How many hours of own use are shown that are not in the log yet; there are few: each is chained once it is over."""


class AccessLogService:
    """Reads the log; reading it is a right by itself and stands in it, too."""

    def __init__(
        self,
        *,
        database: Database,
        access: AccessControl,
        organizations: Sequence[Organizations] = (),
        clinics: Mapping[UUID, str] = MappingProxyType({}),
    ) -> None:
        """Take the log's database, who may read it, who knows the names of organisations, and where kiosks stand."""
        self._clinics = clinics
        self._database = database
        self._access = access
        self._organizations = tuple(organizations)

    async def list_page(
        self,
        actor: Principal | None,
        person_id: PersonId,
        *,
        limit: int,
        before: int | None = None,
        wanted: LogFilter | None = None,
    ) -> LogPage:
        """Return at most `limit` entries, the last written first.

        Args:
            actor: Who asks: the person, or who represents them.
            person_id: Whose log.
            limit: How many.
            before: The sequence of the last entry of the page before.
            wanted: What of the log; all of it by default.

        Raises:
            NotSignedIn, AccessRefused: `actor` may not read this person's log.
        """
        await self._access.admit(actor, Action.READ_ACCESS_LOG, person_id)
        found = await list_entries(
            self._database.read, person_id, wanted or LogFilter(), limit=limit + 1, before=before
        )
        return await self._page(found[:limit], has_next=len(found) > limit)

    async def by_sequences(self, actor: Principal | None, person_id: PersonId, sequences: Collection[int]) -> LogPage:
        """Return those entries that exist, with the names in them; raises as `list_page` does."""
        await self._access.admit(actor, Action.READ_ACCESS_LOG, person_id)
        found = await find_entries(self._database.read, person_id, sequences)
        return await self._page(list(found.values()), has_next=False)

    async def own_hours(self, actor: Principal | None, person_id: PersonId) -> list[OwnHour]:
        """Return what the person did with their own data lately and is not in the log yet, newest hour first.

        An hour enters the log some minutes after it is over; the last half minute may still be uncounted.

        Raises:
            NotSignedIn, AccessRefused: `actor` may not read this person's log.
        """
        await self._access.admit(actor, Action.READ_ACCESS_LOG, person_id)
        hours = await list_own_hours(self._database.read, person_id, limit=MOST_OWN_HOURS)
        return [replace(one, clinic=self._clinics.get(one.machine_id)) if one.machine_id else one for one in hours]

    async def _page(self, entries: list[LogEntry], *, has_next: bool) -> LogPage:
        people = {one.actor_id for one in entries if one.is_actor_named}
        people |= {one.on_behalf_of for one in entries if one.on_behalf_of is not None}
        ogrns = {one.organization for one in entries if one.organization is not None}
        names, organizations = await asyncio.gather(self._names(people), self._organization_names(ogrns))
        return LogPage(entries, has_next, names, organizations, self._clinics)

    async def _names(self, people: Collection[PersonId]) -> dict[PersonId, str]:
        return await find_names(self._database.read, people) if people else {}

    async def _organization_names(self, ogrns: Collection[str]) -> dict[str, str]:
        known: dict[str, str] = {}
        for source in self._organizations if ogrns else ():
            known |= await source.names_of(ogrns)
        return known
