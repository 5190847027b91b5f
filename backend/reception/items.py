"""Settles the appointments of a confirmed proposal, one transaction each: a process may be killed between any two."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

import structlog
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.booking import appointment_queries, quota_queries, slot_queries
from backend.booking.errors import AppointmentUnsettled, BookingRefusal
from backend.booking.holds import Holds
from backend.booking.rules import check_changeable
from backend.booking.scope import Scope
from backend.booking.states import ActorRole, AppointmentStatus, CancelReason
from backend.booking.terms import BookingTerms
from backend.booking.values import (
    AppointmentId,
    Channel,
    Claim,
    SlotId,
)
from backend.booking.visits import Visits
from backend.call_backs.put_down import put_down
from backend.clock import Clock
from backend.database import Database
from backend.reading import within
from backend.reception import messages, proposal_queries
from backend.reception.calling import to_call_back
from backend.reception.proposal_values import (
    Affected,
    CallReason,
    CancellationTerms,
    Item,
    ItemState,
    Proposal,
    ProposalStatus,
)
from backend.reception.replacements import find_replacements
from identity.principal import PersonId
from notifications import outbox

_TRIES = 3
"""How many slots are tried before the desk is asked to call."""

log = structlog.get_logger("cancellations")


class Items:
    """Goes on with what is confirmed; two that work at once do no harm."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        *,
        booking: BookingTerms,
        terms: CancellationTerms,
        published: Callable[[PersonId], None],
    ) -> None:
        """Write to `database`; `published` wakes who watches an inbox, after each commit."""
        self._database = database
        self._clock = clock
        self._booking = booking
        self._terms = terms
        self._published = published

    async def go_on(self, *, limit: int = 20) -> int:
        """Go on with every proposal that is confirmed and not done; return how many appointments were settled."""
        settled = 0
        for proposal in await proposal_queries.at_work(self._database.read, limit=limit):
            settled += await self.settle(proposal, limit=self._terms.at_once)
        return settled

    async def settle(self, proposal: Proposal, *, limit: int) -> int:
        """Settle at most `limit` appointments of a confirmed proposal, by start; return how many were.

        One whose clinic is being asked about it is left for later.
        """
        items = await proposal_queries.items_of(self._database.read, proposal.id)
        waiting = [item for item in items if item.state is ItemState.WAITING]
        settled = 0
        for item in waiting[:limit]:
            try:
                settled += await self._settle(proposal, item)
            except AppointmentUnsettled:
                log.info("cancellation_waits", appointment_id=str(item.appointment_id))
        async with self._database.transaction() as session:
            is_settled = not await proposal_queries.count_waiting(session, proposal.id)
            await self._put_down(session, proposal)
            if is_settled:
                await proposal_queries.change_proposal(
                    session, proposal.id, status=ProposalStatus.DONE, done_at=self._clock()
                )
        return settled

    async def _put_down(self, session: AsyncSession, proposal: Proposal) -> None:
        """Put everybody whom the desk is to call, and who has a number, down for the operators of 122, too.

        It is one insert for all, in the transaction that may say that the proposal is done: a kill before it leaves the
        proposal confirmed, and the sweep comes here again. What waits is counted first: whoever another process settles
        in between is put down next time, for then the proposal is not done.
        """
        callees = await to_call_back(within(session), proposal.id)
        actor = proposal.confirmed_by or proposal.created_by
        await put_down(session, callees, actor_id=actor, proposal_id=proposal.id, now=self._clock())

    async def _settle(self, proposal: Proposal, item: Item) -> bool:
        """Settle one appointment with the first slot that can be kept for the person, or for a call."""
        tried: set[SlotId] = set()
        wanted = item.replacement_slot_id
        while item.has_contact and wanted is not None and len(tried) < _TRIES:
            try:
                return await self._cancel(proposal, item, wanted)
            except AppointmentUnsettled:
                raise
            except BookingRefusal as refusal:
                log.info("replacement_lost", appointment_id=str(item.appointment_id), code=refusal.code)
            tried.add(wanted)
            wanted = await self._another(proposal, item, tried)
        return await self._cancel(proposal, item, None)

    async def _another(self, proposal: Proposal, item: Item, tried: set[SlotId]) -> SlotId | None:
        """Return another slot to offer, none that is kept in mind for others of the proposal."""
        rows = self._database.read
        claim = await appointment_queries.find_claim(rows, item.person_id, item.appointment_id)
        slot = await slot_queries.slot_time(rows, claim.slot_id) if claim else None
        if slot is None:
            return None
        others = await proposal_queries.items_of(rows, proposal.id)
        meant = {
            one.replacement_slot_id for one in others if one.state is ItemState.WAITING and one.replacement_slot_id
        }
        found = await find_replacements(
            rows,
            proposal.range,
            [Affected(item.appointment_id, item.person_id, slot)],
            now=self._clock(),
            booking=self._booking,
            terms=self._terms,
            without=tried | meant,
        )
        return found.get(item.appointment_id)

    async def _cancel(self, proposal: Proposal, item: Item, wanted: SlotId | None) -> bool:
        """Cancel an appointment and keep `wanted` for the person; return whether it was this call that settled it.

        Raises:
            AppointmentUnsettled: It cannot be cancelled now.
            BookingRefusal: `wanted` cannot be kept; nothing is changed.
        """
        async with self._database.transaction() as session:
            scope = self._scope(session, proposal, item)
            claim = await self._lock(scope, item, wanted)
            now = self._clock()
            current = await proposal_queries.item_now(within(session), item)
            if current is None or current.state is not ItemState.WAITING:
                return False
            outcome = await self._outcome(scope, item, claim, wanted, now)
            await proposal_queries.change_item(session, item, settled_at=now, **outcome)
        self._published(item.person_id)
        return True

    def _scope(self, session: AsyncSession, proposal: Proposal, item: Item) -> Scope:
        return Scope(
            session=session,
            actor_id=proposal.confirmed_by or proposal.created_by,
            role=ActorRole.CLINIC,
            person_id=item.person_id,
            clock=self._clock,
            terms=self._booking,
        )

    async def _lock(self, scope: Scope, item: Item, wanted: SlotId | None) -> Claim | None:
        """Lock in the order of every change: both slots by id, the share of the new one, the person."""
        claim = await scope.find(item.appointment_id)
        slot_ids = {wanted} if wanted else set()
        slot_ids |= {claim.slot_id} if claim else set()
        locked = {slot_id: await slot_queries.lock_slot(scope.session, slot_id) for slot_id in sorted(slot_ids)}
        if wanted and (slot := locked[wanted]) is not None:
            await quota_queries.lock_quota(scope.session, slot.schedule_id, Channel.REGISTRY)
        (found,) = await scope.lock([item.appointment_id])
        return found

    async def _outcome(
        self, scope: Scope, item: Item, claim: Claim | None, wanted: SlotId | None, now: datetime
    ) -> dict[str, object]:
        """Do what can be done about an appointment, locked; return what is to be written of it."""
        if claim is None or claim.status in _GIVEN_UP or not await self._is_withdrawn(scope, claim):
            return {"state": ItemState.GONE}
        if claim.starts_at <= now:
            return {"state": ItemState.TO_CALL, "call_reason": CallReason.TOO_LATE}
        check_changeable(claim, now=now)
        await Visits(scope).cancel(item.appointment_id, CancelReason.MO_DECLINE)
        if wanted is None:
            reason = CallReason.NO_REPLACEMENT if item.has_contact else CallReason.NO_CONTACT
            return {"state": ItemState.TO_CALL, "call_reason": reason}
        hold_id = await self._keep(scope, item, wanted, now)
        return {"state": ItemState.OFFERED, "hold_id": hold_id, "replacement_slot_id": wanted}

    async def _is_withdrawn(self, scope: Scope, claim: Claim) -> bool:
        """Tell whether the appointment still has a place that the clinic withdrew: the person may have moved it."""
        slot = await slot_queries.slot_time(scope.rows, claim.slot_id)
        return slot is not None and not slot.channels

    async def _keep(self, scope: Scope, item: Item, wanted: SlotId, now: datetime) -> UUID:
        """Hold a slot for the person until the deadline, and tell them; return the hold's id."""
        hold_id = await Holds(scope).hold(wanted, Channel.REGISTRY)
        held = await scope.read(hold_id)
        deadline = min(now + self._terms.offer_lasts, held.slot.starts_at)
        await scope.change(hold_id, hold_expires_at=deadline, extended_at=now, replaces_id=None)
        cancelled = await scope.read(AppointmentId(item.appointment_id))
        await outbox.enqueue(scope.session, messages.replacement_offered(cancelled, held, deadline=deadline), now=now)
        return hold_id


_GIVEN_UP = frozenset({AppointmentStatus.CANCELLED, AppointmentStatus.REFUSED, AppointmentStatus.RELEASED})
