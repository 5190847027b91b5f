"""Made-up policies, and a register in memory for the tests of the domain."""

import asyncio
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from backend.integrations.oms_registry.simulator import OmsRecord
from backend.policy.errors import PolicySourceUnavailable
from backend.policy.values import (
    Enp,
    InsuredPerson,
    Insurer,
    Policy,
    PolicyKind,
    PolicyRecord,
    PolicyStatus,
)
from backend.profile.values import Phone, Sex, Snils
from tests.factories.people import NOW

ANNA = InsuredPerson(snils=Snils("11223344595"), birth_date=date(1984, 5, 17), sex=Sex.FEMALE)


def make_policy(**given: Any) -> Policy:
    """Return an active unified policy unless told otherwise."""
    return Policy(
        **{
            "kind": PolicyKind.UNIFIED,
            "status": PolicyStatus.ACTIVE,
            "insurer": Insurer(name="СМО «Калуга»", phone=Phone("+78005550117"), ogrn="1027700132195"),
            "valid_from": date(2020, 3, 1),
            "region": "Калужская область",
            "enp": Enp("7756410835001233"),
            **given,
        }
    )


def make_record(**given: Any) -> PolicyRecord:
    """Return the register's answer about Anna, an hour old, unless told otherwise."""
    return PolicyRecord(**{"holder": ANNA, "policy": make_policy(), "as_of": NOW - timedelta(hours=1), **given})


def make_oms_record(**given: Any) -> OmsRecord:
    """Return Anna's row of the simulated register unless told otherwise."""
    return OmsRecord(
        **{
            "snils": ANNA.snils.digits,
            "birth_date": ANNA.birth_date,
            "sex": ANNA.sex,
            "enp": "7756410835001233",
            "valid_from": date(2020, 3, 1),
            "insurer_name": "СМО «Калуга»",
            "insurer_phone": "8 (800) 555-01-17",
            "insurer_ogrn": "1027700132195",
            **given,
        }
    )


@dataclass
class RegisterInMemory:
    """Says what it is told to say, None for "no policy"; `gate` holds answers back until it is set."""

    answer: PolicyRecord | None = field(default_factory=make_record)
    is_down: bool = False
    asked: list[InsuredPerson] = field(default_factory=list)
    gate: asyncio.Event | None = None
    was_asked: asyncio.Event = field(default_factory=asyncio.Event)

    async def find_policy(self, person: InsuredPerson) -> PolicyRecord | None:
        """Note the question and answer it."""
        self.asked.append(person)
        self.was_asked.set()
        if self.gate is not None:
            await self.gate.wait()
        if self.is_down:
            raise PolicySourceUnavailable
        return self.answer
