"""Asking to be erased, taking it back, and carrying it out when the waiting is over."""

import hmac
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import structlog
from sqlalchemy import MetaData
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.clock import Clock
from backend.database import Database
from backend.errors import NotFound
from backend.idempotency import Facts, Outcome, Request, run_once
from backend.rights.erasing import erase_person, plan_erasure, stays_until
from backend.rights.erasure_queries import (
    add_erasure,
    erasure_of,
    find_erasure,
    lock_due,
    lock_waiting,
    newest_erasure,
)
from backend.rights.errors import BY_CODE, ErasureInProgress, ErasureNotWaiting
from backend.rights.exports import no_facts
from backend.rights.messages import erasure_cancelled, erasure_requested
from backend.rights.receipts import KEY_BYTES, read_receipt
from backend.rights.tables import ErasureRequestRow
from backend.rights.values import Erasure, ErasureId, ErasureItem, ErasureState, Treatment
from backend.settings import RightsSettings
from identity.access import Action, signed_in
from identity.access_control import AccessControl
from identity.principal import PersonId, Principal
from notifications.outbox import enqueue

_log = structlog.get_logger("rights")

Work = Callable[[AsyncSession], Awaitable[ErasureId]]


class ErasureService:
    """Use-cases of erasure; a person asks for themselves only."""

    def __init__(
        self,
        *,
        database: Database,
        access: AccessControl,
        clock: Clock,
        settings: RightsSettings,
        metadata: MetaData,
        published: Callable[[PersonId], None],
        receipt_url: str,
    ) -> None:
        """Erase by what `metadata` knows; `published` wakes who watches an inbox, after the commit.

        Receipts lead to pages below `receipt_url`, which ends without a slash.
        """
        self._database = database
        self._access = access
        self._clock = clock
        self._waiting = timedelta(days=settings.erasure_waits_days)
        self._metadata = metadata
        self._published = published
        self._receipt_url = receipt_url

    def receipt_url(self, erasure: Erasure) -> str:
        """Return the page of a request that its receipt opens."""
        return f"{self._receipt_url}/{erasure.receipt}"

    async def plan(self, actor: Principal | None, person_id: PersonId) -> tuple[ErasureItem, ...]:
        """Return what an erasure would take and leave now, and under which law.

        Raises:
            NotSignedIn, AccessRefused, AccountNotConfirmed: `actor` may not.
        """
        await self._access.admit(actor, Action.READ_ERASURE, person_id)
        async with self._database.snapshot() as session:
            return await plan_erasure(session, self._metadata, person_id, self._clock())

    async def newest(self, actor: Principal | None, person_id: PersonId) -> Erasure | None:
        """Return the latest request of a person; while it waits, with the plan as it is now.

        Raises:
            NotSignedIn, AccessRefused, AccountNotConfirmed: `actor` may not.
        """
        await self._access.admit(actor, Action.READ_ERASURE, person_id)
        async with self._database.snapshot() as session:
            row = await newest_erasure(session, person_id)
            return None if row is None else await self._shown(session, row)

    async def request_erasure(
        self, actor: Principal | None, *, person_id: PersonId, idempotency_key: UUID
    ) -> Outcome[Erasure]:
        """Ask for everything to be erased that no law keeps; it is done when the waiting is over.

        Args:
            actor: Who asks.
            person_id: Themselves.
            idempotency_key: Repeating a key returns the first outcome, a refusal too.

        Returns:
            The request with its plan and its receipt.

        Raises:
            ErasureInProgress: A request waits already.
            IdempotencyKeyReused, IdempotencyInFlight: See `backend.idempotency`.
            NotSignedIn, AccessRefused, AccountNotConfirmed: `actor` may not.

        Source: 152-ФЗ art. 21 parts 5 and 5.1; our requirement S44.
        """
        acting = signed_in(actor)

        async def work(session: AsyncSession) -> ErasureId:
            now = self._clock()
            added = await add_erasure(
                session,
                person_id,
                now=now,
                erases_at=now + self._waiting,
                receipt_key=secrets.token_bytes(KEY_BYTES),
                plan=await plan_erasure(session, self._metadata, person_id, now),
            )
            if added is None:
                raise ErasureInProgress
            await enqueue(session, erasure_requested(person_id, added, days=self._waiting.days), now=now)
            return added

        request = Request(acting.person_id, "requestErasure", idempotency_key, {"person": str(person_id)})
        return await self._once(acting, Action.REQUEST_ERASURE, request, person_id, work)

    async def cancel_erasure(
        self, actor: Principal | None, *, person_id: PersonId, idempotency_key: UUID
    ) -> Outcome[Erasure]:
        """Take the waiting request back.

        Returns:
            The request, CANCELLED.

        Raises:
            ErasureNotWaiting: There is none, or it is too late.
            IdempotencyKeyReused, IdempotencyInFlight: See `backend.idempotency`.
            NotSignedIn, AccessRefused, AccountNotConfirmed: `actor` may not.
        """
        acting = signed_in(actor)

        async def work(session: AsyncSession) -> ErasureId:
            row = await lock_waiting(session, person_id)
            if row is None:
                raise ErasureNotWaiting
            row.state, row.cancelled_at, row.due_at = ErasureState.CANCELLED, self._clock(), None
            session.add(row)
            await enqueue(session, erasure_cancelled(person_id, row.id), now=self._clock())
            return ErasureId(row.id)

        request = Request(acting.person_id, "cancelErasure", idempotency_key, {"person": str(person_id)})
        return await self._once(acting, Action.CANCEL_ERASURE, request, person_id, work)

    async def by_receipt(self, receipt: str) -> Erasure:
        """Return how a request stands, to whoever holds its receipt: the person, when no account is left to sign in to.

        It says kinds of data and numbers of rows, never whose.

        Raises:
            NotFound: No such request, or not its receipt.
        """
        if (claimed := read_receipt(receipt)) is None:
            raise NotFound
        person_id, erasure_id, key = claimed
        async with self._database.snapshot() as session:
            row = await find_erasure(session, person_id, erasure_id)
            if row is None or not hmac.compare_digest(row.receipt_key, key):
                raise NotFound
            return await self._shown(session, row)

    async def run_due(self) -> int:
        """Carry out every erasure whose time has come, each in a transaction of its own; return how many.

        What has to stay for a while is looked at again when that is over, and goes then.

        Raises:
            DatabaseBusy, DatabaseUnavailable: The erasure at hand is not done; it is due as before.
        """
        count = 0
        while await self._run_one():
            count += 1
        return count

    async def _run_one(self) -> bool:
        now = self._clock()
        async with self._database.transaction() as session:
            row = await lock_due(session, now)
            if row is None:
                return False
            person_id = PersonId(row.person_id)
            items = await erase_person(session, self._metadata, person_id, now)
            is_first = row.state is ErasureState.WAITING
            row.statement = [item.to_json() for item in (items if is_first else _joined(erasure_of(row).items, items))]
            row.due_at = await stays_until(session, self._metadata, person_id, now)
            row.state, row.erased_at = ErasureState.ERASED, row.erased_at or now
            session.add(row)
        _log.info("erased", erasure_id=str(row.id), again_at=row.due_at and row.due_at.isoformat())
        return True

    async def _shown(self, session: AsyncSession, row: ErasureRequestRow) -> Erasure:
        shown = erasure_of(row)
        if row.state is not ErasureState.WAITING:
            return shown
        return replace(shown, items=await plan_erasure(session, self._metadata, PersonId(row.person_id), self._clock()))

    async def _once(
        self, actor: Principal, action: Action, request: Request, person_id: PersonId, work: Work
    ) -> Outcome[Erasure]:
        async with self._access.writing(actor, action, person_id) as (session, _grounds):

            async def change() -> Facts:
                return {"erasure": str(await work(session))}

            recorded = await run_once(session, request, now=self._clock(), work=change, explain=no_facts)
            row = None
            if recorded.refused is None:
                row = await find_erasure(session, person_id, ErasureId(UUID(recorded.facts["erasure"])))
        if row is None:
            raise BY_CODE[recorded.refused or ErasureNotWaiting.code](replayed=recorded.replayed)
        if not recorded.replayed:
            self._published(person_id)
        return Outcome(erasure_of(row), recorded.replayed)


def _joined(before: tuple[ErasureItem, ...], after: tuple[ErasureItem, ...]) -> list[ErasureItem]:
    """Return a statement of both times: what was taken adds up, what stays is as it is now."""
    erased = {item.table: item for item in before if item.treatment is Treatment.ERASED}
    for item in after:
        if item.treatment is Treatment.ERASED:
            earlier = erased.get(item.table)
            erased[item.table] = replace(item, rows=item.rows + (earlier.rows if earlier else 0))
    stays = [item for item in after if item.treatment is not Treatment.ERASED]
    return [*sorted(erased.values(), key=lambda one: one.table), *stays]
