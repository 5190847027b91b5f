"""The whole life of appointments over two registries: whatever is done and whatever is lost, what is said is true."""

import asyncio
import os
from collections import Counter, deque
from collections.abc import Iterator
from datetime import timedelta
from itertools import combinations
from typing import Any
from uuid import UUID

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
from sqlmodel import select
from uuid_utils.compat import uuid7

from backend.booking.appointment_tables import AppointmentRow
from backend.booking.errors import BookingRefusal
from backend.booking.inspection import inspect
from backend.booking.inspection_rules import Fault, Flaw, Limits
from backend.booking.outside_queries import LONGEST_PAUSE
from backend.booking.states import (
    ACTIVE_STATUSES,
    UNSETTLED_STATUSES,
    AppointmentStatus,
    CancelReason,
)
from backend.booking.values import AppointmentId, Registry
from backend.clock import SettableClock
from backend.database import Database
from backend.settings import DatabaseSettings
from tests.factories.booking import Booking, empty
from tests.factories.outside import PaperRegistry, Trouble, keep_outside
from tests.factories.people import NOW, add_person, make_principal

PEOPLE = 2
STARTS = tuple(NOW + timedelta(days=1, minutes=minutes) for minutes in (0, 10, 30, 600))
SLOTS = st.integers(0, 2 * len(STARTS) - 1)
WHO = st.integers(0, PEOPLE - 1)
STANDS = Trouble.STANDS
LOSSES = st.lists(st.sampled_from([one for one in Trouble if one is not STANDS]), max_size=2)
TROUBLES = st.lists(st.sampled_from(Trouble), max_size=2)
"""That a clinic gives a place up no more happens to cancellations only: after a move both places would be true."""
LIVES = int(os.environ.get("ZDOROVYE_TEST_LIVES", "3"))


