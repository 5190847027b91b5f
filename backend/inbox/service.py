"""What may be asked of an inbox."""

import asyncio
from collections.abc import AsyncGenerator, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from backend.clock import Clock
from backend.database import Database
from backend.errors import NotFound, Refusal
from backend.idempotency import Facts, Outcome, Request, run_once
from backend.inbox.errors import TooManyNotifications
from backend.inbox.queries import count_unseen, find_items, list_newest, mark_seen
from backend.inbox.topics import inbox_topic
from backend.reading import within
from backend.signals import Signals
from identity.access import RULES, Action, signed_in
from identity.access_control import AccessControl
from identity.principal import PersonId, Principal
from notifications import receipts
from notifications.delivery_tables import ReceiptKind
from notifications.inbox import InboxItem, InboxPosition

MOST_AT_ONCE = 100
"""How many messages one request may mark."""


@dataclass(frozen=True, slots=True)
class InboxPage:
    """A part of an inbox, newest first."""

    items: list[InboxItem]
    has_next: bool


@dataclass(frozen=True, slots=True)
class InboxUpdate:
    """The whole of what a client's badge shows: a snapshot, so that a missed one does not matter (S20)."""

    unread_count: int
    latest: InboxItem | None


class InboxService:
    """Use-cases of the inbox; a write owns its session."""

    def __init__(self, *, database: Database, access: AccessControl, clock: Clock, signals: Signals) -> None:
        """Take who may read, and the signals to watch and to give."""
        self._database = database
        self._access = access
        self._clock = clock
        self._signals = signals

    async def list_page(
        self, actor: Principal | None, person_id: PersonId, *, limit: int, after: InboxPosition | None = None
    ) -> InboxPage:
        """Return at most `limit` messages from `after` on, newest first.

        Raises:
            NotSignedIn: Nobody is signed in.
            AccountNotConfirmed: The actor's account is not confirmed.
            AccessRefused: `actor` may not read this person's inbox.
        """
        await self._access.admit(actor, Action.READ_INBOX, person_id)
        items = await list_newest(self._database.read, person_id, limit=limit + 1, after=after)
        return InboxPage(items=items[:limit], has_next=len(items) > limit)

    async def count_unread(self, actor: Principal | None, person_id: PersonId) -> int:
        """Count the messages not seen yet; raises as `list_page` does."""
        await self._access.admit(actor, Action.READ_INBOX, person_id)
        return await count_unseen(self._database.read, person_id)

    async def find_items(
        self, actor: Principal | None, person_id: PersonId, ids: Collection[UUID]
    ) -> Mapping[UUID, InboxItem]:
        """Return those messages that exist and are this person's, by id; raises as `list_page` does."""
        await self._access.admit(actor, Action.READ_INBOX, person_id)
        return await find_items(self._database.read, person_id, ids)

    async def find_marked(
        self, actor: Principal | None, person_id: PersonId, ids: Collection[UUID]
    ) -> Mapping[UUID, InboxItem]:
        """Return messages as they are after `mark_seen`, to whoever may read them, too; raises as it does.

        A device that works in the background marks what it was sent, and is shown nothing.
        """
        grounds = await self._access.admit(actor, Action.MARK_NOTIFICATION_SEEN, person_id)
        if grounds.capacity not in RULES[Action.READ_INBOX].capacities:
            return {}
        return await find_items(self._database.read, person_id, ids)

    async def mark_seen(
        self, actor: Principal | None, person_id: PersonId, ids: Collection[UUID], *, idempotency_key: UUID
    ) -> Outcome[int]:
        """Note that the person saw these messages, all or none; those seen before keep their time.

        Args:
            actor: Who is signed in.
            person_id: Whose inbox.
            ids: At most `MOST_AT_ONCE` messages; naming one twice is the same as once.
            idempotency_key: Repeating a key returns the first outcome.

        Returns:
            How many messages were still unseen afterwards.

        Raises:
            NotFound: One of them does not exist or is another person's; none is marked.
            TooManyNotifications: More than `MOST_AT_ONCE`.
            IdempotencyKeyReused: The key came with other messages before.
            IdempotencyInFlight: The first request with the key has not ended.
            NotSignedIn: Nobody is signed in.
            AccountNotConfirmed: The actor's account is not confirmed.
            AccessRefused: `actor` may not mark in this person's inbox.
        """
        wanted = set(ids)
        if len(wanted) > MOST_AT_ONCE:
            raise TooManyNotifications
        inputs = {"person": str(person_id), "ids": sorted(str(wanted_id) for wanted_id in wanted)}
        request = Request(
            actor_id=signed_in(actor).person_id, operation="markNotificationsSeen", key=idempotency_key, inputs=inputs
        )
        now = self._clock()
        async with self._access.writing(actor, Action.MARK_NOTIFICATION_SEEN, person_id) as (session, _):
            recorded = await run_once(
                session, request, now=now, work=lambda: _mark(session, person_id, wanted, now), explain=_no_facts
            )
        if recorded.refused is not None:
            raise NotFound
        if not recorded.replayed:
            self._signals.publish(inbox_topic(person_id))
        return Outcome(value=recorded.facts["unread_count"], replayed=recorded.replayed)

    async def watch(self, actor: Principal | None, person_id: PersonId) -> AsyncGenerator[InboxUpdate, None]:
        """Yield the present state at once and again after each change, for ever.

        Who watches ends it when the sign-in of the actor does: a watch is shared by sign-ins of the same rights.

        Raises:
            NotSignedIn: Nobody is signed in.
            AccountNotConfirmed: The actor's account is not confirmed.
            AccessRefused: `actor` may not read this person's inbox; also later, once the right is withdrawn (S39).
        """
        await self._access.admit(actor, Action.READ_INBOX, person_id)
        async with self._signals.watch(inbox_topic(person_id)) as wakes:
            yield await self._take_snapshot(person_id)
            async for _ in wakes:
                await self._access.admit(actor, Action.READ_INBOX, person_id)
                yield await self._take_snapshot(person_id)

    async def _take_snapshot(self, person_id: PersonId) -> InboxUpdate:
        read = self._database.read
        with read.together():
            unread_count, newest = await asyncio.gather(
                count_unseen(read, person_id), list_newest(read, person_id, limit=1)
            )
        return InboxUpdate(unread_count=unread_count, latest=newest[0] if newest else None)


async def _mark(session: AsyncSession, person_id: PersonId, wanted: set[UUID], now: datetime) -> Facts:
    if (await find_items(within(session), person_id, wanted)).keys() != wanted:
        raise NotFound
    await mark_seen(session, person_id, wanted, now=now)
    await receipts.record(session, person_id, wanted, ReceiptKind.SEEN, source_id=person_id, now=now)
    return {"unread_count": await count_unseen(within(session), person_id)}


async def _no_facts(_refusal: Refusal) -> Facts:
    return {}
