"""What has changed in an inbox since a phone last asked (ADR 0027)."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from backend.database import Database
from backend.inbox.change_queries import InboxState, list_changed, list_withdrawn, read_state
from identity.access import Action
from identity.access_control import AccessControl
from identity.principal import PersonId, Principal
from notifications.changes import MOST_AT_ONCE, number_changes
from notifications.inbox import InboxItem


@dataclass(frozen=True, slots=True)
class SyncPoint:
    """How far a phone's copy goes: up to the change of this number, of an inbox of this epoch."""

    epoch: UUID
    change: int


@dataclass(frozen=True, slots=True)
class Changes:
    """A part of what a phone lacks, in the order of changes.

    Attributes:
        items: Messages that are new or changed, as they are now.
        withdrawn: Ids of those that are not there any more.
        point: How far the copy goes with this part; None where it is worth nothing and has to be begun anew.
        has_next: Whether more is known already.
    """

    items: Sequence[InboxItem]
    withdrawn: Sequence[UUID]
    point: SyncPoint | None
    has_next: bool


RESYNC = Changes((), (), None, has_next=False)
"""The point is of another inbox, of one that was erased, or of a future that a restored database does not know."""

_NO_EPOCH = UUID(int=0)


class InboxChanges:
    """The use-case of a phone that keeps a copy."""

    def __init__(self, *, database: Database, access: AccessControl, most_numbered: int = MOST_AT_ONCE) -> None:
        """Take who may read, and how many changes one transaction numbers."""
        self._most_numbered = most_numbered
        self._database = database
        self._access = access

    async def since(
        self, actor: Principal | None, person_id: PersonId, point: SyncPoint | None, *, limit: int
    ) -> Changes:
        """Return at most `limit` changes after a point.

        A phone that adds what each part says, and goes on from its point until nothing has come, has what the server
        had when it began to ask. Nothing that was committed is ever missed: what somebody else is changing at that very
        moment comes with the next question. A message that changes twice may come once.

        Args:
            actor: Who asks.
            person_id: Whose inbox.
            point: How far the copy goes; None for none.
            limit: How many at most.

        Raises:
            NotSignedIn: Nobody is signed in.
            AccountNotConfirmed: The actor's account is not confirmed.
            AccessRefused: `actor` may not read this person's inbox.
        """
        await self._access.admit(actor, Action.READ_INBOX, person_id)
        state = await self._numbered(person_id)
        after = 0 if point is None else point.change
        if point is not None and (point.epoch != state.epoch or not 0 <= after <= state.last_change):
            return RESYNC
        read, up_to = self._database.read, state.last_change
        changed, withdrawn = await asyncio.gather(
            list_changed(read, person_id, after=after, up_to=up_to, limit=limit + 1),
            list_withdrawn(read, person_id, after=after, up_to=up_to, limit=limit + 1),
        )
        numbers = sorted([one.change for one in changed] + [one.change for one in withdrawn])
        has_next = len(numbers) > limit
        ends_at = numbers[limit - 1] if has_next else up_to
        return Changes(
            items=[one.item for one in changed if one.change <= ends_at],
            withdrawn=[one.id for one in withdrawn if one.change <= ends_at],
            point=SyncPoint(state.epoch, ends_at),
            has_next=has_next,
        )

    async def _numbered(self, person_id: PersonId) -> InboxState:
        """Return the state, after what had no number has got one; every number up to its last is committed."""
        state = await read_state(self._database.read, person_id)
        if state is None or state.is_behind:
            async with self._database.transaction() as session:
                await number_changes(session, person_id, most=self._most_numbered)
            state = await read_state(self._database.read, person_id)
        if state is None:  # erased at this very moment
            return InboxState(_NO_EPOCH, 0, is_behind=False)
        return state
