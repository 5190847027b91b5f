"""A person's appointments, and what happened to them."""

from collections.abc import Awaitable, Callable, Sequence

from backend.booking import appointment_queries, clinic_queries, eligibility_queries
from backend.booking.acts import Ground
from backend.booking.eligibility import Referral
from backend.booking.rules import is_withheld
from backend.booking.values import (
    Appointment,
    AppointmentEvent,
    AppointmentId,
    Page,
    Specialty,
    TimeKey,
)
from identity.access import Action
from identity.capacities import Category
from identity.principal import PersonId, Principal


class AppointmentReads:
    """Reading; what is withheld from an actor is as if it were not there."""

    _ground: Ground

    async def upcoming(
        self, actor: Principal | None, *, person_id: PersonId, after: TimeKey | None = None, limit: int
    ) -> Page[Appointment]:
        """Return a page of the person's confirmed appointments that are not over, soonest first.

        Raises:
            NotSignedIn, AccessRefused, AccountNotConfirmed: `actor` may not read this person's appointments.
        """
        grounds = await self._ground.access.admit(actor, Action.READ_APPOINTMENTS, person_id)
        now = self._ground.clock()

        async def read(behind: TimeKey | None) -> list[Appointment]:
            return await appointment_queries.upcoming(
                self._ground.database.read, person_id, now=now, after=behind, limit=limit + 1
            )

        return await _page(read, after=after, limit=limit, withheld=grounds.withheld)

    async def history(
        self, actor: Principal | None, *, person_id: PersonId, after: TimeKey | None = None, limit: int
    ) -> Page[Appointment]:
        """Return a page of all the person's appointments, past, coming and given up, latest start first.

        Raises:
            NotSignedIn, AccessRefused, AccountNotConfirmed: `actor` may not read this person's appointments.
        """
        grounds = await self._ground.access.admit(actor, Action.READ_APPOINTMENTS, person_id)

        async def read(behind: TimeKey | None) -> list[Appointment]:
            return await appointment_queries.history(
                self._ground.database.read, person_id, after=behind, limit=limit + 1
            )

        return await _page(read, after=after, limit=limit, withheld=grounds.withheld)

    async def by_ids(
        self, actor: Principal | None, *, person_id: PersonId, ids: Sequence[AppointmentId]
    ) -> dict[AppointmentId, Appointment]:
        """Return the person's own appointments among `ids`, by id; another person's is left out (S36).

        Raises:
            NotSignedIn, AccessRefused, AccountNotConfirmed: `actor` may not read this person's appointments.
        """
        grounds = await self._ground.access.admit(actor, Action.READ_APPOINTMENTS, person_id)
        found = await appointment_queries.appointments_by_ids(self._ground.database.read, person_id, ids)
        return {one.id: one for one in found if not is_withheld(one.slot.specialty.code, grounds.withheld)}

    async def events(
        self, actor: Principal | None, *, person_id: PersonId, ids: Sequence[AppointmentId]
    ) -> dict[AppointmentId, list[AppointmentEvent]]:
        """Return what happened to the person's own appointments among `ids`, each in order, first to last.

        Raises:
            NotSignedIn, AccessRefused, AccountNotConfirmed: `actor` may not read this person's appointments.
        """
        shown = await self.by_ids(actor, person_id=person_id, ids=ids)
        return await appointment_queries.events_of(self._ground.database.read, person_id, list(shown))

    async def referrals(self, actor: Principal | None, *, person_id: PersonId) -> list[tuple[Referral, Specialty]]:
        """Return the person's referrals that are not over, each with its specialty, the one that ends first first.

        Raises:
            NotSignedIn, AccessRefused, AccountNotConfirmed: `actor` may not read this person's appointments.
        """
        ground = self._ground
        grounds = await ground.access.admit(actor, Action.READ_APPOINTMENTS, person_id)
        found = await eligibility_queries.referrals_of(ground.database.read, person_id)
        of_id = {one.id: one for one in await clinic_queries.specialties(ground.database.read)} if found else {}
        today = ground.clock().date()
        shown = [
            (one, of_id[one.specialty_id])
            for one in found
            if one.expires_on >= today and not is_withheld(of_id[one.specialty_id].code, grounds.withheld)
        ]
        return sorted(shown, key=lambda pair: (pair[0].expires_on, pair[0].id))


async def _page(
    read: Callable[[TimeKey | None], Awaitable[list[Appointment]]],
    *,
    after: TimeKey | None,
    limit: int,
    withheld: frozenset[Category],
) -> Page[Appointment]:
    """Return a full page of what may be shown; `read` gives one row more than a page behind a key."""
    shown: list[Appointment] = []
    while True:
        found = await read(after)
        shown += [one for one in found if not is_withheld(one.slot.specialty.code, withheld)]
        if len(shown) > limit or len(found) <= limit:
            return Page(tuple(shown[:limit]), has_next=len(shown) > limit)
        after = TimeKey(found[-1].slot.starts_at, found[-1].id)
