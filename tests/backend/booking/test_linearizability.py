import asyncio
import random
from collections import defaultdict
from datetime import timedelta
from itertools import count

from uuid_utils.compat import uuid7

from backend.booking.errors import SlotTaken
from backend.booking.values import AppointmentId, CancelReason, SlotCriteria, SlotId
from backend.database import Database
from identity.principal import Principal
from tests.backend.booking.linearizability import Operation, is_linearizable
from tests.factories.booking import Booking, citizens
from tests.factories.people import NOW

CLIENTS, STEPS, SLOTS = 12, 10, 3


class Client:
    """Books, cancels and looks at random; keeps what it was told."""

    def __init__(self, booking: Booking, actor: Principal, ticks: "count[int]", seed: int) -> None:
        self._booking, self._actor, self._ticks = booking, actor, ticks
        self._random = random.Random(seed)  # noqa: S311 # a test's dice
        self._mine: dict[SlotId, AppointmentId] = {}
        self.told: dict[SlotId, list[Operation]] = defaultdict(list)

    async def run(self, slots: list[SlotId]) -> None:
        for _ in range(STEPS):
            slot_id = self._random.choice(slots)
            began = next(self._ticks)
            if self._random.random() < 0.3:
                kind, answer = "look", await self._look(slot_id)
            elif slot_id in self._mine:
                kind, answer = "cancel", await self._cancel(slot_id)
            else:
                kind, answer = "book", await self._book(slot_id)
            operation = Operation(began, next(self._ticks), kind, self._actor.person_id, answer)  # type: ignore[arg-type] # three words
            self.told[slot_id].append(operation)

    async def _look(self, slot_id: SlotId) -> bool:
        page = await self._booking.slots.search(None, criteria=SlotCriteria(), limit=SLOTS)
        return slot_id in {slot.id for slot in page.items}

    async def _book(self, slot_id: SlotId) -> bool:
        try:
            self._mine[slot_id] = await self._booking.book(self._actor, slot_id)
        except SlotTaken:
            return False
        return True

    async def _cancel(self, slot_id: SlotId) -> bool:
        await self._booking.appointments.cancel_appointment(
            self._actor,
            person_id=self._actor.person_id,
            appointment_id=self._mine.pop(slot_id),
            reason=CancelReason.PATIENT_DECLINE,
            idempotency_key=uuid7(),
        )
        return True


async def test_what_concurrent_clients_are_told_has_one_explanation(database: Database) -> None:
    """R53."""
    booking, ticks = Booking(database), count()
    slots = [
        await booking.one_slot(at=NOW + timedelta(hours=2 + number), specialty=f"specialty-{number}")
        for number in range(SLOTS)
    ]
    clients = [Client(booking, actor, ticks, seed) for seed, actor in enumerate(citizens(CLIENTS))]
    await asyncio.gather(*(client.run(slots) for client in clients))
    for slot_id in slots:
        history = [operation for client in clients for operation in client.told[slot_id]]
        assert {operation.kind for operation in history} >= {"book", "look"}
        assert any(operation.answer for operation in history)
        assert is_linearizable(history)


def test_the_checker_finds_a_slot_given_out_twice() -> None:
    first = Operation(0, 3, "book", "anna", answer=True)
    second = Operation(1, 2, "book", "boris", answer=True)
    assert not is_linearizable([first, second])
    assert is_linearizable([first, Operation(1, 2, "book", "boris", answer=False)])


def test_the_checker_finds_a_stale_look() -> None:
    booked = Operation(0, 1, "book", "anna", answer=True)
    assert not is_linearizable([booked, Operation(2, 3, "look", "boris", answer=True)])
    assert is_linearizable([booked, Operation(0, 3, "look", "boris", answer=True)])


def test_the_checker_lets_a_cancelled_slot_be_booked_again() -> None:
    history = [
        Operation(0, 1, "book", "anna", answer=True),
        Operation(2, 5, "cancel", "anna", answer=True),
        Operation(3, 4, "book", "boris", answer=True),
    ]
    assert is_linearizable(history)
    assert not is_linearizable([*history, Operation(6, 7, "look", "vera", answer=True)])
