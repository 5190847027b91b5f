"""The three changes of a claim, each inside a transaction of the caller: hold, confirm, cancel.

Every one locks the slot first (R54), then the person, and reads the time only then, so that a decision about an
expiry is never older than the wait for the lock.
"""

from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from backend.booking import appointment_queries, messages, reminders, slot_queries
from backend.booking.errors import SlotNotFound, SlotTaken
from backend.booking.rules import (
    ALTERNATIVES,
    ChannelHorizon,
    check_cancellable,
    check_hold_usable,
    check_person_free,
    check_slot_bookable,
    hold_expires_at,
    horizon,
    is_withheld,
    overlaps,
    own_hold,
    rank_alternatives,
)
from backend.booking.tables import AppointmentRow
from backend.booking.values import (
    Appointment,
    AppointmentId,
    AppointmentStatus,
    CancelReason,
    Channel,
    Claim,
    Slot,
    SlotId,
)
from backend.clock import Clock
from backend.reading import within
from identity.capacities import Category
from identity.errors import AccessRefused
from identity.principal import PersonId
from notifications import outbox


class Claims:
    """Changes of one person's claims by one actor; a refusal leaves the undoing to the caller's savepoint."""

    def __init__(
        self,
        session: AsyncSession,
        *,
        actor_id: PersonId,
        person_id: PersonId,
        clock: Clock,
        horizons: tuple[ChannelHorizon, ...],
        withheld: frozenset[Category] = frozenset(),
    ) -> None:
        """Work through `session`, a writing one; `withheld` is what the actor may neither see nor touch."""
        self._session = session
        self._rows = within(session)
        self._actor_id = actor_id
        self._person_id = person_id
        self._clock = clock
        self._horizons = horizons
        self._withheld = withheld

    async def hold(self, slot_id: SlotId, channel: Channel) -> AppointmentId:
        """Claim a slot for a few minutes; return the hold's id, the same one while the person already holds it.

        Raises:
            SlotNotFound: No such slot.
            SlotInPast, ChannelNotAllowed, SlotTooFar: It cannot be given out.
            TimeOverlap, DuplicateSpecialty: The person cannot take it beside what they have.
            AccessRefused: A visit of this specialty is withheld from the actor.
            SlotTaken: It has an active claim: the unique index says so, not a look beforehand (R53).
        """
        slot = await slot_queries.lock_slot(self._session, slot_id)
        if slot is None:
            raise SlotNotFound
        if self._withheld and await self._is_withheld(slot.id):
            raise AccessRefused
        await appointment_queries.lock_person(self._session, self._person_id)
        now = self._clock()
        check_slot_bookable(slot, channel=channel, now=now, until=horizon(self._horizons, channel, now))
        own = await appointment_queries.claims_ahead(self._rows, self._person_id, now)
        if (held := own_hold(slot, own, now=now)) is not None:
            return held.id
        check_person_free(slot, own, now=now)
        await appointment_queries.release_expired(self._session, now, slot_id=slot.id)
        hold = AppointmentRow(
            person_id=self._person_id,
            actor_id=self._actor_id,
            slot_id=slot.id,
            specialty_id=slot.specialty_id,
            starts_at=slot.starts_at,
            ends_at=slot.ends_at,
            status=AppointmentStatus.HELD,
            channel=channel,
            created_at=now,
            hold_expires_at=hold_expires_at(slot, now),
        )
        if not await appointment_queries.insert_hold(self._session, hold):
            raise SlotTaken
        return AppointmentId(hold.id)

    async def confirm(self, hold_id: AppointmentId) -> AppointmentId:
        """Turn a hold into an appointment and tell the person; return its id.

        Raises:
            HoldNotFound, HoldExpired: There is nothing to confirm.
            TimeOverlap, DuplicateSpecialty: Something else was booked since it was held.
        """
        claim = await self._locked(hold_id)
        await appointment_queries.lock_person(self._session, self._person_id)
        now = self._clock()
        hold = check_hold_usable(claim, now=now)
        own = await appointment_queries.claims_ahead(self._rows, self._person_id, now)
        check_person_free(hold, (other for other in own if other.id != hold.id), now=now)
        await self._change(hold.id, status=AppointmentStatus.CONFIRMED, confirmed_at=now)
        appointment = await self.read(hold.id)
        await outbox.enqueue(self._session, messages.booked(appointment), now=now)
        await reminders.plan_reminder(self._session, appointment, now=now)
        return hold.id

    async def cancel(self, appointment_id: AppointmentId, reason: CancelReason) -> AppointmentId:
        """Give an appointment up, free its slot and tell the person; return its id.

        Raises:
            AppointmentNotFound, AlreadyCancelled, CancelTooLate: There is nothing to give up.
        """
        claim = await self._locked(appointment_id)
        now = self._clock()
        found = check_cancellable(claim, now=now)
        await self._change(
            found.id,
            status=AppointmentStatus.CANCELLED,
            cancelled_at=now,
            cancel_reason=reason,
            cancelled_by=self._actor_id,
        )
        appointment = await self.read(found.id)
        await reminders.take_back(self._session, appointment, now=now)
        await outbox.enqueue(self._session, messages.cancelled(appointment, reason), now=now)
        return found.id

    async def read(self, appointment_id: AppointmentId) -> Appointment:
        """Return the person's own appointment or hold, which exists, as it stands now."""
        found = await appointment_queries.appointments_by_ids(self._rows, self._person_id, [appointment_id])
        return found[0]

    async def instead_of_slot(self, slot_id: SlotId, channel: Channel) -> tuple[Slot, ...]:
        """Return the slots to offer in place of a slot, best first; only such as the person has time for."""
        lost = await slot_queries.slot_time(self._rows, slot_id)
        if lost is None:
            return ()
        now = self._clock()
        town = await slot_queries.town_of(self._rows, lost.clinic_id)
        until = horizon(self._horizons, channel, now)
        candidates = await slot_queries.candidates_near(
            self._rows, lost, town=town, channel=channel, now=now, until=until, limit=ALTERNATIVES
        )
        own = await appointment_queries.claims_ahead(self._rows, self._person_id, now)
        possible = [slot for slot in candidates if not overlaps(slot, own, now=now)]
        return rank_alternatives(lost, town=town, candidates=possible)

    async def instead_of_hold(self, hold_id: AppointmentId) -> tuple[Slot, ...]:
        """Return the slots to offer in place of the one that the person's own hold kept, best first."""
        claim = await appointment_queries.find_claim(self._rows, self._person_id, hold_id)
        return await self.instead_of_slot(claim.slot_id, claim.channel) if claim else ()

    async def _locked(self, appointment_id: AppointmentId) -> Claim | None:
        """Lock the slot of the person's own claim, and return the claim as it stands under the lock."""
        claim = await appointment_queries.find_claim(self._rows, self._person_id, appointment_id)
        if claim is None:
            return None
        if self._withheld and await self._is_withheld(claim.slot_id):
            return None
        await slot_queries.lock_slot(self._session, claim.slot_id)
        return await appointment_queries.find_claim(self._rows, self._person_id, appointment_id)

    async def _is_withheld(self, slot_id: UUID) -> bool:
        found = await slot_queries.slots_by_ids(self._rows, [slot_id])
        return any(is_withheld(slot.specialty.code, self._withheld) for slot in found)

    async def _change(self, appointment_id: UUID, **values: object) -> None:
        await appointment_queries.change(self._session, self._person_id, appointment_id, **values)
