"""Latency below saturation: requests are sent at their due times, so that a slow answer delays no other.

`python -m tests.bench.paced <port> <file> <per second> <seconds> <connections>` prints one JSON line.
"""

import asyncio
import gc
import os
import selectors
import sys
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from itertools import cycle
from pathlib import Path
from typing import cast

import orjson

from tests.bench.loader import ERRORS, request_bytes
from tests.bench.report import percentile
from tests.bench.undisturbed import PRIORITY

_WARM_UP_SECONDS = 1.0
"""Not counted: what the load generator needs to get going is no latency of the server's."""
_LONGEST_SECONDS = 30.0
"""How long answers may still come when the last request was sent; a server that closes a connection gives none."""


class PacedLoad:
    """Connections that take the next request when it is due; latency counts from that instant, as in wrk2.

    They are protocols and no streams: on two cores the load shares its core with the database, and what it takes there
    it adds to what it measures.
    """

    def __init__(
        self, requests: list[bytes], *, port: int, per_second: float, warm_up_seconds: float = _WARM_UP_SECONDS
    ) -> None:
        """Send at this rate whatever the server does."""
        self._requests = cycle(requests)
        self._port = port
        self._per_second = per_second
        self._warm_up_seconds = warm_up_seconds
        self._due: deque[float] = deque()
        self._free: deque[_Connection] = deque()
        self._is_changed = asyncio.Event()
        self._connections = 0
        self.latencies_ms: list[float] = []
        self.failures = 0

    async def run(self, *, seconds: float, connections: int) -> None:
        """Open the connections, warm up, then load for so long; what is due at the end is sent too."""
        loop = asyncio.get_running_loop()
        self._connections = connections
        for _ in range(connections):
            _transport, connection = await loop.create_connection(lambda: _Connection(self), "127.0.0.1", self._port)
            self._free.append(connection)
        await self._load(seconds=self._warm_up_seconds)
        self.latencies_ms.clear()
        await self._load(seconds=seconds)
        for connection in list(self._free):
            connection.close()
        await self._until(lambda: not self._connections)

    async def _load(self, *, seconds: float) -> None:
        began, due, last = time.perf_counter(), 0, round(seconds * self._per_second)
        while due < last:
            now = time.perf_counter() - began
            while due < min(last, now * self._per_second):
                self._due.append(began + due / self._per_second)
                due += 1
            self._send()
            await asyncio.sleep(max(0.0, due / self._per_second - now))
        await self._until(lambda: len(self._free) == self._connections)

    async def _until(self, is_reached: Callable[[], bool]) -> None:
        async with asyncio.timeout(_LONGEST_SECONDS):
            while not is_reached():
                self._is_changed.clear()
                await self._is_changed.wait()

    def _send(self) -> None:
        while self._due and self._free:
            self._free.popleft().ask(next(self._requests), self._due.popleft())
        if not self._connections:
            self.failures += len(self._due)
            self._due.clear()

    def lost(self, connection: "_Connection", *, is_asked: bool) -> None:
        """Count a request whose connection ended before its answer; an idle connection ends without harm."""
        self._connections -= 1
        if is_asked:
            self.failures += 1
        elif connection in self._free:
            self._free.remove(connection)
        self._send()
        self._is_changed.set()

    def answered(self, connection: "_Connection", due: float, *, is_right: bool) -> None:
        """Count an answer; its connection takes what is due next."""
        self.latencies_ms.append((time.perf_counter() - due) * 1000)
        self.failures += not is_right
        self._free.append(connection)
        self._send()
        self._is_changed.set()


class _Connection(asyncio.Protocol):
    """One connection with one request at a time."""

    def __init__(self, load: PacedLoad) -> None:
        self._load = load
        self._transport: asyncio.Transport | None = None
        self._due: float | None = None
        self._answer = bytearray()
        self._length = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def ask(self, request: bytes, due: float) -> None:
        """Send a request that was due at this instant."""
        assert self._transport is not None  # connected before it is free
        self._due = due
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._answer += data
        if not self._length:
            head, end, _body = self._answer.partition(b"\r\n\r\n")
            if not end:
                return
            size = head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0]
            self._length = len(head) + len(end) + int(size)
        if len(self._answer) < self._length:
            return
        is_right = self._answer.startswith(b"HTTP/1.1 200") and ERRORS not in self._answer
        due, self._due = self._due, None
        assert due is not None  # nobody answers what was not asked
        self._answer.clear()
        self._length = 0
        self._load.answered(self, due, is_right=is_right)

    def connection_lost(self, exc: Exception | None) -> None:
        self._load.lost(self, is_asked=self._due is not None)

    def close(self) -> None:
        """End the connection."""
        assert self._transport is not None  # as above
        self._transport.close()


def _go_first() -> None:
    """Let nothing on this core, the database neither, delay the sending and the taking of time, where we may."""
    with suppress(OSError):
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(PRIORITY + 1))


def _precise_loop() -> asyncio.AbstractEventLoop:
    """Return a loop that wakes up when it should: those of epoll and of libuv wait for whole milliseconds.

    A request is 1 ms of work, so that would be sent late what is due between, and half of all latency would be ours.
    """
    return asyncio.SelectorEventLoop(selectors.SelectSelector())


def main() -> None:
    """Load and print."""
    port, file, per_second, seconds, connections = sys.argv[1:]
    requests = [request_bytes(line, port=int(port)) for line in Path(file).read_text().splitlines()]
    paced = PacedLoad(requests, port=int(port), per_second=float(per_second))
    gc.disable()  # it is the server whose pauses are wanted
    _go_first()
    with asyncio.Runner(loop_factory=_precise_loop) as runner:
        runner.run(paced.run(seconds=float(seconds), connections=int(connections)))
    outcome = {
        "requests": len(paced.latencies_ms),
        "p50_ms": percentile(paced.latencies_ms, 50),
        "p99_ms": percentile(paced.latencies_ms, 99),
        "failures": paced.failures,
    }
    sys.stdout.write(f"{orjson.dumps(outcome).decode()}\n")


if __name__ == "__main__":
    main()
