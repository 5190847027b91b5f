"""The end of acting for somebody: by either side at once, or by time."""

from datetime import datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from backend.family import messages
from backend.family.changes import Change, Changes
from backend.family.errors import (
    InvitationNotFound,
    RepresentationByLaw,
    RepresentationEnded,
    RepresentationNotFound,
)
from backend.family.queries import UNANSWERED, due_to_look_at, lock, lock_invitation
from backend.family.rules import NOTICE
from backend.idempotency import Facts, Outcome
from backend.profile.queries import find_birth
from backend.profile.values import DEFAULT_TIME_ZONE
from backend.reading import within
from identity.access import Action
from identity.principal import PersonId, Principal
from identity.representation_queries import find_as_either, to_value
from identity.representation_rules import end_of, mandates_of
from identity.representation_tables import InvitationState, RepresentationRow
from identity.representation_values import EndReason, RepresentationKind
from notifications.messages import Message
from notifications.outbox import enqueue

_MOST_AT_ONCE = 500


class Endings:
    """Ends representations and takes invitations back."""

    def __init__(self, *, changes: Changes) -> None:
        """Take what changes are made with."""
        self._changes = changes

    async def end(self, actor: Principal | None, *, representation_id: UUID, idempotency_key: UUID) -> Outcome[UUID]:
        """End that one acts for another, from the next request on, and tell both.

        Args:
            actor: Either side; a child or a ward cannot end what the law gives.
            representation_id: Which.
            idempotency_key: Repeating a key returns the first outcome, a refusal too.

        Returns:
            Its id.

        Raises:
            RepresentationNotFound: None of which `actor` is a side.
            RepresentationEnded: It is over, by somebody or by time.
            RepresentationByLaw: `actor` is the child or the ward.
            IdempotencyKeyReused, IdempotencyInFlight: See `backend.idempotency`.
            NotSignedIn, AccessRefused, AccountNotConfirmed: `actor` may not.
        """
        recorded = await self._changes.make(
            actor,
            Action.END_REPRESENTATION,
            operation="endRepresentation",
            key=idempotency_key,
            inputs={"representation": str(representation_id)},
            work=lambda change: _end(change, representation_id),
        )
        return Outcome(UUID(recorded.facts["representation"]), recorded.replayed)

    async def withdraw(self, actor: Principal | None, *, invitation_id: UUID, idempotency_key: UUID) -> Outcome[UUID]:
        """Take back an invitation that was not answered; its code opens nothing any more.

        Raises:
            InvitationNotFound: Not made by `actor`, answered, or too old.
            IdempotencyKeyReused, IdempotencyInFlight: See `backend.idempotency`.
            NotSignedIn, AccessRefused, AccountNotConfirmed: `actor` may not.
        """

        async def work(change: Change) -> Facts:
            row = await lock_invitation(change.session, invitation_id, person_id=change.actor.person_id)
            if row is None or row.state not in UNANSWERED or change.now >= row.expires_at:
                raise InvitationNotFound
            row.state, row.settled_at = InvitationState.WITHDRAWN, change.now
            change.session.add(row)
            await change.session.flush()
            return {"invitation": str(row.id)}

        recorded = await self._changes.make(
            actor,
            Action.END_REPRESENTATION,
            operation="withdrawInvitation",
            key=idempotency_key,
            inputs={"invitation": str(invitation_id)},
            work=work,
        )
        return Outcome(UUID(recorded.facts["invitation"]), recorded.replayed)


async def _end(change: Change, representation_id: UUID) -> Facts:
    session, own = change.session, change.actor.person_id
    seen = await find_as_either(session, representation_id, own)
    if seen is None:
        raise RepresentationNotFound
    await lock(session, "family", str(seen.person_id))
    await session.refresh(seen)
    birth = await find_birth(within(session), PersonId(seen.person_id))
    value = to_value(seen)
    if seen.ended_at is not None or change.now >= end_of(value, birth):
        raise RepresentationEnded
    is_person = seen.person_id == own
    if is_person and seen.kind is not RepresentationKind.TRUSTED:
        raise RepresentationByLaw
    mandates = mandates_of(value, birth, change.now)
    close(seen, change.now, by=own, reason=EndReason.BY_PERSON if is_person else EndReason.BY_REPRESENTATIVE)
    session.add(seen)
    await session.flush()
    await change.tell(*messages.ended(seen))
    if not is_person:
        for mandate in mandates[:1]:
            await change.note(Action.END_REPRESENTATION, PersonId(seen.person_id), mandate)
    return {"representation": str(seen.id)}


def close(row: RepresentationRow, now: datetime, *, by: UUID | None, reason: EndReason) -> None:
    """Mark a representation as over."""
    row.ended_at, row.ended_by, row.end_reason = now, by, reason


async def end_expired(session: AsyncSession, now: datetime) -> int:
    """Close what time has ended, and announce what it will end within a week; return how many were looked at.

    Housekeeping only: what has ended gives nothing from that instant on, whether or not it is closed. A birth date or
    zone that was corrected since moves the end.
    """
    rows = await due_to_look_at(session, now, notice=NOTICE, limit=_MOST_AT_ONCE)
    for row in rows:
        birth = await find_birth(within(session), PersonId(row.person_id))
        row.expires_at = end_of(to_value(row), birth)
        told: tuple[Message, ...] = ()
        if row.expires_at <= now:
            close(row, now, by=None, reason=EndReason.EXPIRED)
            told = messages.ended(row)
        elif row.expires_at <= now + NOTICE and row.end_announced_at is None:
            row.end_announced_at = now
            told = messages.expiring(row, row.expires_at, birth.time_zone if birth else DEFAULT_TIME_ZONE)
        session.add(row)
        await session.flush()
        for message in told:
            await enqueue(session, message, now=now)
    return len(rows)
