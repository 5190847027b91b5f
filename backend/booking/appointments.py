"""Holding, booking and giving up a slot, each once by key; and a person's appointments."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from backend.booking import appointment_queries, slot_queries
from backend.booking.claims import Claims
from backend.booking.errors import BY_CODE, BookingRefusal
from backend.booking.rules import PORTAL_HORIZONS, ChannelHorizon, check_channel_of_actor, is_withheld
from backend.booking.values import (
    Appointment,
    AppointmentId,
    CancelReason,
    Channel,
    Page,
    Slot,
    SlotHold,
    SlotId,
    TimeKey,
)
from backend.clock import Clock
from backend.database import Database
from backend.errors import Refusal
from backend.idempotency import Facts, Outcome, Recorded, Request, run_once
from backend.reading import within
from identity.access import Action, signed_in
from identity.access_control import AccessControl
from identity.capacities import Category
from identity.principal import PersonId, Principal

Work = Callable[[Claims], Awaitable[AppointmentId]]
Offer = Callable[[Claims], Awaitable[tuple[Slot, ...]]]


class AppointmentService:
    """A person's holds and appointments; every change is made once, however often it is asked (R56)."""

    def __init__(
        self,
        *,
        database: Database,
        access: AccessControl,
        clock: Clock,
        published: Callable[[PersonId], None],
        horizons: tuple[ChannelHorizon, ...] = PORTAL_HORIZONS,
    ) -> None:
        """Write to `database` what `access` allows; `published` wakes who watches an inbox, after the commit."""
        self._database = database
        self._access = access
        self._clock = clock
        self._published = published
        self._horizons = horizons

    async def hold_slot(
        self,
        actor: Principal | None,
        *,
        person_id: PersonId,
        slot_id: SlotId,
        channel: Channel = Channel.APP,
        idempotency_key: UUID,
    ) -> Outcome[SlotHold]:
        """Keep a free slot for a person while they decide.

        Args:
            actor: Who asks.
            person_id: For whom.
            slot_id: As found by `SlotService.search`.
            channel: Through which door; one that the actor stands behind.
            idempotency_key: Repeating a key returns the first outcome, a refusal too.

        Returns:
            The hold; it ends by itself at `expires_at`. Told again, it is the same hold, whatever became of it. Under
            another key, the hold the person has of this slot, with the end it had.

        Raises:
            SlotNotFound: No such slot.
            SlotTaken: Somebody keeps it; has alternatives.
            SlotInPast, SlotTooFar, ChannelNotAllowed: It is not given out now, or not through this channel.
            TimeOverlap, DuplicateSpecialty: The person cannot take it beside what they have.
            IdempotencyKeyReused, IdempotencyInFlight: See `backend.idempotency`.
            NotSignedIn, AccessRefused, AccountNotConfirmed: `actor` may not act for this person.

        Source: domain reference, §3 "Booking", rules; issue "Foundation", item 7 (5 minutes).
        """
        acting = signed_in(actor)

        async def hold(claims: Claims) -> AppointmentId:
            check_channel_of_actor(acting.kind, channel)
            return await claims.hold(slot_id, channel)

        outcome = await self._once(
            acting,
            Action.HOLD_SLOT,
            Request(
                actor_id=acting.person_id,
                operation="holdSlot",
                key=idempotency_key,
                inputs={"person": str(person_id), "slot": str(slot_id), "channel": channel.value},
            ),
            person_id=person_id,
            work=hold,
            offer=lambda claims: claims.instead_of_slot(slot_id, channel),
        )
        held = outcome.value
        return Outcome(SlotHold(held.id, held.slot, _expiry(held)), outcome.replayed)

    async def book_appointment(
        self, actor: Principal | None, *, person_id: PersonId, hold_id: AppointmentId, idempotency_key: UUID
    ) -> Outcome[Appointment]:
        """Book the slot that a hold keeps, and tell the person in the same transaction.

        Args:
            actor: Who asks.
            person_id: For whom; the hold is theirs.
            hold_id: As returned by `hold_slot`; it becomes the appointment's id.
            idempotency_key: Repeating a key returns the first outcome, a refusal too.

        Returns:
            The appointment, CONFIRMED; told again, the same appointment as it stands then.

        Raises:
            HoldNotFound: No such hold, another person's, or used up.
            HoldExpired: It ended; has alternatives, the same slot among them while it is free.
            TimeOverlap, DuplicateSpecialty: Something else was booked meanwhile.
            IdempotencyKeyReused, IdempotencyInFlight: See `backend.idempotency`.
            NotSignedIn, AccessRefused, AccountNotConfirmed: `actor` may not act for this person.
        """
        acting = signed_in(actor)
        outcome = await self._once(
            acting,
            Action.BOOK_APPOINTMENT,
            Request(
                actor_id=acting.person_id,
                operation="bookAppointment",
                key=idempotency_key,
                inputs={"person": str(person_id), "hold": str(hold_id)},
            ),
            person_id=person_id,
            work=lambda claims: claims.confirm(hold_id),
            offer=lambda claims: claims.instead_of_hold(hold_id),
        )
        self._tell(person_id, outcome)
        return outcome

    async def cancel_appointment(
        self,
        actor: Principal | None,
        *,
        person_id: PersonId,
        appointment_id: AppointmentId,
        reason: CancelReason,
        idempotency_key: UUID,
    ) -> Outcome[Appointment]:
        """Give an appointment up before it begins, free its slot and tell the person.

        Args:
            actor: Who asks; kept beside the reason.
            person_id: Whose appointment.
            appointment_id: The appointment.
            reason: Why, in the words of the federal registry.
            idempotency_key: Repeating a key returns the first outcome, a refusal too.

        Returns:
            The appointment, CANCELLED.

        Raises:
            AppointmentNotFound: No such appointment, another person's, or a mere hold.
            AlreadyCancelled: It was given up before.
            CancelTooLate: It has begun.
            IdempotencyKeyReused, IdempotencyInFlight: See `backend.idempotency`.
            NotSignedIn, AccessRefused, AccountNotConfirmed: `actor` may not act for this person.

        Source: ФЭР v2, CancelAppointment (reasons).
        """
        acting = signed_in(actor)
        outcome = await self._once(
            acting,
            Action.CANCEL_APPOINTMENT,
            Request(
                actor_id=acting.person_id,
                operation="cancelAppointment",
                key=idempotency_key,
                inputs={"person": str(person_id), "appointment": str(appointment_id), "reason": reason.value},
            ),
            person_id=person_id,
            work=lambda claims: claims.cancel(appointment_id, reason),
            offer=_nothing,
        )
        self._tell(person_id, outcome)
        return outcome

    async def upcoming(
        self, actor: Principal | None, *, person_id: PersonId, after: TimeKey | None = None, limit: int
    ) -> Page[Appointment]:
        """Return a page of the person's confirmed appointments that are not over, soonest first.

        Raises:
            NotSignedIn, AccessRefused, AccountNotConfirmed: `actor` may not read this person's appointments.
        """
        grounds = await self._access.admit(actor, Action.READ_APPOINTMENTS, person_id)
        now = self._clock()

        async def read(behind: TimeKey | None) -> list[Appointment]:
            return await appointment_queries.upcoming(
                self._database.read, person_id, now=now, after=behind, limit=limit + 1
            )

        return await _page(read, after=after, limit=limit, withheld=grounds.withheld)

    async def history(
        self, actor: Principal | None, *, person_id: PersonId, after: TimeKey | None = None, limit: int
    ) -> Page[Appointment]:
        """Return a page of all the person's appointments, past, coming and given up, latest start first.

        Raises:
            NotSignedIn, AccessRefused, AccountNotConfirmed: `actor` may not read this person's appointments.
        """
        grounds = await self._access.admit(actor, Action.READ_APPOINTMENTS, person_id)

        async def read(behind: TimeKey | None) -> list[Appointment]:
            return await appointment_queries.history(self._database.read, person_id, after=behind, limit=limit + 1)

        return await _page(read, after=after, limit=limit, withheld=grounds.withheld)

    async def by_ids(
        self, actor: Principal | None, *, person_id: PersonId, ids: Sequence[AppointmentId]
    ) -> dict[AppointmentId, Appointment]:
        """Return the person's own appointments among `ids`, by id; another person's is left out (S36).

        Raises:
            NotSignedIn, AccessRefused, AccountNotConfirmed: `actor` may not read this person's appointments.
        """
        grounds = await self._access.admit(actor, Action.READ_APPOINTMENTS, person_id)
        found = await appointment_queries.appointments_by_ids(self._database.read, person_id, ids)
        return {one.id: one for one in found if not is_withheld(one.slot.specialty.code, grounds.withheld)}

    async def _once(
        self, actor: Principal, action: Action, request: Request, *, person_id: PersonId, work: Work, offer: Offer
    ) -> Outcome[Appointment]:
        """Do one change once and commit; what was refused is undone, recorded and raised."""
        async with self._access.writing(actor, action, person_id) as (session, grounds):
            claims = Claims(
                session,
                actor_id=PersonId(request.actor_id),
                person_id=person_id,
                clock=self._clock,
                horizons=self._horizons,
                withheld=grounds.withheld,
            )

            async def change() -> Facts:
                return {"appointment": str(await work(claims))}

            async def explain(refusal: Refusal) -> Facts:
                return await _alternatives(refusal, claims, offer)

            recorded = await run_once(session, request, now=self._clock(), work=change, explain=explain)
            if recorded.refused is None:
                done = await claims.read(AppointmentId(UUID(recorded.facts["appointment"])))
                return Outcome(done, recorded.replayed)
            refusal = await _refusal(session, recorded)
        raise refusal

    def _tell(self, person_id: PersonId, outcome: Outcome[Appointment]) -> None:
        if not outcome.replayed:
            self._published(person_id)


