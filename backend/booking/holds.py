"""Keeping a slot while the person decides: hold, extend once, let go; each inside a transaction of the caller."""

from datetime import datetime
from uuid import UUID

from backend.booking import appointment_queries, eligibility_queries, no_show_queries, quota_queries, slot_queries
from backend.booking.appointment_tables import AppointmentRow
from backend.booking.eligibility import SlotTerms, check_person_fits, choose_referral
from backend.booking.errors import ChannelQuotaUsedUp, HoldNotFound, OtherSpecialty, SlotNotFound, SlotTaken
from backend.booking.no_shows import BLOCKED_CHANNELS, check_not_blocked
from backend.booking.rules import (
    check_changeable,
    check_hold_usable,
    check_person_free,
    check_slot_bookable,
    extended_until,
    hold_expires_at,
    is_withheld,
    own_hold,
)
from backend.booking.scope import Scope
from backend.booking.states import AppointmentStatus, EventKind
from backend.booking.terms import horizon
from backend.booking.turns import take_turn
from backend.booking.values import (
    AppointmentId,
    Channel,
    Claim,
    SlotId,
    SlotTime,
)
from identity.errors import AccessRefused


async def check_comes(scope: Scope, channel: Channel, now: datetime) -> None:
    """Refuse who has missed too many visits to book anew through a channel; an appointment can still be moved.

    Raises:
        NoShowBlocked: They have.
    """
    if channel not in BLOCKED_CHANNELS:
        return
    terms = scope.terms.no_shows
    missed = await no_show_queries.missed_since(scope.rows, scope.person_id, now - terms.looks_back)
    check_not_blocked(missed, terms, now=now)


