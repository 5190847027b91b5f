"""What is offered in place of a slot that could not be had."""

from backend.booking import appointment_queries, slot_queries
from backend.booking.ranking import rank_alternatives
from backend.booking.rules import overlaps
from backend.booking.scope import Scope
from backend.booking.terms import horizon
from backend.booking.values import (
    AppointmentId,
    Channel,
    Slot,
    SlotId,
)


async def instead_of_slot(scope: Scope, slot_id: SlotId, channel: Channel) -> tuple[Slot, ...]:
    """Return the slots to offer in place of a slot, best first; only such as the person has time for."""
    lost = await slot_queries.slot_time(scope.rows, slot_id)
    if lost is None:
        return ()
    now = scope.clock()
    town = await slot_queries.town_of(scope.rows, lost.clinic_id)
    until = horizon(scope.terms.horizons, channel, now)
    candidates = await slot_queries.candidates_near(scope.rows, lost, town=town, channel=channel, now=now, until=until)
    own = await scope.ahead(now)
    possible = [slot for slot in candidates if not overlaps(slot, own, now=now)]
    return rank_alternatives(lost, town=town, candidates=possible)


async def instead_of_hold(scope: Scope, hold_id: AppointmentId) -> tuple[Slot, ...]:
    """Return the slots to offer in place of the one that the person's own hold kept, best first."""
    claim = await appointment_queries.find_claim(scope.rows, scope.person_id, hold_id)
    return await instead_of_slot(scope, claim.slot_id, claim.channel) if claim else ()
