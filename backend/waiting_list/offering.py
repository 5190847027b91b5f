"""Offering what has become free: slot by slot, each in a transaction of its own, to the one who joined first.

Whatever frees a slot (a visit given up or moved, an offer declined or not answered, a new schedule, a release), this
finds it by looking at what is free, again and again: a look that is lost costs nothing but time. What is offered is
held as everything else is, by the unique index of claims: no slot has two (R53).
"""

from collections.abc import Callable, Sequence
from datetime import datetime

import structlog
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.booking import appointment_queries, slot_queries
from backend.booking.errors import BookingRefusal
from backend.booking.holds import Holds
from backend.booking.messages import offered
from backend.booking.scope import Scope
from backend.booking.states import ActorRole
from backend.booking.terms import BookingTerms
from backend.booking.values import AppointmentId, TimeKey
from backend.clock import Clock
from backend.database import Database
from backend.reading import within
from backend.waiting_list import change_queries, offering_queries
from backend.waiting_list.rules import in_turn, offer_until
from backend.waiting_list.settling import settle
from backend.waiting_list.tables import WaitingListOfferRow
from backend.waiting_list.terms import PORTAL_TERMS, WaitingTerms
from backend.waiting_list.values import EntryState, FreeSlot, OfferOutcome, Waiting
from identity.principal import PersonId
from notifications import outbox

MOST_OFFERS_DUE = 500
"""How many offers one look settles; what is more waits for the next."""

SLOTS_A_LOOK = 500
"""How many free slots one look goes through."""

log = structlog.get_logger("waiting_list")


class _Gone(Exception):
    """The entry was paused, given up or offered something else a moment ago."""


class Offering:
    """Looks at what is free, settles what is over, and offers; two at once do no harm."""

    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        booking_terms: BookingTerms,
        published: Callable[[PersonId], None],
        terms: WaitingTerms = PORTAL_TERMS,
        slots_a_look: int = SLOTS_A_LOOK,
    ) -> None:
        """Write to `database`; `published` wakes who watches an inbox, after the commit.

        One look goes through `slots_a_look` free slots, and the next goes on behind them.
        """
        self._database = database
        self._clock = clock
        self._booking_terms = booking_terms
        self._published = published
        self._terms = terms
        self._slots_a_look = slots_a_look
        self._after: TimeKey | None = None

    async def look(self) -> int:
        """Settle offers that are over, end entries that are over, offer what is free; return how many were offered."""
        await self.settle_due()
        await self._end_over()
        return await self._offer_free()

    async def _end_over(self) -> None:
        if await offering_queries.count_over(self._database.read, now=self._clock()):
            async with self._database.transaction() as session:
                await change_queries.end_entries(session, self._clock())

    async def settle_due(self) -> int:
        """Settle the offers that are over, let go or booked; return how many."""
        due = await offering_queries.due_offers(self._database.read, now=self._clock(), limit=MOST_OFFERS_DUE)
        settled = 0
        for offer in due:
            async with self._database.transaction() as session:
                await change_queries.lock_list(session, offer.specialty_id)
                await appointment_queries.lock_person(session, offer.person_id)
                settled += await settle(session, offer.person_id, offer.id, now=self._clock(), terms=self._terms)
        return settled

    async def _offer_free(self) -> int:
        now = self._clock()
        slots = await offering_queries.wanted_slots(
            self._database.read, now=now, after=self._after, limit=self._slots_a_look
        )
        self._after = TimeKey(slots[-1].starts_at, slots[-1].id) if len(slots) == self._slots_a_look else None
        if not slots:
            return 0
        waiting = await offering_queries.waiting_for(
            self._database.read, sorted({slot.specialty_id for slot in slots}), now=now
        )
        had = await offering_queries.had(self._database.read, [slot.id for slot in slots])
        made = 0
        for slot in slots:
            if in_turn(slot, waiting, had) and (told := await self._offer(slot)) is not None:
                self._published(told)
                made += 1
        return made

    async def _offer(self, seen: FreeSlot) -> PersonId | None:
        """Offer a slot to the one whose turn it is, when it is still free; return to whom."""
        async with self._database.transaction() as session:
            await change_queries.lock_list(session, seen.specialty_id)
            await slot_queries.lock_slot(session, seen.id)
            rows, now = within(session), self._clock()
            slot = await offering_queries.free_slot(rows, seen.id, now=now)
            until = None if slot is None else offer_until(slot, now=now, terms=self._terms)
            if slot is None or until is None:
                return None
            waiting = await offering_queries.waiting_for(rows, [slot.specialty_id], now=now)
            had = await offering_queries.had(rows, [slot.id])
            return await self._offer_to_first(session, slot, in_turn(slot, waiting, had), until)

    async def _offer_to_first(
        self, session: AsyncSession, slot: FreeSlot, waiting: Sequence[Waiting], until: datetime
    ) -> PersonId | None:
        """Hold the slot for the first who may take it; return for whom."""
        for one in waiting:
            scope = Scope(
                session=session,
                actor_id=one.person_id,
                role=ActorRole.SYSTEM,
                person_id=one.person_id,
                clock=self._clock,
                terms=self._booking_terms,
            )
            try:
                async with session.begin_nested():
                    offer_id = await self._hold(scope, slot, one, until)
            except (BookingRefusal, _Gone) as refusal:
                log.info("not_offered", entry_id=str(one.id), slot_id=str(slot.id), code=str(refusal) or "GONE")
            else:
                log.info("offered", entry_id=str(one.id), slot_id=str(slot.id), offer_id=str(offer_id))
                return one.person_id
        return None

    async def _hold(self, scope: Scope, slot: FreeSlot, one: Waiting, until: datetime) -> AppointmentId:
        """Hold the slot until the offer ends, and tell the person; what is held for a list cannot be extended."""
        now = scope.clock()
        hold_id = await Holds(scope).hold(slot.id, one.channel, referral=one.referral_id)
        await scope.change(hold_id, hold_expires_at=until, extended_at=now)
        is_waiting = await change_queries.change_entry(
            scope.session, one.person_id, one.id, among_states=(EntryState.WAITING,), state=EntryState.OFFERED
        )
        if not is_waiting:
            raise _Gone
        await change_queries.insert_offer(
            scope.session,
            WaitingListOfferRow(
                person_id=one.person_id,
                id=hold_id,
                entry_id=one.id,
                slot_id=slot.id,
                offered_at=now,
                expires_at=until,
                outcome=OfferOutcome.OPEN,
            ),
        )
        await outbox.enqueue(scope.session, offered(await scope.read(hold_id), until), now=now)
        return hold_id
