import asyncio
import random
from datetime import timedelta
from itertools import count

from uuid_utils.compat import uuid7

from backend.booking.errors import SlotTaken
from backend.booking.history_check import Kind, Operation, Told, unexplained
from backend.booking.states import CancelReason
from backend.booking.values import AppointmentId, SlotCriteria, SlotId
from backend.database import Database
from identity.principal import Principal
from tests.factories.booking import Booking, citizens
from tests.factories.people import NOW

CLIENTS, STEPS, SLOTS = 12, 10, 3
LOST = 0.1
"""How many of the answers never reach their client."""


class Client:
    """Books, cancels and looks at random; keeps what it was told."""

    def __init__(self, booking: Booking, actor: Principal, ticks: "count[int]", seed: int) -> None:
        self._booking, self._actor, self._ticks = booking, actor, ticks
        self._random = random.Random(seed)  # noqa: S311 # a test's dice
        self._mine: dict[SlotId, AppointmentId] = {}
        self.told: list[Operation] = []

    async def run(self, slots: list[SlotId]) -> None:
        for _ in range(STEPS):
            slot_id = self._random.choice(slots)
            if self._random.random() < 0.3:
                await self._look(slot_id)
            elif slot_id in self._mine:
                await self._cancel(slot_id)
            else:
                await self._book(slot_id)

    async def _look(self, slot_id: SlotId) -> None:
        began = next(self._ticks)
        page = await self._booking.slots.search(None, criteria=SlotCriteria(), limit=SLOTS)
        self._keep(Kind.LOOK, slot_id, began, is_done=slot_id in {slot.id for slot in page.items})

    async def _book(self, slot_id: SlotId) -> None:
        began = next(self._ticks)
        try:
            hold_id = await self._booking.hold(self._actor, slot_id)
        except SlotTaken:
            self._keep(Kind.HOLD, slot_id, began, is_done=False)
            return
        self._keep(Kind.HOLD, slot_id, began, is_done=True)
        began = next(self._ticks)
        await self._booking.book_held(self._actor, hold_id)
        self._keep(Kind.BOOK, slot_id, began, is_done=True)
        self._mine[slot_id] = hold_id

    async def _cancel(self, slot_id: SlotId) -> None:
        began = next(self._ticks)
        await self._booking.appointments.cancel_appointment(
            self._actor,
            person_id=self._actor.person_id,
            appointment_id=self._mine.pop(slot_id),
            reason=CancelReason.PATIENT_DECLINE,
            idempotency_key=uuid7(),
        )
        self._keep(Kind.CANCEL, slot_id, began, is_done=True)

    def _keep(self, kind: Kind, slot_id: SlotId, began: int, *, is_done: bool) -> None:
        """Keep an answer, or that it was lost on its way."""
        ended, told = next(self._ticks), Told.YES if is_done else Told.NO
        if self._random.random() < LOST:
            self.told.append(Operation(kind, slot_id, self._actor.person_id, began, None, Told.NOTHING))
        else:
            self.told.append(Operation(kind, slot_id, self._actor.person_id, began, ended, told))


async def test_what_concurrent_clients_are_told_has_one_explanation(database: Database) -> None:
    """R53; a tenth of the answers is lost."""
    booking, ticks = Booking(database), count()
    slots = [
        await booking.one_slot(at=NOW + timedelta(hours=2 + number), specialty=f"specialty-{number}")
        for number in range(SLOTS)
    ]
    clients = [Client(booking, actor, ticks, seed) for seed, actor in enumerate(citizens(CLIENTS))]
    await asyncio.gather(*(client.run(slots) for client in clients))
    history = [operation for client in clients for operation in client.told]
    assert {one.kind for one in history} >= {Kind.HOLD, Kind.BOOK, Kind.CANCEL, Kind.LOOK}
    assert {one.told for one in history} == set(Told)
    assert unexplained(history) == []
