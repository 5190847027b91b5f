"""In any order of asking, taking, settling, giving up and waiting the list is what a short model says.

Nobody is called twice at once, nothing is lost, nobody is called too often, and everything ends.
"""

import asyncio
from collections.abc import Awaitable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlmodel import SQLModel

from backend.call_backs.terms import PORTAL_CALL_BACKS as TERMS
from backend.call_backs.values import CallBackOutcome, CallBackState
from backend.database import Database
from backend.settings import DatabaseSettings
from identity.call_rules import ABSOLUTE_LIMIT, IDLE_LIMIT
from tests.factories.access import entries_of
from tests.factories.call_backs import CallBackHouse, ended
from tests.factories.calls import make_operator
from tests.factories.people import NOW, add_person, snils_for

PEOPLE, OPERATORS = 4, 3
PERSON, OPERATOR = st.integers(0, PEOPLE - 1), st.integers(0, OPERATORS - 1)
ENDS_AT = NOW.replace(hour=17)  # eight in the evening in Moscow
FINAL = {
    CallBackOutcome.REACHED: CallBackState.REACHED,
    CallBackOutcome.WRONG_NUMBER: CallBackState.WRONG_NUMBER,
    CallBackOutcome.NOT_NEEDED: CallBackState.NOT_NEEDED,
}


@dataclass
class Asked:
    """The model's view of one request."""

    id: UUID
    person: int
    due: datetime
    attempts: int = 0
    state: CallBackState = CallBackState.WAITING
    taker: int | None = None
    taken_at: datetime = NOW
    takes: int = 0


@dataclass
class Model:
    """What should be so."""

    now: datetime = NOW
    asked: list[Asked] = field(default_factory=list)
    calls: dict[int, datetime] = field(default_factory=dict)
    """By operator: when the open call was opened; nobody's data are asked for here, so that is its last use, too."""
    told: list[int] = field(default_factory=list)

    def has_call(self, operator: int) -> bool:
        opened = self.calls.get(operator)
        return opened is not None and self.now < opened + min(IDLE_LIMIT, ABSOLUTE_LIMIT)

    def is_kept(self, one: Asked) -> bool:
        if one.state is not CallBackState.TAKEN:
            return False
        return self.now < one.taken_at + TERMS.kept

    def open_of(self, person: int) -> Asked | None:
        self.end_over(person)
        found = [one for one in self.asked if one.person == person and one.state in {*_OPEN}]
        return found[0] if found else None

    def kept_by(self, operator: int) -> Asked | None:
        return next((one for one in self.asked if one.taker == operator and self.is_kept(one)), None)

    def due(self) -> list[Asked]:
        waiting = [one for one in self.asked if one.state in _OPEN and not self.is_kept(one)]
        return sorted((one for one in waiting if one.due <= self.now < ENDS_AT), key=lambda one: (one.due, one.id))

    def end_over(self, person: int | None = None) -> int:
        over = [
            one
            for one in self.asked
            if one.state in _OPEN and not self.is_kept(one) and self.now >= ENDS_AT and person in {None, one.person}
        ]
        for one in over:
            one.state = CallBackState.UNREACHED if one.attempts else CallBackState.MISSED
            self.told.append(one.person)
        return len(over)


_OPEN = frozenset({CallBackState.WAITING, CallBackState.TAKEN})


