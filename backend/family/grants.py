"""Adults who let each other act: an invitation by a one-time code, which names its reader without looking anybody up.

The code opens only for whoever has the telephone or SNILS and the birth date that it was made for, so that nobody can
find out by inviting who is here, and a lost code serves nobody else.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from backend.database import Database
from backend.family import messages
from backend.family.changes import Change, Changes
from backend.family.errors import AdultsOnly, InvitationNotFound, TooManyInvitations
from backend.family.queries import UNANSWERED, lock, lock_invitation, lock_invitation_by_code, unanswered_by
from backend.family.rows import invitation_of
from backend.family.rules import (
    INVITATION_LIVES,
    MOST_INVITATIONS,
    NOTICE,
    check_grantee,
    check_rights,
    code_hash,
    hashes_of,
)
from backend.family.values import Grantee, Invitation, Offer
from backend.idempotency import Facts, Outcome
from backend.profile.queries import find_person
from backend.profile.values import Person
from backend.reading import within
from identity.access import Action, signed_in
from identity.opaque import mint_for, owner_of
from identity.ports import Birth
from identity.principal import PersonId, Principal
from identity.representation_queries import ends_of, live_of, set_ends, to_value
from identity.representation_rules import is_of_age, of_trust
from identity.representation_tables import InvitationRow, InvitationState, RepresentationRow
from identity.representation_values import EndReason, GrantedRight, RepresentationKind


class Grants:
    """Invitations between adults, and what comes of them."""

    def __init__(self, *, database: Database, changes: Changes) -> None:
        """Take where to read, and what changes are made with."""
        self._database = database
        self._changes = changes

    async def grant(
        self,
        actor: Principal | None,
        *,
        grantee: Grantee,
        rights: Sequence[tuple[GrantedRight, datetime]],
        idempotency_key: UUID,
    ) -> Outcome[Offer]:
        """Invite an adult to act for oneself; the answer is the same whether or not there is such a person.

        Args:
            actor: Who trusts.
            grantee: Whom they mean.
            rights: What is given, each with its end.
            idempotency_key: Repeating a key returns the first outcome, the code and a refusal too.

        Returns:
            The invitation, good for 72 hours, and the code to hand over.

        Raises:
            GranteeUnclear, GrantRightsInvalid, GrantTermInvalid: See `backend.family.rules`.
            AdultsOnly: `actor` is under 18.
            TooManyInvitations: Too many are unanswered.
            IdempotencyKeyReused, IdempotencyInFlight: See `backend.idempotency`.
            NotSignedIn, AccessRefused, AccountNotConfirmed: `actor` may not.
        """

        async def work(change: Change) -> Facts:
            check_grantee(grantee)
            ends = check_rights(rights, change.now)
            await _require_adult(change)
            own = change.actor.person_id
            await lock(change.session, "invitations", str(own))
            if len(await unanswered_by(change.session, own, change.now)) >= MOST_INVITATIONS:
                raise TooManyInvitations
            code, named_by = mint_for(own), _named_by(grantee)
            row = InvitationRow(
                person_id=own,
                code_hash=code_hash(code, named_by, grantee.birth_date),
                state=InvitationState.OFFERED,
                created_at=change.now,
                expires_at=min(change.now + INVITATION_LIVES, max(ends.values())),
            )
            set_ends(row, ends)
            change.session.add(row)
            await change.session.flush()
            await change.tell(messages.offered(row))
            return {"invitation": str(row.id), "code": code}

        recorded = await self._changes.make(
            actor,
            Action.GRANT_REPRESENTATION,
            operation="grantRepresentation",
            key=idempotency_key,
            inputs={
                "grantee": [_named_by(grantee), grantee.birth_date.isoformat()],
                "rights": sorted([right.value, end.isoformat()] for right, end in rights),
            },
            work=work,
        )
        invitation = await self._read(signed_in(actor).person_id, UUID(recorded.facts["invitation"]))
        return Outcome(Offer(invitation_of(invitation, None), recorded.facts["code"]), recorded.replayed)

    async def open(self, actor: Principal | None, *, code: str, idempotency_key: UUID) -> Outcome[Invitation]:
        """Show an invitation to the one it is for; from then on only they can answer it.

        Raises:
            InvitationNotFound: The code is wrong, too old, used, or for somebody else: all answer alike.
            AdultsOnly: It is for `actor`, who is under 18.
            IdempotencyKeyReused, IdempotencyInFlight: See `backend.idempotency`.
            NotSignedIn, AccessRefused, AccountNotConfirmed: `actor` may not.
        """

        async def work(change: Change) -> Facts:
            owner, reader = owner_of(code), await _reader(change)
            if owner is None or owner == change.actor.person_id:
                raise InvitationNotFound
            found = await lock_invitation_by_code(change.session, owner, hashes_of(code, reader))
            row = _require_answerable(found, change, UNANSWERED)
            await _require_adult(change)
            row.representative_id, row.state = change.actor.person_id, InvitationState.OPENED
            change.session.add(row)
            await change.session.flush()
            await change.tell(messages.opened(row, change.actor.person_id))
            return {"person": str(row.person_id), "invitation": str(row.id)}

        recorded = await self._changes.make(
            actor,
            Action.ANSWER_REPRESENTATION,
            operation="openInvitation",
            key=idempotency_key,
            inputs={"code": code},
            work=work,
        )
        owner = PersonId(UUID(recorded.facts["person"]))
        row = await self._read(owner, UUID(recorded.facts["invitation"]))
        return Outcome(invitation_of(row, await find_person(self._database.read, owner)), recorded.replayed)

    async def accept(self, actor: Principal | None, *, invitation_id: UUID, idempotency_key: UUID) -> Outcome[UUID]:
        """Begin to act for whoever invited; what they gave before is replaced by it.

        Returns:
            Id of the representation.

        Raises:
            InvitationNotFound: Not opened by `actor`, answered, or too old.
            IdempotencyKeyReused, IdempotencyInFlight: See `backend.idempotency`.
            NotSignedIn, AccessRefused, AccountNotConfirmed: `actor` may not.
        """
        recorded = await self._changes.make(
            actor,
            Action.ANSWER_REPRESENTATION,
            operation="acceptRepresentation",
            key=idempotency_key,
            inputs={"invitation": str(invitation_id)},
            work=lambda change: _accept(change, invitation_id),
        )
        return Outcome(UUID(recorded.facts["representation"]), recorded.replayed)

    async def decline(self, actor: Principal | None, *, invitation_id: UUID, idempotency_key: UUID) -> Outcome[UUID]:
        """Say no to an invitation, and tell whoever invited; otherwise as `accept`."""

        async def work(change: Change) -> Facts:
            row = await _opened(change, invitation_id)
            row.state, row.settled_at = InvitationState.DECLINED, change.now
            change.session.add(row)
            await change.session.flush()
            await change.tell(messages.declined(row))
            return {"invitation": str(row.id)}

        recorded = await self._changes.make(
            actor,
            Action.ANSWER_REPRESENTATION,
            operation="declineRepresentation",
            key=idempotency_key,
            inputs={"invitation": str(invitation_id)},
            work=work,
        )
        return Outcome(UUID(recorded.facts["invitation"]), recorded.replayed)

    async def _read(self, person_id: PersonId, invitation_id: UUID) -> InvitationRow:
        """Return an invitation that exists."""
        async with self._database.reading() as session:
            row = await session.get(InvitationRow, (person_id, invitation_id))
        if row is None:
            raise InvitationNotFound
        return row


async def _accept(change: Change, invitation_id: UUID) -> Facts:
    invitation = await _opened(change, invitation_id)
    person_id, own = PersonId(invitation.person_id), change.actor.person_id
    ends = {right: end for right, end in ends_of(invitation).items() if change.now < end}
    await lock(change.session, "family", str(person_id))
    former = await live_of(change.session, person_id, RepresentationKind.TRUSTED, own)
    if former is not None:
        former.ended_at, former.ended_by, former.end_reason = change.now, own, EndReason.REPLACED
        change.session.add(former)
        await change.session.flush()
    expires_at = max(ends.values())
    row = RepresentationRow(
        person_id=person_id,
        representative_id=own,
        kind=RepresentationKind.TRUSTED,
        begun_at=change.now,
        expires_at=expires_at,
        end_announced_at=change.now if expires_at <= change.now + NOTICE else None,
    )
    set_ends(row, ends)
    invitation.state, invitation.settled_at = InvitationState.ACCEPTED, change.now
    change.session.add_all([row, invitation])
    await change.session.flush()
    await change.tell(*messages.begun(row))
    for mandate in of_trust(to_value(row).ends, change.now, row.id)[:1]:
        await change.note(Action.ANSWER_REPRESENTATION, person_id, mandate)
    return {"representation": str(row.id)}


async def _opened(change: Change, invitation_id: UUID) -> InvitationRow:
    row = await lock_invitation(change.session, invitation_id, invited=change.actor.person_id)
    return _require_answerable(row, change, (InvitationState.OPENED,))


def _require_answerable(row: InvitationRow | None, change: Change, states: Sequence[InvitationState]) -> InvitationRow:
    """Return an invitation that can be answered now; one that somebody else has opened is not the actor's."""
    if (
        row is None
        or row.state not in states
        or change.now >= row.expires_at
        or row.representative_id not in {None, change.actor.person_id}
    ):
        raise InvitationNotFound
    return row


async def _reader(change: Change) -> Person:
    person = await find_person(within(change.session), change.actor.person_id)
    if person is None:
        raise InvitationNotFound
    return person


async def _require_adult(change: Change) -> None:
    person = await find_person(within(change.session), change.actor.person_id)
    if person is None or not is_of_age(Birth(person.birth_date, person.time_zone), change.now):
        raise AdultsOnly


def _named_by(grantee: Grantee) -> str:
    return grantee.phone.e164 if grantee.phone else grantee.snils.digits if grantee.snils else ""
