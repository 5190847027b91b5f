"""The operators' list: whoever has been due longest is called next, by one operator at a time (S37).

It tells nothing of anybody until a request is taken; that is in the access log of the person. Whoever picks up the
phone may be another, so taking opens a call like any other: nobody is verified in it.
"""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from backend.call_backs import change_queries, queries
from backend.call_backs.errors import BY_CODE, CallBackNotTaken, CallBackUnsettled, NoCallBackDue
from backend.call_backs.rules import after
from backend.call_backs.terms import PORTAL_CALL_BACKS, CallBackTerms
from backend.call_backs.upkeep import tell_unreached
from backend.call_backs.values import (
    CallBack,
    CallBackId,
    CallBackOutcome,
    CallBackState,
    ListedCallBack,
    ListPage,
    Position,
    TakenWithCall,
)
from backend.clock import Clock
from backend.database import Database
from backend.errors import Refusal
from backend.idempotency import Facts, Outcome, Recorded, Request, run_once
from backend.reading import within
from identity.access import Action, signed_in
from identity.access_control import AccessControl
from identity.audit import Access, append
from identity.call_errors import CallNotOpen, CallThrottled
from identity.call_queries import count_opened
from identity.call_rules import MOST_CALL_BACKS_OF_OPERATOR
from identity.calls import Calls
from identity.capacities import Grounds
from identity.principal import PersonId, Principal

_UNHEARD = frozenset({CallBackState.UNREACHED, CallBackState.WRONG_NUMBER})
"""What is told: somebody waits for a call that will not come."""


