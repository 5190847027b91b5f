"""Booking several holds together or not at all, across registries: a saga whose every step is written down.

Our own slots are kept from the first step on, for as long as it takes; the outside clinics are asked one by one. When
all have agreed, all become appointments in one transaction. When one says no, what the others have agreed to is given
up again: ours at once, theirs by asking them.
"""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from backend.booking import set_queries
from backend.booking.appointment_tables import AppointmentSetRow
from backend.booking.errors import BookingRefusal, HoldNotFound, TooManyIds
from backend.booking.rules import check_hold_usable, check_person_free
from backend.booking.scope import Scope
from backend.booking.states import (
    AppointmentStatus,
    CancelReason,
    EventKind,
    SetStatus,
)
from backend.booking.values import AppointmentId, AppointmentSet, Claim
from backend.booking.visits import Visits, ask_to_book, ask_to_cancel, confirm

MOST_TOGETHER = 20
"""How many holds are booked together at most: more than any check-up day has (config)."""


async def book_together(scope: Scope, hold_ids: Iterable[AppointmentId]) -> UUID:
    """Begin to book holds together; when all are ours they are booked. Return the id of the set.

    Raises:
        HoldNotFound: None is named, or one is none, or meant to move an appointment.
        HoldExpired, TimeOverlap, DuplicateSpecialty, ReferralUsed: One cannot be booked; `about` says which.
        TooManyIds: More than `MOST_TOGETHER`.
    """
    wanted = list(dict.fromkeys(hold_ids))
    if not wanted:
        raise HoldNotFound
    if len(wanted) > MOST_TOGETHER:
        raise TooManyIds
    claims = await scope.lock(wanted)
    now = scope.clock()
    row = AppointmentSetRow(person_id=scope.person_id, status=SetStatus.PENDING, created_at=now)
    scope.session.add(row)
    await scope.session.flush()
    for hold_id, claim in zip(wanted, claims, strict=True):
        try:
            await _take(scope, claim, row.id, now=now)
        except BookingRefusal as refusal:
            refusal.about = hold_id
            raise
    await conclude(scope, row.id, now=now)
    return row.id


async def agreed(scope: Scope, claim: Claim, set_id: UUID, *, now: datetime) -> None:
    """Write down that the clinic of one of a set has booked it: all are booked now, or it is given up again."""
    found = await set_queries.find_set(scope.rows, scope.person_id, set_id)
    if found is None or found.status is SetStatus.REFUSED:
        await ask_to_cancel(scope, claim, CancelReason.PATIENT_DECLINE, now=now)
        return
    await scope.change(claim.id, status=AppointmentStatus.PENDING, agreed_at=now)
    await scope.note(EventKind.AGREED, claim.id, claim.slot_id, at=now)
    await conclude(scope, set_id, now=now)


async def refuse(scope: Scope, set_id: UUID, code: str, *, now: datetime) -> bool:
    """Give up what has been agreed, because one clinic has said no; return whether the set was still open."""
    found = await set_queries.find_set(scope.rows, scope.person_id, set_id)
    if found is None or found.status is not SetStatus.PENDING:
        return False
    await set_queries.close_set(scope.session, scope.person_id, set_id, SetStatus.REFUSED, at=now, code=code)
    for claim in await set_queries.members_of(scope.rows, scope.person_id, set_id):
        if claim.agreed_at is None or claim.status is not AppointmentStatus.PENDING:
            continue
        if claim.registry_key is not None:
            await ask_to_cancel(scope, claim, CancelReason.PATIENT_DECLINE, now=now)
        else:
            await scope.change(claim.id, status=AppointmentStatus.RELEASED)
            await scope.note(EventKind.RELEASED, claim.id, claim.slot_id, at=now)
    return True


async def conclude(scope: Scope, set_id: UUID, *, now: datetime) -> None:
    """Make appointments of all when every clinic has agreed."""
    members = await set_queries.members_of(scope.rows, scope.person_id, set_id)
    if any(claim.agreed_at is None or claim.status is not AppointmentStatus.PENDING for claim in members):
        return
    for claim in members:
        await confirm(scope, claim, now=now)
    await set_queries.close_set(scope.session, scope.person_id, set_id, SetStatus.BOOKED, at=now)


async def read_set(scope: Scope, set_id: UUID) -> AppointmentSet:
    """Return a set that exists, with its appointments, as it stands now."""
    found = await set_queries.find_set(scope.rows, scope.person_id, set_id)
    if found is None:
        raise HoldNotFound
    appointments = await set_queries.appointments_of(scope.rows, scope.person_id, set_id)
    return AppointmentSet(
        found.id, found.status, found.created_at, found.closed_at, found.refused_with, tuple(appointments)
    )


async def _take(scope: Scope, claim: Claim | None, set_id: UUID, *, now: datetime) -> None:
    hold = check_hold_usable(claim, now=now)
    if hold.replaces_id is not None:
        raise HoldNotFound
    check_person_free(hold, await scope.ahead(now, without=[hold.id]), now=now)
    visits = Visits(scope)
    await visits.check_referral(hold)
    if await visits.is_outside(hold):
        await ask_to_book(scope, hold, now=now)
        await scope.change(hold.id, set_id=set_id)
    else:
        await scope.change(hold.id, status=AppointmentStatus.PENDING, set_id=set_id, agreed_at=now)
        await scope.note(EventKind.AGREED, hold.id, hold.slot_id, at=now)
