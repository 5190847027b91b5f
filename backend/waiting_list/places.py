"""A person's places in the lists: joining, pausing, leaving and declining, each inside a transaction of the caller."""

from typing import Any

from backend.booking import appointment_queries, eligibility_queries
from backend.booking.eligibility import SlotTerms, check_person_seen
from backend.booking.errors import BookingRefusal, ReferralExpired, ReferralRequired
from backend.booking.holds import Holds
from backend.booking.rules import is_withheld
from backend.booking.scope import Scope
from backend.booking.values import AppointmentId, ClinicId, Registry
from backend.waiting_list import change_queries, offering_queries, queries, wish_queries
from backend.waiting_list.acts import find
from backend.waiting_list.errors import (
    ClinicKeepsItsOwn,
    EntryExists,
    EntryOver,
    OfferNotFound,
    TooManyEntries,
    WishInvalid,
)
from backend.waiting_list.rules import outcome_of, window_of
from backend.waiting_list.settling import settle
from backend.waiting_list.tables import WaitingListEntryRow
from backend.waiting_list.terms import WaitingTerms
from backend.waiting_list.values import EntryFacts, EntryId, EntryState, OfferOutcome, Window, Wish
from identity.errors import AccessRefused


class Places:
    """Changes of one person's entries; a refusal leaves the undoing to the caller's savepoint."""

    def __init__(self, scope: Scope, terms: WaitingTerms) -> None:
        """Work within `scope`."""
        self._scope = scope
        self._terms = terms

    async def join(self, wish: Wish) -> EntryId:
        """Add an entry behind all others of its specialty; return its id.

        Raises:
            AccessRefused: A visit of this specialty is withheld from the actor.
            WaitingListRefusal, BookingRefusal: As `WaitingListService.join`.
        """
        scope, now = self._scope, self._scope.clock()
        terms = await self._terms_of(wish)
        asked = next(iter(terms.values()))
        window = window_of(wish, {one.time_zone for one in terms.values()}, now=now, terms=self._terms)
        await self._check_entitled(list(terms.values()), window)
        await self._check_referral(asked, wish, window)
        await change_queries.lock_list(scope.session, asked.specialty_id)
        await appointment_queries.lock_person(scope.session, scope.person_id)
        known = await change_queries.open_specialties(scope.session, scope.person_id)
        if asked.specialty_id in known:
            raise EntryExists
        if len(known) >= self._terms.most_entries:
            raise TooManyEntries
        entry = WaitingListEntryRow(
            person_id=scope.person_id,
            actor_id=scope.actor_id,
            specialty_id=asked.specialty_id,
            doctor_id=wish.doctor_id,
            first_day=window.first_day,
            last_day=window.last_day,
            minute_from=window.minute_from,
            minute_until=window.minute_until,
            weekdays=window.weekdays,
            begins_at=window.begins_at,
            ends_at=window.ends_at,
            channel=wish.channel,
            referral_id=wish.referral_id,
            state=EntryState.WAITING,
            joined_at=now,
            place=await change_queries.next_place(scope.session, asked.specialty_id),
        )
        await change_queries.insert_entry(scope.session, entry, sorted(terms))
        return EntryId(entry.id)

    async def pause(self, entry_id: EntryId) -> EntryId:
        """Let the person be offered nothing; return the entry's id."""
        entry = await self._open(entry_id)
        if entry.state is EntryState.OFFERED:
            await self._let_go(entry)
        await self._change(entry_id, state=EntryState.PAUSED)
        return entry_id

    async def resume(self, entry_id: EntryId) -> EntryId:
        """Let the person be offered slots again; return the entry's id."""
        entry = await self._open(entry_id)
        if entry.state is EntryState.PAUSED:
            await self._change(entry_id, state=EntryState.WAITING, unanswered=0)
        return entry_id

    async def leave(self, entry_id: EntryId) -> EntryId:
        """Give the place up; a second time changes nothing. Return the entry's id."""
        entry = await self._locked(entry_id)
        if entry.state is EntryState.CANCELLED:
            return entry_id
        self._check_open(entry)
        if entry.state is EntryState.OFFERED:
            await self._let_go(entry)
        await self._change(entry_id, state=EntryState.CANCELLED, ended_at=self._scope.clock())
        return entry_id

    async def decline(self, entry_id: EntryId) -> EntryId:
        """Let the offer go, keep the place; return the entry's id.

        Raises:
            EntryNotFound: No such entry.
            OfferNotFound: Nothing is offered, or the offer is over.
        """
        entry = await self._locked(entry_id)
        if entry.state is not EntryState.OFFERED or not await self._let_go(entry):
            raise OfferNotFound
        return entry_id

    async def _locked(self, entry_id: EntryId) -> EntryFacts:
        """Lock the list and the person; return the entry as it stands under the locks."""
        scope = self._scope
        entry = await find(scope, entry_id)
        await change_queries.lock_list(scope.session, entry.specialty.id)
        if (offer := await self._offer(entry)) is not None:
            await scope.lock([offer])
        await appointment_queries.lock_person(scope.session, scope.person_id)
        return await find(scope, entry_id)

    async def _open(self, entry_id: EntryId) -> EntryFacts:
        entry = await self._locked(entry_id)
        self._check_open(entry)
        return entry

    def _check_open(self, entry: EntryFacts) -> None:
        is_over = entry.window.ends_at <= self._scope.clock()
        if is_over or entry.state in {EntryState.BOOKED, EntryState.EXPIRED, EntryState.CANCELLED}:
            raise EntryOver

    async def _offer(self, entry: EntryFacts) -> AppointmentId | None:
        offers = await queries.offers_of(self._scope.rows, self._scope.person_id)
        return next((one.id for one in offers if one.entry_id == entry.id), None)

    async def _let_go(self, entry: EntryFacts) -> bool:
        """Settle what is offered, declining it while it stands; return whether it stood.

        Raises:
            EntryOver: It is booked already.
        """
        scope, offer_id = self._scope, await self._offer(entry)
        if offer_id is None:
            return False
        now = scope.clock()
        offer = await offering_queries.open_offer(scope.rows, scope.person_id, offer_id)
        outcome = OfferOutcome.DECLINED if offer is None else outcome_of(offer, now=now)
        if outcome is OfferOutcome.ACCEPTED:
            raise EntryOver
        if outcome is OfferOutcome.OPEN:
            await Holds(scope).release(offer_id)
        await settle(scope.session, scope.person_id, offer_id, now=now, terms=self._terms)
        return outcome is OfferOutcome.OPEN

    async def _change(self, entry_id: EntryId, **values: Any) -> None:
        if not await change_queries.change_entry(self._scope.session, self._scope.person_id, entry_id, **values):
            raise EntryOver

    async def _terms_of(self, wish: Wish) -> dict[ClinicId, SlotTerms]:
        """Return what each clinic of a wish asks of a person."""
        scope, clinics = self._scope, set(wish.clinic_ids)
        if not 1 <= len(clinics) <= self._terms.most_clinics:
            raise WishInvalid
        terms = await wish_queries.terms_of(scope.rows, wish.specialty_code, sorted(clinics), wish.doctor_id)
        if any(is_withheld(one.specialty_code, scope.withheld) for one in terms.values()):
            raise AccessRefused
        if terms.keys() != clinics:
            raise WishInvalid
        if any(one.kept_by is not Registry.OWN for one in terms.values()):
            raise ClinicKeepsItsOwn
        return terms

    async def _check_entitled(self, terms: list[SlotTerms], window: Window) -> None:
        """Refuse a wish that no slot could fulfil: in none of the clinics, on none of the days, is the person seen."""
        facts = await eligibility_queries.facts_of(self._scope.rows, self._scope.person_id)
        refused: BookingRefusal | None = None
        for one in terms:
            for at in (window.begins_at, window.ends_at):
                try:
                    check_person_seen(at, one, facts)
                except BookingRefusal as refusal:
                    refused = refused or refusal
                else:
                    return
        if refused is not None:
            raise refused

    async def _check_referral(self, asked: SlotTerms, wish: Wish, window: Window) -> None:
        """Refuse to let somebody wait in vain: without a referral that is good on a day of the window."""
        if asked.direct_booking and wish.referral_id is None:
            return
        own = await eligibility_queries.referrals_of(self._scope.rows, self._scope.person_id)
        mine = [one for one in own if one.specialty_id == asked.specialty_id and wish.referral_id in {None, one.id}]
        if not mine:
            raise ReferralRequired
        if all(one.expires_on < window.first_day or one.issued_on > window.last_day for one in mine):
            raise ReferralExpired
