"""Handing over from a kiosk or a call to the same person's phone; each change is made once, however often asked."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from backend.booking.appointment_queries import appointments_by_ids
from backend.booking.states import AppointmentStatus
from backend.booking.values import Appointment, AppointmentId, SlotHold
from backend.clock import Clock
from backend.database import Database
from backend.errors import Refusal
from backend.handovers.errors import HandoverCodeInvalid, HandoverSubjectNotFound
from backend.handovers.values import Accepted, Handover
from backend.idempotency import Facts, Outcome, Request, run_once
from backend.reading import Rows, within
from identity.access import Action, signed_in
from identity.access_control import AccessControl
from identity.audit import Access, append
from identity.handover_codes import HandoverCodes, read_code, written
from identity.handovers import offer, take_over
from identity.principal import PersonId, Principal, SessionId
from identity.throttling import Throttle

Ended = Callable[[PersonId], None]
"""Is told, after the commit, whose session at a kiosk ended."""

_NO_CODE = ""
"""Stands in the place of what has not the form of a code: nothing is kept under it."""


class HandoverService:
    """Both ends of a handover: the kiosk or the operator asks for a code, the phone takes over by it."""

    def __init__(
        self,
        *,
        database: Database,
        access: AccessControl,
        clock: Clock,
        codes: HandoverCodes,
        throttle: Throttle,
        page_url: str,
        ended: Ended,
    ) -> None:
        """Take everything it works with; `page_url` is where the link of a code leads, without a fragment."""
        self._database = database
        self._access = access
        self._clock = clock
        self._codes = codes
        self._throttle = throttle
        self._page_url = page_url
        self._ended = ended

    async def create(
        self, actor: Principal | None, *, about: AppointmentId | None, idempotency_key: UUID
    ) -> Outcome[Handover]:
        """Make a code by which the person goes on at their phone; the one before it is worth nothing any more.

        Args:
            actor: The person, at a kiosk.
            about: A hold or an appointment of theirs; None for the way out alone.
            idempotency_key: Repeating a key returns the same code, with the end it had, or the same refusal.

        Returns:
            The code; it is good once, for five minutes, and for this person.

        Raises:
            HandoverSubjectNotFound: Nothing of theirs that stands.
            IdempotencyKeyReused, IdempotencyInFlight: See `backend.idempotency`.
            NotSignedIn, AccountNotConfirmed, AccessRefused: Not somebody at a kiosk.
        """
        kiosk = signed_in(actor)
        inputs = {"session": str(kiosk.session_id), "about": None if about is None else str(about)}
        request = Request(kiosk.person_id, "createHandover", idempotency_key, inputs)
        return await self._make(kiosk, Action.CREATE_HANDOVER, request, person_id=kiosk.person_id, about=about)

    async def create_from_call(
        self, actor: Principal | None, *, person_id: PersonId, about: AppointmentId, idempotency_key: UUID
    ) -> Outcome[Handover]:
        """Make a code to be read out, by which the patient of a call goes on in their app; the call goes on, too.

        Args:
            actor: An operator, in the call in which the patient was chosen.
            person_id: The patient; only their own app can use the code.
            about: A hold or an appointment of theirs.
            idempotency_key: Repeating a key returns the same code, with the end it had, or the same refusal.

        Returns:
            The code; it is good once, for five minutes. A later one of the same call takes its place.

        Raises:
            HandoverSubjectNotFound: Nothing of the patient's that stands.
            IdempotencyKeyReused, IdempotencyInFlight: See `backend.idempotency`.
            NotSignedIn, AccessRefused: Not in an open call, or not its patient; or the caller is not the patient.
        """
        operator = signed_in(actor)
        inputs = {"session": str(operator.session_id), "person": str(person_id), "about": str(about)}
        request = Request(operator.person_id, "createCallHandover", idempotency_key, inputs)
        return await self._make(operator, Action.HAND_OVER_CALL, request, person_id=person_id, about=about)

    async def _make(
        self, actor: Principal, action: Action, request: Request, *, person_id: PersonId, about: AppointmentId | None
    ) -> Outcome[Handover]:
        """Keep a code under the session of a kiosk, or under the call that the actor's right comes from."""
        code = self._codes.make(actor.session_id, request.key)

        async def work(session: AsyncSession, begun_in: SessionId) -> Facts:
            if about is not None and await self._subject(within(session), person_id, about) is None:
                raise HandoverSubjectNotFound
            hashed = self._codes.hash(person_id, code)
            expires_at = await offer(
                session, person_id, begun_in, code_hash=hashed, subject_id=about, now=self._clock()
            )
            return {"expires_at": expires_at.isoformat()}

        async with self._access.writing(actor, action, person_id) as (session, grounds):
            call = grounds.mandate.reference if grounds.mandate else None
            begun_in = actor.session_id if call is None else SessionId(call)
            recorded = await run_once(
                session, request, now=self._clock(), work=lambda: work(session, begun_in), explain=_no_facts
            )
        if recorded.refused is not None:
            raise HandoverSubjectNotFound
        expires_at = datetime.fromisoformat(recorded.facts["expires_at"])
        shown = written(code)
        return Outcome(Handover(shown, f"{self._page_url}#{shown}", expires_at), recorded.replayed)

    async def accept(
        self, actor: Principal | None, *, code: str, address: str, idempotency_key: UUID
    ) -> Outcome[Accepted]:
        """Go on at one's phone: the kiosk's session ends in the same transaction.

        Args:
            actor: The person, signed in at their phone.
            code: As the kiosk showed it, typed or scanned.
            address: Whence the request comes: attempts are counted by it, too.
            idempotency_key: Repeating a key returns the first outcome, a refusal too.

        Returns:
            What was begun at the kiosk, as it stands now; None for what is over, or for nothing.

        Raises:
            HandoverCodeInvalid: Wrong, over, used, replaced, or another person's; the person finds it in their log.
            TooManyAttempts: By this account or from this address, whatever they would have been answered.
            IdempotencyKeyReused, IdempotencyInFlight: See `backend.idempotency`.
            NotSignedIn, AccountNotConfirmed, AccessRefused: Not somebody at their phone.
        """
        phone = signed_in(actor)
        person_id = phone.person_id
        await self._access.admit(phone, Action.ACCEPT_HANDOVER, person_id)
        await self._throttle.handover(address, account=str(person_id))
        hashed = self._codes.hash(person_id, read_code(code) or _NO_CODE)

        async def work(session: AsyncSession) -> Facts:
            now = self._clock()
            taken = await take_over(session, person_id, hashed, now=now)
            if taken is None:
                raise HandoverCodeInvalid
            about = taken.subject_id
            return {"accepted_at": now.isoformat(), "about": None if about is None else str(about)}

        request = Request(person_id, "acceptHandover", idempotency_key, {"code": hashed})
        async with self._database.transaction() as session:
            recorded = await run_once(
                session, request, now=self._clock(), work=lambda: work(session), explain=_no_facts
            )
            if recorded.refused is not None and not recorded.replayed:
                await append(session, [_denied(phone, self._clock())])
        if recorded.refused is not None:
            raise HandoverCodeInvalid
        self._ended(person_id)
        return Outcome(await self._accepted(person_id, recorded.facts), recorded.replayed)

    async def _accepted(self, person_id: PersonId, facts: Facts) -> Accepted:
        about = None
        if facts["about"] is not None:
            about = await self._subject(self._database.read, person_id, AppointmentId(UUID(facts["about"])))
        return Accepted(datetime.fromisoformat(facts["accepted_at"]), about)

    async def _subject(self, rows: Rows, person_id: PersonId, about: AppointmentId) -> SlotHold | Appointment | None:
        """Return the person's own hold or appointment as it stands; None for what is over, another's or not there."""
        for found in await appointments_by_ids(rows, person_id, [about]):
            if found.status is AppointmentStatus.CONFIRMED:
                return found
            ends = found.hold_expires_at
            if found.status is AppointmentStatus.HELD and ends is not None and self._clock() < ends:
                return SlotHold(found.id, found.slot, ends)
        return None


def _denied(phone: Principal, now: datetime) -> Access:
    return Access(phone, phone.person_id, frozenset({Action.ACCEPT_HANDOVER}), None, at=now)


async def _no_facts(_refusal: Refusal) -> Facts:
    return {}
