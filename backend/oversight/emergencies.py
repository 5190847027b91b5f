"""Breaking the glass: open data at once, and tell of it in the same transaction (S40)."""

from collections.abc import Callable, Sequence
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from backend.clock import Clock
from backend.errors import Refusal
from backend.idempotency import Facts, Outcome, Request, run_once
from backend.oversight import messages
from backend.oversight.ports import Representatives
from identity import emergencies, reviews
from identity.access import Action, signed_in
from identity.access_control import AccessControl
from identity.emergency_errors import EmergencyOfOneself
from identity.emergency_values import Emergency, EmergencyCategory, EmergencyId, EmergencyTerms, Reason
from identity.errors import AccessRefused
from identity.ports import People
from identity.principal import PersonId, Principal
from notifications.outbox import enqueue


class EmergencyService:
    """Opens emergencies; the mandates that follow from them are `identity.emergencies.EmergencyMandates`."""

    def __init__(
        self,
        *,
        access: AccessControl,
        clock: Clock,
        people: People,
        published: Callable[[PersonId], None],
        representatives: Sequence[Representatives] = (),
        terms: EmergencyTerms | None = None,
    ) -> None:
        """Take who may, whom to tell, and the rules of the region; `published` wakes inboxes after the commit."""
        self._access = access
        self._clock = clock
        self._people = people
        self._published = published
        self._representatives = tuple(representatives)
        self._terms = terms or EmergencyTerms()

    async def open(
        self,
        actor: Principal | None,
        person_id: PersonId,
        *,
        category: EmergencyCategory,
        reason: str,
        idempotency_key: UUID,
    ) -> Outcome[Emergency]:
        """Open a person's data to a clinician or a crew for half an hour.

        In one transaction: the emergency, its entry in the person's access log, the officer's review, the messages to
        the person and to who represents them; or nothing of it. What is refused stands in the access log as denied.

        Args:
            actor: A clinician or a crew, in their job.
            person_id: Whose data.
            category: What kind of emergency.
            reason: Why, 10 to 500 characters; shown to officers, never logged.
            idempotency_key: Repeating a key returns the first emergency, as it stands then; it is not extended.

        Raises:
            EmergencyReasonInvalid: The reason says too little or too much.
            EmergencyOfOneself: The person is the actor.
            EmergencyStillOpen: One of this actor and person has not ended.
            EmergencyLimitReached: The actor opened too many today.
            IdempotencyKeyReused, IdempotencyInFlight: See `backend.idempotency`.
            NotSignedIn: Nobody is signed in.
            AccessRefused: Not in this job, or there is no such person.

        Source: 323-ФЗ art. 13 p. 4; issue "Identity", item 6.
        """
        acting = signed_in(actor)
        told: list[PersonId] = []
        async with self._access.writing(acting, Action.BREAK_GLASS, person_id) as (session, _):
            if acting.person_id == person_id:
                raise EmergencyOfOneself
            if await self._people.birth_of(session, person_id) is None:
                raise AccessRefused
            said = Reason.parse(category, reason)
            request = Request(
                actor_id=acting.person_id,
                operation="openEmergencyAccess",
                key=idempotency_key,
                inputs={"person": str(person_id), "category": category.value, "reason": said.text},
            )

            async def change() -> Facts:
                emergency = await self._open(session, acting, person_id, said)
                told.extend(await self._tell(session, emergency))
                return {"emergency": str(emergency.id)}

            recorded = await run_once(session, request, now=self._clock(), work=change, explain=_no_facts)
            emergency_id = EmergencyId(UUID(recorded.facts["emergency"]))
            emergency = await emergencies.find(session, person_id, emergency_id)
            if emergency is None:
                raise AccessRefused
        for one in told:
            self._published(one)
        return Outcome(emergency, recorded.replayed)

    async def _open(self, session: AsyncSession, actor: Principal, person_id: PersonId, reason: Reason) -> Emergency:
        emergency = await emergencies.open_emergency(
            session, actor, person_id, reason, terms=self._terms, now=self._clock()
        )
        await reviews.ask_about_emergency(session, emergency)
        return emergency

    async def _tell(self, session: AsyncSession, emergency: Emergency) -> list[PersonId]:
        """Write the messages, in the emergency's own transaction; return whose inboxes they are in."""
        now = emergency.opened_at
        await enqueue(session, messages.opened(emergency), now=now)
        told = [emergency.person_id]
        for source in self._representatives:
            for representative in await source.representatives_of(session, emergency.person_id, now):
                await enqueue(session, messages.opened_of_ward(emergency, representative), now=now)
                told.append(representative)
        return told


async def _no_facts(_refusal: Refusal) -> Facts:
    return {}
