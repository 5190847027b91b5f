"""Booking, moving, giving up and coming: the changes of an appointment, each inside a transaction of the caller.

Where the clinic keeps a registry of its own, these only write down what it is to be asked; `backend.booking.outside`
asks it after the commit, and `backend.booking.settling` writes down what it said.
"""

from datetime import datetime

from backend.booking import eligibility_queries, messages, norm_queries, reminders, slot_queries
from backend.booking.errors import (
    AppointmentNotFound,
    AppointmentUnsettled,
    HoldExpired,
    HoldNotFound,
    ReferralUsed,
    SlotWithdrawn,
)
from backend.booking.norms import SHORTEST_NORM, exceeds, norm_of
from backend.booking.rules import check_can_check_in, check_changeable, check_hold_usable, check_person_free
from backend.booking.scope import Scope
from backend.booking.states import (
    UNSETTLED_STATUSES,
    AppointmentStatus,
    CancelReason,
    EventKind,
)
from backend.booking.values import AppointmentId, Claim, Registry
from notifications import outbox


class Visits:
    """Changes of one person's appointments; a refusal leaves the undoing to the caller's savepoint."""

    def __init__(self, scope: Scope) -> None:
        """Work within `scope`."""
        self._scope = scope

    async def book(self, hold_id: AppointmentId) -> AppointmentId:
        """Turn a hold into an appointment and tell the person, or into a question to the clinic; return its id.

        Raises:
            HoldNotFound, HoldExpired: There is nothing to book.
            SlotWithdrawn: There is nothing to book any more, for the clinic has withdrawn the slot and its hold.
            TimeOverlap, DuplicateSpecialty, ReferralUsed: Something else was booked since it was held.
        """
        scope = self._scope
        (claim,) = await scope.lock([hold_id])
        now = scope.clock()
        hold = await self._usable(claim, now)
        check_person_free(hold, await scope.ahead(now, without=[hold.id]), now=now)
        await self.check_referral(hold)
        if await self.is_outside(hold):
            await ask_to_book(scope, hold, now=now)
        else:
            await confirm(scope, hold, now=now)
        return hold.id

    async def move(self, appointment_id: AppointmentId, hold_id: AppointmentId) -> AppointmentId:
        """Give an appointment the place that a hold keeps; return the appointment's id.

        It keeps its old place until the new one is sure: in our own registry both change in this transaction; an
        outside clinic is asked first for the new place, and then about the old one.

        Raises:
            AppointmentNotFound, AlreadyCancelled, AppointmentUnsettled, CancelTooLate: It cannot be moved.
            HoldNotFound, HoldExpired, SlotWithdrawn: The hold is none for this move, or ended.
            TimeOverlap, DuplicateSpecialty, ReferralUsed: Something else was booked since it was held.
        """
        scope = self._scope
        claim, held = await scope.lock([appointment_id, hold_id])
        now = scope.clock()
        old = check_changeable(claim, now=now, cut_off=scope.cut_off)
        await self._check_not_moving(old, now)
        hold = await self._usable(held, now)
        if hold.replaces_id != old.id:
            raise HoldNotFound
        check_person_free(hold, await scope.ahead(now, without=[hold.id, old.id]), now=now)
        await self.check_referral(hold, moved=old)
        if await self.is_outside(hold):
            await ask_to_book(scope, hold, now=now, moved=old)
        else:
            await swap(scope, old, hold, now=now)
        return old.id

    async def cancel(self, appointment_id: AppointmentId, reason: CancelReason) -> AppointmentId:
        """Give an appointment up, free its slot and tell the person; return its id.

        An outside clinic is asked first; until it has answered the appointment is CANCELLING.

        Raises:
            AppointmentNotFound, AlreadyCancelled, AppointmentUnsettled, CancelTooLate: There is nothing to give up.
        """
        scope = self._scope
        (claim,) = await scope.lock([appointment_id])
        now = scope.clock()
        found = check_changeable(claim, now=now, cut_off=scope.cut_off)
        await self._check_not_moving(found, now)
        if found.registry_key is not None:
            await ask_to_cancel(scope, found, reason, now=now)
        else:
            await give_up(scope, found, reason, now=now)
        return found.id

    async def check_in(self, appointment_id: AppointmentId) -> AppointmentId:
        """Note that the person is there; a second time changes nothing. Return the appointment's id.

        Raises:
            AppointmentNotFound, AppointmentUnsettled, CheckInClosed: One cannot check in to it now.
        """
        scope = self._scope
        (claim,) = await scope.lock([appointment_id])
        now = scope.clock()
        if claim is not None and claim.status is AppointmentStatus.CONFIRMED and claim.checked_in_at is not None:
            return claim.id
        found = check_can_check_in(claim, now=now, terms=scope.terms)
        await scope.change(found.id, checked_in_at=now)
        await scope.note(EventKind.CHECKED_IN, found.id, found.slot_id, at=now)
        return found.id

    async def close(self, appointment_id: AppointmentId, *, attended: bool) -> AppointmentId:
        """Write down the clinic's word that the person was seen, or did not come; return the appointment's id.

        Raises:
            AppointmentNotFound: No such appointment, or one that does not stand, or has not begun.
        """
        scope = self._scope
        (claim,) = await scope.lock([appointment_id])
        now = scope.clock()
        seen = AppointmentStatus.ATTENDED if attended else AppointmentStatus.NO_SHOW
        if claim is None or claim.status not in _CLOSABLE or claim.starts_at > now:
            raise AppointmentNotFound
        if claim.status is not seen:
            kind = EventKind.ATTENDED if attended else EventKind.NO_SHOW
            await scope.change(claim.id, status=seen, closed_at=now)
            await scope.note(kind, claim.id, claim.slot_id, at=now)
        return claim.id

    async def _usable(self, claim: Claim | None, now: datetime) -> Claim:
        """Return the hold when it can be booked; when the clinic has withdrawn it, say so."""
        try:
            return check_hold_usable(claim, now=now)
        except HoldExpired as refusal:
            slot = await slot_queries.slot_time(self._scope.rows, claim.slot_id) if claim else None
            if slot is not None and not slot.channels:
                raise SlotWithdrawn from refusal
            raise

    async def is_outside(self, hold: Claim) -> bool:
        """Return whether another registry than ours keeps the slot of a hold."""
        terms = await eligibility_queries.terms_of(self._scope.rows, hold.slot_id)
        return terms.kept_by is not Registry.OWN

    async def _check_not_moving(self, claim: Claim, now: datetime) -> None:
        """Refuse while the clinic is asked for the place that the appointment is to move to."""
        asked = (one for one in await self._scope.ahead(now) if one.replaces_id == claim.id)
        if any(one.status in UNSETTLED_STATUSES for one in asked):
            raise AppointmentUnsettled

    async def check_referral(self, hold: Claim, *, moved: Claim | None = None) -> None:
        """Refuse when another appointment than the moved one was booked by the referral of a hold since.

        Raises:
            ReferralUsed: So it was.
        """
        if hold.referral_id is None:
            return
        referrals = await eligibility_queries.referrals_of(self._scope.rows, self._scope.person_id)
        used_by = next((one.used_by for one in referrals if one.id == hold.referral_id), None)
        if used_by is not None and (moved is None or used_by != moved.id):
            raise ReferralUsed


