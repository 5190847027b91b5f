"""What may be asked about policies."""

from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from backend.clock import Clock
from backend.database import Database
from backend.errors import NotFound, Operational
from backend.policy.errors import PolicyNotFound, PolicySourceUnavailable, SnilsUnknown
from backend.policy.ports import InsuranceRegister
from backend.policy.queries import Snapshot, delete_snapshot, find_known_person, save_snapshot
from backend.policy.rules import is_younger_than
from backend.policy.single_flight import SingleFlight
from backend.policy.values import InsuredPerson, KnownPolicy, PolicyRecord
from identity.access import Action
from identity.access_control import AccessControl
from identity.principal import PersonId, Principal

_log = structlog.get_logger(__name__)


class PolicyService:
    """Answers from what is kept while it is fresh, asks the register otherwise."""

    def __init__(
        self,
        *,
        database: Database,
        access: AccessControl,
        clock: Clock,
        register: InsuranceRegister,
        fresh_for: timedelta,
        stale_for: timedelta,
    ) -> None:
        """Take the register, and how long its answer is shown without asking and while it is down."""
        self._database = database
        self._access = access
        self._clock = clock
        self._register = register
        self._fresh_for = fresh_for
        self._stale_for = stale_for
        self._questions: SingleFlight[PersonId, KnownPolicy] = SingleFlight()

    async def get_policy(self, actor: Principal | None, person_id: PersonId) -> KnownPolicy:
        """Return the current policy of a person.

        Returns:
            The policy with the instant the register vouched for it; `is_stale` when the register is down and the
            policy is what it said at most `stale_for` ago.

        Raises:
            PolicyNotFound: The register says that there is none.
            PolicySourceUnavailable: The register is down or answers garbage, and nothing young enough is kept.
            SnilsUnknown: The register cannot be asked without a SNILS.
            NotFound: Nothing is known of this person.
            NotSignedIn: Nobody is signed in.
            AccountNotConfirmed: The actor's account is not confirmed.
            AccessRefused: `actor` may not read this person's policy.
        """
        await self._access.admit(actor, Action.READ_POLICY, person_id)
        return await self._questions.ask(person_id, lambda: self._find_current(person_id))

    async def _find_current(self, person_id: PersonId) -> KnownPolicy:
        person, kept = await self._look_up(person_id)
        if kept and is_younger_than(self._fresh_for, kept.fetched_at, now=self._clock()):
            return KnownPolicy(policy=kept.record.policy, as_of=kept.record.as_of, is_stale=False)
        try:
            record = await self._ask(person_id, person)
        except PolicySourceUnavailable:
            if kept and is_younger_than(self._stale_for, kept.fetched_at, now=self._clock()):
                return KnownPolicy(policy=kept.record.policy, as_of=kept.record.as_of, is_stale=True)
            raise
        if record is None:
            raise PolicyNotFound
        return KnownPolicy(policy=record.policy, as_of=record.as_of, is_stale=False)

    async def _look_up(self, person_id: PersonId) -> tuple[InsuredPerson, Snapshot | None]:
        """Return whom to ask about, and what is kept if it is still about the same SNILS and birth date."""
        known = await find_known_person(self._database.read, person_id)
        if known is None:
            raise NotFound
        insured, kept = known.insured, known.snapshot
        if insured is None:
            raise SnilsUnknown
        return insured, kept if kept and kept.record.is_about(insured) else None

    async def _ask(self, person_id: PersonId, person: InsuredPerson) -> PolicyRecord | None:
        """Ask the register outside any transaction, check whom the answer is about, keep it."""
        asked_at = self._clock()
        record = await self._register.find_policy(person)
        if record is not None and not record.is_about(person):
            _log.error("policy_answer_about_another_person", person_id=str(person_id))
            raise PolicySourceUnavailable
        if record is not None:
            record = replace(record, as_of=min(record.as_of, asked_at))  # the register's clock may run ahead
        try:
            await self._keep(person_id, record, asked_at)
        except Operational as failure:
            _log.warning("policy_answer_not_kept", person_id=str(person_id), code=failure.code)
        return record

    async def _keep(self, person_id: PersonId, record: PolicyRecord | None, asked_at: datetime) -> None:
        async with self._database.transaction() as session:
            if record is None:
                await delete_snapshot(session, person_id, fetched_before=asked_at)
                return
            await save_snapshot(session, person_id, Snapshot(record=record, fetched_at=asked_at))
        enp = record.policy.enp
        if enp and enp.differs_from(record.holder.birth_date, record.holder.sex):
            _log.warning("enp_differs_from_person", person_id=str(person_id))
