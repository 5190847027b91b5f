"""Asking to be called back, or no more: for oneself, for whom one acts, and by an operator for whoever is on the line.

Every change is made once, however often it is asked (R56).
"""

from collections.abc import Awaitable, Callable
from dataclasses import asdict
from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession
from uuid_utils.compat import uuid7

from backend.call_backs import change_queries, messages, queries
from backend.call_backs.errors import (
    BY_CODE,
    CallBackExists,
    CallBackNotFound,
    CallBackNumberUnknown,
    CallBackOver,
    TooManyCallBacks,
)
from backend.call_backs.rules import check_called_number, is_called, window_of
from backend.call_backs.tables import CallBackRow
from backend.call_backs.terms import PORTAL_CALL_BACKS, CallBackTerms
from backend.call_backs.upkeep import end_over
from backend.call_backs.values import OPEN_STATES, CallBack, CallBackId, CallBackState, Wish
from backend.clock import Clock
from backend.database import Database
from backend.errors import DatabaseBusy, Refusal
from backend.idempotency import Facts, Outcome, Request, run_once
from backend.profile.contacts import Contacts
from backend.profile.values import DEFAULT_TIME_ZONE
from backend.reading import within
from identity.access import Action, signed_in
from identity.access_control import AccessControl
from identity.capacities import Grounds
from identity.principal import PersonId, Principal
from notifications import outbox
from notifications.messages import MessageKind

KEPT_IN_SIGHT = timedelta(days=7)
"""How long a request is shown to the person after its end."""

Work = Callable[[AsyncSession, Grounds], Awaitable[CallBackId]]


