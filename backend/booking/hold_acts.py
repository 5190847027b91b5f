"""Keeping a slot while a person decides, each act once by key."""

from datetime import datetime
from uuid import UUID

from backend.booking.acts import Ground, do_once
from backend.booking.alternatives import instead_of_hold, instead_of_slot
from backend.booking.errors import SlotTaken
from backend.booking.holds import Holds
from backend.booking.rules import check_channel_of_actor
from backend.booking.scope import Scope
from backend.booking.values import (
    Appointment,
    AppointmentId,
    Channel,
    SlotHold,
    SlotId,
)
from backend.idempotency import Outcome, Request
from identity.access import Action, signed_in
from identity.principal import PersonId, Principal


class HoldActs:
    """Hold, extend, let go."""

    _ground: Ground

    async def hold_slot(
        self,
        actor: Principal | None,
        *,
        person_id: PersonId,
        slot_id: SlotId,
        channel: Channel = Channel.APP,
        replaces: AppointmentId | None = None,
        referral_id: UUID | None = None,
        idempotency_key: UUID,
    ) -> Outcome[SlotHold]:
        """Keep a free slot for a person while they decide.

        A slot of an outside clinic is looked at there first: what we know of it may be old.

        Args:
            actor: Who asks.
            person_id: For whom.
            slot_id: As found by `SlotService.search`.
            channel: Through which door; one that the actor stands behind.
            replaces: The appointment that is to be moved here.
            referral_id: By which of the person's referrals; None for the fitting one that is over soonest.
            idempotency_key: Repeating a key returns the first outcome, a refusal too.

        Returns:
            The hold; it ends by itself at `expires_at`. Told again, it is the same hold, whatever became of it. Under
            another key, the hold the person has of this slot, with the end it had.

        Raises:
            SlotNotFound: No such slot.
            SlotTaken, ChannelQuotaUsedUp: Somebody keeps it, or the channel has no more; has alternatives.
            SlotInPast, SlotTooFar, SlotNotReleased, SlotWithdrawn, ChannelNotAllowed: It is not given out now, or not
                through this channel.
            TimeOverlap, DuplicateSpecialty: The person cannot take it beside what they have.
            AgeNotAllowed, SexNotAllowed, NotAttached, PatientNotFound: It is not for this person.
            ReferralRequired, ReferralExpired, ReferralUsed: It takes a referral.
            QueueTurnNeeded: People queue for its release, and it is not the person's turn through this channel.
            AppointmentNotFound, AlreadyCancelled, AppointmentUnsettled, CancelTooLate, OtherSpecialty: What is to be
                moved cannot be, or not here.
            RegistryUnavailable: The clinic's registry cannot be asked now.
            IdempotencyKeyReused, IdempotencyInFlight: See `backend.idempotency`.
            NotSignedIn, AccessRefused, AccountNotConfirmed: `actor` may not act for this person.

        Source: domain reference, §3 "Booking", rules; issue "Foundation", item 7 (5 minutes).
        """
        acting = signed_in(actor)
        is_free = await self._ground.outside.is_free(slot_id)

        async def hold(scope: Scope) -> AppointmentId:
            check_channel_of_actor(acting.kind, channel)
            if not is_free:
                raise SlotTaken
            return await Holds(scope).hold(slot_id, channel, replaces=replaces, referral=referral_id)

        inputs = {"person": str(person_id), "slot": str(slot_id), "channel": channel.value}
        inputs |= {"replaces": str(replaces)} if replaces else {}
        inputs |= {"referral": str(referral_id)} if referral_id else {}
        outcome = await do_once(
            self._ground,
            acting,
            Action.HOLD_SLOT,
            Request(actor_id=acting.person_id, operation="holdSlot", key=idempotency_key, inputs=inputs),
            person_id=person_id,
            work=hold,
            offer=lambda scope: instead_of_slot(scope, slot_id, channel),
        )
        return _hold(outcome)

    async def extend_hold(
        self, actor: Principal | None, *, person_id: PersonId, hold_id: AppointmentId, idempotency_key: UUID
    ) -> Outcome[SlotHold]:
        """Let a hold last longer, once, and never beyond the beginning of its slot.

        Raises:
            HoldNotFound: No such hold, another person's, or used up.
            HoldExpired: It ended; has alternatives.
            HoldNotExtendable: It was extended before.
            IdempotencyKeyReused, IdempotencyInFlight: See `backend.idempotency`.
            NotSignedIn, AccessRefused, AccountNotConfirmed: `actor` may not act for this person.
        """
        acting = signed_in(actor)
        outcome = await do_once(
            self._ground,
            acting,
            Action.HOLD_SLOT,
            _about("extendHold", acting, person_id, hold_id, idempotency_key),
            person_id=person_id,
            work=lambda scope: Holds(scope).extend(hold_id),
            offer=lambda scope: instead_of_hold(scope, hold_id),
        )
        return _hold(outcome)

    async def release_hold(
        self, actor: Principal | None, *, person_id: PersonId, hold_id: AppointmentId, idempotency_key: UUID
    ) -> Outcome[Appointment]:
        """Let a hold go, so that others can have its slot at once; one that has ended stays ended.

        Raises:
            HoldNotFound: No such hold, another person's, or booked.
            IdempotencyKeyReused, IdempotencyInFlight: See `backend.idempotency`.
            NotSignedIn, AccessRefused, AccountNotConfirmed: `actor` may not act for this person.
        """
        acting = signed_in(actor)
        outcome = await do_once(
            self._ground,
            acting,
            Action.HOLD_SLOT,
            _about("releaseHold", acting, person_id, hold_id, idempotency_key),
            person_id=person_id,
            work=lambda scope: Holds(scope).release(hold_id),
        )
        self._ground.freed()
        return outcome


def _about(operation: str, actor: Principal, person_id: PersonId, hold_id: AppointmentId, key: UUID) -> Request:
    inputs = {"person": str(person_id), "hold": str(hold_id)}
    return Request(actor_id=actor.person_id, operation=operation, key=key, inputs=inputs)


def _hold(outcome: Outcome[Appointment]) -> Outcome[SlotHold]:
    held = outcome.value
    return Outcome(SlotHold(held.id, held.slot, _expiry(held)), outcome.replayed)


def _expiry(held: Appointment) -> datetime:
    """Return when a hold ends; the table's check keeps one on every hold, and confirming does not remove it."""
    if held.hold_expires_at is None:
        raise ValueError("a hold without an end")
    return held.hold_expires_at
