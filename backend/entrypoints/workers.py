"""`zdorovye serve --workers N`: keeps N workers serving one listener (R63).

Not uvicorn's own supervisor: it says neither that all serve nor why one does not, ends with code 0 when none could
start, waits without limit for a worker that hangs (a second signal is not heard meanwhile), and leaves its workers
behind when it is killed. Docs: docs/adr/0013-several-workers.md.
"""

import asyncio
import contextlib
import socket
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Callable
from functools import partial

import structlog

from backend.entrypoints.processes import LONGEST_END_SECONDS
from backend.entrypoints.worker_words import FAILED, HAND_OVER, SERVING, SILENCE_SECONDS, START_SECONDS

_WORKER = "backend.entrypoints.worker"

log = structlog.get_logger("workers")


class WorkerFailed(Exception):
    """A worker could not start; the text says why."""


class Worker:
    """One child process, as its parent sees it."""

    def __init__(self, process: Process, orders: asyncio.StreamWriter, words: asyncio.StreamReader) -> None:
        """Watch a process that was just started: its standard input and output."""
        self._process = process
        self._orders = orders
        self._words = words
        self._reason = ""
        self._started = asyncio.Event()
        self.ended = asyncio.create_task(self._watch())
        """Done when the process is gone; gives its exit code, negative when a signal ended it."""

    @classmethod
    async def start(cls, listener: socket.socket) -> "Worker":
        """Start a process that will serve `listener`; it has a session of its own, so a terminal's Ctrl-C is ours.

        Raises:
            WorkerFailed: The system has no room for another process.
        """
        try:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-P", "-m", _WORKER, str(listener.fileno())),
                stdin=PIPE,
                stdout=PIPE,
                pass_fds=(listener.fileno(),),
                start_new_session=True,
            )
        except OSError as error:
            raise WorkerFailed(f"the system starts no worker: {error.strerror}") from error
        if process.stdin is None or process.stdout is None:
            raise RuntimeError("asyncio gives the streams that were asked for")
        return cls(process, process.stdin, process.stdout)

    @property
    def pid(self) -> int:
        """Return the process id."""
        return self._process.pid

    async def serving(self) -> None:
        """Return when it serves.

        Raises:
            WorkerFailed: It ended before that, or took too long.
        """
        started = asyncio.create_task(self._started.wait())
        try:
            await asyncio.wait({started, self.ended}, timeout=START_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        finally:
            started.cancel()
        if self._started.is_set():
            return
        if not self.ended.done():
            self.kill()
            raise WorkerFailed(f"a worker did not serve within {START_SECONDS:.0f} s")
        raise WorkerFailed(self._reason or f"a worker ended with code {self.ended.result()} before it served")

    def leave(self, *, handed_over: bool = False) -> None:
        """Let it drain and end; `handed_over` says that another one serves in its place."""
        with contextlib.suppress(OSError, RuntimeError):  # it may be gone
            if handed_over:
                self._orders.write(HAND_OVER)
            self._orders.close()

    def kill(self) -> None:
        """End it now."""
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()

    async def _watch(self) -> int:
        while line := await self._next_word():
            if line == SERVING:
                self._started.set()
            elif line.startswith(FAILED):
                self._reason = line.removeprefix(FAILED).decode().strip()
        return await self._process.wait()

    async def _next_word(self) -> bytes:
        """Return a line, nothing when the process is gone; one that was silent too long is ended."""
        try:
            async with asyncio.timeout(SILENCE_SECONDS if self._started.is_set() else None):
                return await self._words.readline()
        except TimeoutError:
            log.warning("worker_silent", pid=self.pid, seconds=SILENCE_SECONDS)
            self.kill()
            return b""


class Workers:
    """Keeps so many workers serving one listener."""

    def __init__(self, listener: socket.socket, count: int) -> None:
        """Take a bound listener; nothing starts yet."""
        self._listener = listener
        self._count = count
        self._serving: list[Worker] = []
        self._alive: set[Worker] = set()

    async def run(self, *, ready: Callable[[], None], stop: asyncio.Event, reload: asyncio.Event) -> None:
        """Serve until `stop`, then let every worker drain.

        Args:
            ready: Called once, when all serve.
            stop: Set to end.
            reload: Set to replace every worker by a new one, one after another; cleared when that begins.

        Raises:
            WorkerFailed: A worker could not start; the others have drained.
        """
        keeping = asyncio.create_task(self._keep(ready, reload))
        stopping = asyncio.create_task(stop.wait())
        await asyncio.wait({keeping, stopping}, return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        keeping.cancel()
        await asyncio.wait({keeping})
        await self._dismiss_all()
        if not keeping.cancelled():
            keeping.result()

    def kill_all(self) -> None:
        """End every worker now."""
        for worker in self._alive:
            worker.kill()

    async def _keep(self, ready: Callable[[], None], reload: asyncio.Event) -> None:
        self._serving = await self._hire(self._count)
        ready()
        while True:
            asked = asyncio.create_task(reload.wait())
            try:
                await asyncio.wait(
                    {asked, *(worker.ended for worker in self._serving)}, return_when=asyncio.FIRST_COMPLETED
                )
            finally:
                asked.cancel()
            await self._replace_the_dead()
            if reload.is_set():
                reload.clear()
                await self._replace_each()

    async def _replace_the_dead(self) -> None:
        dead = [worker for worker in self._serving if worker.ended.done()]
        if not dead:
            return
        for worker in dead:
            log.error("worker_died", pid=worker.pid, code=worker.ended.result())
        alive = [worker for worker in self._serving if worker not in dead]
        hired = await self._hire(len(dead))
        self._serving = [*alive, *hired]
        for old, new in zip(dead, hired, strict=True):
            log.info("worker_replaced", old=old.pid, new=new.pid)

    async def _replace_each(self) -> None:
        for old in list(self._serving):
            if old not in self._serving:  # it died meanwhile, and its place is taken
                continue
            try:
                (new,) = await self._hire(1)
            except WorkerFailed as error:
                log.warning("reload_given_up", reason=str(error), kept=len(self._serving))
                return
            self._serving = [new if worker is old else worker for worker in self._serving]
            old.leave(handed_over=True)
            await asyncio.wait({old.ended}, timeout=LONGEST_END_SECONDS)
            old.kill()
            log.info("worker_replaced", old=old.pid, new=new.pid)
            await self._replace_the_dead()

    async def _hire(self, count: int) -> list[Worker]:
        """Start workers side by side and return them when all serve.

        Raises:
            WorkerFailed: One could not start; the others are told to leave.
        """
        hired = []
        for _ in range(count):
            worker = await Worker.start(self._listener)
            self._alive.add(worker)
            worker.ended.add_done_callback(partial(self._forget, worker))
            hired.append(worker)
        outcomes = await asyncio.gather(*(worker.serving() for worker in hired), return_exceptions=True)
        failures = [outcome for outcome in outcomes if isinstance(outcome, BaseException)]
        if failures:
            for worker in hired:
                worker.leave()
            raise failures[0]
        return hired

    def _forget(self, worker: Worker, _ended: "asyncio.Task[int]") -> None:
        self._alive.discard(worker)

    async def _dismiss_all(self) -> None:
        """Let all drain; who comes when they accept no more is refused, and not kept waiting at our own listener."""
        self._listener.close()
        for worker in self._alive:
            worker.leave()
        leaving = {worker.ended for worker in self._alive}
        if leaving:
            _, late = await asyncio.wait(leaving, timeout=LONGEST_END_SECONDS)
            if late:
                log.warning("workers_killed", count=len(late))
                self.kill_all()
                await asyncio.wait(late)
