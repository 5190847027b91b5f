"""Guardians: what somebody says of themselves waits for an officer, who has seen the document."""

from datetime import datetime
from uuid import UUID

from backend.database import Database
from backend.family import messages
from backend.family.changes import Change, Changes
from backend.family.endings import close
from backend.family.errors import (
    GuardianshipNotFound,
    RepresentationEnded,
    RepresentationExists,
    RepresentationNotFound,
    TooManyGuardianships,
)
from backend.family.people import find_or_record
from backend.family.ports import PersonRegister
from backend.family.queries import find_guardianship, guardianships_waiting, lock
from backend.family.rows import guardianship_of
from backend.family.rules import MOST_WAITING, NOTICE, check_guardianship
from backend.family.values import Guardianship, GuardianshipDocument, Ward
from backend.idempotency import Facts, Outcome
from identity.access import Action, signed_in
from identity.access_control import AccessControl
from identity.capacities import Capacity, Mandate
from identity.errors import AccessRefused
from identity.ports import PersonFacts
from identity.principal import PersonId, Principal
from identity.representation_queries import live_of, to_value
from identity.representation_rules import end_of
from identity.representation_tables import (
    GuardianshipRow,
    GuardianshipState,
    RepresentationDocumentRow,
    RepresentationRow,
)
from identity.representation_values import EndReason, RepresentationKind

_QUEUE = 100
_DESK = "desk"
"""The source of facts that an officer read from a document."""


class Guardianships:
    """What guardians tell, and what an officer makes of it."""

    def __init__(
        self, *, database: Database, access: AccessControl, changes: Changes, directory: PersonRegister
    ) -> None:
        """Take where to read, who may, what changes are made with, and who keeps people."""
        self._database = database
        self._access = access
        self._changes = changes
        self._directory = directory

    async def register(
        self, actor: Principal | None, *, ward: Ward, document: GuardianshipDocument, idempotency_key: UUID
    ) -> Outcome[Guardianship]:
        """Tell of a guardianship; nothing follows from it before an officer has seen the document.

        No register can be asked whether a guardianship stands, so nothing is decided here by itself, and the answer
        is the same whether or not there is such a ward.

        Raises:
            GuardianshipDocumentInvalid, GuardianshipTermInvalid: See `backend.family.rules.check_guardianship`.
            TooManyGuardianships: Too many of this guardian wait.
            IdempotencyKeyReused, IdempotencyInFlight: See `backend.idempotency`.
            NotSignedIn, AccessRefused, AccountNotConfirmed: `actor` may not.

        Source: 48-ФЗ art. 11 (an act of the guardianship authority); ГК РФ art. 29 and 35.
        """

        async def work(change: Change) -> Facts:
            check_guardianship(ward, document, change.now.date())
            own = change.actor.person_id
            await lock(change.session, "guardianships", str(own))
            if len(await guardianships_waiting(change.session, person_id=own, limit=MOST_WAITING)) == MOST_WAITING:
                raise TooManyGuardianships
            row = _row(own, ward, document, change.now)
            change.session.add(row)
            await change.session.flush()
            return {"guardianship": str(row.id)}

        term = document.term
        recorded = await self._changes.make(
            actor,
            Action.CONFIRM_CHILD,
            operation="registerGuardianship",
            key=idempotency_key,
            inputs={
                "ward": [ward.family_name, ward.given_name, ward.patronymic, ward.sex.value, ward.snils.digits],
                "born": ward.birth_date.isoformat(),
                "document": [document.kind.value, document.number, document.issued_by],
                "term": [term.first.isoformat(), term.last.isoformat()],
            },
            work=work,
        )
        key = (signed_in(actor).person_id, UUID(recorded.facts["guardianship"]))
        async with self._database.reading() as session:
            row = await session.get(GuardianshipRow, key)
        if row is None:
            raise GuardianshipNotFound
        return Outcome(guardianship_of(row), recorded.replayed)

    async def waiting(self, actor: Principal | None) -> list[Guardianship]:
        """Return what waits for an officer, oldest first, 100 at most.

        Raises:
            NotSignedIn, AccessRefused: `actor` is no officer.
        """
        await self._access.admit(actor, Action.CHECK_REPRESENTATION, None)
        async with self._database.reading() as session:
            return [guardianship_of(row) for row in await guardianships_waiting(session, limit=_QUEUE)]

    async def settle(
        self,
        actor: Principal | None,
        *,
        guardian_id: PersonId,
        guardianship_id: UUID,
        is_confirmed: bool,
        idempotency_key: UUID,
    ) -> Outcome[UUID | None]:
        """Confirm a guardianship whose document the officer has seen, or refuse it; both are in the audit.

        Args:
            actor: The officer; of their own family nobody decides.
            guardian_id: Who told of it.
            guardianship_id: Which.
            is_confirmed: Whether the document is as it was told.
            idempotency_key: Repeating a key returns the first outcome, a refusal too.

        Returns:
            Id of the representation; None where it was refused.

        Raises:
            GuardianshipNotFound: No such guardianship waits.
            PersonFactsConflict: The ward is somebody else; nothing is settled.
            RepresentationExists: The guardian acts for the ward already.
            IdempotencyKeyReused, IdempotencyInFlight: See `backend.idempotency`.
            NotSignedIn, AccessRefused: `actor` is no officer, or one of the two.
        """
        officer = signed_in(actor)
        if officer.person_id == guardian_id:
            raise AccessRefused

        async def work(change: Change) -> Facts:
            row = await find_guardianship(change.session, guardian_id, guardianship_id)
            if row is None or row.state is not GuardianshipState.WAITING_FOR_CHECK:
                raise GuardianshipNotFound
            row.settled_at, row.settled_by = change.now, officer.person_id
            row.state = GuardianshipState.CONFIRMED if is_confirmed else GuardianshipState.REFUSED
            change.session.add(row)
            await change.session.flush()
            if not is_confirmed:
                await change.tell(messages.guardianship_refused(guardian_id, row.id))
                return {"representation": None}
            return {"representation": str(await self._begin(change, row))}

        recorded = await self._changes.make(
            officer,
            Action.CHECK_REPRESENTATION,
            operation="settleGuardianship",
            key=idempotency_key,
            inputs={"guardianship": str(guardianship_id), "confirmed": is_confirmed},
            work=work,
            person_id=guardian_id,
        )
        begun = recorded.facts["representation"]
        return Outcome(UUID(begun) if begun else None, recorded.replayed)

    async def end(
        self, actor: Principal | None, *, person_id: PersonId, representation_id: UUID, idempotency_key: UUID
    ) -> Outcome[UUID]:
        """End what the law gave, as when a court took parental rights away; both sides are told.

        Raises:
            RepresentationNotFound, RepresentationEnded: Nobody acts for the person by it.
            IdempotencyKeyReused, IdempotencyInFlight: See `backend.idempotency`.
            NotSignedIn, AccessRefused: `actor` is no officer, or the person.

        Source: СК РФ art. 71 (loss of parental rights); ГК РФ art. 39 (dismissal of a guardian).
        """
        officer = signed_in(actor)
        if officer.person_id == person_id:
            raise AccessRefused

        async def work(change: Change) -> Facts:
            await lock(change.session, "family", str(person_id))
            row = await change.session.get(RepresentationRow, (person_id, representation_id))
            if row is None or row.kind is RepresentationKind.TRUSTED:
                raise RepresentationNotFound
            if row.ended_at is not None:
                raise RepresentationEnded
            if row.representative_id == officer.person_id:
                raise AccessRefused
            close(row, change.now, by=officer.person_id, reason=EndReason.BY_OFFICER)
            change.session.add(row)
            await change.session.flush()
            await change.tell(*messages.ended(row))
            return {"representation": str(row.id)}

        recorded = await self._changes.make(
            officer,
            Action.CHECK_REPRESENTATION,
            operation="endRepresentationByLaw",
            key=idempotency_key,
            inputs={"person": str(person_id), "representation": str(representation_id)},
            work=work,
            person_id=person_id,
        )
        return Outcome(UUID(recorded.facts["representation"]), recorded.replayed)

    async def _begin(self, change: Change, told: GuardianshipRow) -> UUID:
        guardianship = guardianship_of(told)
        guardian_id, snils = PersonId(told.person_id), guardianship.ward.snils
        facts = _facts(guardianship.ward, change.now)
        person_id = await find_or_record(change.session, self._directory, facts, snils=snils, but=guardian_id)
        if person_id == change.actor.person_id:
            raise AccessRefused
        await lock(change.session, "family", str(person_id))
        if await live_of(change.session, person_id, RepresentationKind.GUARDIAN, guardian_id) is not None:
            raise RepresentationExists
        row = RepresentationRow(
            person_id=person_id,
            representative_id=guardian_id,
            kind=RepresentationKind.GUARDIAN,
            begun_at=change.now,
            first_day=told.first_day,
            last_day=told.last_day,
            expires_at=change.now,
        )
        row.expires_at = end_of(to_value(row), await self._directory.birth_of(change.session, person_id))
        row.end_announced_at = change.now if row.expires_at <= change.now + NOTICE else None
        change.session.add(row)
        await change.session.flush()
        change.session.add(_document(row, told, change))
        await change.tell(*messages.begun(row))
        desk = Mandate(Capacity.AUDITOR_DESK, reference=row.id)
        await change.note(Action.CHECK_REPRESENTATION, person_id, desk)
        return row.id


