"""Opening, changing and closing the feed of a person's appointments; each change once by key (R56)."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession
from uuid_utils.compat import uuid7

from backend.calendars.calendar_queries import add_feed, close_feed, feed_of, set_detail
from backend.calendars.errors import CalendarFeedNotFound
from backend.calendars.values import Detail, Feed, FeedId, OpenedFeed
from backend.clock import Clock
from backend.database import Database
from backend.errors import Refusal
from backend.idempotency import Facts, Outcome, Recorded, Request, run_once
from backend.reading import within
from identity.access import Action, signed_in
from identity.access_control import AccessControl
from identity.language import Language
from identity.opaque import digest, mint
from identity.principal import PersonId, Principal

Work = Callable[[AsyncSession], Awaitable[None]]


class CalendarFeedService:
    """Use-cases of feeds. Each actor has one feed of a person at most; a new one closes the old one's address.

    A feed is a consent of its own: it outlives the sign-in it was opened in, and ends when it is closed, when whoever
    opened it may not see the appointments any more, and with the erasure of the person.
    """

    def __init__(self, *, database: Database, access: AccessControl, clock: Clock, feed_url: str, domain: str) -> None:
        """Hand out addresses below `feed_url`, which ends without a slash; `domain` ends the UIDs of events."""
        self.domain = domain
        self._database = database
        self._access = access
        self._clock = clock
        self._feed_url = feed_url

    async def get(self, actor: Principal | None, person_id: PersonId) -> Feed | None:
        """Return the feed that the actor has of a person's appointments, without its address; None for none.

        Raises:
            NotSignedIn, AccessRefused, AccountNotConfirmed: `actor` may not.
        """
        await self._access.admit(actor, Action.READ_CALENDAR_FEED, person_id)
        return await feed_of(self._database.read, person_id, signed_in(actor).person_id)

    async def create(
        self,
        actor: Principal | None,
        person_id: PersonId,
        *,
        detail: Detail,
        language: Language,
        idempotency_key: UUID,
    ) -> Outcome[OpenedFeed]:
        """Open a feed under a new address; the actor's former address is worth nothing from then on.

        Args:
            actor: Who asks.
            person_id: Whose appointments.
            detail: How much it tells.
            language: Of its words.
            idempotency_key: Repeating a key returns the first outcome; the address is given once.

        Raises:
            CalendarFeedNotFound: Told again after it was closed.
            IdempotencyKeyReused, IdempotencyInFlight: See `backend.idempotency`.
            NotSignedIn, AccessRefused, AccountNotConfirmed: `actor` may not.
        """
        actor_id, token = signed_in(actor).person_id, mint()

        async def open_feed(session: AsyncSession) -> None:
            now = self._clock()
            await close_feed(session, person_id, actor_id, now=now)
            feed = Feed(FeedId(uuid7()), person_id, actor_id, detail, language, now, None)
            await add_feed(session, feed, token_hash=digest(token))

        told = {"detail": detail.value, "language": language}
        request = _request(actor_id, person_id, "createCalendarFeed", idempotency_key, **told)
        recorded, feed = await self._once(actor, person_id, request, open_feed)
        if feed is None:
            raise CalendarFeedNotFound(replayed=recorded.replayed)
        url = None if recorded.replayed else f"{self._feed_url}/{token}.ics"
        return Outcome(OpenedFeed(feed, url), recorded.replayed)

    async def change(
        self,
        actor: Principal | None,
        person_id: PersonId,
        *,
        detail: Detail,
        language: Language,
        idempotency_key: UUID,
    ) -> Outcome[Feed]:
        """Say how much the actor's feed tells, from its next reading on; the address stays.

        Raises:
            CalendarFeedNotFound: There is none.
            IdempotencyKeyReused, IdempotencyInFlight: See `backend.idempotency`.
            NotSignedIn, AccessRefused, AccountNotConfirmed: `actor` may not.
        """
        actor_id = signed_in(actor).person_id

        async def say(session: AsyncSession) -> None:
            if not await set_detail(session, person_id, actor_id, detail=detail, language=language):
                raise CalendarFeedNotFound

        told = {"detail": detail.value, "language": language}
        request = _request(actor_id, person_id, "changeCalendarFeed", idempotency_key, **told)
        recorded, feed = await self._once(actor, person_id, request, say)
        if feed is None:
            raise CalendarFeedNotFound(replayed=recorded.replayed)
        return Outcome(feed, recorded.replayed)

    async def revoke(self, actor: Principal | None, person_id: PersonId, *, idempotency_key: UUID) -> Outcome[None]:
        """Close the actor's feed; its address answers as one that never was. Raises as `change` does."""
        actor_id = signed_in(actor).person_id

        async def close(session: AsyncSession) -> None:
            if not await close_feed(session, person_id, actor_id, now=self._clock()):
                raise CalendarFeedNotFound

        request = _request(actor_id, person_id, "revokeCalendarFeed", idempotency_key)
        recorded, _ = await self._once(actor, person_id, request, close)
        return Outcome(None, recorded.replayed)

    async def _once(
        self, actor: Principal | None, person_id: PersonId, request: Request, work: Work
    ) -> tuple[Recorded, Feed | None]:
        async with self._access.writing(actor, Action.CHANGE_CALENDAR_FEED, person_id) as (session, _):

            async def change() -> Facts:
                await work(session)
                return {}

            recorded = await run_once(session, request, now=self._clock(), work=change, explain=_nothing)
            if recorded.refused is None:
                return recorded, await feed_of(within(session), person_id, request.actor_id)
        raise CalendarFeedNotFound(replayed=recorded.replayed)


def _request(actor_id: UUID, person_id: PersonId, operation: str, key: UUID, **inputs: Any) -> Request:
    return Request(actor_id, operation, key, {"person": str(person_id), **inputs})


async def _nothing(_: Refusal) -> Facts:
    return {}
