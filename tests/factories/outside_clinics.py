"""An outside registry in memory, for the tests of the domain: it tells what it is given."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from backend.booking.errors import RegistryUnavailable
from backend.booking.ports import OutsideReferral, OutsideSchedule, OutsideSlot, Patient, Resource
from backend.booking.states import CancelReason
from tests.factories.people import NOW

MOSCOW = ZoneInfo("Europe/Moscow")
TOMORROW = NOW.astimezone(MOSCOW).date() + timedelta(days=1)
VISIT = timedelta(minutes=20)


def outside(name: str, hour: int, minute: int = 0, *, day: date = TOMORROW, room: str = "12") -> OutsideSlot:
    """Return a time of twenty minutes by Moscow's clock."""
    start = datetime.combine(day, time(hour, minute), MOSCOW).astimezone(UTC)
    return OutsideSlot(name, start, start + VISIT, room)


@dataclass
class Telling:
    """An outside registry that tells what it is given, or nothing; books whatever is asked for."""

    slots: dict[str, list[OutsideSlot]] = field(default_factory=dict)
    as_of: datetime = NOW
    silent: set[str] = field(default_factory=set)
    asked: list[tuple[str, date, date]] = field(default_factory=list)
    at_once: int = 0
    most_at_once: int = 0

    async def schedule(self, resource: Resource, *, first: date, last: date) -> OutsideSchedule:
        self.asked.append((resource.resource_key, first, last))
        told = OutsideSchedule(list(self.slots.get(resource.resource_key, [])), self.as_of)
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        await asyncio.sleep(0)
        self.at_once -= 1
        if resource.resource_key in self.silent:
            raise RegistryUnavailable
        return told

    async def referrals(self, patient: Patient) -> Sequence[OutsideReferral]:
        raise NotImplementedError

    async def book(
        self, *, key: UUID, patient: Patient, resource: Resource, slot: OutsideSlot, referral_number: str | None
    ) -> None:
        """Book whatever is asked for."""

    async def cancel(
        self, *, key: UUID, patient: Patient, resource: Resource, slot: OutsideSlot, reason: CancelReason
    ) -> None:
        raise NotImplementedError
