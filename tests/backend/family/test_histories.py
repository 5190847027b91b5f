"""In any order of granting, answering, ending, confirming and birthdays nobody has more than the model allows."""

import asyncio
from collections.abc import Coroutine, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
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
from sqlmodel import SQLModel
from uuid_utils.compat import uuid7

from backend.database import Database
from backend.family.endings import end_expired
from backend.family.errors import FamilyRefusal
from backend.family.values import Grantee
from backend.profile.directory import Directory
from backend.profile.values import Phone
from backend.settings import DatabaseSettings
from identity.access import Action, require
from identity.capacities import Category
from identity.errors import AccessRefused
from identity.principal import Principal
from identity.representation import Representations
from identity.representation_values import GrantedRight
from tests.factories.family import CHILD_SNILS, TYPED, Household, make_child
from tests.factories.people import NOW

ANNA, BORIS, KOLYA = PEOPLE = range(3)
BORN = (date(1984, 5, 17), date(1990, 7, 1), date(2011, 11, 25))
TURNS_15 = datetime(2026, 11, 24, 12, tzinfo=UTC)  # midnight in Petropavlovsk-Kamchatsky
TURNS_18 = datetime(2029, 11, 24, 12, tzinfo=UTC)
MOMENTS = (TURNS_15 - timedelta(minutes=1), TURNS_15, TURNS_18 - timedelta(minutes=1), TURNS_18)
READ, BOOK, COLLECT = GrantedRight.READ, GrantedRight.BOOK, GrantedRight.COLLECT
ACTIONS = {
    READ: {Action.READ_PROFILE, Action.READ_APPOINTMENTS},
    BOOK: {Action.BOOK_APPOINTMENT},
    COLLECT: set(),
}
OF_TEENAGER = {Action.READ_PROFILE, Action.READ_APPOINTMENTS, Action.BOOK_APPOINTMENT}
OF_CHILD = OF_TEENAGER | {Action.READ_INBOX, Action.EXPORT_DATA}
WHO = st.sampled_from(PEOPLE)
RIGHTS = st.dictionaries(st.sampled_from(GrantedRight), st.integers(1, 400), min_size=1)


@dataclass
class Told:
    """The model's view of an invitation and of what came of it."""

    maker: int
    reader: int
    ends: dict[GrantedRight, datetime]
    expires: datetime
    id: UUID
    code: str
    state: str = "offered"


@dataclass
class Stands:
    """The model's view of a representation."""

    person: int
    representative: int
    id: UUID
    ends: dict[GrantedRight, datetime] | None  # None: by law
    is_ended: bool = False


@dataclass
class Model:
    """What should be so."""

    now: datetime = NOW
    invitations: list[Told] = field(default_factory=list)
    stands: list[Stands] = field(default_factory=list)

    def is_adult(self, person: int) -> bool:
        return person != KOLYA or self.now >= TURNS_18

    def is_answerable(self, one: Told, *states: str) -> bool:
        return one.state in states and self.now < one.expires

    def is_over(self, one: Stands) -> bool:
        end = TURNS_18 if one.ends is None else max(one.ends.values())
        return one.is_ended or self.now >= end

    def allowed(self, actor: int, person: int) -> tuple[set[Action], bool]:
        """Return what one may for another, and whether something of it is withheld."""
        may: set[Action] = set()
        withheld = False
        for one in self.stands:
            if (one.person, one.representative) != (person, actor) or self.is_over(one):
                continue
            if one.ends is None:
                withheld = self.now >= TURNS_15
                may |= OF_TEENAGER if withheld else OF_CHILD
            else:
                may |= {action for right, end in one.ends.items() if self.now < end for action in ACTIONS[right]}
        return may, withheld


