"""What phones tell of the messages they were sent: received, seen, acted on."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import TypeAlias
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from backend.clock import Clock
from backend.errors import Refusal
from backend.idempotency import Facts, Outcome, Request, run_once
from backend.inbox.errors import TooManyNotifications
from backend.inbox.queries import count_unseen, find_items, mark_seen
from backend.inbox.service import MOST_AT_ONCE
from backend.reading import within
from identity.access import Action, signed_in
from identity.access_control import AccessControl
from identity.principal import PersonId, Principal
from notifications import receipts
from notifications.delivery_tables import ReceiptKind
from notifications.devices import device_of_session, touch_device

_SEES = frozenset({ReceiptKind.SEEN, ReceiptKind.ACTED})
"""By these a person has seen a message, wherever."""

_KINDS = (ReceiptKind.DEVICE_RECEIVED, ReceiptKind.SEEN, ReceiptKind.ACTED)
"""What a phone may tell, in the order in which it happens."""

Told: TypeAlias = Collection[tuple[UUID, ReceiptKind]]
"""Pairs of a message and of what has become of it; a message may come with several."""


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """How many messages were unseen afterwards, and which of those named are not there."""

    unread_count: int
    unknown: frozenset[UUID]


class Acknowledgements:
    """The use-case of a phone, in the person's hand or in the background."""

    def __init__(self, *, access: AccessControl, clock: Clock, published: Callable[[PersonId], None]) -> None:
        """`published` wakes who watches an inbox, after the commit."""
        self._access = access
        self._clock = clock
        self._published = published

    async def acknowledge(self, actor: Principal | None, told: Told, *, idempotency_key: UUID) -> Outcome[Acknowledged]:
        """Keep what a phone tells of its person's messages; what was told before is kept once.

        What is seen or acted on is seen in the inbox too, and is sent no further; what was received is sent by none of
        the channels that waited for that.

        Args:
            actor: Who is signed in, on that phone; its work in the background may tell, too.
            told: At most `MOST_AT_ONCE` pairs.
            idempotency_key: Repeating a key returns the first outcome.

        Returns:
            The state afterwards. Messages of other people are unknown just as those that never were (S36); the rest
            of what is told is kept nevertheless: a phone that was restored must not lose it all by one of them.

        Raises:
            TooManyNotifications: More than `MOST_AT_ONCE`; nothing is kept.
            IdempotencyKeyReused, IdempotencyInFlight: See `backend.idempotency`.
            NotSignedIn, AccountNotConfirmed, AccessRefused: `actor` may not.
        """
        phone = signed_in(actor)
        pairs = sorted({(str(one), kind.value) for one, kind in told})
        if len(pairs) > MOST_AT_ONCE:
            raise TooManyNotifications
        inputs = {"session": str(phone.session_id), "told": [list(pair) for pair in pairs]}
        request = Request(phone.person_id, "acknowledgeNotifications", idempotency_key, inputs)
        action = Action.ACKNOWLEDGE_NOTIFICATIONS
        async with self._access.writing(phone, action, phone.person_id) as (session, _):
            recorded = await run_once(
                session, request, now=self._clock(), work=lambda: self._keep(session, phone, told), explain=_no_facts
            )
        if recorded.facts["marked"] and not recorded.replayed:
            self._published(phone.person_id)
        unknown = frozenset(UUID(one) for one in recorded.facts["unknown"])
        return Outcome(Acknowledged(recorded.facts["unread_count"], unknown), recorded.replayed)

    async def _keep(self, session: AsyncSession, phone: Principal, told: Told) -> Facts:
        now, person_id = self._clock(), phone.person_id
        named = {one for one, _ in told}
        there = set(await find_items(within(session), person_id, named))
        source = await device_of_session(session, person_id, phone.session_id) or phone.session_id
        for kind in _KINDS:
            ids = {one for one, of_kind in told if of_kind is kind} & there
            await receipts.record(session, person_id, ids, kind, source_id=source, now=now)
        seen = {one for one, kind in told if kind in _SEES} & there
        marked = await mark_seen(session, person_id, seen, now=now) if seen else 0
        await touch_device(session, person_id, phone.session_id, now=now)
        return {
            "marked": marked,
            "unknown": sorted(str(one) for one in named - there),
            "unread_count": await count_unseen(within(session), person_id),
        }


async def _no_facts(_refusal: Refusal) -> Facts:
    return {}
