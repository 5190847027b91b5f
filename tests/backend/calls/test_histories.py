"""In any order of calling, verifying, choosing, closing and waiting an operator sees whom a short model says."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlmodel import SQLModel

from backend.database import Database
from backend.settings import DatabaseSettings
from identity.access import Action
from identity.call_rules import ABSOLUTE_LIMIT, IDLE_LIMIT, SaidToBe
from identity.capacities import Capacity, Mandate
from identity.names import FullName
from tests.factories.calls import CallHouse, add_insured, make_operator
from tests.factories.people import NOW

PEOPLE = 3
OPERATORS = 3
"""The third is the first one in another session."""

SAID = [SaidToBe(FullName(name, "Анна"), date(1984, 5, 17)) for name in ("Первая", "Вторая", "Третья")]
DIGITS = "1233"
OPERATOR, PERSON = st.integers(0, OPERATORS - 1), st.integers(0, PEOPLE - 1)


@dataclass
class ModelCall:
    """The model's view of one open call."""

    opened: datetime
    used: datetime
    wrong: int = 0
    wrong_patients: int = 0
    caller: int | None = None
    patient: int | None = None


@dataclass
class Model:
    """What should be so; whom each represents changes too."""

    now: datetime = NOW
    calls: dict[int, ModelCall] = field(default_factory=dict)
    represents: set[tuple[int, int]] = field(default_factory=set)

    def open_call(self, operator: int) -> ModelCall | None:
        call = self.calls.get(operator)
        if call and self.now < min(call.used + IDLE_LIMIT, call.opened + ABSOLUTE_LIMIT):
            return call
        return None

    def verify(self, operator: int, person: int, *, right: bool) -> str:
        call = self.open_call(operator)
        if call is None:
            return "CALL_NOT_OPEN"
        if call.caller is not None or call.wrong >= 3:
            return "CALL_VERIFICATION_CLOSED"
        call.used = self.now
        if not right:
            call.wrong += 1
            return "CALLER_NOT_VERIFIED"
        call.caller = person
        return "done"

    def choose(self, operator: int, person: int | None) -> str:
        call = self.open_call(operator)
        if call is None:
            return "CALL_NOT_OPEN"
        if call.caller is None:
            return "CALLER_NOT_VERIFIED"
        if person is not None and call.wrong_patients >= 3:
            return "CALL_VERIFICATION_CLOSED"
        call.used = self.now
        if person is None or person == call.caller or (call.caller, person) in self.represents:
            call.patient = call.caller if person is None else person
            return "done"
        call.wrong_patients += 1
        return "PATIENT_NOT_REPRESENTED"

    def sees(self, operator: int, person: int) -> bool:
        call = self.open_call(operator)
        if call is None or call.patient != person:
            return False
        return call.caller == person or (call.caller, person) in self.represents


