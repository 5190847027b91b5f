"""Making copies in the background: leased, fenced, tried again; a process that dies loses nothing but time.

The order is what makes it safe: the lease is committed, then the file is written under a name of this attempt alone,
made durable and visible, and only then the row says READY, in the transaction that tells the person. A file without
such a row is an orphan, and is swept.
"""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import TypeVar
from uuid import UUID

import structlog
from sqlalchemy import MetaData

from backend.clock import Clock
from backend.database import Database
from backend.errors import Operational
from backend.rights.archive import Archive
from backend.rights.errors import ExportFailure, ExportInterrupted
from backend.rights.export_queries import Lease, claim_due, find_export, parsed_name, write_fenced
from backend.rights.holdings import HOLDINGS
from backend.rights.messages import export_failed, export_ready
from backend.rights.ports import DocumentSource, ObjectStore
from backend.rights.retention import Holding
from backend.rights.rows import PAGE, pages_of
from backend.rights.sealing import new_key
from backend.rights.tables import DataExportRow
from backend.rights.values import ACTIVE_EXPORTS, ExportId, ExportState, Told
from backend.settings import RightsSettings
from identity.principal import PersonId
from notifications.outbox import enqueue

LEASE = timedelta(minutes=2)
"""How long a worker that says nothing keeps a job."""

MOST_ATTEMPTS = 3
BACKOFF = (timedelta(minutes=1), timedelta(minutes=5))
"""How long a job waits after its first and second failure."""

_DONE_WITH_ROWS = 90
_WITHHELD = Told(
    "Сведения о приёмах подростка закрыты для того, кто сделал эту выгрузку.",
    "What reveals the care of a teenager is closed to whoever asked for this copy.",
)

T = TypeVar("T")
_log = structlog.get_logger("rights")


class _Fenced(Exception):
    """Another worker has the job by now, or it is gone: nothing of this one counts."""


@dataclass(frozen=True, slots=True)
class ExportParts:
    """What a worker works with."""

    database: Database
    store: ObjectStore
    clock: Clock
    settings: RightsSettings
    metadata: MetaData
    published: Callable[[PersonId], None]
    documents: Sequence[DocumentSource] = ()


