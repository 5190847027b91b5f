"""Writing down what an outside clinic said, each inside a transaction of the caller.

Each says what it found under the locks: an answer that comes late, or twice, changes nothing (R57).
"""

from uuid import UUID

from backend.booking import set_queries, sets
from backend.booking.messages import not_confirmed
from backend.booking.scope import Scope
from backend.booking.states import AppointmentStatus, CancelReason, EventKind
from backend.booking.values import Claim
from backend.booking.visits import confirm, swap, tell_booked, tell_given_up
from notifications import outbox

_ASKED = frozenset({AppointmentStatus.PENDING, AppointmentStatus.UNKNOWN})


async def booked(scope: Scope, claim_id: UUID) -> bool:
    """Write down that the clinic has booked; return whether this is news.

    A claim that was to take an appointment's place takes it. If that appointment does not stand any more, both were
    wanted one after the other, and what the clinic has booked stands by itself.
    """
    claim = await _asked(scope, claim_id)
    if claim is None:
        return False
    now = scope.clock()
    if claim.set_id is not None:
        await sets.agreed(scope, claim, claim.set_id, now=now)
        return True
    old = await scope.find(claim.replaces_id) if claim.replaces_id else None
    if old is not None and old.status is AppointmentStatus.CONFIRMED:
        await swap(scope, old, claim, now=now)
    else:
        await confirm(scope, claim, now=now)
    return True


async def refused(scope: Scope, claim_id: UUID, code: str, *, tell: bool) -> bool:
    """Write down that the clinic has surely not booked, and why; return whether this is news.

    Args:
        scope: Whose.
        claim_id: Which claim.
        code: Of the refusal.
        tell: Write to the person: not where they read the refusal at this moment.
    """
    claim = await _asked(scope, claim_id)
    if claim is None:
        return False
    now = scope.clock()
    await scope.change(claim.id, status=AppointmentStatus.REFUSED, refused_with=code, closed_at=now)
    await scope.note(EventKind.REFUSED, claim.id, claim.slot_id, at=now)
    first = claim.set_id is None or await sets.refuse(scope, claim.set_id, code, now=now)
    if tell and first:
        await outbox.enqueue(scope.session, not_confirmed(await scope.read(claim.id)), now=now)
    return True


async def unknown(scope: Scope, claim_id: UUID) -> bool:
    """Write down that nobody knows what came of the question; return whether this is news."""
    claim = await _asked(scope, claim_id)
    if claim is None or claim.status is AppointmentStatus.UNKNOWN:
        return False
    await scope.change(claim.id, status=AppointmentStatus.UNKNOWN)
    return True


async def given_up(scope: Scope, claim_id: UUID, reason: CancelReason) -> bool:
    """Write down that the clinic has given the booking up; return whether this is news."""
    claim = await _cancelling(scope, claim_id)
    if claim is None:
        return False
    now = scope.clock()
    await scope.change(claim.id, status=AppointmentStatus.CANCELLED, cancelled_at=now)
    never_told = (await scope.read(claim.id)).confirmed_at is None
    if never_told:
        await scope.note(EventKind.CANCELLED, claim.id, claim.slot_id, at=now, reason=reason)
    else:
        await tell_given_up(scope, claim, reason, now=now)
    return True


async def stands(scope: Scope, claim_id: UUID) -> bool:
    """Write down that the clinic gives the booking up no more: it stands; return whether this is news.

    The old place of a move that the clinic keeps, or one of a set that was not booked, is an appointment of its own
    from now on, and the person is told of it.
    """
    claim = await _cancelling(scope, claim_id)
    if claim is None:
        return False
    now = scope.clock()
    before = await scope.read(claim.id)
    nobody = dict.fromkeys(("cancel_reason", "cancelled_by", "cancelled_as"))
    await scope.change(claim.id, status=AppointmentStatus.CONFIRMED, confirmed_at=before.confirmed_at or now, **nobody)
    if before.confirmed_at is None:
        await tell_booked(scope, claim, now=now)
    else:
        await scope.note(EventKind.REFUSED, claim.id, claim.slot_id, at=now)
    return True


async def _asked(scope: Scope, claim_id: UUID) -> Claim | None:
    claim = await scope.find(claim_id)
    if claim is None:
        return None
    beside = [claim.replaces_id] if claim.replaces_id is not None else []
    if claim.set_id is not None:
        beside += [one.id for one in await set_queries.members_of(scope.rows, scope.person_id, claim.set_id)]
    locked, *_ = await scope.lock([claim_id, *beside])
    return locked if locked is not None and locked.status in _ASKED and locked.agreed_at is None else None


async def _cancelling(scope: Scope, claim_id: UUID) -> Claim | None:
    (claim,) = await scope.lock([claim_id])
    return claim if claim is not None and claim.status is AppointmentStatus.CANCELLING else None
