"""One change of a family: admitted, done once by key, told to both sides, in one transaction."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from backend.clock import Clock
from backend.errors import Refusal
from backend.family.errors import BY_CODE
from backend.idempotency import Facts, Recorded, Request, run_once
from identity.access import Action, signed_in
from identity.access_control import AccessControl
from identity.audit import Access, append
from identity.capacities import Grounds, Mandate
from identity.principal import PersonId, Principal
from notifications.messages import Message
from notifications.outbox import enqueue


@dataclass
class Change:
    """What one change works with: the transaction, its instant, and whom it has told something."""

    session: AsyncSession
    actor: Principal
    now: datetime
    told: set[PersonId] = field(default_factory=set)

    async def tell(self, *messages: Message) -> None:
        """Put messages into inboxes; whoever watches is woken after the commit."""
        for message in messages:
            await enqueue(self.session, message, now=self.now)
            self.told.add(PersonId(message.person_id))

    async def note(self, action: Action, person_id: PersonId, mandate: Mandate) -> None:
        """Write into somebody's audit what was done about them (S41)."""
        grounds = Grounds(mandate.capacity, mandate)
        await append(self.session, [Access(self.actor, person_id, frozenset({action}), grounds, at=self.now)])


Work = Callable[[Change], Awaitable[Facts]]
Explain = Callable[[Change, Refusal], Awaitable[Facts]]


async def no_facts(_change: Change, _refusal: Refusal) -> Facts:
    """Keep nothing about a refusal but its code."""
    return {}


class Changes:
    """Makes changes for signed-in people, about their own relations."""

    def __init__(self, *, access: AccessControl, clock: Clock, published: Callable[[PersonId], None]) -> None:
        """Take who may; `published` wakes who watches an inbox."""
        self._access = access
        self._clock = clock
        self._published = published

    async def make(
        self,
        actor: Principal | None,
        action: Action,
        *,
        operation: str,
        key: UUID,
        inputs: Facts,
        work: Work,
        explain: Explain = no_facts,
        person_id: PersonId | None = None,
    ) -> Recorded:
        """Do one change once and commit it; what was refused is undone, recorded and raised.

        Args:
            actor: Who asks.
            action: What for.
            operation: Its name, by which keys are kept apart.
            key: Repeating a key returns the first outcome, a refusal too.
            inputs: All that decides what is done.
            work: Does it, and returns the facts to keep.
            explain: Called after the undoing of what was refused.
            person_id: Whose data are changed, where that is not the actor.

        Raises:
            FamilyRefusal: The work refused, now or when the key was first used.
            IdempotencyKeyReused, IdempotencyInFlight: See `backend.idempotency`.
            NotSignedIn, AccountNotConfirmed, AccessRefused: As `AccessControl.writing`.
        """
        acting = signed_in(actor)
        request = Request(actor_id=acting.person_id, operation=operation, key=key, inputs=inputs)
        async with self._access.writing(acting, action, person_id or acting.person_id) as (session, _):
            change = Change(session, acting, self._clock())
            recorded = await run_once(
                session,
                request,
                now=change.now,
                work=lambda: work(change),
                explain=lambda refusal: explain(change, refusal),
            )
        if recorded.refused is not None:
            raise BY_CODE[recorded.refused](replayed=recorded.replayed)
        if not recorded.replayed:
            for told in change.told:
                self._published(told)
        return recorded
