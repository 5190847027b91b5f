"""Guardians: what somebody says of themselves waits for an officer."""

from datetime import datetime
from uuid import UUID

from backend.database import Database
from backend.family.changes import Change, Changes
from backend.family.errors import GuardianshipNotFound, TooManyGuardianships
from backend.family.queries import guardianships_waiting, lock
from backend.family.rows import guardianship_of
from backend.family.rules import MOST_WAITING, check_guardianship
from backend.family.values import Guardianship, GuardianshipDocument, Ward
from backend.idempotency import Facts, Outcome
from identity.access import Action, signed_in
from identity.principal import PersonId, Principal
from identity.representation_tables import GuardianshipRow, GuardianshipState


class Guardianships:
    """What guardians tell; what an officer makes of it is in `backend.family.desk`."""

    def __init__(self, *, database: Database, changes: Changes) -> None:
        """Take where to read, and what changes are made with."""
        self._database = database
        self._changes = changes

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