_CLOSABLE = frozenset({AppointmentStatus.CONFIRMED, AppointmentStatus.ATTENDED, AppointmentStatus.NO_SHOW})
"""The clinic may correct its word."""


async def confirm(scope: Scope, hold: Claim, *, now: datetime) -> None:
    """Make an appointment of a claim, and tell the person."""
    await scope.change(hold.id, status=AppointmentStatus.CONFIRMED, confirmed_at=now, replaces_id=None)
    await tell_booked(scope, hold, now=now)
    await _note_wait(scope, hold, now=now)


async def _note_wait(scope: Scope, hold: Claim, *, now: datetime) -> None:
    """Write down that the person had to wait longer than the norm: nothing sooner is free where they booked."""
    if hold.starts_at <= now + SHORTEST_NORM:
        return
    slot = (await scope.read(hold.id)).slot
    norm = norm_of(slot.specialty.code, now=now)
    if norm is None or not exceeds(slot.starts_at, asked_at=now, norm=norm):
        return
    if not await norm_queries.was_sooner(scope.rows, slot, hold.channel, now=now, until=now + norm):
        await scope.change(hold.id, norm_exceeded=True)


async def tell_booked(scope: Scope, claim: Claim, *, now: datetime) -> None:
    """Write into history and inbox that an appointment is booked, and plan its reminder."""
    await scope.note(EventKind.BOOKED, claim.id, claim.slot_id, at=now)
    appointment = await scope.read(claim.id)
    await outbox.enqueue(scope.session, messages.booked(appointment), now=now)
    await reminders.plan_reminder(scope.session, appointment, now=now)


