"""Any order of giving, withdrawing, waiting and new texts agrees with a model of a few lines: S39 on both engines.

After a withdrawal there is no access by that consent, ever; and never more than the signed text said.
"""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, replace
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

from backend.database import Database
from backend.settings import DatabaseSettings
from identity import consents
from identity.access import Action
from identity.capacities import Capacity
from identity.consent_values import ConsentId, Recipient
from identity.consent_wordings import ConsentTexts
from identity.errors import AccessRefused
from tests.factories.consents import OGRN, OTHER_OGRN, Register, clinician, shipped, widened
from tests.factories.people import NOW, add_person, make_principal

WIDER_AT = NOW + timedelta(days=3)
NARROW = frozenset({Action.READ_PROFILE})
WIDE = NARROW | {Action.READ_APPOINTMENTS}
FIRST = replace(shipped(), rights=NARROW, longest=timedelta(days=10))
SECOND = widened(FIRST, version=2, valid_from=WIDER_AT, rights=WIDE)
TEXTS = ConsentTexts({(one.purpose, one.version): one for one in (FIRST, SECOND)})
DOCTORS = (clinician(OGRN), clinician(OGRN), clinician(OTHER_OGRN))
RECIPIENTS = (
    Recipient.organization(OGRN),
    Recipient.organization(OTHER_OGRN),
    Recipient.clinician(DOCTORS[0].person_id),
)
COVERED = ({0, 1}, {2}, {0})
"""Which doctors each recipient means; written apart from `Recipient.covers`."""


@dataclass
class Given:
    """The model's view of one consent."""

    recipient: int
    rights: frozenset[Action]
    ends: datetime
    id: ConsentId
    is_open: bool = True
    withdrawn: bool = False


class Histories(RuleBasedStateMachine):
    """Runs every step against the service and against the model."""

    runner: asyncio.Runner
    settings_of: DatabaseSettings

    @initialize()
    def open(self) -> None:
        self.database = Database(self.settings_of)
        self.register = Register(self.database, TEXTS)
        self.person = make_principal(self.runner.run(add_person(self.database)), expires_at=NOW + timedelta(days=1_000))
        self.now = NOW
        self.given: list[Given] = []

    @rule(recipient=st.integers(0, 2), days=st.integers(1, 10))
    def give(self, recipient: int, days: int) -> None:
        wish = self.register.wish(RECIPIENTS[recipient], lasts=timedelta(days=days))
        consent = self.runner.run(self.register.give(self.person, wish))
        rights = WIDE if self.now >= WIDER_AT else NARROW
        for one in self.given:
            one.is_open = one.is_open and one.recipient != recipient
        self.given.append(Given(recipient, rights, self.now + timedelta(days=days), consent.id))

    @precondition(lambda self: self.given)
    @rule(data=st.data())
    def withdraw(self, data: st.DataObject) -> None:
        one = self.given[data.draw(st.integers(0, len(self.given) - 1))]
        consent = self.runner.run(self.register.withdraw(self.person, one.id))
        one.withdrawn = one.withdrawn or one.is_open
        one.is_open = False
        assert (consent.withdrawn_at is not None) == one.withdrawn

    @rule(hours=st.sampled_from([1, 24, 36, 72, 240]))
    def wait(self, hours: int) -> None:
        self.now += timedelta(hours=hours)
        self.register.clock.set(self.now)

    def in_force(self) -> list[Given]:
        return [one for one in self.given if one.is_open and self.now < one.ends]

    @invariant()
    def doctors_see_exactly_what_is_consented_to(self) -> None:
        for number, doctor in enumerate(DOCTORS):
            mine = [one for one in self.in_force() if number in COVERED[one.recipient]]
            for action in (Action.READ_PROFILE, Action.READ_APPOINTMENTS, Action.READ_POLICY):
                wanted = {one.id for one in mine if action in one.rights}
                used = self.runner.run(self._used(doctor, action))
                assert used in wanted if wanted else used is None
                assert used not in {one.id for one in self.given if one.withdrawn}

    @invariant()
    def senders_are_told_the_same(self) -> None:
        told = [self.runner.run(self._is_given(recipient)) for recipient in RECIPIENTS]
        assert told == [any(one.recipient == number for one in self.in_force()) for number in range(3)]

    @invariant()
    def the_register_tells_the_same(self) -> None:
        listing = self.register.service.list_page(self.person, self.person.person_id, limit=100)
        found = {one.id: one for one in self.runner.run(listing).items}
        assert found.keys() == {one.id for one in self.given}
        assert {key for key, one in found.items() if one.is_in_force(self.now)} == {one.id for one in self.in_force()}

    async def _used(self, doctor: Any, action: Action) -> object:
        """Return which consent let a doctor in; None where none did."""
        try:
            grounds = await self.register.access.admit(doctor, action, self.person.person_id)
        except AccessRefused:
            return None
        assert grounds.mandate is not None
        assert grounds.capacity is Capacity.CLINICIAN_BY_CONSENT
        return grounds.mandate.reference

    async def _is_given(self, recipient: Recipient) -> bool:
        async with self.database.transaction() as session:
            return await consents.is_given(session, self.person.person_id, FIRST.purpose, recipient, self.now)

    def teardown(self) -> None:
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


def test_any_history_agrees_with_the_model(database_settings: DatabaseSettings, runner: asyncio.Runner) -> None:
    machine = type("Histories", (Histories,), {"runner": runner, "settings_of": database_settings})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=8,
            stateful_step_count=12,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
        ),
    )


def test_the_model_is_about_what_it_says() -> None:
    assert {str(uuid7()), *(one.id for one in RECIPIENTS)} >= {OGRN, OTHER_OGRN}
    for recipient, covered in zip(RECIPIENTS, COVERED, strict=True):
        assert {number for number, doctor in enumerate(DOCTORS) if recipient.covers(doctor)} == covered
