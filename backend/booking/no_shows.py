"""Who does not come: after so many visits missed without a word, one books through the app no more for a while. Pure.

An appealed visit does not count until the clinic has answered, nor ever when the appeal was right.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from backend.booking.errors import NoShowBlocked
from backend.booking.terms import NoShowTerms
from backend.booking.values import AppointmentId, Channel

BLOCKED_CHANNELS = frozenset({Channel.APP, Channel.EPGU})
"""Through which one cannot book meanwhile; where people are spoken to, or come themselves, they still can."""


class AppealState(StrEnum):
    """Where an appeal against a no-show stands."""

    PENDING = "pending"
    ACCEPTED = "accepted"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Missed:
    """A visit to which the person did not come, by the clinic's word; `appeal` where they say otherwise."""

    appointment_id: AppointmentId
    starts_at: datetime
    appeal: AppealState | None = None

    @property
    def counts(self) -> bool:
        """Return whether the rule counts it."""
        return self.appeal in {None, AppealState.REJECTED}


@dataclass(frozen=True, slots=True)
class NoShowStanding:
    """How somebody stands with the rule.

    Attributes:
        count: How many visits count now.
        limit: How many make the block.
        blocked_until: Until when one cannot book (UTC, exclusive); None when one can.
        missed: The visits, latest first, appealed ones too.
    """

    count: int
    limit: int
    blocked_until: datetime | None
    missed: tuple[Missed, ...]


def standing(missed: Iterable[Missed], terms: NoShowTerms, *, now: datetime) -> NoShowStanding:
    """Return how somebody stands.

    The block begins with the visit that makes the number full within the span, and lasts from its beginning on.

    Args:
        missed: The person's missed visits of the time that the terms look back, in any order.
        terms: How many, within what, for how long.
        now: The present.
    """
    known = sorted(missed, key=lambda one: (one.starts_at, one.appointment_id), reverse=True)
    counted = sorted(one.starts_at for one in known if one.counts)
    ends = (
        last + terms.blocked_for
        for first, last in zip(counted, counted[terms.limit - 1 :], strict=False)
        if last - first <= terms.within
    )
    until = max(ends, default=None)
    return NoShowStanding(
        count=sum(now - start <= terms.within for start in counted),
        limit=terms.limit,
        blocked_until=until if until is not None and until > now else None,
        missed=tuple(known),
    )


def check_not_blocked(missed: Iterable[Missed], terms: NoShowTerms, *, now: datetime) -> None:
    """Refuse who has missed too many visits.

    Raises:
        NoShowBlocked: Until when, `standing` tells.
    """
    if standing(missed, terms, now=now).blocked_until is not None:
        raise NoShowBlocked