class CallBackService:
    """Requests of one person at a time; the operators' list is `backend.call_backs.desk`."""

    def __init__(
        self,
        *,
        database: Database,
        access: AccessControl,
        clock: Clock,
        published: Callable[[PersonId], None],
        terms: CallBackTerms = PORTAL_CALL_BACKS,
    ) -> None:
        """Write to `database` what `access` allows; `published` wakes who watches an inbox, after the commit."""
        self._database = database
        self._access = access
        self._clock = clock
        self._published = published
        self._terms = terms

    async def shown(self, actor: Principal | None, *, person_id: PersonId) -> list[CallBack]:
        """Return the person's open requests, and those that ended in the last week; the last one first.

        Raises:
            NotSignedIn, AccessRefused, AccountNotConfirmed: `actor` may not see this person's requests.
        """
        await self._access.admit(actor, Action.READ_CALL_BACKS, person_id)
        now = self._clock()
        return await queries.shown(self._database.read, person_id, now=now, since=now - KEPT_IN_SIGHT)

    async def request(
        self, actor: Principal | None, *, person_id: PersonId, wish: Wish, idempotency_key: UUID
    ) -> Outcome[CallBack]:
        """Ask that somebody be called back about a person; the person is told.

        Who is called is whoever asks: the person, or who acts for them; in a call of 122 the caller.

        Args:
            actor: Who asks.
            person_id: Whom it is about.
            wish: What about, when, and at which number.
            idempotency_key: Repeating a key returns the first outcome, a refusal too.

        Returns:
            The request, WAITING; told again, as it stands then.

        Raises:
            CallBackExists: The person has an open one of their own; what clinics put down stands beside it.
            CallBackWindowInvalid: No such window.
            CallBackNumberUnknown: No number was named, and none is registered that operators call.
            DatabaseBusy: The last one is just being ended by time; to be tried again.
            PhoneInvalid: Not a number that operators call.
            TooManyCallBacks: As many as one may ask for in a day.
            IdempotencyKeyReused, IdempotencyInFlight: See `backend.idempotency`.
            NotSignedIn, AccessRefused, AccountNotConfirmed: `actor` may not act for this person.

        Source: issue "Booking over every channel", item 6.
        """
        acting = signed_in(actor)

        async def request(session: AsyncSession, grounds: Grounds) -> CallBackId:
            mandate = grounds.mandate
            callee = (mandate.on_behalf_of if mandate else None) or acting.person_id
            return await self._put_down(session, acting, person_id, PersonId(callee), wish)

        inputs = {"person": str(person_id), **_facts(wish)}
        key = Request(actor_id=acting.person_id, operation="requestCallBack", key=idempotency_key, inputs=inputs)
        outcome = await self._once(acting, person_id, key, request)
        if not outcome.replayed:
            self._published(person_id)
        return outcome

    async def cancel(
        self, actor: Principal | None, *, person_id: PersonId, call_back_id: CallBackId, idempotency_key: UUID
    ) -> Outcome[CallBack]:
        """Be called back no more; an operator who has taken it finds it gone.

        Raises:
            CallBackNotFound: No such request, or another person's.
            CallBackOver: It is final.
            DatabaseBusy: An operator takes it at this instant; nothing is changed.
            IdempotencyKeyReused, IdempotencyInFlight: See `backend.idempotency`.
            NotSignedIn, AccessRefused, AccountNotConfirmed: `actor` may not act for this person.
        """
        acting = signed_in(actor)

        async def cancel(session: AsyncSession, _grounds: Grounds) -> CallBackId:
            now = self._clock()
            await end_over(session, now, of=person_id)
            row = await change_queries.lock_own(session, person_id, call_back_id)
            if row is None:
                if await queries.find(within(session), person_id, call_back_id, now=now) is None:
                    raise CallBackNotFound
                raise DatabaseBusy
            if row.state not in OPEN_STATES:
                raise CallBackOver
            await change_queries.change(session, person_id, call_back_id, state=CallBackState.CANCELLED, ended_at=now)
            told = {MessageKind.CALL_BACK_REQUESTED}
            await outbox.take_back(session, person_id, call_back_id, told, now=now)
            return call_back_id

        inputs = {"person": str(person_id), "call_back": str(call_back_id)}
        key = Request(actor_id=acting.person_id, operation="cancelCallBack", key=idempotency_key, inputs=inputs)
        return await self._once(acting, person_id, key, cancel)

    async def _put_down(
        self, session: AsyncSession, acting: Principal, person_id: PersonId, callee_id: PersonId, wish: Wish
    ) -> CallBackId:
        """Write a request down, and the message about it; return its id."""
        now = self._clock()
        contact = (await Contacts().contacts(session, [callee_id])).get(callee_id)
        zone = contact.time_zone if contact else DEFAULT_TIME_ZONE
        number = _number_of(wish, contact.phone if contact else None)
        window = window_of(wish.hours, zone=zone, now=now, terms=self._terms)
        await end_over(session, now, of=person_id)
        row = CallBackRow(
            person_id=person_id,
            id=uuid7(),
            actor_id=acting.person_id,
            callee_id=callee_id,
            called_number=number,
            time_zone=zone,
            reason=wish.reason,
            begins_at=window.begins_at,
            ends_at=window.ends_at,
            due_at=window.begins_at,
            state=CallBackState.WAITING,
            requested_at=now,
        )
        await self._insert(session, row, now)
        message = messages.requested(
            person_id,
            row.id,
            begins_at=window.begins_at,
            ends_at=window.ends_at,
            zone=zone,
            own_act=acting.person_id == person_id,
        )
        await outbox.enqueue(session, message, now=now)
        return CallBackId(row.id)

    async def _insert(self, session: AsyncSession, row: CallBackRow, now: datetime) -> None:
        """Add a request; a refusal afterwards undoes it.

        Raises:
            CallBackExists: The person has an open one.
            DatabaseBusy: They have one that time has ended, and somebody else is just writing that down.
            TooManyCallBacks: They have asked too often, this time counted.
        """
        person_id = PersonId(row.person_id)
        if not await change_queries.insert(session, row):
            raise CallBackExists if await queries.has_live(within(session), person_id, now=now) else DatabaseBusy
        if await queries.count_since(within(session), person_id, now - timedelta(days=1)) > self._terms.most_a_day:
            raise TooManyCallBacks

    async def _once(self, acting: Principal, person_id: PersonId, request: Request, work: Work) -> Outcome[CallBack]:
        """Do one change once and commit; what was refused is undone, recorded and raised."""
        async with self._access.writing(acting, Action.CHANGE_CALL_BACKS, person_id) as (session, grounds):

            async def change() -> Facts:
                return {"call_back": str(await work(session, grounds))}

            now = self._clock()
            recorded = await run_once(session, request, now=now, work=change, explain=_no_facts)
            if recorded.refused is None:
                done = CallBackId(UUID(recorded.facts["call_back"]))
                found = await queries.find(within(session), person_id, done, now=now)
                if found is None:
                    raise CallBackNotFound
                return Outcome(found, recorded.replayed)
        raise BY_CODE[recorded.refused](replayed=recorded.replayed)


def _number_of(wish: Wish, registered: str | None) -> str:
    """Return which number to call; a registered one that operators do not call is as good as none.

    Raises:
        CallBackNumberUnknown: None was named, and none is registered that operators call.
        PhoneInvalid: The one that was named is none that they call.
    """
    if wish.number is not None:
        check_called_number(wish.number)
        return wish.number
    if registered is None or not is_called(registered):
        raise CallBackNumberUnknown
    return registered


def _facts(wish: Wish) -> Facts:
    """Return a wish as the request's hash is made of it; only the hash is kept."""
    hours = asdict(wish.hours) if wish.hours else {}
    said = {name: str(value) for name, value in hours.items() if value is not None}
    return {"reason": wish.reason.value, "number": wish.number, "hours": said if wish.hours else None}


async def _no_facts(_refusal: Refusal) -> Facts:
    return {}
