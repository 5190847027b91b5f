"""A copy survives whatever ends its making: kill -9, a full disk, a frozen worker that wakes, a failure at any step."""

import asyncio
import signal
import sys
import threading
from asyncio.subprocess import PIPE
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backend.database import Database
from backend.integrations.object_store.disk import DiskDraft, DiskStore
from backend.rights.errors import ExportStorageFull
from backend.rights.export_jobs import BACKOFF, LEASE, MOST_ATTEMPTS
from backend.rights.values import ExportState
from backend.settings import DatabaseSettings
from identity.principal import Principal
from tests.architecture.source import ROOT
from tests.factories.people import NOW, make_principal
from tests.factories.rights import Copy, Planting, RightsHouse


@pytest.fixture
async def anna(house: RightsHouse) -> Principal:
    """Anna, who has asked for a copy and has much to be copied."""
    actor = make_principal()
    await Planting(house.database).plant(actor.person_id, "annaA")
    await house.ask(actor)
    return actor


async def opened(house: RightsHouse, anna: Principal) -> Copy:
    return Copy(await house.download(await house.token(anna, (await house.status(anna)).id)))


async def test_a_process_killed_in_the_middle_of_the_file_loses_nothing(
    house: RightsHouse, anna: Principal, database_settings: DatabaseSettings
) -> None:
    command = (sys.executable, "-m", "tests.backend.rights.killed_worker", database_settings.url, str(house.folder))
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdout=PIPE)
    assert process.stdout is not None
    assert await asyncio.wait_for(process.stdout.readline(), 60) == b"half\n"
    process.send_signal(signal.SIGKILL)
    assert await process.wait() == -signal.SIGKILL
    running = await house.status(anna)
    assert running.state is ExportState.RUNNING
    (half,) = house.folder.iterdir()
    assert half.name.endswith(".1.draft")
    assert await house.worker.run_due() == 0, "the lease is not over"
    assert await house.worker.sweep_orphans() == 0, "a running attempt keeps its draft"
    house.clock.advance(LEASE)
    assert await house.worker.run_due() == 1
    assert (await house.status(anna)).state is ExportState.READY
    assert "annaA" in (await opened(house, anna)).everything
    assert await house.worker.sweep_orphans() == 1
    assert [path.name.rsplit(".", 1)[-1] for path in house.folder.iterdir()] == ["2"]


async def test_a_job_whose_workers_all_died_is_given_up_and_told(house: RightsHouse, anna: Principal) -> None:
    for _ in range(MOST_ATTEMPTS):
        await house.another_worker(FrozenStore(house.folder, is_broken=True))._claim()
        house.clock.advance(LEASE)
    assert await house.worker.run_due() == 1
    status = await house.status(anna)
    assert (status.state, status.failure) == (ExportState.FAILED, "EXPORT_INTERRUPTED")
    assert house.published == [anna.person_id]


class FullStore(DiskStore):
    """A disk that has no room for so many times."""

    def __init__(self, folder: Path, times: int) -> None:
        super().__init__(folder)
        self.times = times

    def begin(self, name: str) -> DiskDraft:
        if self.times:
            self.times -= 1
            raise ExportStorageFull
        return super().begin(name)


async def test_a_full_disk_is_tried_again_later_each_time(house: RightsHouse, anna: Principal) -> None:
    worker = house.another_worker(FullStore(house.folder, times=2))
    for wait in BACKOFF:
        assert await worker.run_due() == 1
        status = await house.status(anna)
        assert (status.state, status.failure) == (ExportState.QUEUED, "EXPORT_STORAGE_FULL")
        house.clock.advance(wait - timedelta(seconds=1))
        assert await worker.run_due() == 0
        house.clock.advance(timedelta(seconds=1))
    assert await worker.run_due() == 1
    assert "annaA" in (await opened(house, anna)).everything


async def test_a_disk_that_stays_full_ends_the_job_with_its_code(house: RightsHouse, anna: Principal) -> None:
    worker = house.another_worker(FullStore(house.folder, times=99))
    for _ in range(MOST_ATTEMPTS):
        assert await worker.run_due() == 1
        house.clock.advance(timedelta(minutes=5))
    assert await worker.run_due() == 0
    status = await house.status(anna)
    assert (status.state, status.failure) == (ExportState.FAILED, "EXPORT_STORAGE_FULL")
    assert house.published == [anna.person_id]


