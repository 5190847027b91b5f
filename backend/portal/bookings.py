"""Booking and giving up through a portal: by the same services as everybody's, each once by session and slot (R56)."""

from datetime import datetime
from uuid import UUID, uuid5

from sqlmodel.ext.asyncio.session import AsyncSession
from uuid_utils.compat import uuid7

from backend.booking.appointment_queries import appointments_by_ids
from backend.booking.appointments import AppointmentService
from backend.booking.eligibility_queries import find_terms, referrals_of
from backend.booking.errors import (
    AlreadyCancelled,
    AppointmentNotFound,
    BookingRefusal,
    QueueTurnNeeded,
    ReferralRequired,
    SlotNotFound,
)
from backend.booking.states import AppointmentStatus, CancelReason
from backend.booking.values import (
    AppointmentId,
    Channel,
    Registry,
    SlotId,
)
from backend.clock import Clock
from backend.database import Database
from backend.portal import queries
from backend.portal.errors import PortalSessionOver
from backend.portal.sessions import SESSION_LASTS
from backend.portal.values import PortalOutcome, PortalSession, Wanted
from identity.principal import Principal

_NEVER = SlotNotFound.code
"""What a booking is refused with that was given up before it was asked for."""

MOST_TRIES = 20
"""How often a session may ask for a slot before the person's turn; whoever asks more often opens another."""


