"""At whose desk somebody works: everything of another organisation is as if it were not there (S36)."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from backend.booking.values import Registry
from backend.clock import Clock
from backend.database import Database
from backend.errors import NotFound, Refusal
from backend.idempotency import Facts, Outcome, Request, run_once
from backend.reading import Rows
from backend.reception import desk_queries
from backend.reception.errors import BY_CODE, KeptElsewhere
from backend.reception.values import DeskClinic, DeskPost
from identity.access import Action, signed_in
from identity.access_control import AccessControl
from identity.principal import Principal

Work = Callable[[AsyncSession], Awaitable[Facts]]


@dataclass(frozen=True, slots=True)
class Desk:
    """Where the staff of clinics work."""

    database: Database
    access: AccessControl
    clock: Clock

    async def admit(self, actor: Principal | None, action: Action = Action.MANAGE_SCHEDULES) -> Principal:
        """Return the actor, who works at the desk of a clinic.

        Raises:
            NotSignedIn, AccessRefused: They do not.
        """
        await self.access.admit(actor, action, None)
        return signed_in(actor)

    async def clinic(self, rows: Rows, actor: Principal, clinic_id: UUID) -> DeskClinic:
        """Return a clinic of the actor's organisation.

        Raises:
            NotFound: There is none, or it is another's.
        """
        found = await desk_queries.clinic_of(rows, actor.organization or "", clinic_id)
        if found is None:
            raise NotFound
        return found

    async def post(self, rows: Rows, actor: Principal, post_id: UUID) -> DeskPost:
        """Return a post at a clinic of the actor's organisation.

        Raises:
            NotFound: There is none, or it is another's.
        """
        found = await desk_queries.post_of(rows, actor.organization or "", post_id)
        if found is None:
            raise NotFound
        return found

    async def check_kept_here(self, rows: Rows, clinic_id: UUID) -> None:
        """Refuse to change slots that an outside registry keeps.

        Raises:
            KeptElsewhere: It does.
        """
        if await desk_queries.kept_by(rows, clinic_id) is not Registry.OWN:
            raise KeptElsewhere

    async def do_once(self, actor: Principal, operation: str, key: UUID, inputs: Facts, work: Work) -> Outcome[Facts]:
        """Do `work` once in one transaction; what was refused is undone, recorded and raised.

        Args:
            actor: Who acts; admitted already.
            operation: The name of the mutation.
            key: Of the intention.
            inputs: Everything that decides what is to be done.
            work: Makes the change; returns what is to be remembered of it.

        Raises:
            Refusal: What `work` raised, of a repeated request too.
            IdempotencyKeyReused, IdempotencyInFlight: See `backend.idempotency`.
        """
        request = Request(actor_id=actor.person_id, operation=operation, key=key, inputs=inputs)

        async def nothing(_: Refusal) -> Facts:
            return {}

        async with self.database.transaction() as session:
            recorded = await run_once(session, request, now=self.clock(), work=lambda: work(session), explain=nothing)
        if recorded.refused is not None:
            raise BY_CODE[recorded.refused](replayed=recorded.replayed)
        return Outcome(recorded.facts, recorded.replayed)