class Holds:
    """Changes of one person's holds; a refusal leaves the undoing to the caller's savepoint."""

    def __init__(self, scope: Scope) -> None:
        """Work within `scope`."""
        self._scope = scope

    async def hold(
        self,
        slot_id: SlotId,
        channel: Channel,
        *,
        replaces: AppointmentId | None = None,
        referral: UUID | None = None,
    ) -> AppointmentId:
        """Claim a slot for a few minutes; return the hold's id, the same one while the person already holds it.

        Args:
            slot_id: Which.
            channel: Through which door.
            replaces: The appointment that is to be moved here; it does not stand in the way.
            referral: By which referral; the fitting one that is over soonest when None.

        Raises:
            SlotNotFound: No such slot.
            SlotInPast, SlotWithdrawn, SlotNotReleased, ChannelNotAllowed, SlotTooFar: It cannot be given out.
            TimeOverlap, DuplicateSpecialty: The person cannot take it beside what they have.
            AgeNotAllowed, SexNotAllowed, NotAttached, PatientNotFound: It is not for this person.
            ReferralRequired, ReferralExpired, ReferralUsed: It takes a referral.
            AppointmentNotFound, AlreadyCancelled, AppointmentUnsettled, CancelTooLate, OtherSpecialty: `replaces`
                cannot be moved, or not here.
            AccessRefused: A visit of this specialty is withheld from the actor.
            ChannelQuotaUsedUp: The channel's share of this reception is given out.
            NoShowBlocked: The person has missed too many visits to book anew through this channel.
            QueueTurnNeeded: People queue for its release, and it is not the person's turn through this channel.
            SlotTaken: It has an active claim: the unique index says so, not a look beforehand (R53).
        """
        scope = self._scope
        slot = await slot_queries.lock_slot(scope.session, slot_id)
        if slot is None:
            raise SlotNotFound
        terms = await eligibility_queries.terms_of(scope.rows, slot.id)
        if is_withheld(terms.specialty_code, scope.withheld):
            raise AccessRefused
        most = await quota_queries.lock_quota(scope.session, slot.schedule_id, channel)
        await appointment_queries.lock_person(scope.session, scope.person_id)
        now = scope.clock()
        check_slot_bookable(slot, channel=channel, now=now, until=horizon(scope.terms.horizons, channel, now))
        if replaces is None:
            await check_comes(scope, channel, now)
        moved = await self._moved(replaces, slot, now)
        own = await scope.ahead(now, without=[replaces])
        if (held := own_hold(slot, own, now=now)) is not None:
            await self._aim(held, replaces)
            return held.id
        check_person_free(slot, own, now=now)
        by = await self._entitlement(slot, terms, referral, moved)
        if most is not None and await quota_queries.used(scope.rows, slot.schedule_id, channel, now=now) >= most:
            raise ChannelQuotaUsedUp
        if terms.queue_id is not None:
            await take_turn(scope, terms.queue_id, channel)
        return await self._insert(slot, channel, now=now, replaces=replaces, referral=by)

    async def extend(self, hold_id: AppointmentId) -> AppointmentId:
        """Let a hold last longer, once; return its id.

        Raises:
            HoldNotFound, HoldExpired: There is nothing to extend.
            HoldNotExtendable: It was extended before.
        """
        scope = self._scope
        (claim,) = await scope.lock([hold_id])
        now = scope.clock()
        hold = check_hold_usable(claim, now=now)
        until = extended_until(hold, by=scope.terms.extended_by)
        await scope.change(hold.id, hold_expires_at=until, extended_at=now)
        await scope.note(EventKind.EXTENDED, hold.id, hold.slot_id, at=now)
        return hold.id

    async def release(self, hold_id: AppointmentId) -> AppointmentId:
        """Let a hold go, so that others can have the slot; one that has ended is let go already. Return its id.

        Raises:
            HoldNotFound: No such hold, or it is booked.
        """
        scope = self._scope
        (claim,) = await scope.lock([hold_id])
        if claim is None or claim.status not in {AppointmentStatus.HELD, AppointmentStatus.RELEASED}:
            raise HoldNotFound
        if claim.status is AppointmentStatus.HELD:
            await scope.change(claim.id, status=AppointmentStatus.RELEASED)
            await scope.note(EventKind.RELEASED, claim.id, claim.slot_id, at=scope.clock())
        return claim.id

    async def _moved(self, replaces: AppointmentId | None, slot: SlotTime, now: datetime) -> Claim | None:
        """Return the appointment that is to be moved, when it can be."""
        if replaces is None:
            return None
        moved = check_changeable(await self._scope.find(replaces), now=now, cut_off=self._scope.cut_off)
        if moved.specialty_id != slot.specialty_id:
            raise OtherSpecialty
        return moved

    async def _aim(self, held: Claim, replaces: AppointmentId | None) -> None:
        """Let the hold that the person has serve what is asked now: a new visit, or a move."""
        if held.replaces_id != replaces:
            await self._scope.change(held.id, replaces_id=replaces)

    async def _entitlement(
        self, slot: SlotTime, terms: SlotTerms, named: UUID | None, moved: Claim | None
    ) -> UUID | None:
        """Return the referral that the visit takes, of somebody for whom the slot is."""
        scope = self._scope
        if terms.asks_who or terms.needs_attachment:
            check_person_fits(slot, terms, await eligibility_queries.facts_of(scope.rows, scope.person_id))
        if terms.direct_booking and named is None:
            return None
        referrals = await eligibility_queries.referrals_of(scope.rows, scope.person_id)
        standing = frozenset({moved.id}) if moved else frozenset()
        chosen = choose_referral(terms, slot.starts_at, referrals, named=named, held_by=standing)
        return chosen.id if chosen else None

    async def _insert(
        self, slot: SlotTime, channel: Channel, *, now: datetime, replaces: UUID | None, referral: UUID | None
    ) -> AppointmentId:
        scope = self._scope
        await appointment_queries.release_expired(scope.session, now, slot_id=slot.id)
        hold = AppointmentRow(
            person_id=scope.person_id,
            actor_id=scope.actor_id,
            slot_id=slot.id,
            specialty_id=slot.specialty_id,
            starts_at=slot.starts_at,
            ends_at=slot.ends_at,
            status=AppointmentStatus.HELD,
            channel=channel,
            created_at=now,
            hold_expires_at=hold_expires_at(slot, now),
            replaces_id=replaces,
            referral_id=referral,
        )
        if not await appointment_queries.insert_hold(scope.session, hold):
            raise SlotTaken
        await scope.note(EventKind.HELD, hold.id, slot.id, at=now)
        return AppointmentId(hold.id)