async def release_expired(session: AsyncSession, now: datetime) -> int:
    """Release every hold that ended by `now`; return how many. Housekeeping only: an ended hold keeps no slot."""
    return await appointment_queries.release_expired(session, now)


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


def _expiry(held: Appointment) -> datetime:
    """Return when a hold ends; the table's check keeps one on every hold, and confirming does not remove it."""
    if held.hold_expires_at is None:
        raise ValueError("a hold without an end")
    return held.hold_expires_at


async def _alternatives(refusal: Refusal, claims: Claims, offer: Offer) -> Facts:
    """Return the ids of the slots to offer, to be recorded with the refusal: a replay offers the same ones."""
    if not isinstance(refusal, BookingRefusal) or not refusal.offers_alternatives:
        return {}
    return {"alternatives": [str(slot.id) for slot in await offer(claims)]}


async def _nothing(_: Claims) -> tuple[Slot, ...]:
    return ()


async def _refusal(session: AsyncSession, recorded: Recorded) -> BookingRefusal:
    """Build the refusal that is recorded, with its alternatives in their order."""
    ids = [UUID(one) for one in recorded.facts.get("alternatives", ())]
    slots = {slot.id: slot for slot in await slot_queries.slots_by_ids(within(session), ids)} if ids else {}
    alternatives = tuple(slots[SlotId(one)] for one in ids if one in slots)
    return BY_CODE[recorded.refused or ""](alternatives=alternatives, replayed=recorded.replayed)