class PortalBookings:
    """What a portal changes. A session and a slot name one booking for ever; its first outcome is its last.

    That it is not the person's turn in the queue for a release is no outcome (ADR 0039).
    """

    def __init__(self, *, database: Database, clock: Clock, appointments: AppointmentService) -> None:
        """Book through `appointments`; keep what came of it in `database`."""
        self._database = database
        self._clock = clock
        self._appointments = appointments

    async def book(self, portal: Principal, *, session_id: UUID, slot_id: UUID, wanted: Wanted) -> str | None:
        """Book a slot for the person of a session: hold and book in one go.

        Args:
            portal: Who asks.
            session_id: In which session; once it is over only what came of an earlier request is told.
            slot_id: A slot of a clinic whose times we keep.
            wanted: What else the portal says of it.

        Returns:
            None for booked, else the code of the refusal: of a repeated request, what the first was told. That it is
            not the person's turn settles nothing: the next request tries again, `MOST_TRIES` times in a session.

        Raises:
            PortalSessionOver: No open session, and no outcome of an earlier request.
            AccessRefused: The system is no portal.
            IdempotencyInFlight: The first request is still being worked on.
        """
        async with self._database.transaction() as session:
            kept = await self._find(session, portal, session_id)
            known = await queries.find_outcome(session, kept, slot_id, system_id=portal.person_id)
            if known is None or not known.is_settled:
                now = await self._use(session, portal, kept)
                known, _ = await queries.begin(session, kept, slot_id, system_id=portal.person_id, now=now)
        if known.is_settled:
            return known.refused_with
        try:
            return (await self._settle(portal, kept, slot_id, wanted)).refused_with
        except QueueTurnNeeded as refusal:
            return refusal.code  # no outcome: the turn may come

    async def cancel(self, portal: Principal, *, session_id: UUID, slot_id: UUID, reason: CancelReason) -> str | None:
        """Give up what was booked in a session by this slot, and nothing else.

        What was never booked never will be. What the person has moved to another place since is not in this slot.

        Returns:
            None for given up, by this request or before it; else the code of the refusal.

        Raises:
            PortalSessionOver: The session is not open.
            AccessRefused: The system is no portal.
            IdempotencyInFlight: The same is being worked on.
        """
        async with self._database.transaction() as session:
            kept = await self._find(session, portal, session_id)
            now = await self._use(session, portal, kept)
            known, _ = await queries.begin(
                session, kept, slot_id, system_id=portal.person_id, now=now, refused_with=_NEVER
            )
        if not known.is_settled:
            try:
                known = await self._settle(portal, kept, slot_id, Wanted())
            except QueueTurnNeeded:
                known = await self._write(portal, kept, slot_id, refused_with=_NEVER)
        if known.is_withdrawn:
            return None
        if known.appointment_id is None:
            return AppointmentNotFound.code
        refused = await self._give_up(portal, kept, slot_id, known.appointment_id, reason)
        if refused is None:
            async with self._database.transaction() as session:
                await queries.withdraw(session, kept, slot_id, system_id=portal.person_id, now=self._clock())
        return refused

    async def _find(self, session: AsyncSession, portal: Principal, session_id: UUID) -> PortalSession:
        kept = await queries.find_session(session, system_id=portal.person_id, session_id=session_id, now=self._clock())
        if kept is None:
            raise PortalSessionOver
        return kept

    async def _use(self, session: AsyncSession, portal: Principal, kept: PortalSession) -> datetime:
        if not kept.is_open:
            raise PortalSessionOver
        now = self._clock()
        await queries.renew(session, kept, system_id=portal.person_id, until=now + SESSION_LASTS)
        return now

    async def _settle(self, portal: Principal, kept: PortalSession, slot_id: UUID, wanted: Wanted) -> PortalOutcome:
        """Book, write down how it ended, and return that; a first request that was cut short is brought to its end.

        Raises:
            QueueTurnNeeded: It is not the person's turn yet; nothing is written down.
        """
        try:
            booked = await self._book(portal, kept, SlotId(slot_id), wanted)
        except QueueTurnNeeded:
            raise
        except BookingRefusal as refusal:
            return await self._write(portal, kept, slot_id, refused_with=refusal.code)
        return await self._write(portal, kept, slot_id, appointment_id=booked)

    async def _write(
        self,
        portal: Principal,
        kept: PortalSession,
        slot_id: UUID,
        *,
        appointment_id: AppointmentId | None = None,
        refused_with: str | None = None,
    ) -> PortalOutcome:
        async with self._database.transaction() as session:
            await queries.write_outcome(
                session,
                kept,
                slot_id,
                system_id=portal.person_id,
                now=self._clock(),
                appointment_id=appointment_id,
                refused_with=refused_with,
            )
            found = await queries.find_outcome(session, kept, slot_id, system_id=portal.person_id)
        if found is None:
            raise PortalSessionOver  # erased meanwhile
        return found

    async def _book(self, portal: Principal, kept: PortalSession, slot_id: SlotId, wanted: Wanted) -> AppointmentId:
        terms = await find_terms(self._database.read, slot_id)
        if terms is None or terms.kept_by is not Registry.OWN or wanted.clinic_oid not in {None, terms.clinic_oid}:
            raise SlotNotFound
        referral_id = await self._referral(kept, wanted)
        hold_id = await self._hold(portal, kept, slot_id, referral_id)
        try:
            booked = await self._appointments.book_appointment(
                portal,
                person_id=kept.person_id,
                hold_id=hold_id,
                idempotency_key=uuid5(kept.id, f"book:{hold_id}"),
            )
        except BookingRefusal:
            await self._let_go(portal, kept, hold_id)
            raise
        return booked.value.id

    async def _hold(
        self, portal: Principal, kept: PortalSession, slot_id: SlotId, referral_id: UUID | None
    ) -> AppointmentId:
        """Hold the slot, under the next key where it was not the person's turn before; keys are tried in their order.

        Raises:
            QueueTurnNeeded: It is not the person's turn, or was not `MOST_TRIES` times.
        """
        for number in range(MOST_TRIES):
            name = f"hold:{slot_id}:{referral_id or ''}" + (f":{number}" if number else "")
            try:
                held = await self._appointments.hold_slot(
                    portal,
                    person_id=kept.person_id,
                    slot_id=slot_id,
                    channel=Channel.EPGU,
                    referral_id=referral_id,
                    idempotency_key=uuid5(kept.id, name),
                )
            except QueueTurnNeeded as refusal:
                if not refusal.replayed:
                    raise
            else:
                return held.value.id
        raise QueueTurnNeeded

    async def _referral(self, kept: PortalSession, wanted: Wanted) -> UUID | None:
        """Return by which referral to book: the one named now, else the session's."""
        if wanted.referral_number is None:
            return kept.referral_id
        known = await referrals_of(self._database.read, kept.person_id)
        named = next((one.id for one in known if one.number == wanted.referral_number), None)
        if named is None:
            raise ReferralRequired
        return named

    async def _let_go(self, portal: Principal, kept: PortalSession, hold_id: AppointmentId) -> None:
        """Free the place of what could not be booked, so that others need not wait for the end of its hold."""
        try:
            await self._appointments.release_hold(
                portal,
                person_id=kept.person_id,
                hold_id=hold_id,
                idempotency_key=uuid5(kept.id, f"release:{hold_id}"),
            )
        except BookingRefusal:
            return  # there is nothing to let go

    async def _give_up(
        self,
        portal: Principal,
        kept: PortalSession,
        slot_id: UUID,
        appointment_id: AppointmentId,
        reason: CancelReason,
    ) -> str | None:
        found = await appointments_by_ids(self._database.read, kept.person_id, [appointment_id])
        if not found or found[0].status is AppointmentStatus.CANCELLED:
            return None
        if found[0].slot.id != slot_id:
            return AppointmentNotFound.code
        try:
            await self._appointments.cancel_appointment(
                portal,
                person_id=kept.person_id,
                appointment_id=appointment_id,
                reason=reason,
                idempotency_key=uuid7(),  # what is given up stays so: the appointment itself says it
            )
        except AlreadyCancelled:
            return None
        except BookingRefusal as refusal:
            return refusal.code
        return None
