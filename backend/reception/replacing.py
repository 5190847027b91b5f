"""Which free slot is offered to whom, pure: nobody gets two for one, and no slot goes to two people."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime

from backend.booking.ranking import rank_alternatives
from backend.booking.values import (
    AppointmentId,
    Claim,
    Slot,
    SlotId,
)
from backend.reception.proposal_values import Affected
from identity.principal import PersonId

Fits = Callable[[PersonId, Slot], bool]
"""Tells whether a slot is for such a person: by age, sex and attachment."""


def pair_up(
    affected: Iterable[Affected],
    candidates: Iterable[Slot],
    *,
    town: str,
    busy: Mapping[PersonId, Sequence[Claim]],
    fits: Fits,
) -> dict[AppointmentId, SlotId]:
    """Return the slot to offer for each appointment, the earliest appointment choosing first; left out who gets none.

    Args:
        affected: The appointments that are cancelled.
        candidates: Free slots outside what is cancelled, of whatever specialty and in any order.
        town: Of the clinic.
        busy: By person: their active claims ahead, the cancelled ones too.
        fits: For whom a slot is.

    Returns:
        Distinct slots of the same specialty, none of them at a time the person has something else at, or another offer.
    """
    cancelled = sorted(affected, key=lambda one: (one.slot.starts_at, one.appointment_id))
    gone = {one.appointment_id for one in cancelled}
    left = {slot.id: slot for slot in candidates}
    times = {person: [_times(claim) for claim in claims if claim.id not in gone] for person, claims in busy.items()}
    pairs: dict[AppointmentId, SlotId] = {}
    for one in cancelled:
        own = times.setdefault(one.person_id, [])
        possible = [
            slot
            for slot in left.values()
            if slot.specialty.id == one.slot.specialty_id
            and not any(start < slot.ends_at and slot.starts_at < end for start, end in own)
            and fits(one.person_id, slot)
        ]
        best = rank_alternatives(one.slot, town=town, candidates=possible)
        if best:
            pairs[one.appointment_id] = best[0].id
            own.append(_times(best[0]))
            del left[best[0].id]
    return pairs


def _times(one: Claim | Slot) -> tuple[datetime, datetime]:
    return one.starts_at, one.ends_at
