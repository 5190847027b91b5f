"""Any order of holding, booking, cancelling and waiting agrees with a model of a few lines, on both engines."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlmodel import SQLModel
from uuid_utils.compat import uuid7

from backend.booking.errors import BookingRefusal
from backend.booking.states import CancelReason
from backend.booking.values import AppointmentId, SlotCriteria, SlotId
from backend.database import Database
from backend.settings import DatabaseSettings
from tests.factories.booking import DENTIST, THERAPIST, Booking, citizens
from tests.factories.people import NOW

HOLD = timedelta(minutes=5)
PEOPLE = 3
STARTS = (timedelta(minutes=4), timedelta(minutes=20), timedelta(minutes=25), timedelta(hours=2))
LENGTH = timedelta(minutes=15)
NUMBERS = st.integers(0, 2 * len(STARTS) - 1)


@dataclass
class Claimed:
    """The model's view of one claim."""

    person: int
    slot: int
    ends: datetime
    state: str = "held"


@dataclass
class Model:
    """What should be so: slots are numbered, the first half at the therapist's, the other at the dentist's."""

    now: datetime = NOW
    claims: list[Claimed] = field(default_factory=list)
    messages: int = 0

    def start(self, slot: int) -> datetime:
        return NOW + STARTS[slot % len(STARTS)]

    def active(self, claim: Claimed) -> bool:
        return claim.state == "booked" or (claim.state == "held" and self.now < claim.ends)

    def holder(self, slot: int) -> Claimed | None:
        return next((one for one in self.claims if one.slot == slot and self.active(one)), None)

    def conflict(self, person: int, slot: int, *, but: Claimed | None = None) -> str | None:
        own = [one for one in self.claims if one.person == person and self.active(one) and one is not but]
        if any(abs(self.start(one.slot) - self.start(slot)) < LENGTH for one in own):
            return "TIME_OVERLAP"
        ahead = [one for one in own if one.state == "booked" and self.start(one.slot) + LENGTH > self.now]
        same = any(one.slot // len(STARTS) == slot // len(STARTS) for one in ahead)
        return "DUPLICATE_SPECIALTY" if same else None

    def hold(self, person: int, slot: int) -> str:
        if self.start(slot) <= self.now:
            return "SLOT_IN_PAST"
        if (holder := self.holder(slot)) and holder.person == person and holder.state == "held":
            return "done"
        if refusal := self.conflict(person, slot):
            return refusal
        if self.holder(slot):
            return "SLOT_TAKEN"
        self.claims.append(Claimed(person, slot, min(self.now + HOLD, self.start(slot))))
        return "done"

    def book(self, person: int, claim: Claimed) -> str:
        if claim.person != person or claim.state != "held":
            return "HOLD_NOT_FOUND"
        if not self.active(claim):
            return "HOLD_EXPIRED"
        if refusal := self.conflict(person, claim.slot, but=claim):
            return refusal
        claim.state, self.messages = "booked", self.messages + 1
        return "done"

    def cancel(self, person: int, claim: Claimed) -> str:
        if claim.person != person or claim.state == "held":
            return "APPOINTMENT_NOT_FOUND"
        if claim.state == "cancelled":
            return "ALREADY_CANCELLED"
        if self.start(claim.slot) <= self.now:
            return "CANCEL_TOO_LATE"
        claim.state, self.messages = "cancelled", self.messages + 1
        return "done"


class Histories(RuleBasedStateMachine):
    """Runs every step against the services and against the model."""

    runner: asyncio.Runner
    settings_of: DatabaseSettings

    @initialize()
    def open(self) -> None:
        self.model = Model()
        self.ids: list[AppointmentId] = []
        self.people = citizens(PEOPLE)
        self.database = Database(self.settings_of)
        self.booking = Booking(self.database)
        self.slots: list[SlotId] = self.runner.run(self._slots())

    async def _slots(self) -> list[SlotId]:
        ids: list[SlotId] = []
        for specialty in (THERAPIST, DENTIST):
            place = await self.booking.one_place(specialty=specialty)
            # one doctor's times overlap here, which a registry may do: the rule is about the person
            ids += await self.booking.registry.add_slots(place, [NOW + start for start in STARTS])
        return ids

    @rule(person=st.integers(0, PEOPLE - 1), slot=NUMBERS)
    def hold(self, person: int, slot: int) -> None:
        expected = self.model.hold(person, slot)
        actor = self.people[person]
        asked = self.booking.appointments.hold_slot(
            actor, person_id=actor.person_id, slot_id=self.slots[slot], idempotency_key=uuid7()
        )
        ended, refused = self._ask(asked)
        assert refused == expected
        if ended is None:
            return
        holder = self.model.holder(slot)
        assert holder is not None
        number = self.model.claims.index(holder)
        assert ended.value.id == [*self.ids, ended.value.id][number]
        self.ids += [ended.value.id] if number == len(self.ids) else []

    @precondition(lambda self: self.ids)
    @rule(person=st.integers(0, PEOPLE - 1), data=st.data(), own=st.booleans())
    def book(self, person: int, data: st.DataObject, own: bool) -> None:  # drawn
        number = data.draw(st.integers(0, len(self.ids) - 1))
        person = self.model.claims[number].person if own else person
        expected = self.model.book(person, self.model.claims[number])
        actor = self.people[person]
        asked = self.booking.appointments.book_appointment(
            actor, person_id=actor.person_id, hold_id=self.ids[number], idempotency_key=uuid7()
        )
        assert self._ask(asked)[1] == expected

    @precondition(lambda self: self.ids)
    @rule(person=st.integers(0, PEOPLE - 1), data=st.data(), own=st.booleans())
    def cancel(self, person: int, data: st.DataObject, own: bool) -> None:  # drawn
        number = data.draw(st.integers(0, len(self.ids) - 1))
        person = self.model.claims[number].person if own else person
        expected = self.model.cancel(person, self.model.claims[number])
        actor = self.people[person]
        asked = self.booking.appointments.cancel_appointment(
            actor,
            person_id=actor.person_id,
            appointment_id=self.ids[number],
            reason=CancelReason.PATIENT_DECLINE,
            idempotency_key=uuid7(),
        )
        assert self._ask(asked)[1] == expected

    @rule(minutes=st.sampled_from([1, 4, 5, 20, 120]))
    def wait(self, minutes: int) -> None:
        self.model.now += timedelta(minutes=minutes)
        self.booking.clock.set(self.model.now)

    @invariant()
    def search_finds_exactly_the_free_slots(self) -> None:
        page = self.runner.run(self.booking.slots.search(None, criteria=SlotCriteria(), limit=50))
        free = [
            slot_id
            for number, slot_id in enumerate(self.slots)
            if self.model.start(number) > self.model.now and self.model.holder(number) is None
        ]
        assert {slot.id for slot in page.items} == set(free)

    @invariant()
    def every_change_is_told_once(self) -> None:
        told = self.runner.run(self.booking.told())
        assert len(told) == self.model.messages
        assert len(self.booking.published) == self.model.messages

    def teardown(self) -> None:
        self.runner.run(self._forget())

    async def _forget(self) -> None:
        """Empty the tables for the next history, and leave no connection."""
        async with self.database.transaction() as session:
            for table in reversed(SQLModel.metadata.sorted_tables):
                await (await session.connection()).execute(table.delete())
        await self.database.close()

    def _ask(self, asked: Any) -> tuple[Any, str]:
        try:
            return self.runner.run(asked), "done"
        except BookingRefusal as refusal:
            return None, refusal.code


@pytest.fixture
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as runner:
        yield runner


def test_any_history_agrees_with_the_model(database_settings: DatabaseSettings, runner: asyncio.Runner) -> None:
    machine = type("Histories", (Histories,), {"runner": runner, "settings_of": database_settings})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=10,
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
        ),
    )
