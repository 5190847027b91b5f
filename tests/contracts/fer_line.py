"""The real client on a real socket to the simulated concentrator, for the contract tests of the federal registry."""

from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx2
from pydantic import HttpUrl
from starlette.applications import Starlette
from starlette.routing import Mount

from backend.booking.ports import OutsideRegistry, OutsideSlot, Patient
from backend.booking.states import CancelReason
from backend.clock import SettableClock
from backend.integrations.fer_registry.client import FerRegistryClient
from backend.integrations.fer_registry.simulated_concentrator import SimulatedConcentrator
from backend.integrations.fer_registry.simulator import create_simulator
from backend.settings import FerRegistrySettings
from tests.factories.fer import (
    ANNA,
    DENTIST,
    TODAY,
    TOMORROW,
    Doctor,
    make_concentrator,
)
from tests.factories.people import NOW
from tests.plugins.http import http_client
from tests.plugins.serving import serving

TOKEN = "token-of-the-tests"
SLOT = DENTIST.slot(8)


def settings(base_url: str, **given: Any) -> FerRegistrySettings:
    return FerRegistrySettings(**{"base_url": HttpUrl(f"{base_url}/fer"), "token": TOKEN, **given})


@dataclass
class Line:
    """The client, what it asks, and what lies behind."""

    registry: OutsideRegistry
    concentrator: SimulatedConcentrator
    clock: SettableClock
    control: httpx2.AsyncClient
    base_url: str
    messages: list[bytes]
    addresses: list[str]

    async def spoil(self, kind: str, *, method: str | None = "CreateAppointment", **given: Any) -> None:
        """Order the next faults of one method, or of any."""
        fault = {"kind": kind, "method": method, **given}
        assert (await self.control.post("/fer/_control/faults", json=fault)).status_code == 204

    def book(
        self,
        key: UUID,
        slot: OutsideSlot = SLOT,
        *,
        patient: Patient = ANNA,
        doctor: Doctor = DENTIST,
        referral: str | None = None,
    ) -> Awaitable[None]:
        return self.registry.book(
            key=key, patient=patient, resource=doctor.resource, slot=slot, referral_number=referral
        )

    def cancel(self, key: UUID, slot: OutsideSlot = SLOT, *, patient: Patient = ANNA) -> Awaitable[None]:
        return self.registry.cancel(
            key=key, patient=patient, resource=DENTIST.resource, slot=slot, reason=CancelReason.PATIENT_DECLINE
        )

    async def free(self, doctor: Doctor = DENTIST) -> list[OutsideSlot]:
        """Return what is told to be free today and tomorrow."""
        return list((await self.registry.schedule(doctor.resource, first=TODAY, last=TOMORROW)).slots)

    def booked(self) -> list[tuple[str | None, str]]:
        """Return key and slot of every booking over there."""
        return [(one.session_id, one.slot.slot_id) for one in self.concentrator.bookings.values()]


@asynccontextmanager
async def connected(**given: Any) -> AsyncIterator[Line]:
    clock = SettableClock(NOW)
    concentrator = make_concentrator(clock)
    simulator = create_simulator(concentrator, token=TOKEN)
    messages: list[bytes] = []
    addresses: list[str] = []

    async def listening(scope: Any, receive: Any, send: Any) -> None:
        async def take() -> Any:
            message = await receive()
            messages.append(message.get("body", b""))
            return message

        async def give(message: Any) -> None:
            messages.append(message.get("body", b""))
            await send(message)

        addresses.append(f"{scope['path']}?{scope['query_string']}")
        is_control = "_control" in scope["path"]
        await simulator(scope, receive if is_control else take, send if is_control else give)

    async with (
        serving(Starlette(routes=[Mount("/fer", listening)])) as base_url,
        http_client(base_url=base_url) as control,
        FerRegistryClient(settings(base_url, **given), clock=clock) as registry,
    ):
        yield Line(registry, concentrator, clock, control, base_url, messages, addresses)
