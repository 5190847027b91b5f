"""Latency below saturation: requests are sent at their due times, so that a slow answer delays no other.

`python -m tests.bench.paced <port> <file> <per second> <seconds> <connections>` prints one JSON line.
"""

import asyncio
import gc
import os
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from itertools import cycle
from pathlib import Path
from typing import TypeAlias

import orjson
import uvloop

from tests.bench.loader import ERRORS, request_bytes
from tests.bench.report import percentile

Stream: TypeAlias = tuple[asyncio.StreamReader, asyncio.StreamWriter]

_WARM_UP_SECONDS = 1.0
"""Not counted: what the load generator needs to get going is no latency of the server's."""


class PacedLoad:
    """Connections that take the next request when it is due; latency counts from that instant, as in wrk2."""

    def __init__(self, requests: list[bytes], *, port: int, per_second: float) -> None:
        """Send at this rate whatever the server does."""
        self._requests = cycle(requests)
        self._port = port
        self._per_second = per_second
        self._due: asyncio.Queue[float | None] = asyncio.Queue()
        self.latencies_ms: list[float] = []
        self.failures = 0

    async def run(self, *, seconds: float, connections: int) -> None:
        """Open the connections, warm up, then load for so long; what is due at the end is sent too."""
        streams = [await asyncio.open_connection("127.0.0.1", self._port, limit=1 << 20) for _ in range(connections)]
        await self._load(streams, seconds=_WARM_UP_SECONDS)
        self.latencies_ms.clear()
        await self._load(streams, seconds=seconds)
        for _, writer in streams:
            writer.close()
            await writer.wait_closed()

    async def _load(self, streams: Sequence[Stream], *, seconds: float) -> None:
        workers = [asyncio.create_task(self._connection(*stream)) for stream in streams]
        began, sent = time.perf_counter(), 0
        while (now := time.perf_counter() - began) < seconds:
            while sent < now * self._per_second:
                self._due.put_nowait(began + sent / self._per_second)
                sent += 1
            await asyncio.sleep(max(0.0, sent / self._per_second - now))
        for _ in workers:
            self._due.put_nowait(None)
        await asyncio.gather(*workers)

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while (due := await self._due.get()) is not None:
            writer.write(next(self._requests))
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            body = await reader.readexactly(int(head.partition(b"content-length:")[2].partition(b"\r\n")[0]))
            self.latencies_ms.append((time.perf_counter() - due) * 1000)
            self.failures += not head.startswith(b"http/1.1 200") or ERRORS in body


def _go_first() -> None:
    """Let the database, which shares this core, delay neither the sending nor the taking of time, where we may."""
    with suppress(OSError):
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))


def main() -> None:
    """Load and print."""
    port, file, per_second, seconds, connections = sys.argv[1:]
    requests = [request_bytes(line, port=int(port)) for line in Path(file).read_text().splitlines()]
    paced = PacedLoad(requests, port=int(port), per_second=float(per_second))
    gc.disable()  # it is the server whose pauses are wanted
    _go_first()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
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
