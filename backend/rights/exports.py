"""Asking for a copy of everything held about a person, seeing how it stands, taking and deleting it."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from backend.clock import Clock
from backend.database import Database
from backend.errors import Refusal
from backend.idempotency import Facts, Outcome, Request, run_once
from backend.rights.errors import BY_CODE, ExportInProgress, ExportLimitReached, ExportNotFound, ExportNotReady
from backend.rights.export_queries import add_export, count_since, drop_key, find_export, list_exports, status_of
from backend.rights.links import Link
from backend.rights.tables import DataExportRow
from backend.rights.values import ExportId, ExportState, ExportStatus
from backend.settings import RightsSettings
from identity.access import Action, signed_in
from identity.access_control import AccessControl
from identity.capacities import Grounds
from identity.principal import PersonId, Principal

_DAY = timedelta(days=1)

Work = Callable[[AsyncSession, Grounds], Awaitable[ExportId]]


class ExportService:
    """Use-cases of copies; whoever asked for one sees it, and nobody else does, the person's own parents included."""

    def __init__(
        self, *, database: Database, access: AccessControl, clock: Clock, settings: RightsSettings, download_url: str
    ) -> None:
        """Hand out links below `download_url`, which ends without a slash."""
        self._database = database
        self._access = access
        self._clock = clock
        self._settings = settings
        self._download_url = download_url

    async def request_export(
        self, actor: Principal | None, *, person_id: PersonId, idempotency_key: UUID
    ) -> Outcome[ExportStatus]:
        """Ask for a copy; it is made in the background, and the actor is told when it is ready.

        Args:
            actor: Who asks; the copy is theirs to take.
            person_id: Whose data. Where categories are withheld from the actor, all that reveals care is left out.
            idempotency_key: Repeating a key returns the first outcome, a refusal too.

        Returns:
            The copy, QUEUED; told again, as it stands then.

        Raises:
            ExportInProgress: One is being made.
            ExportLimitReached: As many as are made in a day were asked for.
            IdempotencyKeyReused, IdempotencyInFlight: See `backend.idempotency`.
            NotSignedIn, AccessRefused, AccountNotConfirmed: `actor` may not.

        Source: 152-ФЗ art. 14; our requirement S44.
        """
        acting = signed_in(actor)

        async def work(session: AsyncSession, grounds: Grounds) -> ExportId:
            now = self._clock()
            added = await add_export(
                session, person_id, requested_by=acting.person_id, withheld=bool(grounds.withheld), now=now
            )
            if added is None:
                raise ExportInProgress
            if await count_since(session, person_id, now - _DAY) > self._settings.exports_a_day:
                raise ExportLimitReached  # what was added is undone
            return added

        request = Request(acting.person_id, "requestExport", idempotency_key, {"person": str(person_id)})
        return await self._once(acting, Action.EXPORT_DATA, request, person_id, work)

    async def delete_export(
        self, actor: Principal | None, *, person_id: PersonId, export_id: ExportId, idempotency_key: UUID
    ) -> Outcome[ExportStatus]:
        """Delete a copy before its time; its links are worth nothing from this moment on.

        Returns:
            The copy, EXPIRED.

        Raises:
            ExportNotFound: No such copy, or another's.
            ExportNotReady: It is being made, failed, or is over already.
            IdempotencyKeyReused, IdempotencyInFlight: See `backend.idempotency`.
            NotSignedIn, AccessRefused, AccountNotConfirmed: `actor` may not.
        """
        acting = signed_in(actor)

        async def work(session: AsyncSession, _grounds: Grounds) -> ExportId:
            await self._ready(session, acting, person_id, export_id)
            await drop_key(session, person_id, export_id)
            return export_id

        inputs = {"person": str(person_id), "export": str(export_id)}
        request = Request(acting.person_id, "deleteExport", idempotency_key, inputs)
        return await self._once(acting, Action.DELETE_EXPORT, request, person_id, work)

    async def list_exports(self, actor: Principal | None, person_id: PersonId) -> list[ExportStatus]:
        """Return the newest copies that the actor asked for, latest first.

        Raises:
            NotSignedIn, AccessRefused, AccountNotConfirmed: `actor` may not.
        """
        await self._access.admit(actor, Action.READ_EXPORTS, person_id)
        async with self._database.reading() as session:
            return await list_exports(session, person_id, signed_in(actor).person_id)

    async def download_url(self, actor: Principal | None, person_id: PersonId, export_id: ExportId) -> str:
        """Return a new link to a copy, for this sign-in and for minutes.

        Raises:
            ExportNotFound: No such copy, or another's.
            ExportNotReady: There is nothing to download.
            NotSignedIn, AccessRefused, AccountNotConfirmed: `actor` may not.
        """
        await self._access.admit(actor, Action.EXPORT_DATA, person_id)
        acting = signed_in(actor)
        async with self._database.reading() as session:
            key = await self._ready(session, acting, person_id, export_id)
        link = Link(
            person_id,
            export_id,
            acting.person_id,
            acting.session_id,
            self._clock() + timedelta(seconds=self._settings.download_link_seconds),
        )
        return f"{self._download_url}/{link.signed(key)}"

    async def _ready(self, session: AsyncSession, actor: Principal, person_id: PersonId, export_id: ExportId) -> bytes:
        """Return the key of a copy that is there and that the actor asked for."""
        row = await find_export(session, person_id, export_id)
        if row is None or row.requested_by != actor.person_id:
            raise ExportNotFound
        if row.data_key is None or not is_there(row, self._clock()):
            raise ExportNotReady
        return row.data_key

    async def _once(
        self, actor: Principal, action: Action, request: Request, person_id: PersonId, work: Work
    ) -> Outcome[ExportStatus]:
        async with self._access.writing(actor, action, person_id) as (session, grounds):

            async def change() -> Facts:
                return {"export": str(await work(session, grounds))}

            recorded = await run_once(session, request, now=self._clock(), work=change, explain=no_facts)
            if recorded.refused is None:
                row = await find_export(session, person_id, ExportId(UUID(recorded.facts["export"])))
                if row is None:
                    raise ExportNotFound
                await session.refresh(row)
                return Outcome(status_of(row), recorded.replayed)
        raise BY_CODE[recorded.refused](replayed=recorded.replayed)


def is_there(row: DataExportRow, now: datetime) -> bool:
    """Whether a copy can be read at an instant."""
    return row.state is ExportState.READY and row.expires_at is not None and now < row.expires_at


async def no_facts(_refusal: Refusal) -> Facts:
    """Keep nothing about a refusal but its code."""
    return {}