class Histories(RuleBasedStateMachine):
    """A parent, another adult and a child of fourteen in Petropavlovsk-Kamchatsky."""

    runner: asyncio.Runner
    settings_of: DatabaseSettings

    @initialize()
    def begin(self) -> None:
        self.model = Model()
        self.database = Database(self.settings_of)
        self.house = Household(self.database)
        self.source = Representations(Directory(clock=self.house.clock))
        facts: list[dict[str, Any]] = [{}, {}, {"snils": CHILD_SNILS}]
        self.people: list[Principal] = [
            self.runner.run(
                self.house.add(number, birth_date=BORN[number], time_zone="Asia/Kamchatka", **facts[number])
            )
            for number in PEOPLE
        ]
        self.child = make_child(birth_date=BORN[KOLYA])
        self.house.children.known[self.people[ANNA].person_id] = [self.child]

    @rule(maker=WHO, reader=WHO, rights=RIGHTS)
    def grant(self, maker: int, reader: int, rights: dict[GrantedRight, int]) -> None:
        ends = {right: self.model.now + timedelta(hours=hours) for right, hours in rights.items()}
        offer, outcome = self._ask(
            self.house.family.grants.grant(
                self.people[maker],
                grantee=Grantee(Phone(f"+7911{reader:07}"), None, BORN[reader]),
                rights=list(ends.items()),
                idempotency_key=uuid7(),
            )
        )
        assert outcome == ("done" if self.model.is_adult(maker) else "ADULTS_ONLY")
        if offer is not None:
            expires = min(self.model.now + timedelta(hours=72), max(ends.values()))
            invitation = offer.value.invitation
            self.model.invitations.append(Told(maker, reader, ends, expires, invitation.id, offer.value.code))

    @precondition(lambda self: self.model.invitations)
    @rule(reader=WHO, data=st.data())
    def open(self, reader: int, data: st.DataObject) -> None:
        one = data.draw(st.sampled_from(self.model.invitations))
        _, outcome = self._ask(
            self.house.family.grants.open(self.people[reader], code=one.code, idempotency_key=uuid7())
        )
        if one.reader != reader or one.maker == reader or not self.model.is_answerable(one, "offered", "opened"):
            assert outcome == "INVITATION_NOT_FOUND"
        elif not self.model.is_adult(reader):
            assert outcome == "ADULTS_ONLY"
        else:
            assert outcome == "done"
            one.state = "opened"

    @precondition(lambda self: self.model.invitations)
    @rule(reader=WHO, data=st.data(), is_accepted=st.booleans())
    def answer(self, reader: int, data: st.DataObject, is_accepted: bool) -> None:
        one = data.draw(st.sampled_from(self.model.invitations))
        grants = self.house.family.grants
        answered = grants.accept if is_accepted else grants.decline
        found, outcome = self._ask(answered(self.people[reader], invitation_id=one.id, idempotency_key=uuid7()))
        if one.reader != reader or not self.model.is_answerable(one, "opened"):
            assert outcome == "INVITATION_NOT_FOUND"
            return
        assert outcome == "done"
        one.state = "accepted" if is_accepted else "declined"
        if is_accepted:
            for former in self.model.stands:
                if (former.person, former.representative) == (one.maker, reader) and former.ends is not None:
                    former.is_ended = True
            left = {right: end for right, end in one.ends.items() if self.model.now < end}
            self.model.stands.append(Stands(one.maker, reader, found.value, left))

    @precondition(lambda self: self.model.invitations)
    @rule(actor=WHO, data=st.data())
    def withdraw(self, actor: int, data: st.DataObject) -> None:
        one = data.draw(st.sampled_from(self.model.invitations))
        _, outcome = self._ask(
            self.house.family.endings.withdraw(self.people[actor], invitation_id=one.id, idempotency_key=uuid7())
        )
        if actor == one.maker and self.model.is_answerable(one, "offered", "opened"):
            assert outcome == "done"
            one.state = "withdrawn"
        else:
            assert outcome == "INVITATION_NOT_FOUND"

    @rule()
    def confirm(self) -> None:
        found, outcome = self._ask(
            self.house.family.children.confirm(
                self.people[ANNA], child_id=self.child.id, certificate=TYPED, idempotency_key=uuid7()
            )
        )
        if self.model.now >= TURNS_18:
            assert outcome == "CHILD_OF_AGE"
        elif any(one.ends is None and not one.is_ended for one in self.model.stands):
            assert outcome == "REPRESENTATION_EXISTS"
        else:
            assert outcome == "done"
            self.model.stands.append(Stands(KOLYA, ANNA, found.value, None))

    @precondition(lambda self: self.model.stands)
    @rule(actor=WHO, data=st.data())
    def end(self, actor: int, data: st.DataObject) -> None:
        one = data.draw(st.sampled_from(self.model.stands))
        _, outcome = self._ask(
            self.house.family.endings.end(self.people[actor], representation_id=one.id, idempotency_key=uuid7())
        )
        if actor not in {one.person, one.representative}:
            assert outcome == "REPRESENTATION_NOT_FOUND"
        elif self.model.is_over(one):
            assert outcome == "REPRESENTATION_ENDED"
        elif actor == one.person and one.ends is None:
            assert outcome == "REPRESENTATION_BY_LAW"
        else:
            assert outcome == "done"
            one.is_ended = True

    @rule(hours=st.integers(1, 120))
    def wait(self, hours: int) -> None:
        self._move_to(self.model.now + timedelta(hours=hours))

    @rule(moment=st.sampled_from(MOMENTS))
    def wait_for_a_birthday(self, moment: datetime) -> None:
        self._move_to(max(moment, self.model.now))

    @rule()
    def sweep(self) -> None:
        async def swept() -> None:
            async with self.database.transaction() as session:
                await end_expired(session, self.model.now)

        self.runner.run(swept())

    @invariant()
    def everybody_has_exactly_what_the_model_allows(self) -> None:
        pairs = [(actor, person) for actor in PEOPLE for person in PEOPLE if actor != person]
        found = self.runner.run(self._found(pairs))
        for (actor, person), (may, is_withheld) in found.items():
            assert (may, is_withheld) == self.model.allowed(actor, person)

    def teardown(self) -> None:
        self.runner.run(self._forget())

    async def _found(self, pairs: list[tuple[int, int]]) -> dict[tuple[int, int], tuple[set[Action], bool]]:
        """Decide as `AccessControl` does: mandates as they stand, then the one pure decision."""
        found = {}
        async with self.database.reading() as session:
            for actor, person in pairs:
                principal, person_id = self.people[actor], self.people[person].person_id
                mandates = await self.source.find(session, principal, person_id, self.model.now)
                may = set()
                withheld: frozenset[Category] = frozenset()
                for action in OF_CHILD:
                    try:
                        grounds = require(principal, action, person_id, mandates, now=self.model.now)
                    except AccessRefused:
                        continue
                    may.add(action)
                    withheld |= grounds.withheld
                found[actor, person] = may, bool(withheld)
        return found

    async def _forget(self) -> None:
        """Empty the tables for the next history, and leave no connection."""
        async with self.database.transaction() as session:
            for table in reversed(SQLModel.metadata.sorted_tables):
                await (await session.connection()).execute(table.delete())
        await self.database.close()

    def _move_to(self, instant: datetime) -> None:
        self.model.now = instant
        self.house.move_to(instant)

    def _ask(self, asked: Coroutine[Any, Any, Any]) -> tuple[Any, str]:
        try:
            return self.runner.run(asked), "done"
        except FamilyRefusal as refusal:
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
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
        ),
    )
