"""How the parent fills places, with processes that only say that they serve; real ones: tests/journeys."""

import asyncio
import contextlib
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from backend.entrypoints.pause import Pause
from backend.entrypoints.workers import WorkerFailed, Workers
from tests.plugins.waiting import until

NEVER = 3600.0
"""A pause that no test outlives."""
WORKER = """
import pathlib, sys
if pathlib.Path(sys.argv[1]).exists():
    print("failed it is broken", flush=True)
    sys.exit(1)
print("serving", flush=True)
sys.stdin.readline()
"""


class Told(Pause):
    """A pause that never changes and tells how often it was asked for."""

    def __init__(self, seconds: float) -> None:
        super().__init__(seconds, seconds)
        self.asked: asyncio.Queue[float] = asyncio.Queue()

    def after_failure(self) -> float:
        seconds = super().after_failure()
        self.asked.put_nowait(seconds)
        return seconds

    async def times(self, count: int) -> None:
        for _ in range(count):
            await asyncio.wait_for(self.asked.get(), 30)


class Service:
    """Workers that can be broken and ordered about."""

    def __init__(self, broken: Path, pause: Pause, count: int) -> None:
        self._broken = broken
        self.ready, self.stop, self.reload = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        command = (sys.executable, "-I", "-S", "-c", WORKER, str(broken))
        self._workers = Workers(self._listener, count, command=command, pause=lambda: pause)

    async def run(self) -> None:
        with self._listener:
            await self._workers.run(ready=self.ready.set, stop=self.stop, reload=self.reload)

    def damage(self) -> None:
        """Let no worker start from now on."""
        self._broken.touch()

    def mend(self) -> None:
        self._broken.unlink()

    def pids(self) -> set[int]:
        return {place.worker.pid for place in self._workers._places if not place.worker.ended.done()}

    async def has_new(self, count: int, *, instead_of: set[int]) -> None:
        async def filled() -> bool:
            return len(self.pids() - instead_of) == count

        await until(filled, what=f"{count} new workers")


@contextlib.asynccontextmanager
async def serving(broken: Path, pause: Pause, count: int = 2) -> AsyncIterator[Service]:
    service = Service(broken, pause, count)
    running = asyncio.create_task(service.run())
    try:
        await asyncio.wait_for(service.ready.wait(), 30)
        yield service
    finally:
        service.stop.set()
        await asyncio.wait_for(running, 30)
    assert not service.pids()


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    """While it exists no worker can start."""
    return tmp_path / "broken"


async def test_a_replacement_that_fails_is_tried_again_and_what_serves_stays(broken: Path) -> None:
    pause = Told(0.0)
    async with serving(broken, pause) as service:
        victim, survivor = service.pids()
        service.damage()
        os.kill(victim, signal.SIGKILL)
        await pause.times(3)
        assert service.pids() == {survivor}
        service.mend()
        await service.has_new(1, instead_of={victim, survivor})
        assert survivor in service.pids()


async def test_when_nobody_serves_any_more_it_goes_on_trying(broken: Path) -> None:
    pause = Told(0.0)
    async with serving(broken, pause) as service:
        before = service.pids()
        service.damage()
        for pid in before:
            os.kill(pid, signal.SIGKILL)
        await pause.times(6)
        assert not service.pids()
        service.mend()
        await service.has_new(2, instead_of=before)


async def test_a_worker_that_dies_soon_waits_for_its_successor_but_a_reload_does_not(broken: Path) -> None:
    pause = Told(NEVER)
    async with serving(broken, pause) as service:
        before = service.pids()
        os.kill(min(before), signal.SIGKILL)
        await pause.times(1)
        assert service.pids() == {max(before)}
        service.reload.set()
        await service.has_new(2, instead_of=before)
        after = service.pids()
        os.kill(min(after), signal.SIGKILL)
        await pause.times(1)
        assert service.pids() == {max(after)}


async def test_it_ends_in_the_middle_of_a_pause(broken: Path) -> None:
    pause = Told(NEVER)
    async with serving(broken, pause, count=1) as service:
        os.kill(min(service.pids()), signal.SIGKILL)
        await pause.times(1)


async def test_one_that_cannot_start_at_the_beginning_ends_the_whole(broken: Path) -> None:
    service = Service(broken, Told(NEVER), 2)
    service.damage()
    with pytest.raises(WorkerFailed, match="it is broken"):
        await asyncio.wait_for(service.run(), 30)
    assert not service.ready.is_set()
