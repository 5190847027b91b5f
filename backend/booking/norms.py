"""How long people may wait for a visit at most, as dated data, and whether a booking had to exceed it.

Source: domain reference, §3, "Norms of waiting" (programme of state guarantees; the figures are (config) per region).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

_FIRST_CONTACT = frozenset({"therapist", "paediatrician", "general-practitioner"})


@dataclass(frozen=True, slots=True)
class WaitingNorm:
    """Within what time of asking somebody must be seen, from `valid_from` on (UTC date), until a later entry.

    `specialties` are codes; empty for every specialty that no other entry names.
    """

    within: timedelta
    specialties: frozenset[str] = frozenset()
    valid_from: date = date.min


NORMS = (WaitingNorm(timedelta(hours=24), _FIRST_CONTACT), WaitingNorm(timedelta(days=14)))
"""First contact within 24 hours, specialists within 14 days."""

SHORTEST_NORM = min(norm.within for norm in NORMS)


def norm_of(specialty_code: str, *, now: datetime, norms: Iterable[WaitingNorm] = NORMS) -> timedelta | None:
    """Return within what time somebody who asks now must be seen; None where nothing is said.

    Args:
        specialty_code: Whose visit.
        now: The present, aware.
        norms: The table, in any order.
    """
    valid = [norm for norm in norms if norm.valid_from <= now.astimezone(UTC).date()]
    named = [norm for norm in valid if specialty_code in norm.specialties]
    general = [norm for norm in valid if not norm.specialties]
    newest = max(named or general, key=lambda norm: norm.valid_from, default=None)
    return newest.within if newest else None


def exceeds(starts_at: datetime, *, asked_at: datetime, norm: timedelta | None) -> bool:
    """Return whether a visit begins later than the norm allows."""
    return norm is not None and starts_at > asked_at + norm
