"""Whether people came, by the clinic's word; and what they can say against it."""

from collections.abc import Sequence
from uuid import UUID

from backend.booking import no_show_queries
from backend.booking.acts import Ground, do_once
from backend.booking.errors import AppealNotPossible, AppealTextRefused, AppointmentNotFound
from backend.booking.no_shows import AppealState, NoShowStanding, standing
from backend.booking.rules import is_withheld
from backend.booking.scope import Scope
from backend.booking.states import AppointmentStatus, EventKind
from backend.booking.values import Appointment, AppointmentId
from backend.booking.visits import Visits
from backend.idempotency import Outcome, Request
from backend.reception import visit_queries
from backend.reception.visit_values import Appeal, Visit
from identity.access import Action, signed_in
from identity.principal import ActorKind, PersonId, Principal

LONGEST_APPEAL = 1_000
"""Characters of an appeal. Source: issue "Booking over every channel", item 4."""

_MOST_APPEALS = 100


class VisitDesk:
    """Use-cases of visits that are over; every change is made once, however often it is asked (R56)."""

    def __init__(self, ground: Ground) -> None:
        """Stand on what booking stands on."""
        self._ground = ground

    async def close_visit(
        self, actor: Principal | None, *, appointment_id: AppointmentId, attended: bool, idempotency_key: UUID
    ) -> Outcome[Appointment]:
        """Write down that a person came to a visit of the desk's own clinic, or did not; the word can be corrected.

        Raises:
            AppointmentNotFound: No such visit, another organisation's, or one that does not stand or has not begun.
            IdempotencyKeyReused, IdempotencyInFlight: See `backend.idempotency`.
            NotSignedIn, AccessRefused: `actor` works at no clinic's desk.
        """
        visit = await self._own_visit(actor, Action.CLOSE_VISIT, appointment_id)
        known = signed_in(actor)
        return await do_once(
            self._ground,
            known,
            Action.CLOSE_VISIT,
            _request(known, "closeVisit", idempotency_key, appointment_id, said=attended),
            person_id=visit.person_id,
            work=lambda scope: Visits(scope).close(appointment_id, attended=attended),
        )

    async def no_shows(self, actor: Principal | None, *, person_id: PersonId) -> NoShowStanding:
        """Return how a person stands with the rule about visits that nobody came to.

        Raises:
            NotSignedIn, AccessRefused, AccountNotConfirmed: `actor` may not read this person's appointments.

        Source: issue "Booking over every channel", item 4 (visible and appealable).
        """
        ground = self._ground
        await ground.access.admit(actor, Action.READ_APPOINTMENTS, person_id)
        now, terms = ground.clock(), ground.terms.no_shows
        missed = await no_show_queries.missed_since(ground.database.read, person_id, now - terms.looks_back)
        return standing(missed, terms, now=now)

    async def offers(self, actor: Principal | None, *, person_id: PersonId) -> Sequence[Appointment]:
        """Return the holds that clinics keep for a person in place of visits they cancelled, by their end.

        Raises:
            NotSignedIn, AccessRefused, AccountNotConfirmed: `actor` may not read this person's appointments.
        """
        ground = self._ground
        grounds = await ground.access.admit(actor, Action.READ_APPOINTMENTS, person_id)
        found = await visit_queries.offers_of(ground.database.read, person_id, now=ground.clock())
        return [one for one in found if not is_withheld(one.slot.specialty.code, grounds.withheld)]

    async def appeal(
        self,
        actor: Principal | None,
        *,
        person_id: PersonId,
        appointment_id: AppointmentId,
        words: str,
        idempotency_key: UUID,
    ) -> Outcome[Appointment]:
        """Say against a no-show that it is not so; it does not count until it is settled. Once a visit.

        Args:
            actor: Who asks.
            person_id: For whom.
            appointment_id: The person's own visit.
            words: What they say; 1,000 characters at most. Shown to the desk, never logged.
            idempotency_key: Repeating a key returns the first outcome.

        Raises:
            AppealTextRefused: There are no words, or too many.
            AppointmentNotFound: No such appointment, another person's, or withheld from the actor.
            AppealNotPossible: It is no no-show, or was appealed before.
            IdempotencyKeyReused, IdempotencyInFlight: See `backend.idempotency`.
            NotSignedIn, AccessRefused, AccountNotConfirmed: `actor` may not appeal for this person.
        """
        said = words.strip()

        async def appeal(scope: Scope) -> AppointmentId:
            if not said or len(said) > LONGEST_APPEAL:
                raise AppealTextRefused
            (claim,) = await scope.lock([appointment_id])
            if claim is None:
                raise AppointmentNotFound
            known = await no_show_queries.appeal_of(scope.rows, scope.person_id, claim.id)
            if claim.status is not AppointmentStatus.NO_SHOW or known is not None:
                raise AppealNotPossible
            now = scope.clock()
            await no_show_queries.add_appeal(scope.session, scope.person_id, claim.id, said, now=now)
            await scope.note(EventKind.APPEALED, claim.id, claim.slot_id, at=now)
            return claim.id

        known = signed_in(actor)
        return await do_once(
            self._ground,
            known,
            Action.APPEAL_NO_SHOW,
            _request(known, "appealNoShow", idempotency_key, appointment_id, said=said),
            person_id=person_id,
            work=appeal,
        )

    async def appeals(self, actor: Principal | None) -> Sequence[Appeal]:
        """Return the appeals that wait, the oldest first, a hundred at most: of the desk's own clinics, or of all.

        Reading them is in the audit of everybody who appealed.

        Raises:
            NotSignedIn, AccessRefused: `actor` works neither at a clinic's desk nor at the auditors'.
        """
        ground = self._ground
        await ground.access.admit(actor, Action.SETTLE_APPEAL, None)
        known = signed_in(actor)
        ogrn = None if known.kind is ActorKind.AUDITOR else known.organization or ""
        found = await visit_queries.appeals(ground.database.read, ogrn=ogrn, limit=_MOST_APPEALS)
        await ground.access.admit_to_each(known, Action.SETTLE_APPEAL, {one.person_id for one in found})
        return found

    async def settle_appeal(
        self, actor: Principal | None, *, appointment_id: AppointmentId, accepted: bool, idempotency_key: UUID
    ) -> Outcome[Appointment]:
        """Answer an appeal: accepted, the visit never counts; otherwise it counts again.

        Raises:
            AppointmentNotFound: No such visit, or another organisation's.
            AppealNotPossible: No appeal of it waits.
            IdempotencyKeyReused, IdempotencyInFlight: See `backend.idempotency`.
            NotSignedIn, AccessRefused: `actor` works neither at a clinic's desk nor at the auditors'.
        """
        visit = await self._own_visit(actor, Action.SETTLE_APPEAL, appointment_id)

        async def settle(scope: Scope) -> AppointmentId:
            (claim,) = await scope.lock([appointment_id])
            if claim is None:
                raise AppointmentNotFound
            if await no_show_queries.appeal_of(scope.rows, scope.person_id, claim.id) is not AppealState.PENDING:
                raise AppealNotPossible
            now, state = scope.clock(), AppealState.ACCEPTED if accepted else AppealState.REJECTED
            await no_show_queries.settle_appeal(
                scope.session, scope.person_id, claim.id, state, settled_by=scope.actor_id, now=now
            )
            await scope.note(EventKind.APPEAL_SETTLED, claim.id, claim.slot_id, at=now)
            return claim.id

        known = signed_in(actor)
        return await do_once(
            self._ground,
            known,
            Action.SETTLE_APPEAL,
            _request(known, "settleNoShowAppeal", idempotency_key, appointment_id, said=accepted),
            person_id=visit.person_id,
            work=settle,
        )

    async def _own_visit(self, actor: Principal | None, action: Action, appointment_id: AppointmentId) -> Visit:
        """Return a visit that the desk may change: of its own clinic, or of any where auditors do."""
        await self._ground.access.admit(actor, action, None)
        known = signed_in(actor)
        visit = await visit_queries.visit_of(self._ground.database.read, appointment_id)
        if visit is None or (known.kind is not ActorKind.AUDITOR and visit.ogrn != (known.organization or "")):
            raise AppointmentNotFound
        return visit


def _request(
    actor: Principal, operation: str, key: UUID, appointment_id: AppointmentId, *, said: str | bool
) -> Request:
    inputs = {"appointment": str(appointment_id), "said": said}
    return Request(actor_id=actor.person_id, operation=operation, key=key, inputs=inputs)
