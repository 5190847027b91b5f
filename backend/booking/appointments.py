"""A person's holds and appointments: the service. Booking, moving, giving up and coming, each act once by key."""

from collections.abc import Callable, Mapping
from datetime import datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from backend.booking import appointment_queries
from backend.booking.acts import AfterBooking, Ground, Offer, Work, do_once, nothing, settle
from backend.booking.alternatives import instead_of_hold
from backend.booking.appointment_reads import AppointmentReads
from backend.booking.hold_acts import HoldActs
from backend.booking.outside import OutsideBookings
from backend.booking.ports import OutsideRegistry
from backend.booking.set_acts import SetActs
from backend.booking.states import CancelReason
from backend.booking.terms import PORTAL_TERMS, BookingTerms
from backend.booking.values import Appointment, AppointmentId, Registry
from backend.booking.visits import Visits
from backend.clock import Clock
from backend.database import Database
from backend.idempotency import Facts, Outcome, Request
from identity.access import Action, signed_in
from identity.access_control import AccessControl
from identity.principal import PersonId, Principal

_FREEING = frozenset({"cancelAppointment", "rescheduleAppointment"})
"""What may leave a slot to others."""


class AppointmentService(HoldActs, SetActs, AppointmentReads):
    """Every change is made once, however often it is asked (R56)."""

    def __init__(
        self,
        *,
        database: Database,
        access: AccessControl,
        clock: Clock,
        published: Callable[[PersonId], None],
        registries: Mapping[Registry, OutsideRegistry] | None = None,
        terms: BookingTerms = PORTAL_TERMS,
        freed: Callable[[], None] = lambda: None,
        after_booking: AfterBooking | None = None,
    ) -> None:
        """Write to `database` what `access` allows; `registries` are those of clinics that keep their own slots.

        `freed` and `after_booking` are as in `Ground`.
        """
        self.outside = OutsideBookings(
            database=database, clock=clock, registries=registries or {}, terms=terms, published=published
        )
        self.terms = terms
        self._ground = Ground(database, access, clock, terms, self.outside, published, freed, after_booking)

    async def book_appointment(
        self, actor: Principal | None, *, person_id: PersonId, hold_id: AppointmentId, idempotency_key: UUID
    ) -> Outcome[Appointment]:
        """Book the slot that a hold keeps, and tell the person in the same transaction.

        An outside clinic is asked after the commit; what it does not answer in time is asked again by the reconciler.

        Args:
            actor: Who asks.
            person_id: For whom; the hold is theirs.
            hold_id: As returned by `hold_slot`; it becomes the appointment's id.
            idempotency_key: Repeating a key returns the first outcome, a refusal too.

        Returns:
            The appointment, CONFIRMED; of an outside clinic PENDING or UNKNOWN while it has not answered. Told again,
            the same appointment as it stands then.

        Raises:
            HoldNotFound: No such hold, another person's, or used up.
            HoldExpired: It ended; has alternatives, the same slot among them while it is free.
            TimeOverlap, DuplicateSpecialty, ReferralUsed: Something else was booked meanwhile.
            BookingRefusal: The outside clinic has surely not booked, and why.
            IdempotencyKeyReused, IdempotencyInFlight: See `backend.idempotency`.
            NotSignedIn, AccessRefused, AccountNotConfirmed: `actor` may not act for this person.
        """
        return await self._once(
            signed_in(actor),
            Action.BOOK_APPOINTMENT,
            "bookAppointment",
            idempotency_key,
            {"hold": str(hold_id)},
            person_id=person_id,
            asked=hold_id,
            work=lambda scope: self._ground.book(scope, hold_id),
            offer=lambda scope: instead_of_hold(scope, hold_id),
        )

    async def reschedule_appointment(
        self,
        actor: Principal | None,
        *,
        person_id: PersonId,
        appointment_id: AppointmentId,
        hold_id: AppointmentId,
        idempotency_key: UUID,
    ) -> Outcome[Appointment]:
        """Move an appointment to the place that a hold keeps; it keeps the old one until the new one is sure.

        Args:
            actor: Who asks.
            person_id: Whose appointment.
            appointment_id: The appointment; its id, and whatever refers to it, stays.
            hold_id: Of a slot that was held to replace this appointment.
            idempotency_key: Repeating a key returns the first outcome, a refusal too.

        Returns:
            The appointment: with its new place, or with the old one while an outside clinic is asked for the new.

        Raises:
            AppointmentNotFound, AlreadyCancelled, AppointmentUnsettled, CancelTooLate: It cannot be moved.
            HoldNotFound: No such hold, another person's, or not for this appointment.
            HoldExpired: It ended; has alternatives.
            TimeOverlap, DuplicateSpecialty, ReferralUsed: Something else was booked meanwhile.
            BookingRefusal: The outside clinic has surely not booked the new place: the old one stands.
            IdempotencyKeyReused, IdempotencyInFlight: See `backend.idempotency`.
            NotSignedIn, AccessRefused, AccountNotConfirmed: `actor` may not act for this person.
        """
        return await self._once(
            signed_in(actor),
            Action.BOOK_APPOINTMENT,
            "rescheduleAppointment",
            idempotency_key,
            {"appointment": str(appointment_id), "hold": str(hold_id)},
            person_id=person_id,
            asked=hold_id,
            work=lambda scope: Visits(scope).move(appointment_id, hold_id),
            offer=lambda scope: instead_of_hold(scope, hold_id),
        )

    async def cancel_appointment(
        self,
        actor: Principal | None,
        *,
        person_id: PersonId,
        appointment_id: AppointmentId,
        reason: CancelReason,
        idempotency_key: UUID,
    ) -> Outcome[Appointment]:
        """Give an appointment up in time, free its slot and tell the person.

        Args:
            actor: Who asks; kept beside the reason.
            person_id: Whose appointment.
            appointment_id: The appointment.
            reason: Why, in the words of the federal registry.
            idempotency_key: Repeating a key returns the first outcome, a refusal too.

        Returns:
            The appointment, CANCELLED; of an outside clinic CANCELLING while it has not answered, and CONFIRMED when it
            takes no cancellation any more.

        Raises:
            AppointmentNotFound: No such appointment, another person's, or a mere hold.
            AlreadyCancelled: It was given up before.
            AppointmentUnsettled: The clinic is being asked.
            CancelTooLate: It has begun, is over, or begins too soon.
            IdempotencyKeyReused, IdempotencyInFlight: See `backend.idempotency`.
            NotSignedIn, AccessRefused, AccountNotConfirmed: `actor` may not act for this person.

        Source: ФЭР v2, CancelAppointment (reasons).
        """
        return await self._once(
            signed_in(actor),
            Action.CANCEL_APPOINTMENT,
            "cancelAppointment",
            idempotency_key,
            {"appointment": str(appointment_id), "reason": reason.value},
            person_id=person_id,
            asked=appointment_id,
            work=lambda scope: Visits(scope).cancel(appointment_id, reason),
        )

    async def check_in(
        self, actor: Principal | None, *, person_id: PersonId, appointment_id: AppointmentId, idempotency_key: UUID
    ) -> Outcome[Appointment]:
        """Tell the clinic that the person is there; a second time changes nothing.

        Raises:
            AppointmentNotFound: No such appointment that stands, or another person's.
            AppointmentUnsettled: The clinic is being asked.
            CheckInClosed: Too early or too late, by the terms.
            IdempotencyKeyReused, IdempotencyInFlight: See `backend.idempotency`.
            NotSignedIn, AccessRefused, AccountNotConfirmed: `actor` may not act for this person.
        """
        return await self._once(
            signed_in(actor),
            Action.BOOK_APPOINTMENT,
            "checkIn",
            idempotency_key,
            {"appointment": str(appointment_id)},
            person_id=person_id,
            asked=appointment_id,
            work=lambda scope: Visits(scope).check_in(appointment_id),
        )

    async def _once(
        self,
        actor: Principal,
        action: Action,
        operation: str,
        key: UUID,
        inputs: Facts,
        *,
        person_id: PersonId,
        asked: AppointmentId,
        work: Work,
        offer: Offer = nothing,
    ) -> Outcome[Appointment]:
        """Do one change once, wake who watches, and let the outside clinic answer where one was asked."""
        request = Request(
            actor_id=actor.person_id, operation=operation, key=key, inputs={"person": str(person_id), **inputs}
        )
        outcome = await do_once(self._ground, actor, action, request, person_id=person_id, work=work, offer=offer)
        if not outcome.replayed:
            self._ground.published(person_id)
            if operation in _FREEING:
                self._ground.freed()
        return await settle(self._ground, outcome, person_id=person_id, asked=asked)


async def release_expired(session: AsyncSession, now: datetime) -> int:
    """Release every hold that ended by `now`; return how many. Housekeeping only: an ended hold keeps no slot."""
    return await appointment_queries.release_expired(session, now)
