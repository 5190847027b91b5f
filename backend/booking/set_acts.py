"""Booking several holds together or not at all, once by key."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from backend.booking import set_queries
from backend.booking.acts import Ground, record_once
from backend.booking.alternatives import instead_of_hold
from backend.booking.errors import BY_CODE, AppointmentNotFound, BookingRefusal
from backend.booking.rules import is_withheld
from backend.booking.scope import Scope
from backend.booking.sets import book_together, read_set
from backend.booking.states import AppointmentStatus, SetStatus
from backend.booking.values import AppointmentId, AppointmentSet, Slot
from backend.idempotency import Outcome, Request
from identity.access import Action, signed_in
from identity.principal import PersonId, Principal


class SetActs:
    """All or nothing."""

    _ground: Ground

    async def book_appointments(
        self, actor: Principal | None, *, person_id: PersonId, hold_ids: Sequence[AppointmentId], idempotency_key: UUID
    ) -> Outcome[AppointmentSet]:
        """Book what several holds keep, all or none, whichever registries keep the slots.

        Args:
            actor: Who asks.
            person_id: For whom; the holds are theirs.
            hold_ids: As returned by `hold_slot`, in any order; each becomes an appointment of the same id.
            idempotency_key: Repeating a key returns the first outcome, a refusal too.

        Returns:
            The set, BOOKED; PENDING while an outside clinic has not answered.

        Raises:
            HoldNotFound, HoldExpired, TimeOverlap, DuplicateSpecialty, ReferralUsed: `about` names the hold.
            TooManyIds: More than `backend.booking.sets.MOST_TOGETHER`.
            BookingRefusal: An outside clinic has surely not booked one; what others have agreed to is given up again.
            IdempotencyKeyReused, IdempotencyInFlight: See `backend.idempotency`.
            NotSignedIn, AccessRefused, AccountNotConfirmed: `actor` may not act for this person.
        """
        acting = signed_in(actor)
        inputs = {"person": str(person_id), "holds": [str(one) for one in hold_ids]}
        blamed: list[AppointmentId] = []

        async def work(scope: Scope) -> UUID:
            try:
                set_id = await book_together(scope, hold_ids)
                await self._tell_booked(scope, set_id)
            except BookingRefusal as refusal:
                blamed.extend([AppointmentId(refusal.about)] if refusal.about else [])
                raise
            return set_id

        async def offer(scope: Scope) -> tuple[Slot, ...]:
            return await instead_of_hold(scope, blamed[0]) if blamed else ()

        outcome = await record_once(
            self._ground,
            acting,
            Action.BOOK_APPOINTMENT,
            Request(actor_id=acting.person_id, operation="bookAppointments", key=idempotency_key, inputs=inputs),
            person_id=person_id,
            work=work,
            read=read_set,
            offer=offer,
        )
        if not outcome.replayed:
            self._ground.published(person_id)
        return await self._settled(outcome, person_id)

    async def appointment_set(self, actor: Principal | None, *, person_id: PersonId, set_id: UUID) -> AppointmentSet:
        """Return the person's own set with its appointments, each as it stands.

        Raises:
            AppointmentNotFound: No such set, another person's, or one with a visit that is withheld from `actor`.
            NotSignedIn, AccessRefused, AccountNotConfirmed: `actor` may not read this person's appointments.
        """
        ground = self._ground
        grounds = await ground.access.admit(actor, Action.READ_APPOINTMENTS, person_id)
        found = await self._read(person_id, set_id)
        if found is None or any(is_withheld(one.slot.specialty.code, grounds.withheld) for one in found.appointments):
            raise AppointmentNotFound
        return found

    async def _tell_booked(self, scope: Scope, set_id: UUID) -> None:
        """Tell whoever else is to know of a set that is booked at once; of one that waits, each finds out later."""
        after = self._ground.after_booking
        found = await set_queries.find_set(scope.rows, scope.person_id, set_id)
        if after is None or found is None or found.status is not SetStatus.BOOKED:
            return
        for claim in await set_queries.members_of(scope.rows, scope.person_id, set_id):
            await after(scope, claim.id)

    async def _settled(self, outcome: Outcome[AppointmentSet], person_id: PersonId) -> Outcome[AppointmentSet]:
        """Let the clinics answer, and take back what was agreed to when one has said no."""
        found = outcome.value
        if found.status is SetStatus.PENDING and not outcome.replayed:
            for status in (AppointmentStatus.PENDING, AppointmentStatus.CANCELLING):
                asked = (
                    self._ground.outside.settle(person_id, one.id, tell_refusal=False)
                    for one in found.appointments
                    if one.status is status and one.agreed_at is None
                )
                await asyncio.gather(*asked)
                found = await self._read(person_id, found.id) or found
        if found.status is SetStatus.REFUSED:
            refusal = BY_CODE[found.refused_with or ""](replayed=outcome.replayed)
            refused = (one.id for one in found.appointments if one.status is AppointmentStatus.REFUSED)
            refusal.about = next(refused, None)
            raise refusal
        return Outcome(found, outcome.replayed)

    async def _read(self, person_id: PersonId, set_id: UUID) -> AppointmentSet | None:
        rows = self._ground.database.read
        found = await set_queries.find_set(rows, person_id, set_id)
        if found is None:
            return None
        return replace(found, appointments=tuple(await set_queries.appointments_of(rows, person_id, set_id)))
