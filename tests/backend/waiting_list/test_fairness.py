"""Fairness of the list, over any history: no offer passes over somebody who joined earlier and could have had it."""

import asyncio
import os
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlmodel import SQLModel, select

from backend.booking.appointment_tables import AppointmentRow
from backend.booking.states import ACTIVE_STATUSES, BOOKED_STATUSES, AppointmentStatus
from backend.booking.tables import SlotRow
from backend.booking.values import AppointmentId, Channel, SlotId
from backend.database import Database
from backend.errors import Refusal
from backend.settings import DatabaseSettings
from backend.waiting_list.tables import WaitingListEntryRow, WaitingListOfferRow
from backend.waiting_list.values import OPEN_STATES, EntryState
from identity.principal import PersonId
from tests.factories.booking import DENTIST, THERAPIST, citizens
from tests.factories.people import NOW
from tests.factories.waiting import WaitingRoom

PEOPLE = 4
HISTORIES = int(os.environ.get("ZDOROVYE_TEST_LIVES", "4"))
STARTS = tuple(NOW + timedelta(days=1, hours=hours) for hours in (0, 1, 2))
WHO, WHICH = st.integers(0, PEOPLE - 1), st.integers(0, len(STARTS) - 1)
TOMORROW = date(2026, 11, 23)
WISHES = st.fixed_dictionaries(
    {"weekdays": st.sampled_from([frozenset[int](), frozenset({1, 3}), frozenset({2})])},
    optional={"last_day": st.just(TOMORROW), "channel": st.sampled_from([Channel.APP, Channel.EPGU])},
)