class ExportWorker:
    """Makes one copy at a time; a process has one, and several may run anywhere."""

    def __init__(self, parts: ExportParts, worker_id: UUID) -> None:
        """Be known as `worker_id`, which is this process's alone."""
        self._parts = parts
        self._worker_id = worker_id

    async def run_due(self) -> int:
        """Make every copy that waits; return how many jobs were taken up."""
        count = 0
        while await self.run_one():
            count += 1
        return count

    async def run_one(self) -> bool:
        """Take the job that waits for longest and bring it to an end or to its next try; return whether there was one.

        Raises:
            DatabaseBusy, DatabaseUnavailable: The job stays as it is, for whoever comes when the lease is over.
        """
        taken = await self._claim()
        if not isinstance(taken, Lease):
            return taken
        try:
            await self._make(taken)
        except _Fenced:
            _log.warning("export_fenced", export_id=str(taken.id), attempt=taken.attempt)
        except Exception as error:  # the boundary of a job: it is tried again, and the log says what happened
            await self._give_back(taken, error)
        return True

    async def _claim(self) -> Lease | bool:
        parts = self._parts
        async with parts.database.transaction() as session:
            taken = await claim_due(
                session, worker_id=self._worker_id, now=parts.clock(), lease=LEASE, most_attempts=MOST_ATTEMPTS
            )
            if isinstance(taken, DataExportRow):
                taken.state, taken.failure = ExportState.FAILED, ExportInterrupted.code
                session.add(taken)
                await enqueue(session, export_failed(taken.requested_by, taken.id), now=parts.clock())
        if isinstance(taken, DataExportRow):
            parts.published(PersonId(taken.requested_by))
            return True
        return taken or False

    async def _make(self, lease: Lease) -> None:
        """Make the file, then say so. Once the row may say READY, the file stays: the sweep knows whose it is."""
        key, thread = new_key(), ThreadPoolExecutor(1, thread_name_prefix="export")
        try:
            size = await self._write(lease, key, thread)
            try:
                await self._publish(lease, key, size)
            except _Fenced:
                await asyncio.wrap_future(thread.submit(self._parts.store.delete, lease.object_name))
                raise
        finally:
            thread.shutdown(wait=False)

    async def _write(self, lease: Lease, key: bytes, thread: ThreadPoolExecutor) -> int:
        run = _On(thread)
        archive = await run(self._begin, lease, key)
        try:
            await self._write_rows(lease, archive, run)
            await self._write_documents(lease, archive, run)
            return await run(archive.finish)
        except BaseException as error:
            undone = thread.submit(self._undo, lease, archive)  # after what the thread is still at
            if isinstance(error, Exception):
                await asyncio.wrap_future(undone)
            raise

    def _undo(self, lease: Lease, archive: Archive) -> None:
        archive.discard()
        self._parts.store.delete(lease.object_name)

    def _begin(self, lease: Lease, key: bytes) -> Archive:
        return Archive(
            self._parts.store.begin(lease.object_name),
            key=key,
            name=lease.object_name,
            made_at=self._parts.clock(),
            most_bytes=self._parts.settings.export_most_bytes,
        )

    async def _write_rows(self, lease: Lease, archive: Archive, run: "_On") -> None:
        """Write every table as it stands at one moment."""
        parts = self._parts
        async with parts.database.snapshot() as session:
            for number, (name, holding) in enumerate(HOLDINGS.items()):
                if (why := _why_not(lease, holding)) is not None:
                    archive.leave_out(holding.title, why)
                    continue
                table = parts.metadata.tables[name]
                await run(archive.begin_rows, table, holding)
                async for page in pages_of(session, table, holding, lease.person_id):
                    await run(archive.add_rows, page)
                    if len(page) == PAGE:  # a long table must not outlive the lease
                        await self._beat(lease, _DONE_WITH_ROWS * number // len(HOLDINGS))
                await run(archive.end_rows, table, holding)
                for why in dict.fromkeys(holding.mentions.values()):
                    archive.leave_out(_of_others(holding.title), why)
                await self._beat(lease, _DONE_WITH_ROWS * (number + 1) // len(HOLDINGS))

    async def _write_documents(self, lease: Lease, archive: Archive, run: "_On") -> None:
        for source in () if lease.withheld else self._parts.documents:
            async for document in source.documents_of(lease.person_id):
                await run(archive.begin_document, document.name, document.title)
                async for chunk in document.chunks:
                    await run(archive.add_chunk, chunk)
                await run(archive.end_document)
                await self._beat(lease, _DONE_WITH_ROWS)

    async def _beat(self, lease: Lease, percent: int) -> None:
        """Say how far it is, and that somebody is at it."""
        async with self._parts.database.transaction() as session:
            if not await write_fenced(
                session, lease, progress_percent=percent, claimable_at=self._parts.clock() + LEASE
            ):
                raise _Fenced

    async def _publish(self, lease: Lease, key: bytes, size: int) -> None:
        parts = self._parts
        now = parts.clock()
        async with parts.database.transaction() as session:
            is_ours = await write_fenced(
                session,
                lease,
                state=ExportState.READY,
                progress_percent=100,
                ready_at=now,
                expires_at=now + timedelta(days=parts.settings.export_kept_days),
                size_bytes=size,
                data_key=key,
            )
            if not is_ours:
                raise _Fenced
            await enqueue(session, export_ready(lease.requested_by, lease.id), now=now)
        parts.published(lease.requested_by)
        _log.info("export_ready", export_id=str(lease.id), attempt=lease.attempt, bytes=size)

    async def _give_back(self, lease: Lease, error: Exception) -> None:
        """Let the job wait for its next try, or end it."""
        parts, now = self._parts, self._parts.clock()
        code = error.code if isinstance(error, Operational) else "INTERNAL_ERROR"
        is_final = lease.attempt >= MOST_ATTEMPTS or (isinstance(error, ExportFailure) and error.is_final)
        _log.warning(
            "export_attempt_failed",
            export_id=str(lease.id),
            attempt=lease.attempt,
            code=code,
            exc_info=None if isinstance(error, Operational) else error,
        )
        async with parts.database.transaction() as session:
            if not is_final:
                await write_fenced(
                    session,
                    lease,
                    state=ExportState.QUEUED,
                    progress_percent=0,
                    claimable_at=now + BACKOFF[lease.attempt - 1],
                    failure=code,
                )
                return
            if not await write_fenced(session, lease, state=ExportState.FAILED, failure=code):
                return
            await enqueue(session, export_failed(lease.requested_by, lease.id), now=now)
        parts.published(lease.requested_by)

    async def sweep_orphans(self) -> int:
        """Delete every object that no living copy and no running attempt owns; return how many."""
        parts = self._parts
        count = 0
        for name in await asyncio.to_thread(lambda: list(parts.store.names())):
            if (named := parsed_name(name)) is not None and not await self._is_owned(*named):
                await asyncio.to_thread(parts.store.delete, name)
                count += 1
        return count

    async def _is_owned(self, person_id: UUID, export_id: UUID, attempt: int) -> bool:
        async with self._parts.database.reading() as session:
            row = await find_export(session, PersonId(person_id), ExportId(export_id))
        states = (*ACTIVE_EXPORTS, ExportState.READY)
        return row is not None and row.attempt == attempt and row.state in states


class _On:
    """Runs what blocks on one thread, in order."""

    def __init__(self, thread: ThreadPoolExecutor) -> None:
        self._thread = thread

    async def __call__(self, work: Callable[..., T], *arguments: object) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, partial(work, *arguments))


def _why_not(lease: Lease, holding: Holding) -> Told | None:
    """Return why a table is not in this copy."""
    return holding.left_out or (_WITHHELD if lease.withheld and holding.reveals_care else None)


def _of_others(title: Told) -> Told:
    return Told(
        f"{title.ru}: строки других людей, где назван ваш номер", f"{title.en}: rows of others that name your id"
    )
