"""Doing one change of a person's claims once, with the right to it, in one transaction (R56)."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from backend.booking import appointment_queries, slot_queries
from backend.booking.alternatives import instead_of_slot
from backend.booking.errors import BY_CODE, BookingRefusal
from backend.booking.outside import OutsideBookings
from backend.booking.scope import Scope
from backend.booking.states import UNSETTLED_STATUSES, ActorRole, AppointmentStatus
from backend.booking.terms import BookingTerms
from backend.booking.values import (
    Appointment,
    AppointmentId,
    Slot,
    SlotId,
)
from backend.booking.visits import Visits
from backend.clock import Clock
from backend.database import Database
from backend.errors import Refusal
from backend.idempotency import Facts, Outcome, Recorded, Request, run_once
from backend.reading import within
from identity.access import Action
from identity.access_control import AccessControl
from identity.principal import PersonId, Principal

T = TypeVar("T")
Work = Callable[[Scope], Awaitable[AppointmentId]]
AfterBooking = Callable[[Scope, AppointmentId], Awaitable[None]]
Offer = Callable[[Scope], Awaitable[tuple[Slot, ...]]]


@dataclass(frozen=True, slots=True)
class Ground:
    """What every act of booking stands on.

    `published` wakes who watches an inbox, and `freed` who offers what has become free, both after the commit;
    `after_booking` is called with each hold that is booked, in the transaction that books it.
    """

    database: Database
    access: AccessControl
    clock: Clock
    terms: BookingTerms
    outside: OutsideBookings
    published: Callable[[PersonId], None]
    freed: Callable[[], None] = lambda: None
    after_booking: AfterBooking | None = None

    async def book(self, scope: Scope, hold_id: AppointmentId) -> AppointmentId:
        """Book a hold within `scope`, and tell whoever else is to know in the same transaction; raises as `Visits`."""
        booked = await Visits(scope).book(hold_id)
        if self.after_booking is not None:
            await self.after_booking(scope, booked)
        return booked


async def nothing(_: Scope) -> tuple[Slot, ...]:
    """Offer nothing in place of what was refused."""
    return ()


async def do_once(
    ground: Ground,
    actor: Principal,
    action: Action,
    request: Request,
    *,
    person_id: PersonId,
    work: Work,
    offer: Offer = nothing,
) -> Outcome[Appointment]:
    """Do one change of a claim once, as `record_once`; return the claim as it stands now."""
    return await record_once(
        ground,
        actor,
        action,
        request,
        person_id=person_id,
        work=work,
        read=lambda scope, one: scope.read(one),
        offer=offer,
    )


async def record_once(
    ground: Ground,
    actor: Principal,
    action: Action,
    request: Request,
    *,
    person_id: PersonId,
    work: Callable[[Scope], Awaitable[UUID]],
    read: Callable[[Scope, UUID], Awaitable[T]],
    offer: Offer = nothing,
) -> Outcome[T]:
    """Do one change once and commit; what was refused is undone, recorded and raised.

    Args:
        ground: Where.
        actor: Who acts.
        action: What right it takes.
        request: What is asked, under which key.
        person_id: For whom.
        work: Makes the change; returns the id of what it made or changed.
        read: Returns that as it stands now.
        offer: What to offer in place of a slot that is lost.

    Returns:
        What `read` does, of a repeated request too.
    """
    async with ground.access.writing(actor, action, person_id) as (session, grounds):
        scope = Scope.admitted(session, actor, person_id, grounds, clock=ground.clock, terms=ground.terms)

        async def change() -> Facts:
            return {"done": str(await work(scope))}

        async def explain(refusal: Refusal) -> Facts:
            return await _alternatives(refusal, scope, offer)

        recorded = await run_once(session, request, now=ground.clock(), work=change, explain=explain)
        if recorded.refused is None:
            done = recorded.facts.get("done") or recorded.facts["appointment"]  # the word before release 1.3
            return Outcome(await read(scope, UUID(done)), recorded.replayed)
        refusal = await _refusal(session, recorded)
    raise refusal


async def settle(
    ground: Ground, outcome: Outcome[Appointment], *, person_id: PersonId, asked: AppointmentId
) -> Outcome[Appointment]:
    """Let the clinic answer what a change has asked it, and return the appointment as it stands then.

    A repeated request asks nobody anew: it is told what came of the first.

    Args:
        ground: Where.
        outcome: Of the change.
        person_id: For whom.
        asked: The claim that the clinic is asked about: the appointment itself, or the hold it is to move to.

    Raises:
        BookingRefusal: The clinic has surely not booked; of the kind it said, with alternatives where it has any.
    """
    if asked == outcome.value.id and outcome.value.status not in _AFTER_QUESTION:
        return outcome
    if not outcome.replayed:
        await ground.outside.settle(person_id, asked, tell_refusal=False)
    ids = [asked, outcome.value.id]
    found = await appointment_queries.appointments_by_ids(ground.database.read, person_id, ids)
    claims = {claim.id: claim for claim in found}
    refused = claims[asked]
    if refused.status is AppointmentStatus.REFUSED:
        raise await _refusal_outside(ground, refused, replayed=outcome.replayed)
    return Outcome(claims[outcome.value.id], outcome.replayed)


_AFTER_QUESTION = frozenset({*UNSETTLED_STATUSES, AppointmentStatus.REFUSED})


async def _refusal_outside(ground: Ground, refused: Appointment, *, replayed: bool) -> BookingRefusal:
    kind = BY_CODE[refused.refused_with or ""]
    if not kind.offers_alternatives:
        return kind(replayed=replayed)
    async with ground.database.reading() as session:
        scope = Scope(session, refused.actor_id, ActorRole.SYSTEM, refused.person_id, ground.clock, ground.terms)
        return kind(alternatives=await instead_of_slot(scope, refused.slot.id, refused.channel), replayed=replayed)


async def _alternatives(refusal: Refusal, scope: Scope, offer: Offer) -> Facts:
    """Return the ids of the slots to offer, to be recorded with the refusal: a replay offers the same ones."""
    if not isinstance(refusal, BookingRefusal):
        return {}
    about = {"about": str(refusal.about)} if refusal.about else {}
    if not refusal.offers_alternatives:
        return about
    return {**about, "alternatives": [str(slot.id) for slot in await offer(scope)]}


async def _refusal(session: AsyncSession, recorded: Recorded) -> BookingRefusal:
    """Build the refusal that is recorded, with its alternatives in their order."""
    ids = [UUID(one) for one in recorded.facts.get("alternatives", ())]
    slots = {slot.id: slot for slot in await slot_queries.slots_by_ids(within(session), ids)} if ids else {}
    alternatives = tuple(slots[SlotId(one)] for one in ids if one in slots)
    refusal = BY_CODE[recorded.refused or ""](alternatives=alternatives, replayed=recorded.replayed)
    refusal.about = UUID(about) if (about := recorded.facts.get("about")) else None
    return refusal