class Histories(RuleBasedStateMachine):
    """Runs every step against the services and against the model."""

    runner: asyncio.Runner
    settings_of: DatabaseSettings

    @initialize()
    def begin(self) -> None:
        self.model = Model()
        self.database = Database(self.settings_of)
        self.house = CallHouse(self.database)
        first, second = make_operator(), make_operator()
        self.operators = [first, second, replace(first, session_id=make_operator().session_id)]
        self.ids: dict[int, UUID] = {}
        self.people = [
            self.runner.run(add_insured(self.database, number=n, family_name=said.name.family, given_name="Анна"))
            for n, said in enumerate(SAID)
        ]

    @rule(operator=OPERATOR)
    def open_call(self, operator: int) -> None:
        if self.model.open_call(operator):
            current = self.runner.run(self.house.calls.current(self.operators[operator]))
            assert current is not None
            assert current.id == self.ids[operator]
            return
        self.ids[operator] = self.runner.run(self.house.open(self.operators[operator]))
        self.model.calls[operator] = ModelCall(self.model.now, self.model.now)

    @rule(operator=OPERATOR, of=OPERATOR, person=PERSON, right=st.sampled_from([True, True, False]))
    def verify(self, operator: int, of: int, person: int, right: bool) -> None:  # drawn
        if of not in self.ids:
            return
        expected = self.model.verify(operator, person, right=right) if operator == of else "CALL_NOT_OPEN"
        digits = DIGITS if right else "0000"
        actor = self.operators[operator]
        asked = self.house.verify(self.ids[of], SAID[person], digits=digits, operator=actor)
        assert self.runner.run(asked) == expected

    @rule(operator=OPERATOR, of=OPERATOR, person=st.none() | PERSON)
    def choose(self, operator: int, of: int, person: int | None) -> None:
        if of not in self.ids:
            return
        expected = self.model.choose(operator, person) if operator == of else "CALL_NOT_OPEN"
        said = None if person is None else SAID[person]
        assert self.runner.run(self.house.choose(self.ids[of], said, operator=self.operators[operator])) == expected

    @rule(operator=OPERATOR)
    def serve(self, operator: int) -> None:
        """Walk the whole way to somebody's data, so that histories have something to end."""
        self.open_call(operator)
        self.verify(operator, operator, operator, True)
        self.choose(operator, operator, None)

    @rule(operator=OPERATOR, of=OPERATOR)
    def close(self, operator: int, of: int) -> None:
        if of not in self.ids:
            return
        ended = self.runner.run(self.house.close(self.ids[of], operator=self.operators[operator]))
        assert ended == ("done" if operator == of else "CALL_NOT_OPEN")
        if operator == of:
            self.model.calls.pop(of, None)

    @rule(caller=PERSON, patient=PERSON)
    def change_representation(self, caller: int, patient: int) -> None:
        if caller == patient:
            return
        pair, ids = (caller, patient), (self.people[caller], self.people[patient])
        if pair in self.model.represents:
            self.model.represents.remove(pair)
            del self.house.represented.mandates[ids]
        else:
            self.model.represents.add(pair)
            self.house.represented.mandates[ids] = Mandate(Capacity.PARENT_OF_CHILD)

    @rule(operator=OPERATOR, person=PERSON)
    def look(self, operator: int, person: int) -> None:
        """A look of the call's operator at its patient keeps it open, allowed or not; nobody else's does."""
        expected = "done" if self.model.sees(operator, person) else "ACCESS_REFUSED"
        asked = self.house.look(self.people[person], Action.READ_POLICY, operator=self.operators[operator])
        assert self.runner.run(asked) == expected
        call = self.model.open_call(operator)
        if call and call.patient == person:
            call.used = self.model.now

    @rule(minutes=st.sampled_from([1, 7, 14, 15, 31]))
    def wait(self, minutes: int) -> None:
        self.model.now += timedelta(minutes=minutes)
        self.house.clock.set(self.model.now)

    @invariant()
    def every_operator_has_the_call_of_the_model(self) -> None:
        for number, operator in enumerate(self.operators):
            current = self.runner.run(self.house.calls.current(operator))
            expected = self.model.open_call(number)
            assert (current is None) == (expected is None)
            if current and expected:
                assert (current.caller_id, current.patient_id) == (
                    None if expected.caller is None else self.people[expected.caller],
                    None if expected.patient is None else self.people[expected.patient],
                )

    def every_allowed_look_has_its_call(self) -> None:
        """The log says of each: for whom it was, and in which call of this operator."""
        tickets = {one.id: one for one in self.runner.run(self.house.tickets())}
        for person in self.people:
            for entry in self.runner.run(self.house.entries(person)):
                if entry.outcome.value == "allowed":
                    assert entry.reference is not None
                    ticket = tickets[entry.reference]
                    assert (ticket.operator_id, ticket.session_id) == (entry.actor_id, entry.session_id)
                    assert ticket.caller_id == entry.on_behalf_of
                    assert ticket.opened_at <= entry.at < ticket.opened_at + ABSOLUTE_LIMIT

    def teardown(self) -> None:
        self.every_allowed_look_has_its_call()
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


def test_an_operator_never_sees_a_person_outside_an_open_verified_call_of_their_own(
    database_settings: DatabaseSettings, runner: asyncio.Runner
) -> None:
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
