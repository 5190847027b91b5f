"""What an operator of 122 may ask of their calls; every change is made once, however often it is asked (R56)."""

import asyncio
from collections.abc import Awaitable, Callable
from types import MappingProxyType
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from backend.clock import Clock
from backend.database import Database
from backend.errors import Refusal
from backend.idempotency import Facts, Outcome, Request, run_once
from identity.access import Action, signed_in
from identity.access_control import AccessControl
from identity.call_errors import CallerNotVerified, PatientNotRepresented
from identity.call_rules import SaidToBe, check_number, hash_code, new_code, read_answer
from identity.call_views import Call
from identity.calls import Calls
from identity.errors import IdentityRefusal
from identity.principal import PersonId, Principal

Change = Callable[[AsyncSession], Awaitable[Facts]]

_COUNTED = MappingProxyType({one.code: one for one in (CallerNotVerified, PatientNotRepresented)})
"""Refusals that are kept with the request: they count as tries, and a repeated request is no second try."""


class CallService:
    """Calls of the signed-in operator's session; nobody else can name them."""

    def __init__(
        self,
        *,
        database: Database,
        access: AccessControl,
        clock: Clock,
        calls: Calls,
        published: Callable[[PersonId], None],
    ) -> None:
        """Write to `database` what `access` allows; `published` wakes who watches an inbox, after the commit."""
        self._database = database
        self._access = access
        self._clock = clock
        self._calls = calls
        self._published = published

    async def current(self, actor: Principal | None) -> Call | None:
        """Return the open call of the operator's session, if there is one.

        Raises:
            NotSignedIn: Nobody is signed in.
            AccessRefused: The actor is no operator.
        """
        operator = await self._admit(actor)
        async with self._database.reading() as session:
            return await self._calls.current(session, operator, self._clock())

    async def open(self, actor: Principal | None, *, caller_number: str, idempotency_key: UUID) -> Outcome[Call]:
        """Open a call.

        Args:
            actor: Who asks.
            caller_number: Of whom the operator talks with, E.164.
            idempotency_key: Repeating a key returns the same call, as it stands now.

        Returns:
            The call; nobody is verified in it.

        Raises:
            CallerNumberInvalid: Not E.164.
            CallAlreadyOpen: The operator's session has one.
            IdempotencyKeyReused, IdempotencyInFlight: See `backend.idempotency`.
            NotSignedIn, AccessRefused: The actor is no operator.
        """
        operator = await self._admit(actor)

        async def change(session: AsyncSession) -> Facts:
            opened = await self._calls.open(session, operator, number=caller_number, now=self._clock())
            return {"call": str(opened)}

        return await self._once(operator, "openCall", idempotency_key, {"number": caller_number}, change)

    async def send_code(
        self, actor: Principal | None, *, call_id: UUID, said: SaidToBe, idempotency_key: UUID
    ) -> Outcome[Call]:
        """Send a code to the registered phone, and the app, of whomever the caller says to be, if there is anybody.

        Args:
            actor: Who asks.
            call_id: The call.
            said: The name, and the birth date or the registered number; the number of the line where neither is said.
            idempotency_key: Repeating a key sends nothing more.

        Returns:
            The call, the same whether a code was sent or not.

        Raises:
            CallerNumberInvalid: The number that is said is not E.164; nothing is counted.
            CallNotOpen: No such call of this operator and session, or it has ended.
            CallVerificationClosed: The caller is known already, or there were too many wrong answers.
            CallThrottled: Too many codes.
            IdempotencyKeyReused, IdempotencyInFlight: See `backend.idempotency`.
            NotSignedIn, AccessRefused: The actor is no operator.
        """
        operator = await self._admit(actor)
        _check_said(said)
        code = new_code()
        hashed = await asyncio.to_thread(hash_code, code, call_id)
        told: list[PersonId] = []

        async def change(session: AsyncSession) -> Facts:
            person = await self._calls.send_code(
                session, operator, call_id, said, code=(code, hashed), now=self._clock()
            )
            told.extend([person] if person else [])
            return {"call": str(call_id)}

        inputs = {"call": str(call_id), **_inputs(said)}
        outcome = await self._once(operator, "sendCallerCode", idempotency_key, inputs, change)
        for person in told:
            self._published(person)
        return outcome

    async def verify_caller(
        self,
        actor: Principal | None,
        *,
        call_id: UUID,
        said: SaidToBe,
        policy_digits: str | None = None,
        code: str | None = None,
        idempotency_key: UUID,
    ) -> Outcome[Call]:
        """Verify who is calling, by script.

        Args:
            actor: Who asks.
            call_id: The call.
            said: The name, and the birth date or the registered number; the number of the line where neither is said.
            policy_digits: The last four digits of the policy's number; or
            code: the six digits of a code that was sent in this call.
            idempotency_key: Repeating a key returns the first outcome, and counts as no further try.

        Returns:
            The call, in which the caller is known; a patient is not chosen yet.

        Raises:
            CallerAnswerInvalid: Not exactly one answer of its form; it counts as no try.
            CallerNumberInvalid: The number that is said is not E.164; it counts as no try.
            CallerNotVerified: Nobody of this name and date or number, or a wrong answer; the third one closes the
                verification.
            CallNotOpen: No such call of this operator and session, or it has ended.
            CallVerificationClosed: The caller is known already, or there were too many wrong answers.
            CallThrottled: This operator had too many wrong answers of late.
            IdempotencyKeyReused, IdempotencyInFlight: See `backend.idempotency`.
            NotSignedIn, AccessRefused: The actor is no operator.
        """
        operator = await self._admit(actor)
        _check_said(said)
        answer = read_answer(policy_digits=policy_digits, code=code)
        hashed = await asyncio.to_thread(hash_code, answer.digits, call_id)

        async def change(session: AsyncSession) -> Facts:
            refusal = await self._calls.verify(
                session, operator, call_id, said, answer, hashed=hashed, now=self._clock()
            )
            return _facts(call_id, refusal)

        inputs = {"call": str(call_id), **_inputs(said), "proof": answer.proof.value, "digits": hashed}
        return await self._once(operator, "verifyCaller", idempotency_key, inputs, change)

    async def choose_patient(
        self, actor: Principal | None, *, call_id: UUID, patient: SaidToBe | None, idempotency_key: UUID
    ) -> Outcome[Call]:
        """Choose for whom the caller calls; only this person's data are open, until another is chosen or the call ends.

        Args:
            actor: Who asks.
            call_id: The call.
            patient: Name, and birth date or registered number, of somebody for whom the caller may act; None for the
                caller.
            idempotency_key: Repeating a key returns the first outcome, and counts as no further try.

        Returns:
            The call, with its patient.

        Raises:
            CallerNumberInvalid: The number that is said is not E.164; it counts as no try.
            CallerNotVerified: Nobody knows yet who is calling.
            PatientNotRepresented: Nobody of this name and date or number, or nobody for whom the caller may act.
            CallNotOpen: No such call of this operator and session, or it has ended.
            CallVerificationClosed, CallThrottled: Too many wrong patients.
            IdempotencyKeyReused, IdempotencyInFlight: See `backend.idempotency`.
            NotSignedIn, AccessRefused: The actor is no operator.
        """
        operator = await self._admit(actor)
        _check_said(patient)

        async def change(session: AsyncSession) -> Facts:
            return _facts(call_id, await self._calls.choose(session, operator, call_id, patient, now=self._clock()))

        inputs = {"call": str(call_id), **(_inputs(patient) if patient else {})}
        return await self._once(operator, "choosePatient", idempotency_key, inputs, change)

    async def close(self, actor: Principal | None, *, call_id: UUID, idempotency_key: UUID) -> Outcome[Call]:
        """End a call: the operator sees nobody any more. One that has ended stays as it is.

        Raises:
            CallNotOpen: There is no such call of this operator and session.
            IdempotencyKeyReused, IdempotencyInFlight: See `backend.idempotency`.
            NotSignedIn, AccessRefused: The actor is no operator.
        """
        operator = await self._admit(actor)

        async def change(session: AsyncSession) -> Facts:
            await self._calls.close(session, operator, call_id, self._clock())
            return {"call": str(call_id)}

        return await self._once(operator, "closeCall", idempotency_key, {"call": str(call_id)}, change)

    async def _admit(self, actor: Principal | None) -> Principal:
        operator = signed_in(actor)
        await self._access.admit(operator, Action.HANDLE_CALL, None)
        return operator

    async def _once(
        self, operator: Principal, operation: str, key: UUID, inputs: Facts, change: Change
    ) -> Outcome[Call]:
        """Do one change once and commit; a refusal that counts is kept, and raised after the commit."""
        now = self._clock()
        inputs = {"session": str(operator.session_id), **inputs}
        request = Request(actor_id=operator.person_id, operation=operation, key=key, inputs=inputs)
        async with self._database.transaction() as session:
            recorded = await run_once(session, request, now=now, work=lambda: change(session), explain=_no_facts)
            refused = recorded.facts.get("refused")
            if refused is None:
                call = await self._calls.read(session, operator, UUID(recorded.facts["call"]), now)
                return Outcome(call, recorded.replayed)
        raise _COUNTED[refused]


def _facts(call_id: UUID, refusal: IdentityRefusal | None) -> Facts:
    return {"call": str(call_id)} if refusal is None else {"refused": refusal.code}


def _inputs(said: SaidToBe) -> Facts:
    """Return what was said, as the request's hash is made of it; only the hash is kept."""
    name, born = said.name, said.birth_date
    told: dict[str, object] = {"name": [name.family, name.given, name.patronymic]}
    told |= {} if born is None else {"born": born.isoformat()}
    return told | ({} if said.phone is None else {"phone": said.phone})


def _check_said(said: SaidToBe | None) -> None:
    """Refuse a number that is none, which says nothing of whoever is known."""
    if said is not None and said.phone is not None:
        check_number(said.phone)


async def _no_facts(_refusal: Refusal) -> Facts:
    return {}
