"""Writing down what has become of an offer, inside a transaction of the caller that has locked the person."""

from datetime import datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from backend.booking.scope import Scope
from backend.booking.values import AppointmentId
from backend.reading import within
from backend.waiting_list import change_queries, offering_queries
from backend.waiting_list.rules import outcome_of, state_after
from backend.waiting_list.terms import WaitingTerms
from backend.waiting_list.values import EntryState, OfferOutcome
from identity.principal import PersonId

_OFFERED = (EntryState.OFFERED,)


async def settle(
    session: AsyncSession, person_id: PersonId, offer_id: UUID, *, now: datetime, terms: WaitingTerms
) -> bool:
    """Settle an offer by the hold it stands by, as that is now; return whether there was anything to settle."""
    offer = await offering_queries.open_offer(within(session), person_id, offer_id)
    outcome = OfferOutcome.OPEN if offer is None else outcome_of(offer, now=now)
    if offer is None or outcome is OfferOutcome.OPEN:
        return False
    entry_id = await change_queries.settle_offer(session, person_id, offer_id, outcome, now=now)
    if entry_id is None:
        return False
    state, unanswered = state_after(outcome, unanswered=offer.unanswered, terms=terms)
    ended_at = now if state is EntryState.BOOKED else None
    await change_queries.change_entry(
        session, person_id, entry_id, among_states=_OFFERED, state=state, unanswered=unanswered, ended_at=ended_at
    )
    return True


async def note_booked(scope: Scope, hold_id: AppointmentId) -> None:
    """Let the entry that was offered this hold be BOOKED; nothing where the hold was no offer.

    Called in the transaction that books the hold: no entry is seen OFFERED whose hold is booked.
    """
    now = scope.clock()
    entry_id = await change_queries.settle_offer(
        scope.session, scope.person_id, hold_id, OfferOutcome.ACCEPTED, now=now
    )
    if entry_id is not None:
        await change_queries.change_entry(
            scope.session, scope.person_id, entry_id, state=EntryState.BOOKED, unanswered=0, ended_at=now
        )
