"""What a person may ask about where they are signed in."""

from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from backend.clock import Clock
from backend.database import Database
from backend.errors import Refusal
from backend.idempotency import Facts, Outcome, Request, run_once
from backend.sign_ins.errors import SessionNotFound
from backend.sign_ins.queries import list_signed_in
from backend.sign_ins.values import SignedIn
from identity.access import Action
from identity.access_control import AccessControl
from identity.principal import PersonId, Principal, SessionId
from identity.queries import end_sessions
from identity.settings import AppSettings

Ended = Callable[[PersonId], None]
"""Is told, after the commit, whose sessions ended."""

Silence = Callable[[AsyncSession, PersonId, datetime], Awaitable[object]]
"""Wakes the devices of a person's ended sessions no more, in the transaction that ends them."""


class SignInService:
    """Use-cases of "my devices"; a write owns its session of the database."""

    def __init__(
        self,
        *,
        database: Database,
        access: AccessControl,
        clock: Clock,
        apps: Iterable[AppSettings],
        ended: Ended,
        silence: Silence,
    ) -> None:
        """`ended` spreads the word, so that every worker refuses what ended within 10 s (S30)."""
        self._silence = silence
        self._apps = {app.client_id: app for app in apps}
        self._database = database
        self._access = access
        self._clock = clock
        self._ended = ended

    def app_of(self, signed_in: SignedIn) -> AppSettings | None:
        """Return the app of a session; None when it is not registered any more."""
        return self._apps.get(signed_in.client_id)

    def name_of(self, client_id: str) -> str:
        """Return what an app is called, for people; its id when it is not registered any more."""
        app = self._apps.get(client_id)
        return client_id if app is None else app.shown_name

    async def list_signed_in(self, actor: Principal | None, person_id: PersonId) -> list[SignedIn]:
        """Return the person's sessions that stand, the latest first.

        Raises:
            NotSignedIn: Nobody is signed in.
            AccessRefused: `actor` may not see this person's sessions.
        """
        await self._access.admit(actor, Action.READ_SESSIONS, person_id)
        return await list_signed_in(self._database.read, person_id, now=self._clock())

    async def end_one(
        self, actor: Principal | None, person_id: PersonId, session_id: SessionId, *, idempotency_key: UUID
    ) -> Outcome[int]:
        """End one session of the person.

        Args:
            actor: Who is signed in.
            person_id: Whose session.
            session_id: Which; the actor's own may be named too.
            idempotency_key: Repeating a key returns the first outcome.

        Returns:
            1.

        Raises:
            SessionNotFound: No such session that stands, or another person's (S36).
            IdempotencyKeyReused: The key came with another session before.
            IdempotencyInFlight: The first request with the key has not ended.
            NotSignedIn: Nobody is signed in.
            AccessRefused: `actor` may not end this person's sessions.
        """

        async def work(session: AsyncSession) -> Facts:
            if not await end_sessions(session, person_id, now=self._clock(), only=session_id):
                raise SessionNotFound
            return {"ended": 1}

        inputs = {"session_id": str(session_id)}
        return await self._once(actor, Request(person_id, "signOutDevice", idempotency_key, inputs), work)

    async def end_own(self, actor: Principal | None, person_id: PersonId, *, idempotency_key: UUID) -> Outcome[int]:
        """End the session of the actor's own token; raises as `end_one` does, and never SessionNotFound."""
        own = None if actor is None else actor.session_id

        async def work(session: AsyncSession) -> Facts:
            return {"ended": await end_sessions(session, person_id, now=self._clock(), only=own)}

        inputs = {"session_id": str(own)}
        return await self._once(actor, Request(person_id, "signOut", idempotency_key, inputs), work)

    async def end_all(
        self, actor: Principal | None, person_id: PersonId, *, but_own: bool, idempotency_key: UUID
    ) -> Outcome[int]:
        """End every session of the person, or all but the actor's own.

        No fresh proof of identity is asked for (S31): whoever holds a stolen phone gains nothing by signing others out.

        Returns:
            How many ended.

        Raises:
            IdempotencyKeyReused: The key came with another choice before.
            IdempotencyInFlight: The first request with the key has not ended.
            NotSignedIn: Nobody is signed in.
            AccessRefused: `actor` may not end this person's sessions.
        """
        kept = actor.session_id if actor is not None and but_own else None

        async def work(session: AsyncSession) -> Facts:
            return {"ended": await end_sessions(session, person_id, now=self._clock(), but=kept)}

        inputs = {"but": None if kept is None else str(kept)}
        return await self._once(actor, Request(person_id, "signOutEverywhere", idempotency_key, inputs), work)

    async def _once(
        self, actor: Principal | None, request: Request, work: Callable[[AsyncSession], Awaitable[Facts]]
    ) -> Outcome[int]:
        person_id = PersonId(request.actor_id)

        async def end() -> Facts:
            facts = await work(session)
            await self._silence(session, person_id, self._clock())
            return facts

        async with self._access.writing(actor, Action.END_SESSION, person_id) as (session, _):
            recorded = await run_once(session, request, now=self._clock(), work=end, explain=_no_facts)
        if recorded.refused is not None:
            raise SessionNotFound
        self._ended(person_id)
        return Outcome(value=recorded.facts["ended"], replayed=recorded.replayed)


async def _no_facts(_refusal: Refusal) -> Facts:
    return {}
