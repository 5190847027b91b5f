"""The officer's desk: guardianships to be checked, and the end of what the law gave."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from backend.database import Database
from backend.family import messages
from backend.family.changes import Change, Changes
from backend.family.endings import close
from backend.family.errors import (
    GuardianshipNotFound,
    RepresentationEnded,
    RepresentationExists,
    RepresentationNotFound,
)
from backend.family.people import find_or_record
from backend.family.ports import PersonRegister
from backend.family.queries import (
    CheckRow,
    find_check,
    find_guardian,
    find_guardianship,
    guardianship_queue,
    lock,
    person_acted_for,
)
from backend.family.rows import guardianship_of
from backend.family.rules import NOTICE, check_note
from backend.family.values import CheckPage, CheckPosition, GuardianshipCheck, Ward
from backend.idempotency import Facts, Outcome
from backend.profile.queries import find_persons
from backend.reading import within
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

_DESK = "desk"
"""The source of facts that an officer read from a document."""


class FamilyDesk:
    """What an officer makes of what guardians tell, and of what courts decide; all of it asks CHECK_REPRESENTATION."""

    def __init__(
        self, *, database: Database, access: AccessControl, changes: Changes, directory: PersonRegister
    ) -> None:
        """Take where to read, who may, what changes are made with, and who keeps people."""
        self._database = database
        self._access = access
        self._changes = changes
        self._directory = directory

    async def list_queue(
        self, actor: Principal | None, *, state: GuardianshipState, limit: int, after: CheckPosition | None = None
    ) -> CheckPage:
        """Return at most `limit` guardianships in a state, the first told first; each look is in the guardian's log.

        Raises:
            NotSignedIn, AccessRefused: `actor` is no officer.
        """
        await self._access.admit(actor, Action.CHECK_REPRESENTATION, None)
        async with self._database.reading() as session:
            rows = await guardianship_queue(session, state, limit=limit + 1, after=after)
            shown = await _checks(session, rows[:limit])
        guardians = {PersonId(one.told.guardian_id) for one in shown}
        await self._access.admit_to_each(actor, Action.CHECK_REPRESENTATION, guardians)
        return CheckPage(shown, has_next=len(rows) > limit)

    async def settle(
        self,
        actor: Principal | None,
        *,
        guardianship_id: UUID,
        is_confirmed: bool,
        note: str | None,
        idempotency_key: UUID,
    ) -> Outcome[GuardianshipCheck]:
        """Confirm a guardianship whose document the officer has seen, or refuse it; both are in the audit.

        Args:
            actor: The officer; of their own family nobody decides.
            guardianship_id: Which.
            is_confirmed: Whether the document is as it was told.
            note: Why, 1,000 characters at most, never left out of a refusal; for officers, and in the guardian's copy.
            idempotency_key: Repeating a key returns the first outcome as it stands then, a refusal too.

        Raises:
            GuardianshipNotFound: No such guardianship waits.
            OfficerNoteRefused: The note is too long, or a refusal has none.
            PersonFactsConflict: The ward is somebody else; nothing is settled.
            RepresentationExists: The guardian acts for the ward already.
            IdempotencyKeyReused, IdempotencyInFlight: See `backend.idempotency`.
            NotSignedIn, AccessRefused: `actor` is no officer, or one of the two.
        """
        officer = signed_in(actor)
        await self._access.admit(officer, Action.CHECK_REPRESENTATION, None)
        said = check_note(note, is_needed=not is_confirmed)
        async with self._database.reading() as session:
            guardian_id = await find_guardian(session, guardianship_id)
        if guardian_id is None:
            raise GuardianshipNotFound
        if guardian_id == officer.person_id:
            raise AccessRefused

        async def work(change: Change) -> Facts:
            row = await find_guardianship(change.session, guardian_id, guardianship_id)
            if row is None or row.state is not GuardianshipState.WAITING_FOR_CHECK:
                raise GuardianshipNotFound
            row.settled_at, row.settled_by, row.note = change.now, officer.person_id, said
            row.state = GuardianshipState.CONFIRMED if is_confirmed else GuardianshipState.REFUSED
            if is_confirmed:
                row.representation_id = await self._begin(change, row)
            else:
                await change.tell(messages.guardianship_refused(guardian_id, row.id))
            change.session.add(row)
            await change.session.flush()
            return {}

        recorded = await self._changes.make(
            officer,
            Action.CHECK_REPRESENTATION,
            operation="settleGuardianship",
            key=idempotency_key,
            inputs={"guardianship": str(guardianship_id), "confirmed": is_confirmed, "note": said},
            work=work,
            person_id=guardian_id,
        )
        async with self._database.reading() as session:
            (check,) = await _checks(session, await find_check(session, guardian_id, guardianship_id))
        return Outcome(check, recorded.replayed)

    async def end(
        self, actor: Principal | None, *, representation_id: UUID, note: str | None, idempotency_key: UUID
    ) -> Outcome[UUID]:
        """End what the law gave, as when a court took parental rights away; both sides are told.

        Args:
            actor: The officer; of their own family nobody decides.
            representation_id: A parent's or a guardian's.
            note: By which decision, 1 to 1,000 characters; for officers, and in both sides' copies.
            idempotency_key: Repeating a key returns the first outcome, a refusal too.

        Raises:
            RepresentationNotFound, RepresentationEnded: Nobody acts for anybody by it.
            OfficerNoteRefused: The note is empty or too long.
            IdempotencyKeyReused, IdempotencyInFlight: See `backend.idempotency`.
            NotSignedIn, AccessRefused: `actor` is no officer, or one of the two.

        Source: СК РФ art. 71 (loss of parental rights); ГК РФ art. 39 (dismissal of a guardian).
        """
        officer = signed_in(actor)
        await self._access.admit(officer, Action.CHECK_REPRESENTATION, None)
        said = check_note(note, is_needed=True)
        async with self._database.reading() as session:
            person_id = await person_acted_for(session, representation_id)
        if person_id is None:
            raise RepresentationNotFound
        if person_id == officer.person_id:
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
            row.end_note = said
            change.session.add(row)
            await change.session.flush()
            await change.tell(*messages.ended(row))
            return {"representation": str(row.id)}

        recorded = await self._changes.make(
            officer,
            Action.CHECK_REPRESENTATION,
            operation="endRepresentationByLaw",
            key=idempotency_key,
            inputs={"representation": str(representation_id), "note": said},
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


async def _checks(session: AsyncSession, rows: Sequence[CheckRow]) -> list[GuardianshipCheck]:
    """Return what an officer sees of guardianships, in their order."""
    people = await find_persons(within(session), {PersonId(row.person_id) for row, _ in rows})
    return [
        GuardianshipCheck(
            told=guardianship_of(row),
            guardian=people.get(PersonId(row.person_id)),
            note=row.note,
            representation_id=row.representation_id,
            ended_at=ended_at,
        )
        for row, ended_at in rows
    ]


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