async def ask_to_book(scope: Scope, hold: Claim, *, now: datetime, moved: Claim | None = None) -> None:
    """Write down that the clinic is to be asked for the place of a hold; its id is the key of the question."""
    own_referral = None if moved is not None and hold.referral_id == moved.referral_id else hold.referral_id
    await scope.change(
        hold.id,
        status=AppointmentStatus.PENDING,
        registry_key=hold.id,
        asked_at=now,
        tries=1,
        referral_id=own_referral,
    )
    await scope.note(EventKind.ASKED, hold.id, hold.slot_id, at=now)


async def ask_to_cancel(scope: Scope, claim: Claim, reason: CancelReason, *, now: datetime) -> None:
    """Write down that the clinic is to be told that a booking of its registry is given up."""
    await scope.change(
        claim.id,
        status=AppointmentStatus.CANCELLING,
        cancel_reason=reason,
        cancelled_by=scope.actor_id,
        cancelled_as=scope.role,
        asked_at=now,
        tries=1,
        agreed_at=None,
    )
    await scope.note(EventKind.ASKED, claim.id, claim.slot_id, at=now, reason=reason)


async def give_up(scope: Scope, claim: Claim, reason: CancelReason, *, now: datetime) -> None:
    """Free the slot of an appointment, and tell the person."""
    await scope.change(
        claim.id,
        status=AppointmentStatus.CANCELLED,
        cancelled_at=now,
        cancel_reason=reason,
        cancelled_by=scope.actor_id,
        cancelled_as=scope.role,
    )
    await tell_given_up(scope, claim, reason, now=now)


async def tell_given_up(scope: Scope, claim: Claim, reason: CancelReason, *, now: datetime) -> None:
    """Write into history and inbox that an appointment is given up, and drop what was planned for it."""
    await scope.note(EventKind.CANCELLED, claim.id, claim.slot_id, at=now, reason=reason)
    appointment = await scope.read(claim.id)
    await reminders.take_back(scope.session, appointment, now=now)
    await outbox.enqueue(scope.session, messages.cancelled(appointment, reason), now=now)


async def swap(scope: Scope, old: Claim, new: Claim, *, now: datetime) -> None:
    """Give `old` the place of `new`, and tell the person.

    What the clinic of the old place still has to be told goes with `new`: it takes the old place, to be cancelled
    there. In our own registry it is let go. First `new` leaves its slot, so that no slot ever has two claims.
    """
    earlier = await scope.read(old.id)
    await scope.change(new.id, status=AppointmentStatus.RELEASED, replaces_id=None, referral_id=None)
    await scope.change(
        old.id,
        slot_id=new.slot_id,
        specialty_id=new.specialty_id,
        starts_at=new.starts_at,
        ends_at=new.ends_at,
        referral_id=new.referral_id or old.referral_id,
        registry_key=new.registry_key,
        sequence=earlier.sequence + 1,
        checked_in_at=None,
    )
    await scope.note(EventKind.MOVED, old.id, new.slot_id, at=now, from_slot_id=old.slot_id)
    if old.registry_key is not None:
        await scope.change(
            new.id,
            slot_id=old.slot_id,
            starts_at=old.starts_at,
            ends_at=old.ends_at,
            registry_key=old.registry_key,
        )
        await scope.note(EventKind.MOVED, new.id, old.slot_id, at=now, from_slot_id=new.slot_id)
        left = await scope.find(new.id)
        if left is None:
            raise AppointmentNotFound
        await ask_to_cancel(scope, left, CancelReason.PATIENT_DECLINE, now=now)
    else:
        await scope.note(EventKind.RELEASED, new.id, new.slot_id, at=now)
    appointment = await scope.read(old.id)
    await reminders.take_back(scope.session, earlier, now=now)
    await outbox.enqueue(scope.session, messages.moved(appointment, earlier), now=now)
    await reminders.plan_reminder(scope.session, appointment, now=now)
