"""A parent confirms a child: the document is compared with what the source knows, and kept as the ground."""

from uuid import UUID

from backend.errors import Refusal
from backend.family import messages
from backend.family.changes import Change, Changes
from backend.family.errors import (
    ChildCheckLocked,
    ChildDocumentMismatch,
    ChildNotFound,
    ChildOfAge,
    RepresentationExists,
)
from backend.family.people import find_or_record
from backend.family.ports import KnownChildren, PersonRegister
from backend.family.queries import lock, lock_check
from backend.family.rules import LOCKED_FOR, MOST_MISMATCHES, NOTICE, check_certificate, check_child
from backend.family.values import Certificate
from backend.idempotency import Facts, Outcome
from identity.access import Action, signed_in
from identity.known_children import BirthCertificate, KnownChild
from identity.ports import PersonFacts
from identity.principal import Principal
from identity.representation_queries import live_of, to_value
from identity.representation_rules import end_of, is_of_age, mandates_of
from identity.representation_tables import ChildCheckRow, RepresentationDocumentRow, RepresentationRow
from identity.representation_values import DocumentKind, RepresentationKind


class Children:
    """Confirms children that a source keeps on a parent's account."""

    def __init__(self, *, changes: Changes, children: KnownChildren, directory: PersonRegister) -> None:
        """Take what changes are made with, who knows of children, and who keeps people."""
        self._changes = changes
        self._children = children
        self._directory = directory

    async def confirm(
        self, actor: Principal | None, *, child_id: UUID, certificate: Certificate, idempotency_key: UUID
    ) -> Outcome[UUID]:
        """Begin to act for a child of the account, by the certificate of birth.

        Args:
            actor: The parent.
            child_id: As `Relations.child_candidates` gives.
            certificate: As the parent types it from the paper.
            idempotency_key: Repeating a key returns the first outcome, a refusal too.

        Returns:
            Id of the representation. The child is a person from now on, the one of the same SNILS and birth date
            where there is one.

        Raises:
            ChildNotFound: No such child on the account now.
            ChildFactsIncomplete, ChildOfAge, ChildDocumentUnknown: The source does not tell enough to decide.
            ChildDocumentMismatch: The document is another one; counted.
            ChildCheckLocked: It was another one too often; waits a day.
            PersonFactsConflict, RepresentationExists: The person is somebody else, or confirmed already.
            IdempotencyKeyReused, IdempotencyInFlight: See `backend.idempotency`.
            NotSignedIn, AccessRefused, AccountNotConfirmed: `actor` may not.

        Source: domain reference, §1 "A child in ESIA"; СК РФ art. 47 and 64.
        """
        parent = signed_in(actor)
        known = await self._children.list(parent.person_id)
        child = next((one for one in known if one.id == child_id), None)

        async def work(change: Change) -> Facts:
            if child is None:
                raise ChildNotFound
            return {"representation": str(await self._confirm(change, child, certificate))}

        async def explain(change: Change, refusal: Refusal) -> Facts:
            if isinstance(refusal, ChildDocumentMismatch):
                await _count_mismatch(change, child_id)
            return {}

        recorded = await self._changes.make(
            parent,
            Action.CONFIRM_CHILD,
            operation="confirmChild",
            key=idempotency_key,
            inputs={
                "child": str(child_id),
                "certificate": [certificate.series, certificate.number, certificate.act_record],
            },
            work=work,
            explain=explain,
        )
        return Outcome(UUID(recorded.facts["representation"]), recorded.replayed)

    async def _confirm(self, change: Change, child: KnownChild, certificate: Certificate) -> UUID:
        parent_id = change.actor.person_id
        await _require_unlocked(change, child.id)
        snils = check_child(child)
        known = check_certificate(certificate, child.told.certificate)
        facts = _facts(child)
        person_id = await find_or_record(change.session, self._directory, facts, snils=snils, but=parent_id)
        await lock(change.session, "family", str(person_id))
        birth = await self._directory.birth_of(change.session, person_id)
        if birth is None or is_of_age(birth, change.now):
            raise ChildOfAge
        if await live_of(change.session, person_id, RepresentationKind.PARENT, parent_id) is not None:
            raise RepresentationExists
        row = RepresentationRow(
            person_id=person_id,
            representative_id=parent_id,
            kind=RepresentationKind.PARENT,
            begun_at=change.now,
            expires_at=change.now,
        )
        row.expires_at = end_of(to_value(row), birth)
        row.end_announced_at = change.now if row.expires_at <= change.now + NOTICE else None
        change.session.add(row)
        await change.session.flush()
        change.session.add(_document(row, child, known, change))
        await change.tell(*messages.begun(row))
        for mandate in mandates_of(to_value(row), birth, change.now):
            await change.note(Action.CONFIRM_CHILD, person_id, mandate)
        return row.id


async def _require_unlocked(change: Change, child_id: UUID) -> None:
    check = await lock_check(change.session, change.actor.person_id, child_id)
    if check and check.mismatches >= MOST_MISMATCHES and change.now < check.mismatched_at + LOCKED_FOR:
        raise ChildCheckLocked


async def _count_mismatch(change: Change, child_id: UUID) -> None:
    check = await lock_check(change.session, change.actor.person_id, child_id)
    if check is None:
        check = ChildCheckRow(
            person_id=change.actor.person_id, child_id=child_id, mismatches=0, mismatched_at=change.now
        )
    is_old = change.now >= check.mismatched_at + LOCKED_FOR
    check.mismatches = 1 if is_old else check.mismatches + 1
    check.mismatched_at = change.now
    change.session.add(check)
    await change.session.flush()


def _facts(child: KnownChild) -> PersonFacts:
    told = child.told
    if told.birth_date is None or told.sex is None:
        raise ValueError("a child that was checked has both")
    return PersonFacts(
        family_name=told.family_name,
        given_name=told.given_name,
        patronymic=told.patronymic,
        birth_date=told.birth_date,
        sex=told.sex,
        snils=told.snils,
        phone=None,
        email=None,
        source=child.source,
        as_of=child.as_of,
    )


def _document(
    row: RepresentationRow, child: KnownChild, known: BirthCertificate, change: Change
) -> RepresentationDocumentRow:
    return RepresentationDocumentRow(
        person_id=row.person_id,
        representation_id=row.id,
        kind=DocumentKind.BIRTH_CERTIFICATE,
        series=known.series,
        number=known.number,
        act_record=known.act_record,
        source=child.source,
        checked_at=change.now,
    )
