"""What must not be found among appointments; pure."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import combinations
from types import MappingProxyType
from uuid import UUID

from backend.booking.states import (
    ACTIVE_STATUSES,
    BOOKED_STATUSES,
    AppointmentStatus,
    EventKind,
)


class Fault(StrEnum):
    """What is wrong with one appointment, or with two."""

    TWO_CLAIMS_OF_SLOT = "two_claims_of_slot"
    CLAIM_ON_WITHDRAWN_SLOT = "claim_on_withdrawn_slot"
    OVERLAP = "overlap"
    TWO_OF_SPECIALTY = "two_of_specialty"
    NOT_AS_ITS_SLOT = "not_as_its_slot"
    STATUS_UNEXPLAINED = "status_unexplained"
    REFERRAL_USED_TWICE = "referral_used_twice"
    UNSETTLED_TOO_LONG = "unsettled_too_long"
    HOLD_LONG_OVER = "hold_long_over"


@dataclass(frozen=True, slots=True)
class Inspected:
    """An appointment beside its slot, as the inspection sees both."""

    person_id: UUID
    id: UUID
    slot_id: UUID
    specialty_id: UUID
    starts_at: datetime
    ends_at: datetime
    status: AppointmentStatus
    created_at: datetime
    hold_expires_at: datetime | None
    replaces_id: UUID | None
    referral_id: UUID | None
    asked_at: datetime | None
    slot_specialty_id: UUID
    slot_starts_at: datetime
    slot_ends_at: datetime
    slot_channels: int


@dataclass(frozen=True, slots=True)
class Happened:
    """An event of an appointment."""

    appointment_id: UUID
    id: UUID
    kind: EventKind
    slot_id: UUID
    from_slot_id: UUID | None


@dataclass(frozen=True, slots=True)
class Flaw:
    """One thing that is wrong; ids only, of appointments, in order."""

    fault: Fault
    appointment_ids: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class Limits:
    """How long what is to pass may last."""

    unsettled: timedelta = timedelta(hours=1)
    hold_over: timedelta = timedelta(minutes=10)


_S, _E = AppointmentStatus, EventKind
_UNSETTLED = frozenset({_S.PENDING, _S.UNKNOWN, _S.CANCELLING})
_BY_REFERRAL = frozenset({*BOOKED_STATUSES, _S.ATTENDED})
_ASKED = frozenset({_S.PENDING, _S.UNKNOWN})
_SEEN = frozenset({_S.CONFIRMED, _S.ATTENDED, _S.NO_SHOW})

_AFTER: Mapping[EventKind, tuple[frozenset[AppointmentStatus], frozenset[AppointmentStatus] | None]] = MappingProxyType(
    {
        _E.AGREED: (frozenset({_S.HELD, *_ASKED}), frozenset({_S.PENDING})),
        _E.HELD: (frozenset(), frozenset({_S.HELD})),
        _E.EXTENDED: (frozenset({_S.HELD}), None),
        _E.RELEASED: (frozenset({_S.HELD, *_ASKED}), frozenset({_S.RELEASED})),
        _E.BOOKED: (frozenset({_S.HELD, *_UNSETTLED}), frozenset({_S.CONFIRMED})),
        _E.ASKED: (frozenset({_S.HELD, _S.CONFIRMED, *_UNSETTLED}), _UNSETTLED),
        _E.REFUSED: (_UNSETTLED, frozenset({_S.REFUSED, _S.CONFIRMED})),
        _E.MOVED: (frozenset({_S.HELD, _S.CONFIRMED, *_UNSETTLED}), None),
        _E.CANCELLED: (frozenset({_S.CONFIRMED, *_UNSETTLED}), frozenset({_S.CANCELLED})),
        _E.CHECKED_IN: (frozenset({_S.CONFIRMED}), None),
        _E.ATTENDED: (_SEEN, frozenset({_S.ATTENDED})),
        _E.NO_SHOW: (_SEEN, frozenset({_S.NO_SHOW})),
        _E.APPEALED: (frozenset({_S.NO_SHOW}), None),
        _E.APPEAL_SETTLED: (frozenset({_S.NO_SHOW}), frozenset({_S.NO_SHOW, _S.ATTENDED, _S.CONFIRMED})),
    }
)
"""By event: in which states it can happen (one that begins a chain: in none), and which follow; None for the same."""


def flaws_of_one(
    one: Inspected, events: Sequence[Happened], *, now: datetime, limits: Limits, events_since: datetime | None
) -> Iterator[Flaw]:
    """Yield what is wrong with an appointment by itself.

    Args:
        one: The appointment and its slot.
        events: What has happened to it, in order.
        now: The present.
        limits: How long what is to pass may last.
        events_since: When the first event of all was written; what was taken before is not asked for its events.
    """
    wrong: dict[Fault, bool] = {
        Fault.CLAIM_ON_WITHDRAWN_SLOT: one.slot_channels == 0 and _is_ahead(one, now),
        Fault.NOT_AS_ITS_SLOT: one.status in ACTIVE_STATUSES and not _is_as_its_slot(one),
        Fault.UNSETTLED_TOO_LONG: one.status in _UNSETTLED
        and now - (one.asked_at or one.created_at) > limits.unsettled,
        Fault.HOLD_LONG_OVER: one.status is _S.HELD
        and one.hold_expires_at is not None
        and now - one.hold_expires_at > limits.hold_over,
        Fault.STATUS_UNEXPLAINED: events_since is not None
        and one.created_at >= events_since
        and not is_explained(one, events),
    }
    yield from (Flaw(fault, (one.id,)) for fault, is_wrong in wrong.items() if is_wrong)


def flaws_of_person(appointments: Sequence[Inspected], *, now: datetime) -> Iterator[Flaw]:
    """Yield what is wrong with a person's appointments together; they come by start."""
    together: tuple[tuple[Fault, Callable[[Inspected, Inspected], bool]], ...] = (
        (Fault.OVERLAP, lambda one, other: _keep_both(one, other, now) and other.starts_at < one.ends_at),
        (Fault.TWO_OF_SPECIALTY, lambda one, other: _are_two_ahead(one, other, now)),
        (Fault.REFERRAL_USED_TWICE, _share_a_referral),
    )
    for one, other in combinations(appointments, 2):
        yield from (Flaw(fault, (one.id, other.id)) for fault, is_wrong in together if is_wrong(one, other))


