"""Admission to a person's data: who may is decided (`identity.access`), and who did is written, before any answer.

For oneself there is nothing to look up and nothing to wait for. For everybody else the mandates are read and the
access is written in one transaction: of a read, before it begins; of a change, the very transaction that changes. So
there is no answer without its entry in the audit (S41), and no change under a mandate that has ended meanwhile.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar
from datetime import datetime
from typing import Protocol, TypeAlias

from sqlmodel.ext.asyncio.session import AsyncSession

from identity.access import RULES, Action, require, signed_in
from identity.audit import Access, append
from identity.capacities import OF_DESK, PUBLIC_GROUNDS, Grounds, Mandate
from identity.errors import IdentityRefusal
from identity.own_accesses import OwnAccesses
from identity.ports import People
from identity.principal import ActorKind, PersonId, Principal
from identity.transactions import Transaction


class MandateSource(Protocol):
    """Finds one kind of relation: grants, call tickets, consents, emergencies."""

    @property
    def kinds(self) -> frozenset[ActorKind]:
        """Return whose relations it knows; nobody else makes it ask."""

    async def find(
        self, session: AsyncSession, actor: Principal, person_id: PersonId, now: datetime
    ) -> Sequence[Mandate]:
        """Return what the actor is to the person now, in one statement or few; nothing for a stranger."""


_Outcome: TypeAlias = Grounds | IdentityRefusal


class AccessControl:
    """Admits actors to persons; one for the whole house."""

    def __init__(
        self,
        *,
        transaction: Transaction,
        clock: Callable[[], datetime],
        own: OwnAccesses,
        people: People,
        sources: Sequence[MandateSource] = (),
    ) -> None:
        """Take everything it works with.

        Args:
            transaction: Opens a writing session.
            clock: The present instant, aware UTC.
            own: Counts what people do with their own data.
            people: Knows whose data there are: a look at nobody leaves no entry.
            sources: Of mandates; without any, everybody has but their own data.
        """
        self._transaction = transaction
        self._clock = clock
        self._own = own
        self._people = people
        self._sources = tuple(sources)

    async def admit(self, actor: Principal | None, action: Action, person_id: PersonId | None) -> Grounds:
        """Let `actor` read, or refuse; what is not their own is in the audit when this returns.

        Args:
            actor: Who asks.
            action: What for.
            person_id: Whose data; None for public reference data and for the work of a desk.

        Returns:
            Why; its `withheld` categories must not be shown.

        Raises:
            NotSignedIn, AccountNotConfirmed, AccessRefused: As `identity.access.require`.
            DatabaseBusy, DatabaseUnavailable: The access could not be written, so there is none.
        """
        if RULES[action].public:
            return PUBLIC_GROUNDS
        if person_id is None or signed_in(actor).person_id == person_id:
            return self._admit_self(actor, action, person_id)
        scope = _SCOPE.get()
        known = signed_in(actor)
        if scope is None or not scope.is_open:
            outcome = (await self.admit_together(known, person_id, (action,), ""))[action]
        else:
            outcome = await scope.ask(self, known, person_id, action)
        if isinstance(outcome, Grounds):
            return outcome
        raise outcome

    async def admit_to_each(self, actor: Principal | None, action: Action, person_ids: Collection[PersonId]) -> None:
        """Let staff at their desk see something of several people; it is in the audit of each when this returns.

        Raises:
            NotSignedIn, AccessRefused: As `identity.access.require`, of the desk.
            DatabaseBusy, DatabaseUnavailable: The accesses could not be written, so there are none.
        """
        known = signed_in(actor)
        grounds = require(known, action, None, now=self._clock())
        if person_ids:
            async with self._transaction() as session:
                await append(
                    session, [self._access(known, one, [action], grounds, _trace()) for one in set(person_ids)]
                )

    @asynccontextmanager
    async def writing(
        self, actor: Principal | None, action: Action, person_id: PersonId
    ) -> AsyncIterator[tuple[AsyncSession, Grounds]]:
        """Open the transaction of a change, with the access in it; a refusal is written by itself.

        Raises:
            NotSignedIn, AccountNotConfirmed, AccessRefused: As `identity.access.require`; nothing is changed.
            DatabaseBusy, DatabaseUnavailable: Nothing is changed, and nothing was allowed.
        """
        known = signed_in(actor)
        if known.person_id == person_id:
            grounds = self._admit_self(known, action, person_id)
            async with self._transaction() as session:
                yield session, grounds
            return
        try:
            async with self._transaction() as session:
                outcome = self._judge(known, person_id, action, await self._mandates(session, known, person_id))
                if isinstance(outcome, IdentityRefusal):
                    raise outcome
                await append(session, [self._access(known, person_id, [action], outcome, _trace())])
                yield session, outcome
        except IdentityRefusal:
            await self._write_denial(known, action, person_id)
            raise

    @contextmanager
    def request(self, trace_id: str) -> Iterator[None]:
        """Gather what one request asks at the same time about a person into one entry of the audit."""
        scope = _Scope(trace_id)
        token = _SCOPE.set(scope)
        try:
            yield
        finally:
            scope.is_open = False
            _SCOPE.reset(token)

    def _admit_self(self, actor: Principal | None, action: Action, person_id: PersonId | None) -> Grounds:
        grounds = require(actor, action, person_id, now=self._clock())
        if actor is not None and grounds.capacity is not OF_DESK.get(actor.kind):
            self._own.note(actor, action)
        return grounds

    async def admit_together(
        self, actor: Principal, person_id: PersonId, actions: Sequence[Action], trace_id: str
    ) -> dict[Action, _Outcome]:
        """Decide about several actions at once, and write them; whoever asked raises what was refused."""
        async with self._transaction() as session:
            mandates = await self._mandates(session, actor, person_id)
            outcomes = {action: self._judge(actor, person_id, action, mandates) for action in actions}
            await self._write(session, self._accesses(actor, person_id, outcomes, trace_id))
        return outcomes

    async def _write_denial(self, actor: Principal, action: Action, person_id: PersonId) -> None:
        """Write by itself what was undone together with the change that was refused."""
        async with self._transaction() as session:
            await self._write(session, [self._access(actor, person_id, [action], None, _trace())])

    async def _write(self, session: AsyncSession, accesses: Sequence[Access]) -> None:
        """Append to the audit; of somebody who does not exist nothing can have been seen."""
        is_allowed = any(one.grounds is not None for one in accesses)
        if is_allowed or await self._people.birth_of(session, accesses[0].person_id) is not None:
            await append(session, accesses)

    def _judge(self, actor: Principal, person_id: PersonId, action: Action, mandates: Sequence[Mandate]) -> _Outcome:
        try:
            return require(actor, action, person_id, mandates, now=self._clock())
        except IdentityRefusal as refusal:
            return refusal

    async def _mandates(self, session: AsyncSession, actor: Principal, person_id: PersonId) -> list[Mandate]:
        now = self._clock()
        found: list[Mandate] = []
        for source in self._sources:
            if actor.kind in source.kinds:
                found += await source.find(session, actor, person_id, now)
        return found

    def _accesses(
        self, actor: Principal, person_id: PersonId, outcomes: dict[Action, _Outcome], trace_id: str
    ) -> list[Access]:
        """Return an entry for each ground, and one for all that was denied."""
        together: dict[Grounds | None, list[Action]] = {}
        for action, outcome in outcomes.items():
            together.setdefault(outcome if isinstance(outcome, Grounds) else None, []).append(action)
        return [self._access(actor, person_id, actions, grounds, trace_id) for grounds, actions in together.items()]

    def _access(
        self,
        actor: Principal,
        person_id: PersonId,
        actions: Sequence[Action],
        outcome: _Outcome | None,
        trace_id: str,
    ) -> Access:
        grounds = outcome if isinstance(outcome, Grounds) else None
        return Access(actor, person_id, frozenset(actions), grounds, at=self._clock(), trace_id=trace_id)


class _Scope:
    """What one request asks, until a whole turn of the event loop has brought nothing more."""

    def __init__(self, trace_id: str) -> None:
        self.trace_id = trace_id
        self.is_open = True
        self._waiting: dict[tuple[AccessControl, Principal, PersonId], dict[Action, asyncio.Future[_Outcome]]] = {}
        self._asked = 0
        self._tasks: set[asyncio.Task[None]] = set()

    async def ask(self, control: AccessControl, actor: Principal, person_id: PersonId, action: Action) -> _Outcome:
        loop = asyncio.get_running_loop()
        if not self._waiting:
            loop.call_soon(self._look, loop, -1)
        of_person = self._waiting.setdefault((control, actor, person_id), {})
        if (future := of_person.get(action)) is None:
            future = of_person[action] = loop.create_future()
        self._asked += 1
        return await asyncio.shield(future)

    def _look(self, loop: asyncio.AbstractEventLoop, seen: int) -> None:
        if self._asked != seen:
            loop.call_soon(self._look, loop, self._asked)
            return
        waiting, self._waiting = self._waiting, {}
        for (control, actor, person_id), of_person in waiting.items():
            task = loop.create_task(self._admit(control, actor, person_id, of_person))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _admit(
        self,
        control: AccessControl,
        actor: Principal,
        person_id: PersonId,
        of_person: dict[Action, "asyncio.Future[_Outcome]"],
    ) -> None:
        try:
            outcomes = await control.admit_together(actor, person_id, tuple(of_person), self.trace_id)
        except BaseException as error:
            for future in of_person.values():
                if not future.done():
                    future.set_exception(error)
                    future.exception()  # whoever asked may be gone
            if not isinstance(error, Exception):
                raise
            return
        for action, future in of_person.items():
            if not future.done():
                future.set_result(outcomes[action])


_SCOPE: ContextVar[_Scope | None] = ContextVar("request of an actor", default=None)


def _trace() -> str:
    scope = _SCOPE.get()
    return scope.trace_id if scope else ""