class Histories(RuleBasedStateMachine):
    """Runs every step against the services and against the model."""

    runner: asyncio.Runner
    settings_of: DatabaseSettings

    @initialize()
    def begin(self) -> None:
        self.model = Model()
        self.database = Database(self.settings_of)
        self.house = CallBackHouse(self.database)
        self.operators = [make_operator() for _ in range(OPERATORS)]
        self.people = [
            self.runner.run(add_person(self.database, snils=snils_for(112_240_000 + n), phone=f"+7910555{n:04}"))
            for n in range(PEOPLE)
        ]
        for person in range(PEOPLE - 1):
            self.ask(person)

    @rule(person=PERSON)
    def ask(self, person: int) -> None:
        model = self.model
        is_late = model.now > ENDS_AT - TERMS.least
        if is_late:
            return  # it would be for tomorrow: another window than that of the model
        asked = [one for one in model.asked if one.person == person]
        code, done = self._try(self.house.ask(self.people[person]))
        if code != "done":
            assert code == ("CALL_BACK_EXISTS" if model.open_of(person) else "TOO_MANY_CALL_BACKS")
            assert code == "CALL_BACK_EXISTS" or len(asked) >= TERMS.most_a_day
            return
        assert model.open_of(person) is None
        model.asked.append(Asked(done, person, model.now))

    @rule(operator=OPERATOR)
    def take(self, operator: int) -> None:
        model = self.model
        due = model.due()
        code, taken = self._try(self.house.take(self.operators[operator]))
        if code != "done":
            if model.kept_by(operator):
                assert code == "CALL_BACK_UNSETTLED"
            else:
                assert code == ("CALL_ALREADY_OPEN" if due else "NO_CALL_BACK_DUE")
                assert not due or model.has_call(operator)
            return
        assert model.kept_by(operator) is None
        assert not model.has_call(operator)
        first = due[0]
        assert taken.taken.listed.id == first.id, "whoever has been due longest is next"
        assert taken.taken.number == f"+7910555{first.person:04}"
        first.state, first.taker, first.taken_at = CallBackState.TAKEN, operator, model.now
        first.takes += 1
        model.calls[operator] = model.now

    def _try(self, asked: Awaitable[Any]) -> tuple[str, Any]:
        """Return "done" with what came of it, or the code of the refusal."""
        found: list[Any] = []

        async def ask() -> None:
            found.append(await asked)

        return self.runner.run(ended(ask())), next(iter(found), None)

    @rule(operator=OPERATOR, number=st.integers(0, 7), outcome=st.sampled_from(CallBackOutcome))
    def settle(self, operator: int, number: int, outcome: CallBackOutcome) -> None:
        model = self.model
        if not model.asked:
            return
        one = model.asked[number % len(model.asked)]
        self._settle(operator, one, outcome)

    @rule(operator=OPERATOR, outcome=st.sampled_from([CallBackOutcome.NO_ANSWER, *CallBackOutcome]))
    def work(self, operator: int, outcome: CallBackOutcome) -> None:
        """Take the next one and settle it, so that histories come to an end."""
        self.take(operator)
        if one := self.model.kept_by(operator):
            self._settle(operator, one, outcome)

    def _settle(self, operator: int, one: Asked, outcome: CallBackOutcome) -> None:
        model = self.model
        is_own = one.state is CallBackState.TAKEN and one.taker == operator
        found = self.runner.run(self.house.settle(one.id, outcome, operator=self.operators[operator]))
        assert found == ("done" if is_own else "CALL_BACK_NOT_TAKEN")
        if not is_own:
            return
        one.taker = None
        if outcome is not CallBackOutcome.REACHED:
            if model.calls.get(operator) == one.taken_at:
                del model.calls[operator]
        else:
            self.runner.run(self._hang_up(operator))
        if outcome is not CallBackOutcome.NO_ANSWER:
            one.state = FINAL[outcome]
        else:
            one.attempts += 1
            again = model.now + (timedelta(minutes=30) if one.attempts == 1 else timedelta(hours=2))
            is_over = one.attempts == 3 or again >= ENDS_AT
            one.state = CallBackState.UNREACHED if is_over else CallBackState.WAITING
            one.due = one.due if is_over else again
        if one.state in {CallBackState.UNREACHED, CallBackState.WRONG_NUMBER}:
            model.told.append(one.person)

    async def _hang_up(self, operator: int) -> None:
        current = await self.house.house.calls.current(self.operators[operator])
        if current is not None:
            await self.house.house.close(current.id, operator=self.operators[operator])
        self.model.calls.pop(operator, None)

    @rule(person=PERSON)
    def cancel(self, person: int) -> None:
        one = self.model.open_of(person)
        if one is None:
            return
        assert self.runner.run(self.house.cancel(self.people[person], one.id)) == "done"  # type: ignore[arg-type] # a UUID
        one.state, one.taker = CallBackState.CANCELLED, None

    @rule(minutes=st.sampled_from([1, 5, 15, 30, 60, 121]))
    def wait(self, minutes: int) -> None:
        self.model.now += timedelta(minutes=minutes)
        self.house.clock.set(self.model.now)

    @rule()
    def sweep(self) -> None:
        assert self.runner.run(self.house.sweep()) == self.model.end_over()

    @invariant()
    def the_list_is_the_models(self) -> None:
        model = self.model
        listed = self.runner.run(self.house.listed(size=2))
        shown = [one for one in model.asked if one.state in _OPEN and (model.now < ENDS_AT or model.is_kept(one))]
        assert [one.id for one in listed] == [one.id for one in sorted(shown, key=lambda one: (one.due, one.id))]
        by_id = {one.id: one for one in shown}
        for one in listed:
            assert (one.attempts, one.is_held) == (by_id[one.id].attempts, model.is_kept(by_id[one.id]))
            assert one.attempts < TERMS.most_attempts

    @invariant()
    def nobody_is_called_by_two(self) -> None:
        kept = [self.runner.run(self.house.desk.taken(one)) for one in self.operators]
        ids = [one.taken.listed.id for one in kept if one]
        assert len(ids) == len(set(ids))
        for number, one in enumerate(kept):
            expected = self.model.kept_by(number)
            assert (one.taken.listed.id if one else None) == (expected.id if expected else None)

    def everything_ends_and_each_take_was_seen(self) -> None:
        model = self.model
        model.now = ENDS_AT + timedelta(days=1)
        self.house.clock.set(model.now)
        self.runner.run(self.house.sweep())
        model.end_over()
        rows = {row.id: row for row in self.runner.run(self.house.rows())}
        assert len(rows) == len(model.asked), "nothing is lost"
        for one in model.asked:
            assert rows[one.id].state is one.state
            assert rows[one.id].state not in _OPEN
            assert rows[one.id].attempts == one.attempts <= TERMS.most_attempts
        for number, person in enumerate(self.people):
            told = self.runner.run(self.house.told(person))
            assert told.count("call_back_unreached") == model.told.count(number)
            looks = len(self.runner.run(entries_of(self.database, person)))
            assert looks >= sum(one.takes for one in model.asked if one.person == number)

    def teardown(self) -> None:
        self.everything_ends_and_each_take_was_seen()
        self.runner.run(self._forget())

    async def _forget(self) -> None:
        """Empty the tables for the next history, and leave no connection."""
        async with self.database.transaction() as session:
            for table in reversed(SQLModel.metadata.sorted_tables):
                await (await session.connection()).execute(table.delete())
        await self.database.close()


@pytest.fixture
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as runner:
        yield runner


def test_the_list_is_what_the_model_says(database_settings: DatabaseSettings, runner: asyncio.Runner) -> None:
    machine = type("Histories", (Histories,), {"runner": runner, "settings_of": database_settings})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=12,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
        ),
    )
