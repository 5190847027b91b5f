import asyncio
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlmodel import select
from structlog.testing import capture_logs
from uuid_utils.compat import uuid7

from backend.clock import SettableClock
from backend.database import Database
from backend.errors import NotFound
from backend.policy.errors import PolicyNotFound, PolicySourceUnavailable, SnilsUnknown
from backend.policy.service import PolicyService
from backend.policy.tables import PolicySnapshotRow
from backend.policy.values import Enp, KnownPolicy, PolicyKind
from backend.profile.tables import PersonRow
from backend.profile.values import Snils
from identity.errors import AccessRefused, AccountNotConfirmed, NotSignedIn
from identity.principal import Assurance, PersonId
from tests.factories.access import access_control
from tests.factories.people import NOW, add_person, make_principal, snils_for
from tests.factories.policies import ANNA, RegisterInMemory, make_policy, make_record

FRESH_FOR = timedelta(minutes=15)
STALE_FOR = timedelta(days=1)
TICK = timedelta(seconds=1)


class House:
    """The service with all that surrounds it."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.clock = SettableClock(NOW)
        self.register = RegisterInMemory()
        self.policies = PolicyService(
            database=database,
            access=access_control(database, self.clock),
            clock=self.clock,
            register=self.register,
            fresh_for=FRESH_FOR,
            stale_for=STALE_FOR,
        )

    async def ask(self, person_id: PersonId) -> KnownPolicy:
        return await self.policies.get_policy(make_principal(person_id), person_id)

    async def snapshots(self) -> list[PolicySnapshotRow]:
        async with self.database.reading() as session:
            return list(await session.exec(select(PolicySnapshotRow)))


@pytest.fixture
def house(database: Database) -> House:
    return House(database)


async def test_the_first_answer_is_shown_with_the_registers_own_time(house: House) -> None:
    person_id = await add_person(house.database)
    shown = await house.ask(person_id)
    assert shown == KnownPolicy(policy=make_policy(), as_of=NOW - timedelta(hours=1), is_stale=False)
    assert house.register.asked == [ANNA]


async def test_a_fresh_answer_is_shown_without_asking_and_then_asked_again(house: House) -> None:
    person_id = await add_person(house.database)
    first = await house.ask(person_id)
    house.clock.advance(FRESH_FOR - TICK)
    assert await house.ask(person_id) == first
    assert len(house.register.asked) == 1
    house.clock.advance(TICK)
    house.register.answer = make_record(as_of=NOW)
    assert (await house.ask(person_id)).as_of == NOW
    assert len(house.register.asked) == 2


async def test_a_down_register_leaves_the_older_answer_marked_stale_until_it_is_too_old(house: House) -> None:
    person_id = await add_person(house.database)
    first = await house.ask(person_id)
    house.register.is_down = True
    house.clock.advance(STALE_FOR - TICK)
    assert await house.ask(person_id) == replace(first, is_stale=True)
    house.clock.advance(TICK)
    with pytest.raises(PolicySourceUnavailable):
        await house.ask(person_id)


async def test_a_down_register_without_an_older_answer_is_not_shown_as_none(house: House) -> None:
    person_id = await add_person(house.database)
    house.register.is_down = True
    with pytest.raises(PolicySourceUnavailable):
        await house.ask(person_id)
    assert await house.snapshots() == []


async def test_none_is_the_registers_word_and_forgets_the_older_answer(house: House) -> None:
    person_id = await add_person(house.database)
    await house.ask(person_id)
    house.clock.advance(FRESH_FOR)
    house.register.answer = None
    with pytest.raises(PolicyNotFound):
        await house.ask(person_id)
    assert await house.snapshots() == []
    house.register.is_down = True
    with pytest.raises(PolicySourceUnavailable):
        await house.ask(person_id)


@pytest.mark.parametrize(
    "holder",
    [replace(ANNA, birth_date=date(1984, 5, 18)), replace(ANNA, snils=Snils(snils_for(206_130_060)))],
)
async def test_an_answer_about_somebody_else_is_never_shown_nor_kept(house: House, holder: object) -> None:
    person_id = await add_person(house.database)
    house.register.answer = make_record(holder=holder)
    with capture_logs() as logs, pytest.raises(PolicySourceUnavailable):
        await house.ask(person_id)
    assert [line["event"] for line in logs] == ["policy_answer_about_another_person"]
    assert await house.snapshots() == []


async def test_an_answer_about_somebody_else_leaves_the_older_one_shown_as_stale(house: House) -> None:
    person_id = await add_person(house.database)
    first = await house.ask(person_id)
    house.clock.advance(FRESH_FOR)
    house.register.answer = make_record(holder=replace(ANNA, birth_date=date(1984, 5, 18)))
    assert await house.ask(person_id) == replace(first, is_stale=True)


async def test_a_kept_answer_is_not_shown_after_the_persons_number_was_corrected(house: House) -> None:
    person_id = await add_person(house.database)
    await house.ask(person_id)
    async with house.database.transaction() as session:
        (await session.get_one(PersonRow, person_id)).snils = snils_for(206_130_060)
    house.register.is_down = True
    with pytest.raises(PolicySourceUnavailable):
        await house.ask(person_id)


async def test_a_policy_without_an_enp_is_kept_whole(house: House) -> None:
    person_id = await add_person(house.database)
    policy = make_policy(kind=PolicyKind.OLD, enp=None, series="АБ", number="0012345")
    house.register.answer = make_record(policy=policy)
    await house.ask(person_id)
    assert (await house.ask(person_id)).policy == policy
    assert len(house.register.asked) == 1


async def test_an_enp_given_out_for_another_date_is_a_warning_only(house: House) -> None:
    person_id = await add_person(house.database)
    house.register.answer = make_record(policy=make_policy(enp=Enp("5067050868000013")))
    with capture_logs() as logs:
        shown = await house.ask(person_id)
    assert shown.policy.enp == Enp("5067050868000013")
    assert logs == [{"event": "enp_differs_from_person", "log_level": "warning", "person_id": str(person_id)}]


async def test_a_register_whose_clock_runs_ahead_does_not_show_the_future(house: House) -> None:
    person_id = await add_person(house.database)
    house.register.answer = make_record(as_of=NOW + timedelta(minutes=5))
    assert (await house.ask(person_id)).as_of == NOW


async def test_many_at_once_ask_the_register_once(house: House) -> None:
    person_id = await add_person(house.database)
    house.register.gate = asyncio.Event()
    asking = [asyncio.create_task(house.ask(person_id)) for _ in range(16)]
    await house.register.was_asked.wait()
    house.register.gate.set()
    assert len({shown.as_of for shown in await asyncio.gather(*asking)}) == 1
    assert house.register.asked == [ANNA]


async def test_the_register_is_asked_outside_any_transaction(house: House) -> None:
    person_id = await add_person(house.database)
    house.register.gate = asyncio.Event()
    asking = asyncio.create_task(house.ask(person_id))
    await house.register.was_asked.wait()
    await add_person(house.database, snils=None)
    assert "Checked out connections: 0" in house.database.engine.pool.status()
    house.register.gate.set()
    await asking


async def test_a_late_answer_does_not_replace_a_newer_one(house: House, database: Database) -> None:
    person_id = await add_person(database)
    slow = House(database)
    slow.register.gate = asyncio.Event()
    slow.register.answer = make_record(policy=make_policy(region="Старая область"))
    late = asyncio.create_task(slow.ask(person_id))
    await slow.register.was_asked.wait()
    house.clock.advance(TICK)
    await house.ask(person_id)
    slow.register.gate.set()
    assert (await late).policy.region == "Старая область"
    assert (await house.ask(person_id)).policy.region == "Калужская область"


async def test_a_person_without_a_snils_is_told_so_and_nobody_is_asked(house: House) -> None:
    person_id = await add_person(house.database, snils=None)
    with pytest.raises(SnilsUnknown):
        await house.ask(person_id)
    assert house.register.asked == []


async def test_strangers_and_unconfirmed_people_are_refused_before_anything_is_asked(house: House) -> None:
    person_id = await add_person(house.database)
    unconfirmed = make_principal(person_id, assurance=Assurance.STANDARD)
    for actor, refusal in ((None, NotSignedIn), (make_principal(), AccessRefused), (unconfirmed, AccountNotConfirmed)):
        with pytest.raises(refusal):
            await house.policies.get_policy(actor, person_id)
    assert house.register.asked == []


async def test_a_person_nobody_recorded_is_not_found(house: House) -> None:
    with pytest.raises(NotFound):
        await house.ask(PersonId(uuid7()))