class Life(RuleBasedStateMachine):
    """Does anything in any order; after each step everything that is said must be true."""

    runner: asyncio.Runner
    settings_of: DatabaseSettings

    @initialize()
    def open(self) -> None:
        self.clock = SettableClock(NOW)
        self.paper = PaperRegistry(self.clock)
        self.database = Database(self.settings_of)
        self.booking = Booking(self.database, self.clock, registries={Registry.FER: self.paper})
        self.claims: list[tuple[int, AppointmentId]] = []
        self.runner.run(self._fill())

    async def _fill(self) -> None:
        ours, theirs = await self.booking.one_place(), await self.booking.one_place(name="Чужая")
        self.slots = [
            *await self.booking.registry.add_slots(ours, STARTS),
            *await self.booking.registry.add_slots(theirs, STARTS),
        ]
        await keep_outside(self.database, self.paper, theirs, STARTS)
        self.people = [make_principal(await add_person(self.database)) for _ in range(PEOPLE)]

    @rule(who=WHO, slot=SLOTS)
    def hold(self, who: int, slot: int) -> None:
        self._note(who, self._try(self.booking.hold(self.people[who], self.slots[slot])))

    @precondition(lambda self: self.claims)
    @rule(data=st.data(), slot=SLOTS)
    def hold_to_move(self, data: st.DataObject, slot: int) -> None:
        who, claim = data.draw(st.sampled_from(self.claims))
        self._note(who, self._try(self.booking.hold(self.people[who], self.slots[slot], replaces=claim)))

    @precondition(lambda self: self.claims)
    @rule(data=st.data(), troubles=LOSSES)
    def book(self, data: st.DataObject, troubles: list[Trouble]) -> None:
        who, claim = data.draw(st.sampled_from(self.claims))
        self.paper.troubles = deque(troubles)
        self._try(self.booking.book_held(self.people[who], claim))

    @precondition(lambda self: self.claims)
    @rule(data=st.data(), troubles=LOSSES)
    def move(self, data: st.DataObject, troubles: list[Trouble]) -> None:
        who, claim = data.draw(st.sampled_from(self.claims))
        holds = [hold for person, hold in self.claims if person == who]
        self.paper.troubles = deque(troubles)
        self._try(self.booking.move_to(self.people[who], claim, data.draw(st.sampled_from(holds))))

    @precondition(lambda self: self.claims)
    @rule(data=st.data(), troubles=TROUBLES)
    def cancel(self, data: st.DataObject, troubles: list[Trouble]) -> None:
        who, claim = data.draw(st.sampled_from(self.claims))
        actor = self.people[who]
        self.paper.troubles = deque(troubles)
        self._try(
            self.booking.appointments.cancel_appointment(
                actor,
                person_id=actor.person_id,
                appointment_id=claim,
                reason=CancelReason.PATIENT_DECLINE,
                idempotency_key=uuid7(),
            )
        )

    @precondition(lambda self: self.claims)
    @rule(data=st.data(), act=st.sampled_from(["extend_hold", "release_hold"]))
    def extend_or_let_go(self, data: st.DataObject, act: str) -> None:
        who, claim = data.draw(st.sampled_from(self.claims))
        actor = self.people[who]
        asked = getattr(self.booking.appointments, act)
        self._try(asked(actor, person_id=actor.person_id, hold_id=claim, idempotency_key=uuid7()))

    @rule(minutes=st.sampled_from([1, 5, 11]), troubles=LOSSES)
    def wait(self, minutes: int, troubles: list[Trouble]) -> None:
        self.clock.advance(timedelta(minutes=minutes))
        self.paper.troubles = deque(troubles)
        self.runner.run(self.booking.appointments.outside.reconcile())

    @invariant()
    def what_is_said_is_true(self) -> None:
        rows = self.runner.run(self._rows())
        named: dict[UUID, str] = dict(zip(self.slots[len(STARTS) :], self.paper.slots, strict=True))
        outside = [row for row in rows if row.slot_id in named and row.registry_key is not None]
        for row in outside:
            theirs = self.paper.booked.get(named[row.slot_id]) == row.registry_key
            if row.status is AppointmentStatus.CONFIRMED:
                assert theirs, "a false yes"
            if row.status in {AppointmentStatus.REFUSED, AppointmentStatus.CANCELLED}:
                assert not theirs, "a false no"
        ours = {row.registry_key for row in outside if row.status in ACTIVE_STATUSES}
        assert {*self.paper.booked.values()} <= ours, "the clinic expects somebody of whom we know nothing"
        active = [row for row in rows if self._is_active(row)]
        assert max(Counter(row.slot_id for row in active).values(), default=1) == 1
        for one, other in combinations(active, 2):
            if one.person_id == other.person_id and not self._moves(one, other):
                assert one.ends_at <= other.starts_at or other.ends_at <= one.starts_at, "in two places at once"

    def _moves(self, one: AppointmentRow, other: AppointmentRow) -> bool:
        """Return whether one is the place that the other is to move to, or has left and the clinic is told so."""
        return (
            one.replaces_id == other.id
            or other.replaces_id == one.id
            or AppointmentStatus.CANCELLING in {one.status, other.status}
        )

    def _is_active(self, row: AppointmentRow) -> bool:
        held = row.status is AppointmentStatus.HELD
        ends = row.hold_expires_at
        return row.status in ACTIVE_STATUSES and not (held and ends is not None and ends <= self.clock())

    async def _flaws(self) -> list[tuple[Fault, tuple[UUID, ...]]]:
        """Return what the doctor finds: nothing, of whatever was done."""
        limits = Limits(hold_over=timedelta(days=365))
        async with self.database.snapshot() as session:
            found = [one async for one in inspect(session, now=self.clock(), limits=limits)]
        return [(one.fault, one.appointment_ids) for one in found if isinstance(one, Flaw)]

    async def _rows(self) -> list[AppointmentRow]:
        async with self.database.reading() as session:
            return list((await session.exec(select(AppointmentRow))).all())

    def _note(self, who: int, claim: AppointmentId | None) -> None:
        if claim is not None and (who, claim) not in self.claims:
            self.claims.append((who, claim))

    def _try(self, asked: Any) -> Any:
        try:
            return self.runner.run(asked)
        except BookingRefusal:
            return None

    def teardown(self) -> None:
        self.runner.run(self._end())

    async def _end(self) -> None:
        """With the trouble over, everything is settled; then empty the tables for the next life."""
        self.paper.troubles.clear()
        for _ in range(3):
            self.clock.advance(LONGEST_PAUSE)
            await self.booking.appointments.outside.reconcile()
        left = [row for row in await self._rows() if row.status in UNSETTLED_STATUSES]
        found = await self._flaws()
        await empty(self.database)
        await self.database.close()
        assert left == []
        assert found == []


@pytest.fixture
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as runner:
        yield runner


def test_whatever_is_lost_what_is_said_is_true(database_settings: DatabaseSettings, runner: asyncio.Runner) -> None:
    machine = type("Life", (Life,), {"runner": runner, "settings_of": database_settings})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=LIVES,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
        ),
    )