class CallBackDesk:
    """What the signed-in operator's session takes and settles; every change is made once (R56)."""

    def __init__(
        self,
        *,
        database: Database,
        access: AccessControl,
        clock: Clock,
        calls: Calls,
        published: Callable[[PersonId], None],
        terms: CallBackTerms = PORTAL_CALL_BACKS,
    ) -> None:
        """Write to `database` what `access` allows; `published` wakes who watches an inbox, after the commit."""
        self._database = database
        self._access = access
        self._clock = clock
        self._calls = calls
        self._published = published
        self._terms = terms

    async def page(self, actor: Principal | None, *, limit: int, after: Position | None = None) -> ListPage:
        """Return at most `limit` open requests: whoever has been due longest first, then the oldest.

        Raises:
            NotSignedIn, AccessRefused: `actor` is no operator.
        """
        await self._admit(actor)
        found = await queries.list_page(self._database.read, now=self._clock(), limit=limit + 1, after=after)
        return ListPage(found[:limit], has_next=len(found) > limit)

    async def taken(self, actor: Principal | None) -> TakenWithCall | None:
        """Return what the operator's session has taken and not settled; None where nothing is kept for it.

        Raises:
            NotSignedIn, AccessRefused: `actor` is no operator.
        """
        operator, _ = await self._admit(actor)
        async with self._database.reading() as session:
            return await self._kept(session, operator)

    async def take(self, actor: Principal | None, *, idempotency_key: UUID) -> Outcome[TakenWithCall]:
        """Take whoever has been due longest, and open a call with their number; nobody else gets them meanwhile.

        It is kept for the session for a while, and as long as the call is open; then others may take it.

        Args:
            actor: Who asks.
            idempotency_key: Repeating a key returns the same one while it is kept, and takes no other.

        Raises:
            NoCallBackDue: Nobody is to be called now.
            CallBackUnsettled: The session has one that is kept for it.
            CallAlreadyOpen: The session has an open call.
            CallThrottled: The operator has opened more calls of late than one can make.
            CallBackNotTaken: Repeated, and it is kept no more.
            IdempotencyKeyReused, IdempotencyInFlight: See `backend.idempotency`.
            NotSignedIn, AccessRefused: `actor` is no operator.
        """
        operator, grounds = await self._admit(actor)

        request = _request(operator, "takeCallBack", idempotency_key, {})
        async with self._database.transaction() as session:
            recorded = await self._record(session, request, lambda within: self._take(within, operator, grounds))
            if recorded.refused is None:
                taken = await self._kept(session, operator)
                if taken is None or str(taken.taken.listed.id) != recorded.facts["call_back"]:
                    raise CallBackNotTaken
                return Outcome(taken, recorded.replayed)
        raise BY_CODE[recorded.refused](replayed=recorded.replayed)

    async def settle(
        self,
        actor: Principal | None,
        *,
        call_back_id: CallBackId,
        outcome: CallBackOutcome,
        idempotency_key: UUID,
    ) -> Outcome[ListedCallBack]:
        """Say what came of calling. All but REACHED ends the call, too: there is nobody on the line.

        Where nobody answers they are called again later, as the rules say; whoever is to be called no more without
        having been reached is told.

        Args:
            actor: Who asks.
            call_back_id: What the session has taken; a lease that is over does no harm while nobody else has taken it.
            outcome: What came of it.
            idempotency_key: Repeating a key returns the request as it stands then.

        Raises:
            CallBackNotTaken: Nothing of the kind is this session's.
            IdempotencyKeyReused, IdempotencyInFlight: See `backend.idempotency`.
            NotSignedIn, AccessRefused: `actor` is no operator.
        """
        operator, grounds = await self._admit(actor)

        async def settle(session: AsyncSession) -> Facts:
            row = await change_queries.lock_taken(session, operator, call_back_id)
            if row is None:
                raise CallBackNotTaken
            await self._settle(session, operator, grounds, row, outcome)
            return {"person": str(row.person_id), "callee": str(row.callee_id)}

        inputs = {"call_back": str(call_back_id), "outcome": outcome.value}
        request = _request(operator, "settleCallBack", idempotency_key, inputs)
        async with self._database.transaction() as session:
            recorded = await self._record(session, request, settle)
            if recorded.refused is None:
                person_id = PersonId(UUID(recorded.facts["person"]))
                found = await queries.find(within(session), person_id, call_back_id, now=self._clock())
        if recorded.refused is not None:
            raise BY_CODE[recorded.refused](replayed=recorded.replayed)
        if found is None:
            raise CallBackNotTaken
        if not recorded.replayed:
            for one in {person_id, PersonId(UUID(recorded.facts["callee"]))}:
                self._published(one)
        return Outcome(_listed(found), recorded.replayed)

    async def _take(self, session: AsyncSession, operator: Principal, grounds: Grounds) -> Facts:
        now = self._clock()
        if await self._kept(session, operator) is not None:
            raise CallBackUnsettled
        if await count_opened(session, operator.person_id, now) >= MOST_CALL_BACKS_OF_OPERATOR:
            raise CallThrottled
        row = await change_queries.lock_next(session, operator, now=now)
        if row is None:
            raise NoCallBackDue
        call_id = await self._calls.open(session, operator, number=row.called_number, now=now)
        await self._log(session, operator, grounds, row)
        await change_queries.change(
            session,
            row.person_id,
            row.id,
            state=CallBackState.TAKEN,
            taken_by=operator.person_id,
            taken_in=operator.session_id,
            call_id=call_id,
            kept_until=now + self._terms.kept,
        )
        return {"call_back": str(row.id)}

    async def _admit(self, actor: Principal | None) -> tuple[Principal, Grounds]:
        operator = signed_in(actor)
        return operator, await self._access.admit(operator, Action.HANDLE_CALL_BACKS, None)

    async def _kept(self, session: AsyncSession, operator: Principal) -> TakenWithCall | None:
        """Return what the session has and keeps, with its call."""
        now = self._clock()
        found = await queries.taken_by(within(session), operator, now=now)
        kept = next((one for one in found if one.listed.is_held), None)
        if kept is None:
            return None
        return TakenWithCall(kept, await self._calls.read(session, operator, kept.call_id, now))

    async def _settle(
        self, session: AsyncSession, operator: Principal, grounds: Grounds, row: Any, outcome: CallBackOutcome
    ) -> None:
        """Write what came of calling somebody whose row is locked; tell them where there is no further call."""
        now = self._clock()
        if outcome is not CallBackOutcome.REACHED:
            await self._close(session, operator, row.call_id)
        await self._log(session, operator, grounds, row)
        then = after(outcome, attempts=row.attempts, ends_at=row.ends_at, now=now, terms=self._terms)
        await change_queries.change(
            session,
            row.person_id,
            row.id,
            state=then.state,
            attempts=then.attempts,
            due_at=then.due_at or row.due_at,
            ended_at=None if then.due_at else now,
        )
        if then.state in _UNHEARD:
            await tell_unreached(session, row, now=now)

    async def _close(self, session: AsyncSession, operator: Principal, call_id: UUID) -> None:
        """End the call that was opened; one that has ended, or was swept away, stays as it is."""
        try:
            await self._calls.close(session, operator, call_id, self._clock())
        except CallNotOpen:
            return

    async def _log(self, session: AsyncSession, operator: Principal, grounds: Grounds, row: Any) -> None:
        """Write into the logs of whom it is about and of who is called that an operator has seen whom to call."""
        action, now = frozenset({Action.HANDLE_CALL_BACKS}), self._clock()
        people = {row.person_id, row.callee_id}
        await append(session, [Access(operator, PersonId(one), action, grounds, at=now) for one in people])

    async def _record(
        self, session: AsyncSession, request: Request, change: Callable[[AsyncSession], Awaitable[Facts]]
    ) -> Recorded:
        return await run_once(session, request, now=self._clock(), work=lambda: change(session), explain=_no_facts)


def _request(operator: Principal, operation: str, key: UUID, inputs: Facts) -> Request:
    inputs = {"session": str(operator.session_id), **inputs}
    return Request(actor_id=operator.person_id, operation=operation, key=key, inputs=inputs)


def _listed(one: CallBack) -> ListedCallBack:
    """Return of a request what the list tells."""
    return ListedCallBack(
        one.id, one.state, one.reason, one.window, one.attempts, one.due_at, one.requested_at, one.is_held
    )


async def _no_facts(_refusal: Refusal) -> Facts:
    return {}
