"""Calls of 122: opened by an operator, verified by script, used for one patient at a time, ended (S37).

Every function works inside the caller's transaction. A refusal that must be remembered (a wrong answer) is returned,
since raising it would undo what was counted.
"""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession
from uuid_utils.compat import uuid7

from identity.access import Action
from identity.audit import Access, append
from identity.call_errors import (
    CallAlreadyOpen,
    CallerNotVerified,
    CallNotOpen,
    CallThrottled,
    CallVerificationClosed,
    PatientNotRepresented,
)
from identity.call_ports import CallerCode, CodeSender, KnownPeople, KnownPerson, RepresentedBy
from identity.call_queries import (
    close_over,
    count_codes,
    count_wrong,
    find_open,
    find_ticket,
    insert_ticket,
    lock_open,
)
from identity.call_rules import (
    CODE_LASTS,
    MOST_CODES,
    MOST_CODES_OF_OPERATOR,
    MOST_WRONG,
    MOST_WRONG_OF_OPERATOR,
    Answer,
    SaidToBe,
    check_number,
    mandate_of_call,
    of_name,
    proven,
)
from identity.call_tables import CallTicketRow
from identity.call_views import Call, told
from identity.capacities import Capacity, Grounds, Mandate
from identity.errors import IdentityRefusal
from identity.principal import PersonId, Principal


