"""Joins the rights of the subject: services, the worker that makes copies, downloads, and their place in time."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from uuid_utils.compat import uuid7

from backend.clock import Clock
from backend.database import Database
from backend.entrypoints.addresses import public_url
from backend.entrypoints.downloads import DOWNLOADS_PATH
from backend.entrypoints.migrations.tables import METADATA
from backend.entrypoints.receipts import RECEIPTS_PATH
from backend.errors import Operational
from backend.integrations.object_store.disk import DiskStore
from backend.rights.downloads import Downloads
from backend.rights.erasures import ErasureService
from backend.rights.export_jobs import ExportParts, ExportWorker
from backend.rights.exports import ExportService
from backend.rights.ports import SessionLiveness
from backend.settings import Settings
from identity.access_control import AccessControl
from identity.principal import PersonId

_LOOK_SECONDS = 5
_ERASE_SECONDS = 60
_ORPHANS_SECONDS = 3_600

log = structlog.get_logger("rights")


@dataclass(frozen=True, slots=True)
class Rights:
    """Everything of the rights of the subject that the roof holds."""

    exports: ExportService
    erasures: ErasureService
    worker: ExportWorker
    downloads: Downloads


def build_rights(
    settings: Settings,
    clock: Clock,
    database: Database,
    access: AccessControl,
    *,
    sessions: SessionLiveness,
    published: Callable[[PersonId], None],
) -> Rights:
    """Build them over a folder of this machine; nothing is made or opened yet."""
    store = DiskStore(settings.data_dir / "exports")
    parts = ExportParts(database, store, clock, settings.rights, METADATA, published)
    return Rights(
        exports=ExportService(
            database=database,
            access=access,
            clock=clock,
            settings=settings.rights,
            download_url=public_url(settings) + DOWNLOADS_PATH,
        ),
        erasures=ErasureService(
            database=database,
            access=access,
            clock=clock,
            settings=settings.rights,
            metadata=METADATA,
            published=published,
            receipt_url=public_url(settings) + RECEIPTS_PATH,
        ),
        worker=ExportWorker(parts, uuid7()),
        downloads=Downloads(database=database, store=store, access=access, sessions=sessions, clock=clock),
    )


def keep_serving_rights(scheduler: AsyncIOScheduler, rights: Rights) -> None:
    """Let this process make copies that wait, carry out erasures that are due, and sweep files that nobody owns."""
    for name, work, seconds in (
        ("exports", rights.worker.run_due, _LOOK_SECONDS),
        ("erasures", rights.erasures.run_due, _ERASE_SECONDS),
        ("orphaned_exports", rights.worker.sweep_orphans, _ORPHANS_SECONDS),
    ):
        jitter = seconds // 10 or None
        scheduler.add_job(partial(_work, name, work), "interval", seconds=seconds, id=name, jitter=jitter)


async def _work(name: str, work: Callable[[], Awaitable[int]]) -> None:
    """Do what is due; a database or a store that is away is met again at the next tick."""
    try:
        count = await work()
    except Operational as error:
        log.warning("work_failed", work=name, code=error.code)
        return
    if count:
        log.info("worked", work=name, count=count)
