"""One change of one person's claims inside one transaction: who does it, and what every such change needs."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from backend.booking import appointment_queries, slot_queries
from backend.booking.appointment_tables import AppointmentEventRow
from backend.booking.rules import is_withheld
from backend.booking.states import ActorRole, CancelReason, EventKind
from backend.booking.terms import BookingTerms
from backend.booking.values import Appointment, AppointmentId, Claim
from backend.clock import Clock
from backend.reading import Rows, within
from identity.capacities import Capacity, Category, Grounds
from identity.principal import PersonId, Principal

_ROLE_OF: dict[Capacity | None, ActorRole] = {
    Capacity.SELF: ActorRole.PATIENT,
    Capacity.AT_KIOSK: ActorRole.PATIENT,
    Capacity.PORTAL: ActorRole.PATIENT,
    Capacity.OPERATOR_ON_CALL: ActorRole.OPERATOR,
    Capacity.CLINICIAN_DESK: ActorRole.CLINIC,
    Capacity.AUDITOR_DESK: ActorRole.SYSTEM,
}
"""On whose side an actor books, by what they are to the person; everybody else who may is a representative."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Through `session`, a writing one; `withheld` is what the actor may neither see nor touch.

    Every change locks its slots first, in the order of their ids, then the person, and reads the time only then (R54).
    """

    session: AsyncSession
    actor_id: UUID
    role: ActorRole
    person_id: PersonId
    clock: Clock
    terms: BookingTerms
    withheld: frozenset[Category] = frozenset()

    @classmethod
    def admitted(
        cls,
        session: AsyncSession,
        actor: Principal,
        person_id: PersonId,
        grounds: Grounds,
        *,
        clock: Clock,
        terms: BookingTerms,
    ) -> Self:
        """Return the scope of an actor who was let in on `grounds`."""
        return cls(
            session=session,
            actor_id=actor.person_id,
            role=_ROLE_OF.get(grounds.capacity, ActorRole.REPRESENTATIVE),
            person_id=person_id,
            clock=clock,
            terms=terms,
            withheld=grounds.withheld,
        )

    @property
    def rows(self) -> Rows:
        """Return where to read inside the transaction."""
        return within(self.session)

    @property
    def cut_off(self) -> timedelta:
        """Return how long before its beginning an appointment can last be changed; the clinic may at any time."""
        return timedelta(0) if self.role is ActorRole.CLINIC else self.terms.cut_off

    async def find(self, appointment_id: UUID) -> Claim | None:
        """Return the person's own claim as it stands; None for another's and for what is withheld."""
        claim = await appointment_queries.find_claim(self.rows, self.person_id, appointment_id)
        if claim is None or (self.withheld and await self._is_withheld(claim.slot_id)):
            return None
        return claim

    async def lock(self, appointment_ids: Iterable[UUID]) -> list[Claim | None]:
        """Lock the slots of the person's own claims, and the person; return the claims as they stand under the locks.

        A claim that took another slot before its lock was had is locked anew: what is returned is locked.
        """
        wanted = list(appointment_ids)
        locked: set[UUID] = set()
        claims = [await self.find(one) for one in wanted]
        while missing := sorted({claim.slot_id for claim in claims if claim} - locked):
            for slot_id in missing:
                await slot_queries.lock_slot(self.session, slot_id)
            locked.update(missing)
            claims = [await self.find(one) for one in wanted]
        await appointment_queries.lock_person(self.session, self.person_id)
        return claims

    async def ahead(self, now: datetime, *, without: Iterable[UUID | None] = ()) -> list[Claim]:
        """Return the person's active claims that are not over, but for some."""
        left_out = set(without)
        found = await appointment_queries.claims_ahead(self.rows, self.person_id, now)
        return [claim for claim in found if claim.id not in left_out]

    async def read(self, appointment_id: UUID) -> Appointment:
        """Return the person's own appointment or hold, which exists, as it stands now."""
        found = await appointment_queries.appointments_by_ids(
            self.rows, self.person_id, [AppointmentId(appointment_id)]
        )
        return found[0]

    async def change(self, appointment_id: UUID, **values: object) -> None:
        """Write columns of the person's own appointment, which exists."""
        await appointment_queries.change(self.session, self.person_id, appointment_id, **values)

    async def note(
        self,
        kind: EventKind,
        appointment_id: UUID,
        slot_id: UUID,
        *,
        at: datetime,
        from_slot_id: UUID | None = None,
        reason: CancelReason | None = None,
    ) -> None:
        """Add to the history of an appointment what happened to it just now."""
        self.session.add(
            AppointmentEventRow(
                person_id=self.person_id,
                appointment_id=appointment_id,
                kind=kind,
                at=at,
                actor_id=self.actor_id,
                role=self.role,
                slot_id=slot_id,
                from_slot_id=from_slot_id,
                reason=reason,
            )
        )

    async def _is_withheld(self, slot_id: UUID) -> bool:
        found = await slot_queries.slots_by_ids(self.rows, [slot_id])
        return any(is_withheld(slot.specialty.code, self.withheld) for slot in found)