class FrozenStore(DiskStore):
    """A disk that stands still at its first commit until it is let go; or says that it is broken."""

    def __init__(self, folder: Path, *, is_broken: bool = False) -> None:
        super().__init__(folder)
        self.is_broken = is_broken
        self.reached, self.may_go = threading.Event(), threading.Event()

    def begin(self, name: str) -> DiskDraft:
        store, folder = self, self._folder
        folder.mkdir(exist_ok=True, parents=True)

        class Frozen(DiskDraft):
            def commit(self) -> None:
                store.reached.set()
                assert store.may_go.wait(60)
                super().commit()

        return Frozen(folder / name)


async def test_a_frozen_worker_that_wakes_changes_nothing(house: RightsHouse, anna: Principal) -> None:
    """R60."""
    store = FrozenStore(house.folder)
    frozen = asyncio.create_task(house.another_worker(store).run_one())
    assert await asyncio.to_thread(store.reached.wait, 60)
    house.clock.advance(LEASE)
    assert await house.worker.run_one()
    ready = await house.status(anna)
    assert ready.state is ExportState.READY
    store.may_go.set()
    assert await frozen
    assert await house.status(anna) == ready
    assert "annaA" in (await opened(house, anna)).everything
    assert [path.name.rsplit(".", 1)[-1] for path in house.folder.iterdir()] == ["2"]
    assert house.published == [anna.person_id]


async def test_two_workers_make_one_copy(house: RightsHouse, anna: Principal) -> None:
    workers = [house.another_worker() for _ in range(4)]
    assert sorted(await asyncio.gather(*(worker.run_one() for worker in workers))) == [False, False, False, True]
    assert len(list(house.folder.iterdir())) == 1
    assert (await house.status(anna)).state is ExportState.READY


async def test_a_copy_whose_person_is_gone_meanwhile_is_not_kept(house: RightsHouse, anna: Principal) -> None:
    store = FrozenStore(house.folder)
    frozen = asyncio.create_task(house.another_worker(store).run_one())
    assert await asyncio.to_thread(store.reached.wait, 60)
    await house.erasures.request_erasure(anna, person_id=anna.person_id, idempotency_key=anna.session_id)
    house.clock.advance(timedelta(days=14))
    assert await house.erasures.run_due() == 1
    store.may_go.set()
    assert await frozen
    assert list(house.folder.iterdir()) == []


class Failing(Exception):
    """What a bug would raise."""


class FailingStore(DiskStore):
    """A disk that breaks at its nth deed, once."""

    def __init__(self, folder: Path, at: int) -> None:
        super().__init__(folder)
        self.left = at

    def step(self) -> None:
        self.left -= 1
        if self.left == 0:
            raise Failing

    def begin(self, name: str) -> DiskDraft:
        store, folder = self, self._folder
        store.step()
        folder.mkdir(exist_ok=True, parents=True)

        class Draft(DiskDraft):
            def write(self, data: bytes) -> None:
                store.step()
                super().write(data)

            def commit(self) -> None:
                store.step()
                super().commit()
                store.step()

        return Draft(folder / name)


@pytest.mark.parametrize("at", [1, 2, 3, 4])
async def test_a_failure_at_any_step_leaves_no_half_and_the_next_try_is_whole(
    house: RightsHouse, anna: Principal, at: int
) -> None:
    worker = house.another_worker(FailingStore(house.folder, at))
    assert await worker.run_due() == 1
    assert (await house.status(anna)).failure == "INTERNAL_ERROR"
    assert list(house.folder.iterdir()) == [] if house.folder.is_dir() else True
    house.clock.advance(BACKOFF[0])
    assert await worker.run_due() == 1
    assert "annaA" in (await opened(house, anna)).everything


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 3), st.integers(0, 2 * int(LEASE.total_seconds())))
async def test_at_no_moment_is_one_job_claimed_twice(
    database: Database, tmp_path: Path, claims: int, wait: int
) -> None:
    house = RightsHouse(database, tmp_path / "exports")
    house.clock.set(NOW)
    actor = make_principal()
    await house.ask(actor)
    taken = [await house.another_worker()._claim() for _ in range(claims)]
    assert [one is not False for one in taken] == [place == 0 for place in range(claims)]
    house.clock.advance(timedelta(seconds=wait))
    again = await house.another_worker()._claim()
    assert (again is not False) is (claims == 0 or wait >= LEASE.total_seconds())
    house.clock.advance(2 * LEASE)
    await house.worker.run_due()
    assert (await house.status(actor)).state in {ExportState.READY, ExportState.FAILED}
