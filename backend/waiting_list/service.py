"""Waiting for a slot: the service. Joining, pausing, leaving and declining, each act once by key."""

from collections.abc import Awaitable, Callable
from dataclasses import asdict
from uuid import UUID

from backend.booking.rules import check_channel_of_actor, is_withheld
from backend.booking.scope import Scope
from backend.booking.terms import BookingTerms
from backend.clock import Clock
from backend.database import Database
from backend.idempotency import Facts, Outcome, Request
from backend.waiting_list import queries
from backend.waiting_list.acts import KEPT_IN_SIGHT, Ground, complete, do_once
from backend.waiting_list.offering import Offering
from backend.waiting_list.places import Places
from backend.waiting_list.terms import PORTAL_TERMS, WaitingTerms
from backend.waiting_list.values import Entry, EntryId, Wish
from identity.access import Action, signed_in
from identity.access_control import AccessControl
from identity.principal import PersonId, Principal


class WaitingListService:
    """Every change is made once, however often it is asked (R56)."""

    def __init__(
        self,
        *,
        database: Database,
        access: AccessControl,
        clock: Clock,
        booking_terms: BookingTerms,
        published: Callable[[PersonId], None],
        freed: Callable[[], None] = lambda: None,
        terms: WaitingTerms = PORTAL_TERMS,
    ) -> None:
        """Write to `database` what `access` allows; `published` and `freed` wake who watches, after a commit."""
        self.offering = Offering(
            database=database, clock=clock, booking_terms=booking_terms, published=published, terms=terms
        )
        self._ground = Ground(database, access, clock, booking_terms, terms, freed)

    async def entries(self, actor: Principal | None, *, person_id: PersonId) -> list[Entry]:
        """Return where the person waits, and what ended in the last week; the one who joined last first.

        Raises:
            NotSignedIn, AccessRefused, AccountNotConfirmed: `actor` may not read this person's appointments.
        """
        ground = self._ground
        grounds = await ground.access.admit(actor, Action.READ_APPOINTMENTS, person_id)
        now, rows = ground.clock(), ground.database.read
        found = await queries.shown(rows, person_id, now=now, since=now - KEPT_IN_SIGHT)
        shown = [one for one in found if not is_withheld(one.specialty.code, grounds.withheld)]
        return await complete(rows, person_id, shown, clock=ground.clock, terms=ground.terms)

    async def join(
        self, actor: Principal | None, *, person_id: PersonId, wish: Wish, idempotency_key: UUID
    ) -> Outcome[Entry]:
        """Let a person wait for a slot; their place is behind everybody who has joined.

        Args:
            actor: Who asks.
            person_id: Who waits.
            wish: For what.
            idempotency_key: Repeating a key returns the first outcome, a refusal too.

        Returns:
            The entry, WAITING; told again, as it stands then.

        Raises:
            WishInvalid: No such wish could come true: days, hours, clinics, doctor.
            ClinicKeepsItsOwn: A clinic of a registry outside, where nothing can be held for a list.
            EntryExists, TooManyEntries: One entry a specialty, so many a person.
            AgeNotAllowed, SexNotAllowed, NotAttached, PatientNotFound: No such slot would be for this person.
            ReferralRequired, ReferralExpired: It takes a referral.
            ChannelNotAllowed: The actor does not stand behind this door.
            IdempotencyKeyReused, IdempotencyInFlight: See `backend.idempotency`.
            NotSignedIn, AccessRefused, AccountNotConfirmed: `actor` may not act for this person.

        Source: domain reference, §3 "Waiting list".
        """
        acting = signed_in(actor)

        async def join(places: Places) -> EntryId:
            check_channel_of_actor(acting.kind, wish.channel)
            return await places.join(wish)

        inputs = {"person": str(person_id), **_facts(wish)}
        request = Request(actor_id=acting.person_id, operation="joinWaitingList", key=idempotency_key, inputs=inputs)
        return await self._once(acting, request, person_id, join)

    async def pause(
        self, actor: Principal | None, *, person_id: PersonId, entry_id: EntryId, idempotency_key: UUID
    ) -> Outcome[Entry]:
        """Offer a person nothing for a while; the place stays. What is offered now is declined.

        Raises:
            EntryNotFound: No such entry, or another person's.
            EntryOver: It is booked, expired or given up.
            IdempotencyKeyReused, IdempotencyInFlight: See `backend.idempotency`.
            NotSignedIn, AccessRefused, AccountNotConfirmed: `actor` may not act for this person.
        """
        request = _about(signed_in(actor), "pauseWaitingListEntry", person_id, entry_id, idempotency_key)
        return await self._once(actor, request, person_id, lambda places: places.pause(entry_id))

    async def resume(
        self, actor: Principal | None, *, person_id: PersonId, entry_id: EntryId, idempotency_key: UUID
    ) -> Outcome[Entry]:
        """Let a person who paused be offered slots again, at the place they had; raises as `pause` does."""
        request = _about(signed_in(actor), "resumeWaitingListEntry", person_id, entry_id, idempotency_key)
        return await self._once(actor, request, person_id, lambda places: places.resume(entry_id))

    async def leave(
        self, actor: Principal | None, *, person_id: PersonId, entry_id: EntryId, idempotency_key: UUID
    ) -> Outcome[Entry]:
        """Give a place up; what is offered now goes to the next. Raises as `pause` does."""
        request = _about(signed_in(actor), "leaveWaitingList", person_id, entry_id, idempotency_key)
        return await self._once(actor, request, person_id, lambda places: places.leave(entry_id))

    async def decline(
        self, actor: Principal | None, *, person_id: PersonId, entry_id: EntryId, idempotency_key: UUID
    ) -> Outcome[Entry]:
        """Let what is offered go to the next, and wait on at the same place.

        Raises:
            EntryNotFound: No such entry, or another person's.
            OfferNotFound: Nothing is offered, or the offer is over.
            IdempotencyKeyReused, IdempotencyInFlight: See `backend.idempotency`.
            NotSignedIn, AccessRefused, AccountNotConfirmed: `actor` may not act for this person.

        Source: domain reference, §3 "Waiting list": a decline keeps one's place.
        """
        request = _about(signed_in(actor), "declineWaitingListOffer", person_id, entry_id, idempotency_key)
        return await self._once(actor, request, person_id, lambda places: places.decline(entry_id))

    async def _once(
        self,
        actor: Principal | None,
        request: Request,
        person_id: PersonId,
        act: Callable[[Places], Awaitable[EntryId]],
    ) -> Outcome[Entry]:
        async def change(scope: Scope) -> EntryId:
            return await act(Places(scope, self._ground.terms))

        outcome = await do_once(self._ground, signed_in(actor), request, person_id=person_id, work=change)
        if not outcome.replayed:
            self._ground.freed()
        return outcome


def _about(actor: Principal, operation: str, person_id: PersonId, entry_id: EntryId, key: UUID) -> Request:
    inputs = {"person": str(person_id), "entry": str(entry_id)}
    return Request(actor_id=actor.person_id, operation=operation, key=key, inputs=inputs)


def _facts(wish: Wish) -> Facts:
    """Return a wish as a JSON object."""
    return {name: _fact(value) for name, value in asdict(wish).items() if value not in (None, ())}


def _fact(value: object) -> object:
    if isinstance(value, tuple | frozenset):
        return sorted(str(one) for one in value)
    return str(value)
