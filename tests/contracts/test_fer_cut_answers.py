"""R57: a registry that commits and then cuts its answer, at every byte there is."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from uuid import uuid4

import pytest
from pydantic import HttpUrl

from backend.booking.errors import OutcomeUnknown
from backend.booking.states import CancelReason
from backend.clock import SettableClock
from backend.integrations.breaker import Breaker
from backend.integrations.fer_registry.client import FerRegistryClient
from backend.integrations.fer_registry.simulated_answers import METHODS
from backend.integrations.fer_registry.simulated_concentrator import SimulatedConcentrator
from backend.integrations.fer_registry.soap import read_message, write_message
from backend.settings import FerRegistrySettings
from tests.factories.fer import ANNA, DENTIST, make_concentrator
from tests.factories.people import NOW

SLOT = DENTIST.slot(8)
FRAMINGS = ("length", "chunked", "close")
"""How HTTP says where a body ends. Source: RFC 9112, §6.3. The three share the bytes of the body: each has every third
one to itself, and the last ones."""


@dataclass
class CuttingServer:
    """Does what it is asked; of its answers to one method only so many bytes go out, and the connection is closed."""

    concentrator: SimulatedConcentrator
    framing: str
    method: str = "CreateAppointment"
    cut_at: int | None = None
    longest: int = 0
    body_at: int = 0
    ended: list[asyncio.Event] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer call after call, until an answer is cut or ends with the connection."""
        self.ended.append(ended := asyncio.Event())
        with contextlib.suppress(asyncio.IncompleteReadError):
            while not await self._answer(reader, writer):
                pass
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()
        ended.set()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        headers = {
            name.lower(): value for name, value in (line.split(": ", 1) for line in head.splitlines()[1:] if line)
        }
        message = read_message(await reader.readexactly(int(headers["content-length"])))
        raw = self._framed(write_message(METHODS[f"{headers['soapaction']}Request"](self.concentrator, message)))
        is_cut = headers["soapaction"] == self.method and self.cut_at is not None
        if headers["soapaction"] == self.method:
            self.longest, self.body_at = len(raw), raw.index(b"<?xml")
        writer.write(raw[: self.cut_at] if is_cut else raw)
        await writer.drain()
        return is_cut or self.framing == "close"

    def _framed(self, body: bytes) -> bytes:
        head = b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n"
        if self.framing == "length":
            return head + b"Content-Length: %d\r\n\r\n" % len(body) + body
        if self.framing == "chunked":
            return head + b"Transfer-Encoding: chunked\r\n\r\n%x\r\n" % len(body) + body + b"\r\n0\r\n\r\n"
        return head + b"\r\n" + body


@asynccontextmanager
async def connected(framing: str) -> AsyncIterator[tuple[CuttingServer, FerRegistryClient]]:
    clock = SettableClock(NOW)
    server = CuttingServer(make_concentrator(clock), framing)
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    never_resting = Breaker(failures_to_open=1_000_000, rest_seconds=1, monotonic=lambda: 0.0)
    settings = FerRegistrySettings(base_url=HttpUrl(f"http://127.0.0.1:{port}"), timeout_seconds=20)
    async with listening, FerRegistryClient(settings, clock=clock, breaker=never_resting) as registry:
        yield server, registry
    for one in server.ended:
        await one.wait()


async def _book(registry: FerRegistryClient, key: object) -> bool:
    """Return whether it is told to be booked; any refusal is a false one."""
    asked = {"key": key, "patient": ANNA, "resource": DENTIST.resource, "slot": SLOT, "referral_number": None}
    try:
        await registry.book(**asked)  # type: ignore[arg-type] # named as the port has them
    except OutcomeUnknown:
        return False
    return True


@pytest.mark.parametrize("framing", FRAMINGS)
async def test_an_answer_to_a_booking_cut_at_any_byte_is_never_a_refusal_and_asking_again_gives_the_one_booking(
    framing: str,
) -> None:
    async with connected(framing) as (server, registry):
        assert await _book(registry, uuid4())
        whole, bookings = server.longest, server.concentrator.bookings
        told = []
        body_at = server.body_at
        third = range(body_at + FRAMINGS.index(framing), whole, len(FRAMINGS))
        places = sorted({*range(0, body_at, 10), *third, *range(whole - 9, whole + 1)})
        for cut_at in places:
            bookings.clear()
            key = uuid4()
            server.cut_at = cut_at
            told.append(await _book(registry, key))
            assert [one.session_id for one in bookings.values()] == [str(key)], cut_at
            server.cut_at = None
            assert await _book(registry, key), cut_at
            assert [one.session_id for one in bookings.values()] == [str(key)], cut_at
    assert told[-1]
    assert not any(told[:-8])


@pytest.mark.parametrize("framing", FRAMINGS)
async def test_an_answer_to_a_cancellation_cut_at_any_byte_gives_up_once_and_asking_again_says_so(framing: str) -> None:
    async with connected(framing) as (server, registry):
        server.method = "CancelAppointment"
        asked = {"patient": ANNA, "resource": DENTIST.resource, "slot": SLOT, "reason": CancelReason.PATIENT_DECLINE}
        key = uuid4()
        assert await _book(registry, key)
        await registry.cancel(key=key, **asked)  # type: ignore[arg-type] # named as the port has them
        for cut_at in [*range(0, server.longest, 25), server.longest - 1]:
            key = uuid4()
            assert await _book(registry, key)
            server.cut_at = cut_at
            with pytest.raises(OutcomeUnknown):
                await registry.cancel(key=key, **asked)  # type: ignore[arg-type]
            assert server.concentrator.bookings == {}
            server.cut_at = None
            await registry.cancel(key=key, **asked)  # type: ignore[arg-type]
            assert server.concentrator.bookings == {}