class Calls:
    """The rules of calls over their rows; knows people, and who represents whom, through ports."""

    def __init__(self, *, people: KnownPeople, represented: RepresentedBy, codes: Iterable[CodeSender]) -> None:
        """Take who knows people, who knows for whom they act, and the doors through which a code goes out."""
        self._people = people
        self._represented = represented
        self._codes = tuple(codes)

    async def open(self, session: AsyncSession, operator: Principal, *, number: str, now: datetime) -> UUID:
        """Open a call of this number; return its id.

        Raises:
            CallerNumberInvalid: Not E.164.
            CallAlreadyOpen: The operator's session has one.
        """
        check_number(number)
        await close_over(session, now, of=operator)
        ticket = CallTicketRow(
            operator_id=operator.person_id,
            id=uuid7(),
            session_id=operator.session_id,
            organization=operator.organization,
            caller_number=number,
            opened_at=now,
            used_at=now,
        )
        if not await insert_ticket(session, ticket):
            raise CallAlreadyOpen
        return ticket.id

    async def read(self, session: AsyncSession, operator: Principal, call_id: UUID, now: datetime) -> Call:
        """Return a call of this operator and session, ended or not.

        Raises:
            CallNotOpen: There is none.
        """
        ticket = await find_ticket(session, operator, call_id)
        if ticket is None:
            raise CallNotOpen
        return told(ticket, now)

    async def current(self, session: AsyncSession, operator: Principal, now: datetime) -> Call | None:
        """Return the open call of this operator and session."""
        ticket = await find_open(session, operator, now)
        return told(ticket, now) if ticket else None

    async def send_code(
        self,
        session: AsyncSession,
        operator: Principal,
        call_id: UUID,
        said: SaidToBe,
        *,
        code: tuple[str, str],
        now: datetime,
    ) -> PersonId | None:
        """Send a code to whomever this is, and keep its hash; the one sent before it is worth nothing any more.

        Args:
            session: The open transaction.
            operator: Whose call.
            call_id: The call.
            said: Who the caller says to be.
            code: Six digits, and `hash_code` of them.
            now: The present.

        Returns:
            Who has been sent a code, to be woken; None where there is nobody, which the operator must not be told.

        Raises:
            CallNotOpen, CallVerificationClosed, CallThrottled: Nothing is sent.
        """
        ticket = await self._lock_to_verify(session, operator, call_id, now)
        if ticket.codes_sent >= MOST_CODES:
            raise CallThrottled
        if await count_codes(session, operator.person_id, now) >= MOST_CODES_OF_OPERATOR:
            raise CallThrottled
        found = await self._of_name(session, operator, said.at_number(ticket.caller_number or None))
        ticket.codes_sent += 1
        ticket.used_at = now
        ticket.code_person_id = ticket.code_hash = ticket.code_expires_at = None
        session.add(ticket)
        if len(found) != 1:
            return None
        person, expires_at = found[0].person_id, now + CODE_LASTS
        ticket.code_person_id, ticket.code_hash, ticket.code_expires_at = person, code[1], expires_at
        for door in self._codes:
            await door.send(session, CallerCode(person, ticket.id, ticket.codes_sent, code[0], expires_at), now=now)
        return person

    async def verify(
        self,
        session: AsyncSession,
        operator: Principal,
        call_id: UUID,
        said: SaidToBe,
        answer: Answer,
        *,
        hashed: str,
        now: datetime,
    ) -> IdentityRefusal | None:
        """Find out who is calling. Whoever they are then said to be finds it in their access log, right or wrong.

        Args:
            session: The open transaction.
            operator: Whose call.
            call_id: The call.
            said: Who the caller says to be.
            answer: What they answered.
            hashed: `hash_code` of the answer's digits.
            now: The present.

        Returns:
            None where the caller is known now; otherwise the refusal, to be raised after the commit: it counts.

        Raises:
            CallNotOpen, CallVerificationClosed, CallThrottled: Nothing was compared, and nothing counts.
        """
        ticket = await self._lock_to_verify(session, operator, call_id, now)
        await self._check_throttle(session, operator, now)
        candidates = await self._of_name(session, operator, said.at_number(ticket.caller_number or None))
        caller = proven(candidates, ticket, answer, hashed=hashed, now=now)
        ticket.used_at = now
        session.add(ticket)
        if caller is None:
            ticket.wrong_answers += 1
            await _log(session, operator, candidates, None, now)
            return CallerNotVerified()
        ticket.caller_id, ticket.verified_by, ticket.verified_at = caller.person_id, answer.proof, now
        ticket.code_person_id = ticket.code_hash = ticket.code_expires_at = None
        await _log(session, operator, [caller], mandate_of_call(ticket, caller.person_id, None), now)
        return None

    async def choose(
        self, session: AsyncSession, operator: Principal, call_id: UUID, said: SaidToBe | None, *, now: datetime
    ) -> IdentityRefusal | None:
        """Choose for whom the caller calls: themself, or somebody for whom they may act; a later choice replaces it.

        Args:
            session: The open transaction.
            operator: Whose call.
            call_id: The call.
            said: Name, and birth date or number, of the patient; None for the caller.
            now: The present.

        Returns:
            None where the patient is chosen; otherwise the refusal, to be raised after the commit: it counts.

        Raises:
            CallNotOpen: No such call, or it has ended.
            CallerNotVerified: Nobody knows yet who is calling.
            CallVerificationClosed, CallThrottled: Too many wrong patients.
        """
        ticket = await lock_open(session, operator, call_id, now)
        if ticket is None:
            raise CallNotOpen
        if ticket.caller_id is None:
            raise CallerNotVerified
        caller, ticket.used_at = PersonId(ticket.caller_id), now
        session.add(ticket)
        if said is None:
            ticket.patient_id = caller
            return None
        if ticket.wrong_patients >= MOST_WRONG:
            raise CallVerificationClosed
        await self._check_throttle(session, operator, now)
        candidates = await self._of_name(session, operator, said)
        represented = await self._represented_among(session, caller, candidates, now)
        if len(represented) != 1:
            ticket.wrong_patients += 1
            await _log(session, operator, candidates, None, now)
            return PatientNotRepresented()
        patient, own = represented[0]
        ticket.patient_id = patient.person_id
        await _log(session, operator, [patient], mandate_of_call(ticket, caller, own), now)
        return None

    async def close(self, session: AsyncSession, operator: Principal, call_id: UUID, now: datetime) -> None:
        """End a call; one that has ended stays ended.

        Raises:
            CallNotOpen: There is none of this operator and session.
        """
        ticket = await lock_open(session, operator, call_id, now)
        if ticket is not None:
            ticket.closed_at = now
            session.add(ticket)
            return
        await close_over(session, now, of=operator)
        if await find_ticket(session, operator, call_id) is None:
            raise CallNotOpen

    async def _lock_to_verify(
        self, session: AsyncSession, operator: Principal, call_id: UUID, now: datetime
    ) -> CallTicketRow:
        ticket = await lock_open(session, operator, call_id, now)
        if ticket is None:
            raise CallNotOpen
        if ticket.caller_id is not None or ticket.wrong_answers >= MOST_WRONG:
            raise CallVerificationClosed
        return ticket

    async def _check_throttle(self, session: AsyncSession, operator: Principal, now: datetime) -> None:
        if await count_wrong(session, operator.person_id, now) >= MOST_WRONG_OF_OPERATOR:
            raise CallThrottled

    async def _of_name(self, session: AsyncSession, operator: Principal, said: SaidToBe) -> list[KnownPerson]:
        """Return those who are as was said, by one or two lookups whether there is anybody or not."""
        known: list[KnownPerson] = []
        if said.birth_date is not None:
            known = list(await self._people.born_on(session, said.birth_date))
        if said.phone is not None:
            reached = await self._people.reached_at(session, said.phone)
            born = {one.person_id for one in known}
            known = [one for one in reached if said.birth_date is None or one.person_id in born]
        return of_name(said.name, known, but=operator.person_id)

    async def _represented_among(
        self, session: AsyncSession, caller: PersonId, candidates: list[KnownPerson], now: datetime
    ) -> list[tuple[KnownPerson, Mandate | None]]:
        """Return those for whom the caller may act, the caller too, each with the caller's mandate."""
        found: list[tuple[KnownPerson, Mandate | None]] = []
        for one in candidates:
            if one.person_id == caller:
                found.append((one, None))
            elif own := await self._represented.may(session, caller, one.person_id, now):
                found.append((one, own))
        return found


async def _log(
    session: AsyncSession, operator: Principal, people: list[KnownPerson], mandate: Mandate | None, now: datetime
) -> None:
    """Write into the access log of whom it was about: with the mandate, or as denied."""
    grounds = Grounds(Capacity.OPERATOR_ON_CALL, mandate) if mandate else None
    action = frozenset({Action.HANDLE_CALL})
    await append(session, [Access(operator, one.person_id, action, grounds, at=now) for one in people])
