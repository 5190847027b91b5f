"""Many WebSocket clients of one subscription in one process, light enough not to be what is measured.

`python -m tests.bench.watchers <plan>` takes a JSON plan, says `ready` when everybody has had a message, waits for a
line, then publishes and counts, and prints one JSON line.
"""

import asyncio
import os
import resource
import struct
import sys
import time
from base64 import b64encode
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, cast

import orjson
import uvloop
from uuid_utils.compat import uuid4

SUBSCRIPTION = "subscription { inboxChanged { unreadCount latest { id kind severity title body createdAt seenAt } } }"
MUTATION = "mutation ($input: MarkNotificationsSeenInput!) { markNotificationsSeen(input: $input) { errors { code } } }"
PATIENCE_SECONDS, LONGEST_GATHERING_SECONDS = 20, 60
_TEXT, _CLOSE, _PING, _PONG = 1, 8, 9, 10


@dataclass(frozen=True, slots=True)
class Plan:
    """What to do; `payload` None means our own server, of which another one is told to change the inbox itself."""

    port: int
    publishing_port: int
    watchers: int
    events: int
    token: str
    payload: dict[str, Any] | None


class Crowd:
    """Counts what all watchers receive."""

    def __init__(self, plan: Plan) -> None:
        """Begin with nobody."""
        self.plan = plan
        self.received = 0
        self.last = b""
        self.failure: str | None = None
        self._wanted = 0
        self._reached = asyncio.Event()

    def take(self, message: bytes) -> None:
        """Count a message of the subscription."""
        self.last = message
        self.received += 1
        if self.received == self._wanted:
            self._reached.set()

    def fail(self, reason: str) -> None:
        """Give up."""
        self.failure = self.failure or reason
        self._reached.set()

    async def until(self, count: int, *, seconds: float = PATIENCE_SECONDS) -> bool:
        """Wait until so many messages have come; False when time is out."""
        self._wanted = count
        if self.received < count and not self.failure:
            self._reached.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self._reached.wait()
        if self.failure:
            raise SystemExit(self.failure)
        return self.received >= count


class Watcher(asyncio.Protocol):
    """One connection: shakes hands, subscribes, then counts."""

    def __init__(self, crowd: Crowd) -> None:
        self._crowd = crowd
        self._buffer = b""
        self._open = False
        self._transport: asyncio.Transport | None = None
        self.messages = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = writable = cast("asyncio.Transport", transport)  # uvloop's is no subclass
        key = b64encode(os.urandom(16)).decode()
        lines = [
            "GET /graphql HTTP/1.1",
            f"Host: 127.0.0.1:{self._crowd.plan.port}",
            "Upgrade: websocket",
            "Connection: Upgrade",
            f"Sec-WebSocket-Key: {key}",
            "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Protocol: graphql-transport-ws",
        ]
        writable.write("\r\n".join(lines).encode() + b"\r\n\r\n")

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if not self._open:
            head, end, rest = self._buffer.partition(b"\r\n\r\n")
            if not end:
                return
            if b" 101 " not in head.partition(b"\r\n")[0]:
                self._crowd.fail(f"no WebSocket: {head[:200]!r}")
                return
            self._open, self._buffer = True, rest
            self._send({"type": "connection_init", "payload": {"authorization": f"Bearer {self._crowd.plan.token}"}})
        for opcode, payload in self._frames():
            self._take(opcode, payload)

    def connection_lost(self, error: Exception | None) -> None:
        self._crowd.fail(f"a connection was lost: {error}")

    def _frames(self) -> list[tuple[int, bytes]]:
        buffer, at, found = self._buffer, 0, []
        while len(buffer) - at >= 2:
            length, start = buffer[at + 1] & 0x7F, at + 2
            if length == 126:
                if len(buffer) < at + 4:
                    break
                length, start = int.from_bytes(buffer[at + 2 : at + 4]), at + 4
            elif length == 127:
                self._crowd.fail("a frame of more than 64 KiB")
            if len(buffer) < start + length:
                break
            found.append((buffer[at] & 0x0F, buffer[start : start + length]))
            at = start + length
        self._buffer = buffer[at:]
        return found

    def _take(self, opcode: int, payload: bytes) -> None:
        if opcode == _TEXT and b'"next"' in payload and b'"errors"' not in payload:
            self.messages += 1
            self._crowd.take(payload)
        elif opcode == _TEXT and b'"connection_ack"' in payload:
            self._send({"id": "1", "type": "subscribe", "payload": {"query": SUBSCRIPTION}})
        elif opcode == _PING:
            self._frame(_PONG, payload)
        elif opcode == _TEXT and b'"ping"' in payload:
            self._send({"type": "pong"})
        else:
            self._crowd.fail(f"not a message of the subscription: {payload[:300]!r}")

    def _send(self, message: dict[str, Any]) -> None:
        self._frame(_TEXT, orjson.dumps(message))

    def _frame(self, opcode: int, payload: bytes) -> None:
        assert self._transport is not None
        self._transport.write(masked_frame(opcode, payload))

    def leave(self) -> None:
        """Close without a word."""
        if self._transport is not None:
            self._transport.abort()


