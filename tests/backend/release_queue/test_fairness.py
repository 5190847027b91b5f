"""Fairness over any history: chance alone orders, turns go in its order, nobody else holds, everything ends."""

import asyncio
import os
from collections.abc import Iterator
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlmodel import select

from backend.booking.appointment_tables import AppointmentRow
from backend.booking.release_tables import ReleaseQueuePlaceRow
from backend.booking.states import ACTIVE_STATUSES, COMPETING_PLACES, AppointmentStatus, PlaceState
from backend.booking.values import AppointmentId
from backend.database import Database
from backend.errors import Refusal
from backend.settings import DatabaseSettings
from identity.principal import PersonId
from tests.factories.booking import citizens, empty
from tests.factories.queues import RELEASE, Hall

PEOPLE, SLOTS = 5, 2
HISTORIES = int(os.environ.get("ZDOROVYE_TEST_LIVES", "4"))
WHO, WHICH = st.integers(0, PEOPLE - 1), st.integers(0, SLOTS - 1)


class Fairness(RuleBasedStateMachine):
    """Does anything in any order. `early` and `late` are our own book of who joined when, apart from the code's."""

    runner: asyncio.Runner
    settings_of: DatabaseSettings

    @initialize(seed=st.integers(), order=st.permutations(range(PEOPLE)), early=st.integers(0, PEOPLE))
    def open(self, seed: int, order: list[int], early: int) -> None:
        self.hall = Hall(Database(self.settings_of), shuffle=Random(seed).shuffle)  # noqa: S311 # the same each time
        self.other = self.hall.another_look()
        _, self.post, self.slots = self.runner.run(self.hall.doctor(slots=SLOTS))
        self.people = citizens(PEOPLE)
        self.early: set[Any] = set()
        self.late: list[Any] = []
        self.join(order[:early])

    @rule(order=st.lists(WHO, unique=True, max_size=3))
    def join(self, order: list[int]) -> None:
        for who in order:
            place = self._try(self.hall.join(self.people[who], self.post))
            if place is not None and self.hall.clock() < RELEASE:
                self.early.add(place)
            elif place is not None:
                self.late.append(place)

    @rule(who=WHO)
    def leave(self, who: int) -> None:
        for row in self._rows():
            if row.person_id == self.people[who].person_id and row.state in COMPETING_PLACES:
                left = self._try(self.hall.leave(self.people[who], row.id))  # type: ignore[arg-type] # a NewType
                if left is not None and row.place is None:  # before the draw
                    self.early.discard(row.id)

    @rule(who=WHO, which=WHICH)
    def hold(self, who: int, which: int) -> None:
        rows, now = self._rows(), self.hall.clock()
        own = [one for one in rows if one.person_id == self.people[who].person_id]
        stands = any(self._competes(one) for one in rows)
        has_turn = any(one.state is PlaceState.TURN and self._competes(one) for one in own)
        holds = any(
            one.slot_id == self.slots[which] and one.person_id == self.people[who].person_id for one in self._claims()
        )
        held = self._try(self.hall.booking.hold(self.people[who], self.slots[which]))
        assert held is None or holds or has_turn or not stands, "held without a turn"
        assert held is None or now >= RELEASE

    @rule(who=WHO, act=st.sampled_from(["book", "let go", "cancel"]))
    def decide(self, who: int, act: str) -> None:
        actor, booking = self.people[who], self.hall.booking
        for claim in self._claims():
            if claim.person_id != actor.person_id:
                continue
            claim_id = AppointmentId(claim.id)
            if act == "book":
                self._try(booking.book_held(actor, claim_id))
            elif act == "cancel":
                self._try(booking.cancel(actor, claim_id))
            else:
                key = claim.id
                released = booking.appointments.release_hold(
                    actor, person_id=actor.person_id, hold_id=claim_id, idempotency_key=key
                )
                self._try(released)

    @rule(seconds=st.sampled_from([1, 60, 180, 300, 900]))
    def wait(self, seconds: int) -> None:
        self.hall.clock.advance(timedelta(seconds=seconds))

    @rule()
    def release(self) -> None:
        if self.hall.clock() < RELEASE:
            self.hall.clock.set(RELEASE)

    @rule(both=st.booleans())
    def look(self, both: bool) -> None:
        before = {row.id for row in self._rows() if row.state is PlaceState.TURN}
        self.runner.run(self._look(both=both))
        rows = self._rows()
        given = [row for row in rows if row.state is PlaceState.TURN and row.id not in before]
        waiting = [row.place or 0 for row in rows if row.state is PlaceState.QUEUED]
        assert all((row.place or 0) < min(waiting, default=99) for row in given), "passed over"
        is_at_work = RELEASE <= self.hall.clock() < RELEASE + timedelta(minutes=60)
        if is_at_work and waiting:
            assert self._open_turns(rows) == self._free(), "a free slot lies idle while somebody waits"

    async def _look(self, *, both: bool) -> None:
        looks = [self.hall.queues, self.other] if both else [self.other]
        await asyncio.gather(*(one.look() for one in looks))

    @invariant()
    def the_order_is_of_those_who_joined(self) -> None:
        rows = {row.id: row for row in self._rows()}
        drawn = sorted(rows[one].place for one in self.early if rows[one].place is not None)  # type: ignore[type-var] # not None
        assert drawn in ([], list(range(1, len(self.early) + 1)))
        if self.hall.clock() < RELEASE:
            assert drawn == []
        later = [rows[one].place for one in self.late]
        assert later == list(range(len(self.early) + 1, len(self.early) + len(self.late) + 1))
        people = [row.person_id for row in rows.values() if row.state in {*COMPETING_PLACES, PlaceState.USED}]
        assert len(people) == len(set(people)), "two places of one person"

    @invariant()
    def never_more_turns_than_free_slots(self) -> None:
        assert self._open_turns(self._rows()) <= self._free()
        slots = [claim.slot_id for claim in self._claims()]
        assert len(slots) == len(set(slots))

    def _open_turns(self, rows: list[ReleaseQueuePlaceRow]) -> int:
        return sum(row.state is PlaceState.TURN and self._competes(row) for row in rows)

    def _competes(self, row: ReleaseQueuePlaceRow) -> bool:
        now = self.hall.clock()
        if row.state is PlaceState.TURN:
            return row.turn_until is not None and now < row.turn_until
        return row.state is PlaceState.QUEUED and now < RELEASE + timedelta(minutes=60)

    def _free(self) -> int:
        return SLOTS - len(self._claims())

    def _rows(self) -> list[ReleaseQueuePlaceRow]:
        return self.runner.run(self.hall.rows())

    def _claims(self) -> list[AppointmentRow]:
        async def read() -> list[AppointmentRow]:
            async with self.hall.database.reading() as session:
                return list((await session.exec(select(AppointmentRow))).all())

        return [one for one in self.runner.run(read()) if self._is_active(one)]

    def _is_active(self, row: AppointmentRow) -> bool:
        ends = row.hold_expires_at
        is_over = row.status is AppointmentStatus.HELD and ends is not None and ends <= self.hall.clock()
        return row.status in ACTIVE_STATUSES and not is_over

    def _try(self, asked: Any) -> Any:
        try:
            return self.runner.run(asked)
        except Refusal:
            return None

    def teardown(self) -> None:
        self.runner.run(self._end())

    async def _end(self) -> None:
        """An hour after the release everything has ended; then empty the tables for the next history."""
        self.hall.clock.set(max(self.hall.clock(), RELEASE + timedelta(minutes=60)))
        await self.hall.queues.look()
        states = {row.state for row in await self.hall.rows()}
        ended = [queue.ended_at is not None for queue in await self.hall.queue_rows()]
        told = [(who, what) for who, what in await self.hall.booking.told() if what == "release_queue_over"]
        over = [PersonId(row.person_id) for row in await self.hall.rows() if row.state is PlaceState.OVER]
        await empty(self.hall.database)
        await self.hall.database.close()
        assert states.isdisjoint(COMPETING_PLACES)
        assert all(ended)
        assert sorted(who for who, _ in told) == sorted(over)


@pytest.fixture
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as runner:
        yield runner


def test_chance_alone_orders_turns_alone_hold_and_everything_ends(
    database_settings: DatabaseSettings, runner: asyncio.Runner
) -> None:
    machine = type("Fairness", (Fairness,), {"runner": runner, "settings_of": database_settings})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=HISTORIES,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
        ),
    )