def is_explained(one: Inspected, events: Sequence[Happened]) -> bool:
    """Return whether an appointment's events lead to its state and its slot; a hold may end by the clock, unsaid."""
    possible: frozenset[AppointmentStatus] = frozenset()
    slot_id: UUID | None = None
    for event in events:
        before, after = _AFTER[event.kind]
        follows = event.kind is _E.HELD if slot_id is None else bool(possible & before)
        left = event.from_slot_id if event.kind is _E.MOVED else event.slot_id
        if not follows or (slot_id is not None and left != slot_id):
            return False
        possible, slot_id = (possible & before) if after is None else after, event.slot_id
    if _S.HELD in possible:
        possible |= {_S.RELEASED}
    return one.status in possible and one.slot_id == slot_id


def _is_as_its_slot(one: Inspected) -> bool:
    own = one.specialty_id, one.starts_at, one.ends_at
    return own == (one.slot_specialty_id, one.slot_starts_at, one.slot_ends_at)


def _keeps(one: Inspected, now: datetime) -> bool:
    """Return whether it keeps its slot at `now`: a hold ends by the clock itself."""
    if one.status is _S.HELD:
        return one.hold_expires_at is not None and now < one.hold_expires_at
    return one.status in ACTIVE_STATUSES


def _is_ahead(one: Inspected, now: datetime) -> bool:
    return _keeps(one, now) and one.ends_at > now


def _keep_both(one: Inspected, other: Inspected, now: datetime) -> bool:
    is_move = one.id == other.replaces_id or other.id == one.replaces_id
    return _keeps(one, now) and _keeps(other, now) and not is_move


def _are_two_ahead(one: Inspected, other: Inspected, now: datetime) -> bool:
    are_booked = one.status in BOOKED_STATUSES and other.status in BOOKED_STATUSES
    is_same = one.specialty_id == other.specialty_id
    return are_booked and is_same and _keep_both(one, other, now) and _is_ahead(one, now) and _is_ahead(other, now)


def _share_a_referral(one: Inspected, other: Inspected) -> bool:
    is_same = one.referral_id is not None and one.referral_id == other.referral_id
    return is_same and one.status in _BY_REFERRAL and other.status in _BY_REFERRAL