def masked_frame(opcode: int, payload: bytes) -> bytes:
    """Return a client's frame, final and masked by zeros (RFC 6455, 5.2), of less than 64 KiB."""
    length = len(payload)
    head = struct.pack("!BB", 0x80 | opcode, 0x80 | length) if length < 126 else b""
    return (head or struct.pack("!BBH", 0x80 | opcode, 0x80 | 126, length)) + bytes(4) + payload


async def _publish(crowd: Crowd, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    plan = crowd.plan
    if plan.payload is None:
        latest = orjson.loads(crowd.last)["payload"]["data"]["inboxChanged"]["latest"]
        variables = {"input": {"ids": [latest["id"]], "idempotencyKey": str(uuid4())}}
        path, body = "/graphql", orjson.dumps({"query": MUTATION, "variables": variables})
    else:
        path, body = "/publish", orjson.dumps(plan.payload)
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{plan.publishing_port}\r\nAuthorization: Bearer {plan.token}\r\n"
    head += f"Accept: application/json\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    writer.write(head.encode() + body)
    answer = (await reader.readuntil(b"\r\n\r\n")).lower()
    length = answer.partition(b"content-length:")[2].partition(b"\r\n")[0]
    said = await reader.readexactly(int(length)) if length else b""
    if not answer.startswith((b"http/1.1 200", b"http/1.1 204")) or b'"code"' in said:
        raise SystemExit(f"publishing failed: {answer[:100]!r} {said[:300]!r}")


async def _settle(crowd: Crowd) -> None:
    """Wait until nothing is under way any more: what comes late would be counted as another event's."""
    seen = -1
    while seen != crowd.received:
        seen = crowd.received
        await asyncio.sleep(0.5)


async def _run(plan: Plan) -> dict[str, Any]:
    crowd, loop = Crowd(plan), asyncio.get_running_loop()
    watchers = []
    for _ in range(plan.watchers):
        _transport, watcher = await loop.create_connection(lambda: Watcher(crowd), "127.0.0.1", plan.port)
        watchers.append(watcher)
    reader, writer = await asyncio.open_connection("127.0.0.1", plan.publishing_port)
    if plan.payload is None:  # the present state comes at once
        await crowd.until(plan.watchers)
    give_up_at = time.monotonic() + LONGEST_GATHERING_SECONDS
    while not all(watcher.messages for watcher in watchers) or plan.payload is None:
        await _publish(crowd, reader, writer)
        if await crowd.until(crowd.received + plan.watchers, seconds=4) and plan.payload is None:
            break
        if time.monotonic() > give_up_at:
            raise SystemExit("not every watcher was served")
    await _settle(crowd)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    await loop.run_in_executor(None, sys.stdin.readline)
    before, began = crowd.received, time.perf_counter()
    for number in range(1, plan.events + 1):
        await _publish(crowd, reader, writer)
        if not await crowd.until(before + number * plan.watchers):
            raise SystemExit(f"{before + number * plan.watchers - crowd.received} messages did not come")
    seconds = time.perf_counter() - began
    crowd.failure = "ending"
    for watcher in watchers:
        watcher.leave()
    writer.close()
    payload = orjson.loads(crowd.last)["payload"]["data"]["inboxChanged"]
    messages = crowd.received - before
    return {"messages": messages, "seconds": seconds, "payload": payload, "bytes": len(crowd.last)}


def main() -> None:
    """Run the plan that is the first argument."""
    plan = Plan(**orjson.loads(sys.argv[1]))
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        outcome = runner.run(_run(plan))
    sys.stdout.write(f"{orjson.dumps(outcome).decode()}\n")


if __name__ == "__main__":
    main()
