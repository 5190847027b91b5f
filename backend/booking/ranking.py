"""Which slots come nearest to one that is lost, pure."""

from collections.abc import Sequence
from datetime import timedelta

from backend.booking.values import Slot, SlotTime

ALTERNATIVES = 5
"""How many slots are offered in place of a lost one."""

_DETOUR_OTHER_DOCTOR = timedelta(hours=2)
_DETOUR_OTHER_CLINIC = timedelta(days=1)
_DETOUR_OTHER_TOWN = timedelta(days=3)


def rank_alternatives(lost: SlotTime, *, town: str, candidates: Sequence[Slot]) -> tuple[Slot, ...]:
    """Return the slots to offer in place of `lost`, best first, at most `ALTERNATIVES`.

    Best is nearest in time, where another doctor counts as 2 hours away, another clinic as a day and another town
    as three days: a slot an hour later at the same doctor's goes before one at the same minute across the town.

    Args:
        lost: The slot that could not be had.
        town: Its clinic's town.
        candidates: Free slots of the same specialty, in any order; one that stands twice counts once.

    Source: §3 asks for the nearest; the weights are ours (config).
    """

    def effort(slot: Slot) -> timedelta:
        apart = abs(slot.starts_at - lost.starts_at)
        if slot.doctor.id == lost.doctor_id and slot.clinic.id == lost.clinic_id:
            return apart
        if slot.clinic.id == lost.clinic_id:
            return apart + _DETOUR_OTHER_DOCTOR
        return apart + (_DETOUR_OTHER_CLINIC if slot.clinic.town == town else _DETOUR_OTHER_TOWN)

    distinct = {slot.id: slot for slot in candidates}.values()
    return tuple(sorted(distinct, key=lambda slot: (effort(slot), slot.starts_at, slot.id))[:ALTERNATIVES])