def _row(own: PersonId, ward: Ward, document: GuardianshipDocument, now: datetime) -> GuardianshipRow:
    return GuardianshipRow(
        person_id=own,
        state=GuardianshipState.WAITING_FOR_CHECK,
        family_name=ward.family_name.strip(),
        given_name=ward.given_name.strip(),
        patronymic=ward.patronymic.strip() if ward.patronymic else None,
        birth_date=ward.birth_date,
        sex=ward.sex.value,
        snils=ward.snils.digits,
        document_kind=document.kind,
        document_number=document.number.strip(),
        issued_by=document.issued_by.strip(),
        first_day=document.term.first,
        last_day=document.term.last,
        requested_at=now,
    )


def _facts(ward: Ward, now: datetime) -> PersonFacts:
    return PersonFacts(
        family_name=ward.family_name,
        given_name=ward.given_name,
        patronymic=ward.patronymic,
        birth_date=ward.birth_date,
        sex=ward.sex.value,
        snils=ward.snils.digits,
        phone=None,
        email=None,
        source=_DESK,
        as_of=now,
    )


def _document(row: RepresentationRow, told: GuardianshipRow, change: Change) -> RepresentationDocumentRow:
    return RepresentationDocumentRow(
        person_id=row.person_id,
        representation_id=row.id,
        kind=told.document_kind,
        number=told.document_number,
        issued_by=told.issued_by,
        source=_DESK,
        checked_at=change.now,
        checked_by=change.actor.person_id,
    )