class Fairness(RuleBasedStateMachine):
    """Does anything in any order. `joined` is our own book of who waits since when, kept apart from the code's."""

    runner: asyncio.Runner
    settings_of: DatabaseSettings

    @initialize(order=st.permutations(range(PEOPLE)), wishes=st.lists(WISHES, min_size=PEOPLE, max_size=PEOPLE))
    def open(self, order: list[int], wishes: list[dict[str, Any]]) -> None:
        self.room = WaitingRoom(Database(self.settings_of))
        self.joined: dict[PersonId, int] = {}
        self.tickets = 0
        self.runner.run(self._fill())
        self.join(order, wishes)

    async def _fill(self) -> None:
        registry = self.room.booking.registry
        self.place = await self.room.booking.one_place()
        self.slots = await registry.add_slots(self.place, STARTS)
        self.teeth = await registry.add_slots(await self.room.booking.one_place(specialty=DENTIST), STARTS)
        self.people = citizens(PEOPLE)
        self.holders = citizens(len(STARTS))
        self.visits = [
            await self.room.booking.book(actor, slot) for actor, slot in zip(self.holders, self.slots, strict=True)
        ]

    @rule(which=WHICH)
    def free(self, which: int) -> None:
        """Somebody who does not wait gives their slot up."""
        self._try(self.room.booking.cancel(self.holders[which], self.visits[which]))
        self.look()

    @rule(order=st.permutations(range(PEOPLE)), wishes=st.lists(WISHES, min_size=1, max_size=PEOPLE))
    def join(self, order: list[int], wishes: list[dict[str, Any]]) -> None:
        for who, wish in zip(order, wishes, strict=False):
            if self._try(self.room.join(self.people[who], self.place, **wish)) is not None:
                self.tickets += 1
                self.joined[self.people[who].person_id] = self.tickets

    @rule(who=WHO, act=st.sampled_from(["pause", "resume", "leave", "decline"]))
    def act(self, who: int, act: str) -> None:
        row = self._rows().get(self.people[who].person_id)
        if row is not None:
            self._try(self.room.act(act, self.people[who], row.id))  # type: ignore[arg-type] # a NewType

    @rule(who=WHO)
    def accept(self, who: int) -> None:
        for offer in self._offers():
            if offer.person_id == self.people[who].person_id and offer.outcome == "open":
                self._try(self.room.booking.book_held(self.people[who], AppointmentId(offer.id)))

    @rule(who=WHO, which=WHICH, specialty=st.sampled_from([THERAPIST, DENTIST]))
    def book_by_themself(self, who: int, which: int, specialty: str) -> None:
        slot = (self.slots if specialty == THERAPIST else self.teeth)[which]
        self._try(self.room.booking.book(self.people[who], slot))

    @rule(who=WHO)
    def cancel(self, who: int) -> None:
        for row in self._claims():
            if row.person_id == self.people[who].person_id and row.status is AppointmentStatus.CONFIRMED:
                self._try(self.room.booking.cancel(self.people[who], AppointmentId(row.id)))

    @rule(minutes=st.sampled_from([1, 29, 30, 600]))
    def wait(self, minutes: int) -> None:
        self.room.clock.advance(timedelta(minutes=minutes))

    @rule()
    def look(self) -> None:
        self.runner.run(self.room.offering.settle_due())
        before, claims = {one.id: one for one in self._offers()}, self._claims()
        rows = self._rows()
        self.runner.run(self.room.offering.look())
        for offer in self._offers():
            if offer.id not in before:
                self._check_turn(offer, rows, claims, [*before.values()])
                rows[PersonId(offer.person_id)].state = EntryState.OFFERED

    def _check_turn(
        self,
        offer: WaitingListOfferRow,
        rows: dict[PersonId, WaitingListEntryRow],
        claims: list[AppointmentRow],
        offers: list[WaitingListOfferRow],
    ) -> None:
        slot = self._slot(SlotId(offer.slot_id))
        for person, row in rows.items():
            if self.joined[person] >= self.joined[PersonId(offer.person_id)]:
                continue
            had = any(one.entry_id == row.id and one.slot_id == slot.id for one in offers)
            own = [one for one in claims if one.person_id == person and self._is_active(one)]
            takes = not any(one.starts_at < slot.ends_at and slot.starts_at < one.ends_at for one in own) and not any(
                one.specialty_id == slot.specialty_id and one.status in BOOKED_STATUSES for one in own
            )
            wanted = slot.starts_at.date() <= row.last_day and bool(row.weekdays & (1 << slot.starts_at.weekday()))
            assert not (row.state is EntryState.WAITING and wanted and takes and not had), "passed over"

    @invariant()
    def nothing_is_given_twice(self) -> None:
        offers, rows = self._offers(), self._rows()
        standing = [one for one in offers if one.outcome == "open"]
        assert max(Counter(one.entry_id for one in standing).values(), default=1) == 1
        assert max(Counter(one.slot_id for one in standing).values(), default=1) == 1
        active = Counter(one.slot_id for one in self._claims() if self._is_active(one))
        assert max(active.values(), default=1) == 1
        booked = {one.id for one in self._claims() if one.status in BOOKED_STATUSES}
        assert [one for one in standing if one.id in booked] == [], "booked, and still OFFERED"
        order = sorted(rows, key=lambda person: rows[person].place)
        assert order == sorted(rows, key=lambda person: self.joined[person]), "a place never changes"

    def _is_active(self, row: AppointmentRow) -> bool:
        ends = row.hold_expires_at
        is_over = row.status is AppointmentStatus.HELD and ends is not None and ends <= self.room.clock()
        return row.status in ACTIVE_STATUSES and not is_over

    def _rows(self) -> dict[PersonId, WaitingListEntryRow]:
        return self.runner.run(self.room.rows())

    def _offers(self) -> list[WaitingListOfferRow]:
        return self.runner.run(self.room.offers())

    def _claims(self) -> list[AppointmentRow]:
        async def read() -> list[AppointmentRow]:
            async with self.room.database.reading() as session:
                return list((await session.exec(select(AppointmentRow))).all())

        return self.runner.run(read())

    def _slot(self, slot_id: SlotId) -> SlotRow:
        async def read() -> SlotRow:
            async with self.room.database.reading() as session:
                return await session.get_one(SlotRow, slot_id)

        return self.runner.run(read())

    def _try(self, asked: Any) -> Any:
        try:
            return self.runner.run(asked)
        except Refusal:
            return None

    def teardown(self) -> None:
        self.runner.run(self._end())

    async def _end(self) -> None:
        """When the days are over, everything has ended; then empty the tables for the next history."""
        self.room.clock.advance(timedelta(days=40))
        await self.room.offering.look()
        states = {row.state for row in (await self.room.rows()).values()}
        offers = await self.room.outcomes()
        async with self.room.database.transaction() as session:
            for table in reversed(SQLModel.metadata.sorted_tables):
                await (await session.connection()).execute(table.delete())
        await self.room.database.close()
        assert states.isdisjoint(OPEN_STATES)
        assert "open" not in offers


@pytest.fixture
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as runner:
        yield runner


def test_nobody_is_passed_over_and_everything_ends(database_settings: DatabaseSettings, runner: asyncio.Runner) -> None:
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
