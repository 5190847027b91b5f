"""The load where wrk is missing: as `load.lua`, over asyncio; slower, so it bounds a fast server's req/s."""

import asyncio
import sys
import time
from itertools import cycle
from pathlib import Path

import orjson
import uvloop

from tests.bench.report import percentile

ERRORS = b'"errors":'


def request_bytes(line: str, *, port: int) -> bytes:
    """Return the HTTP/1.1 request of one line of a request file."""
    method, path, token, body = line.split("\t")
    payload = body.encode()
    headers = [f"{method} {path} HTTP/1.1", f"Host: 127.0.0.1:{port}", f"Authorization: Bearer {token}"]
    headers.append("Accept: application/json")
    if payload:
        headers += ["Content-Type: application/json", f"Content-Length: {len(payload)}"]
    return "\r\n".join(headers).encode() + b"\r\n\r\n" + payload


class Loader:
    """Several connections that take the next request in turn until the time is up."""

    def __init__(self, requests: list[bytes], *, port: int, shortest: int) -> None:
        """Count as a failure what is not 200, shorter than `shortest` bytes, or has errors."""
        self._requests = cycle(requests)
        self._port = port
        self._shortest = shortest
        self._ends_at = 0.0
        self.latencies_ms: list[float] = []
        self.failures = 0

    async def run(self, *, seconds: float, connections: int) -> None:
        """Load for so long over so many connections."""
        self._ends_at = time.perf_counter() + seconds
        await asyncio.gather(*(self._connection() for _ in range(connections)))

    async def _connection(self) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port, limit=1 << 20)
        while (began := time.perf_counter()) < self._ends_at:
            writer.write(next(self._requests))
            if not await self._is_right(reader):
                self.failures += 1
            self.latencies_ms.append((time.perf_counter() - began) * 1000)
        writer.close()
        await writer.wait_closed()

    async def _is_right(self, reader: asyncio.StreamReader) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        length = int(head.partition(b"content-length:")[2].partition(b"\r\n")[0])
        body = await reader.readexactly(length)
        return head.startswith(b"http/1.1 200") and length >= self._shortest and ERRORS not in body


def main() -> None:
    """Load and print what `load.lua` prints: arguments are port, file, shortest, seconds, connections."""
    port, file, shortest, seconds, connections = sys.argv[1:]
    requests = [request_bytes(line, port=int(port)) for line in Path(file).read_text().splitlines()]
    loader = Loader(requests, port=int(port), shortest=int(shortest))
    began = time.perf_counter()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(loader.run(seconds=float(seconds), connections=int(connections)))
    outcome = {
        "requests": len(loader.latencies_ms),
        "seconds": time.perf_counter() - began,
        "p50_ms": percentile(loader.latencies_ms, 50),
        "p99_ms": percentile(loader.latencies_ms, 99),
        "failures": loader.failures,
    }
    sys.stdout.buffer.write(orjson.dumps(outcome) + b"\n")


if __name__ == "__main__":
    main()
