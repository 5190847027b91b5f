"""A registry outside that keeps its slots on paper: the port's promise in a few lines, and troubles on command."""

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import Enum
from uuid import UUID

from sqlmodel import col, update

from backend.booking.errors import CancelTooLate, OutcomeUnknown, RegistryUnavailable, SlotTaken
from backend.booking.ports import OutsideReferral, OutsideSchedule, OutsideSlot, Patient, Resource
from backend.booking.states import CancelReason
from backend.booking.tables import ClinicRow, PostRow, SlotRow
from backend.booking.values import Registry, SlotId
from backend.clock import Clock
from backend.database import Database
from tests.factories.booking import Booking, Place


class Trouble(Enum):
    """What goes wrong with the next question."""

    LOST_BEFORE = "nothing is done, and no answer comes"
    LOST_AFTER = "it is done, and no answer comes"
    TAKEN = "somebody else is quicker"
    STANDS = "it is given up no more"


@dataclass
class PaperRegistry:
    """Who has which slot; `key` decides, as everywhere."""

    clock: Clock
    troubles: deque[Trouble] = field(default_factory=deque)
    booked: dict[str, UUID] = field(default_factory=dict)
    known: dict[UUID, str] = field(default_factory=dict)
    given_up: set[UUID] = field(default_factory=set)
    strangers: set[str] = field(default_factory=set)
    slots: dict[str, OutsideSlot] = field(default_factory=dict)
    is_down: bool = False
    asked: list[tuple[str, UUID]] = field(default_factory=list)
    gate: asyncio.Event | None = None
    arrived: asyncio.Queue[UUID] = field(default_factory=asyncio.Queue)

    async def schedule(self, _resource: Resource, *, first: date, last: date) -> OutsideSchedule:
        if self.is_down:
            raise RegistryUnavailable
        taken = {*self.booked, *self.strangers}
        free = [one for one in self.slots.values() if one.external_id not in taken]
        wide = timedelta(days=1)  # the clinic's zone is not known here
        days = [one for one in free if first - wide <= one.starts_at.date() <= last + wide]
        return OutsideSchedule(sorted(days, key=lambda one: one.starts_at), self.clock())

    async def referrals(self, _patient: Patient) -> Sequence[OutsideReferral]:
        return ()

    async def book(
        self, *, key: UUID, patient: Patient, resource: Resource, slot: OutsideSlot, referral_number: str | None
    ) -> None:
        assert patient.family_name
        assert resource.resource_key
        self.asked.append(("book", key))
        self.arrived.put_nowait(key)
        if self.gate is not None:
            await self.gate.wait()
        trouble = self.troubles.popleft() if self.troubles else None
        if self.is_down or trouble is Trouble.LOST_BEFORE:
            raise OutcomeUnknown
        if trouble is Trouble.TAKEN and self.booked.get(slot.external_id) != key:
            self.strangers.add(slot.external_id)
        if self.booked.get(slot.external_id, key) != key or slot.external_id in self.strangers:
            raise SlotTaken
        self.booked[slot.external_id] = key
        if trouble is Trouble.LOST_AFTER:
            raise OutcomeUnknown

    async def cancel(
        self, *, key: UUID, patient: Patient, resource: Resource, slot: OutsideSlot, reason: CancelReason
    ) -> None:
        assert (patient.family_name, resource.resource_key, reason) is not None
        self.asked.append(("cancel", key))
        trouble = self.troubles.popleft() if self.troubles else None
        if self.is_down or trouble is Trouble.LOST_BEFORE:
            raise OutcomeUnknown
        if trouble is Trouble.STANDS and key not in self.given_up:
            raise CancelTooLate
        if self.booked.get(slot.external_id) == key:
            del self.booked[slot.external_id]
        self.given_up.add(key)
        if trouble is Trouble.LOST_AFTER:
            raise OutcomeUnknown


async def keep_outside(database: Database, paper: PaperRegistry, place: Place, starts: Sequence[datetime]) -> None:
    """Let an outside registry keep a clinic, whose slots stand in our database already."""
    async with database.transaction() as session:
        connection = await session.connection()
        await connection.execute(
            update(ClinicRow).where(col(ClinicRow.id) == place.clinic_id).values(kept_by=Registry.FER)
        )
        await connection.execute(
            update(PostRow).where(col(PostRow.clinic_id) == place.clinic_id).values(resource_key="doctor-1")
        )
        for start in starts:
            named = f"{place.doctor_id.hex[-6:]}-{start:%d%H%M}"
            own = (col(SlotRow.clinic_id) == place.clinic_id, col(SlotRow.starts_at) == start)
            await connection.execute(update(SlotRow).where(*own).values(external_id=named, as_of=paper.clock()))
            paper.slots[named] = OutsideSlot(named, start, start + timedelta(minutes=15), "12")


async def outside_slots(booking: Booking, paper: PaperRegistry, starts: Sequence[datetime]) -> list[SlotId]:
    """Store a clinic that an outside registry keeps, with slots; return their ids in order."""
    place = await booking.one_place()
    slots = await booking.registry.add_slots(place, starts)
    await keep_outside(booking.database, paper, place, starts)
    return slots
