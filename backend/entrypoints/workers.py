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
from collections.abc import Callable, Sequence
from functools import partial

import structlog

from backend.entrypoints.pause import Pause
from backend.entrypoints.processes import LONGEST_END_SECONDS
from backend.entrypoints.worker_words import FAILED, HAND_OVER, SERVING, SILENCE_SECONDS, START_SECONDS

_COMMAND = (sys.executable, "-P", "-m", "backend.entrypoints.serving_worker")
"""The file descriptor of the listener is its last argument."""

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
        self.seconds_served = 0.0
        """Known when it ended."""
        self.ended = asyncio.create_task(self._watch())
        """Done when the process is gone; gives its exit code, negative when a signal ended it."""

    @classmethod
    async def start(cls, listener: socket.socket, command: Sequence[str] = _COMMAND) -> "Worker":
        """Start a process that will serve `listener`; it has a session of its own, so a terminal's Ctrl-C is ours.

        Raises:
            WorkerFailed: The system has no room for another process.
        """
        try:
            process = await asyncio.create_subprocess_exec(
                *(*command, str(listener.fileno())),
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
        now = asyncio.get_running_loop().time
        serving_since = None
        while line := await self._next_word():
            if line == SERVING:
                serving_since = serving_since or now()
                self._started.set()
            elif line.startswith(FAILED):
                self._reason = line.removeprefix(FAILED).decode().strip()
        code = await self._process.wait()
        if serving_since is not None:
            self.seconds_served = now() - serving_since
        return code

    async def _next_word(self) -> bytes:
        """Return a line, nothing when the process is gone; one that was silent too long is ended."""
        try:
            async with asyncio.timeout(SILENCE_SECONDS if self._started.is_set() else None):
                return await self._words.readline()
        except TimeoutError:
            log.warning("worker_silent", pid=self.pid, seconds=SILENCE_SECONDS)
            self.kill()
            return b""


class Place:
    """One of so many workers: who serves there, or did when it died."""

    def __init__(self, worker: Worker, pause: Pause) -> None:
        """Begin with a worker that serves."""
        self.worker = worker
        self.pause = pause
        self.filling = asyncio.Lock()
        """Held by who starts a worker for this place."""
        self._taken = asyncio.Event()

    async def lost(self) -> Worker:
        """Return the worker when it died; one that handed over to another is none."""
        while True:
            self._taken.clear()
            worker = self.worker
            await asyncio.wait({worker.ended})
            if self.worker is worker:
                return worker

    def take(self, worker: Worker) -> None:
        """Let another worker have the place."""
        self.worker = worker
        self._taken.set()

    async def taken_within(self, seconds: float) -> None:
        """Return when somebody took the place, or after so long."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._taken.wait()


class Workers:
    """Keeps so many workers serving one listener."""

    def __init__(
        self,
        listener: socket.socket,
        count: int,
        *,
        command: Sequence[str] = _COMMAND,
        pause: Callable[[], Pause] = Pause,
    ) -> None:
        """Take a bound listener, what starts a worker, and the pauses of a place; nothing starts yet."""
        self._listener = listener
        self._count = count
        self._command = command
        self._pause = pause
        self._places: list[Place] = []
        self._alive: set[Worker] = set()

    async def run(self, *, ready: Callable[[], None], stop: asyncio.Event, reload: asyncio.Event) -> None:
        """Serve until `stop`, then let every worker drain.

        Args:
            ready: Called once, when all serve.
            stop: Set to end.
            reload: Set to replace every worker by a new one, one after another; cleared when that begins.

        Raises:
            WorkerFailed: One of the first workers could not start; the others have drained.
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
        self._places = [Place(worker, self._pause()) for worker in await self._hire(self._count)]
        ready()
        async with asyncio.TaskGroup() as tasks:
            for place in self._places:
                tasks.create_task(self._keep_filled(place))
            while await reload.wait():
                reload.clear()
                await self._replace_each()

    async def _keep_filled(self, place: Place) -> None:
        while True:
            dead = await place.lost()
            seconds = place.pause.after_life(dead.seconds_served)
            log.error("worker_died", pid=dead.pid, code=dead.ended.result(), again_in=seconds)
            while place.worker is dead:
                await place.taken_within(seconds)
                seconds = await self._replace(dead, place)

    async def _replace(self, dead: Worker, place: Place) -> float:
        """Fill the place unless a reload did; return how long to wait if that failed."""
        async with place.filling:
            if place.worker is not dead:
                return 0.0
            try:
                (new,) = await self._hire(1)
            except WorkerFailed as error:
                seconds = place.pause.after_failure()
                log.error("replacement_failed", reason=str(error), again_in=seconds)  # noqa: TRY400 # the reason is all
                return seconds
            place.take(new)
            log.info("worker_replaced", old=dead.pid, new=new.pid)
            return 0.0

    async def _replace_each(self) -> None:
        for place in self._places:
            async with place.filling:
                try:
                    (new,) = await self._hire(1)
                except WorkerFailed as error:
                    kept = sum(not one.worker.ended.done() for one in self._places)
                    log.warning("reload_given_up", reason=str(error), kept=kept)
                    return
                old = place.worker
                place.take(new)
            old.leave(handed_over=True)
            await asyncio.wait({old.ended}, timeout=LONGEST_END_SECONDS)
            old.kill()
            log.info("worker_replaced", old=old.pid, new=new.pid)

    async def _hire(self, count: int) -> list[Worker]:
        """Start workers side by side and return them when all serve.

        Raises:
            WorkerFailed: One could not start; the others are told to leave.
        """
        hired = []
        for _ in range(count):
            worker = await Worker.start(self._listener, self._command)
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
