"""A clinic cancels a day, or a doctor's range, in two steps: what it would do is shown, then done as it was shown."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from backend.booking.appointment_tables import AppointmentEventRow
from backend.booking.states import ActorRole, EventKind
from backend.booking.terms import BookingTerms
from backend.booking.values import ClinicId, DoctorId
from backend.errors import NotFound
from backend.idempotency import Facts, Outcome
from backend.reading import Rows, within
from backend.reception import proposal_queries, range_queries, schedule_queries
from backend.reception.desk import Desk
from backend.reception.errors import ProposalOutdated
from backend.reception.items import Items
from backend.reception.planning import check_range
from backend.reception.proposal_values import (
    PORTAL_CANCELLATIONS,
    Affected,
    CancellationTerms,
    ItemState,
    Proposal,
    ProposalId,
    ProposalReason,
    ProposalStatus,
    ProposalView,
    Range,
)
from backend.reception.replacements import find_replacements, reachable
from backend.reception.tables import CancellationItemRow, CancellationProposalRow
from identity.access import Action
from identity.principal import PersonId, Principal


class CancellationDesk:
    """Use-cases of cancelling; every change is made once, however often it is asked (R56)."""

    def __init__(
        self,
        desk: Desk,
        *,
        booking: BookingTerms,
        published: Callable[[PersonId], None],
        terms: CancellationTerms = PORTAL_CANCELLATIONS,
    ) -> None:
        """Work at `desk`; `published` wakes who watches an inbox."""
        self._desk = desk
        self._booking = booking
        self._terms = terms
        self.items = Items(desk.database, desk.clock, booking=booking, terms=terms, published=published)

    async def propose(
        self,
        actor: Principal | None,
        *,
        clinic_id: ClinicId,
        doctor_id: DoctorId | None,
        starts_from: datetime,
        starts_before: datetime,
        reason: ProposalReason,
        idempotency_key: UUID,
    ) -> Outcome[ProposalView]:
        """Find out what cancelling a range would do, and keep it for a quarter of an hour; nothing is changed.

        Args:
            actor: Who asks.
            clinic_id: Whose slots.
            doctor_id: Of one doctor there; None for all.
            starts_from: The range begins, inclusive.
            starts_before: It ends, exclusive.
            reason: Why, for the desk.
            idempotency_key: Repeating a key returns the first proposal, as it stands now.

        Returns:
            The proposal: how many appointments, holds and free slots there are, and for each appointment what would be
            offered, or that the person is to be called.

        Raises:
            NotFound: No such clinic, or another organisation's.
            KeptElsewhere: An outside registry keeps the clinic's slots.
            DatesRefused: No range, over, or too long.
            IdempotencyKeyReused, IdempotencyInFlight: See `backend.idempotency`.
            NotSignedIn, AccessRefused: `actor` works at no clinic's desk.

        Source: issue "Booking over every channel", item 4.
        """
        known = await self._desk.admit(actor)
        of = Range(clinic_id, doctor_id, starts_from, starts_before)

        async def propose(session: AsyncSession) -> Facts:
            check_range(starts_from, starts_before, now=self._desk.clock())
            rows = within(session)
            await self._desk.clinic(rows, known, clinic_id)
            await self._desk.check_kept_here(rows, clinic_id)
            return {"proposal": str(await self._write(session, known, of, reason))}

        inputs = {"clinic": str(clinic_id), "doctor": str(doctor_id), "reason": reason.value}
        inputs |= {"from": starts_from.isoformat(), "before": starts_before.isoformat()}
        done = await self._desk.do_once(known, "proposeCancellation", idempotency_key, inputs, propose)
        view = await self.proposal(known, proposal_id=ProposalId(UUID(done.value["proposal"])))
        return Outcome(view, done.replayed)

    async def proposal(self, actor: Principal | None, *, proposal_id: ProposalId) -> ProposalView:
        """Return a proposal as it stands, with everybody whom it is about; that is in the audit of each of them.

        Raises:
            NotFound: No such proposal, or another organisation's.
            NotSignedIn, AccessRefused: `actor` works at no clinic's desk.
        """
        known = await self._desk.admit(actor)
        rows = self._desk.database.read
        proposal = await self._own(rows, known, await proposal_queries.find_proposal(rows, proposal_id))
        people = {one.person_id for one in await proposal_queries.items_of(rows, proposal.id)}
        await self._desk.access.admit_to_each(known, Action.MANAGE_SCHEDULES, people)
        return ProposalView(proposal, await proposal_queries.listed_items(rows, proposal.id))

    async def confirm(
        self, actor: Principal | None, *, proposal_id: ProposalId, idempotency_key: UUID
    ) -> Outcome[ProposalView]:
        """Do what was proposed: withdraw the slots and release their holds at once, then settle the appointments.

        Each appointment is settled in a transaction of its own; what this request does not come to, the sweep does.

        Raises:
            NotFound: No such proposal, or another organisation's.
            ProposalOutdated: It is too old, or there are appointments that it does not know; propose anew.
            IdempotencyKeyReused, IdempotencyInFlight: See `backend.idempotency`.
            NotSignedIn, AccessRefused: `actor` works at no clinic's desk.
        """
        known = await self._desk.admit(actor)

        async def confirm(session: AsyncSession) -> Facts:
            rows = within(session)
            proposal = await self._own(rows, known, await proposal_queries.lock_proposal(rows, proposal_id))
            if proposal.status is ProposalStatus.PROPOSED:
                await self._withdraw(session, known, proposal)
            return {"proposal": str(proposal.id)}

        inputs = {"proposal": str(proposal_id)}
        done = await self._desk.do_once(known, "confirmCancellation", idempotency_key, inputs, confirm)
        view = await self.proposal(known, proposal_id=proposal_id)
        if view.proposal.status is ProposalStatus.CONFIRMED:
            await self.items.settle(view.proposal, limit=self._terms.at_once)
            view = await self.proposal(known, proposal_id=proposal_id)
        return Outcome(view, done.replayed)

    async def _own(self, rows: Rows, actor: Principal, found: Proposal | None) -> Proposal:
        if found is None:
            raise NotFound
        await self._desk.clinic(rows, actor, found.clinic_id)
        return found

    async def _write(self, session: AsyncSession, actor: Principal, of: Range, reason: ProposalReason) -> UUID:
        """Store what cancelling would do now; return the proposal's id."""
        rows, now = within(session), self._desk.clock()
        affected = await range_queries.booked_in(rows, of, now=now)
        told = await reachable(session, {one.person_id for one in affected})
        to_offer = [one for one in affected if one.person_id in told]
        offers = await find_replacements(rows, of, to_offer, now=now, booking=self._booking, terms=self._terms)
        proposal = CancellationProposalRow(
            clinic_id=of.clinic_id,
            doctor_id=of.doctor_id,
            starts_from=of.starts_from,
            starts_before=of.starts_before,
            reason=reason,
            status=ProposalStatus.PROPOSED,
            appointments=len(affected),
            holds=len(await range_queries.held_in(rows, of, now=now)),
            free_slots=await range_queries.free_in(rows, of, now=now),
            created_by=actor.person_id,
            created_at=now,
        )
        items = [
            CancellationItemRow(
                person_id=one.person_id,
                proposal_id=proposal.id,
                appointment_id=one.appointment_id,
                starts_at=one.slot.starts_at,
                has_contact=one.person_id in told,
                replacement_slot_id=offers.get(one.appointment_id),
                state=ItemState.WAITING,
            )
            for one in affected
        ]
        await proposal_queries.add_proposal(session, proposal, items)
        return proposal.id

    async def _withdraw(self, session: AsyncSession, actor: Principal, proposal: Proposal) -> None:
        """Withdraw the slots of a proposal and release their holds, unless its facts have changed.

        Once the slots are locked nobody can claim one or change a claim, and once they are withdrawn nobody ever will:
        what the items name is all there is.
        """
        rows, of = within(session), proposal.range
        slot_ids = await schedule_queries.lock_slots(
            session,
            clinic_id=of.clinic_id,
            doctor_id=of.doctor_id,
            starts_from=of.starts_from,
            starts_before=of.starts_before,
        )
        now = self._desk.clock()
        known = {item.appointment_id for item in await proposal_queries.items_of(rows, proposal.id)}
        booked = {one.appointment_id for one in await range_queries.booked_in(rows, of, now=now)}
        if now - proposal.created_at > self._terms.proposal_lasts or not booked <= known:
            raise ProposalOutdated
        holds = await range_queries.held_in(rows, of, now=now)
        await schedule_queries.withdraw(session, slot_ids)
        await range_queries.release_holds(session, [hold.appointment_id for hold in holds])
        session.add_all([_released(hold, actor, now) for hold in holds])
        await proposal_queries.change_proposal(
            session,
            proposal.id,
            status=ProposalStatus.CONFIRMED if known else ProposalStatus.DONE,
            confirmed_by=actor.person_id,
            confirmed_at=now,
            done_at=None if known else now,
        )


def _released(hold: Affected, actor: Principal, now: datetime) -> AppointmentEventRow:
    return AppointmentEventRow(
        person_id=hold.person_id,
        appointment_id=hold.appointment_id,
        kind=EventKind.RELEASED,
        at=now,
        actor_id=actor.person_id,
        role=ActorRole.CLINIC,
        slot_id=hold.slot.id,
    )
