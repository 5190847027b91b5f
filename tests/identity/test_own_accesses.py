"""A person's own looks are gathered a session and hour, and chained when the hour is over."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.clock import SettableClock
from backend.database import Database
from backend.errors import DatabaseBusy
from identity.access import RULES, Action
from identity.audit_tables import LONGEST_ACTIONS, AuditEntryRow, OwnAccessRow
from identity.capacities import OF_OWN_ACCOUNT, Capacity
from identity.kiosk_settings import machine_id_of
from identity.own_accesses import BITS, OwnAccesses, actions_of, chain_hours
from identity.principal import ActorKind
from tests.factories.people import make_principal

NOON = datetime(2026, 11, 28, 12, 5, tzinfo=UTC)
HOUR = NOON.replace(minute=0)


async def flush(database: Database, own: OwnAccesses) -> int:
    return await own.flush(database.transaction)


async def entries(session: AsyncSession) -> list[AuditEntryRow]:
    return list((await session.exec(select(AuditEntryRow).order_by(col(AuditEntryRow.sequence)))).all())


async def test_counts_of_several_flushes_and_processes_become_one_entry_an_hour(database: Database) -> None:
    clock, actor = SettableClock(NOON), make_principal()
    here, elsewhere = OwnAccesses(clock), OwnAccesses(clock)
    for _ in range(3):
        here.note(actor, Action.READ_POLICY)
    elsewhere.note(actor, Action.READ_INBOX)
    assert await flush(database, here) == 1
    assert await flush(database, here) == 0
    here.note(actor, Action.READ_POLICY)
    assert await flush(database, here) == 1
    assert await flush(database, elsewhere) == 1
    async with database.transaction() as session:
        assert await chain_hours(session, NOON + timedelta(minutes=56)) == 0
    async with database.transaction() as session:
        assert await chain_hours(session, NOON + timedelta(hours=1)) == 1
    async with database.transaction() as session:
        assert await chain_hours(session, NOON + timedelta(hours=2)) == 0
        (entry,) = await entries(session)
        assert (await session.exec(select(OwnAccessRow))).all() == []
    assert (entry.person_id, entry.actor_id, entry.session_id) == (actor.person_id, actor.person_id, actor.session_id)
    assert (entry.actions, entry.times, entry.at) == ("read_inbox,read_policy", 5, HOUR)
    assert entry.capacity is Capacity.SELF


async def test_the_next_hour_and_another_session_are_entries_of_their_own(database: Database) -> None:
    clock, actor = SettableClock(NOON), make_principal()
    own = OwnAccesses(clock)
    own.note(actor, Action.READ_POLICY)
    own.note(make_principal(actor.person_id), Action.READ_POLICY)
    clock.advance(timedelta(hours=1))
    own.note(actor, Action.READ_POLICY)
    assert await flush(database, own) == 3
    async with database.transaction() as session:
        assert await chain_hours(session, NOON + timedelta(hours=3)) == 3
        assert sorted(entry.at for entry in await entries(session)) == [HOUR, HOUR, HOUR + timedelta(hours=1)]


async def test_what_could_not_be_written_is_written_later(database: Database) -> None:
    own, actor = OwnAccesses(SettableClock(NOON)), make_principal()
    own.note(actor, Action.READ_POLICY)

    @asynccontextmanager
    async def failing() -> AsyncIterator[AsyncSession]:
        async with database.transaction() as session:
            yield session
            own.note(actor, Action.READ_POLICY)
            raise DatabaseBusy

    with pytest.raises(DatabaseBusy):
        await own.flush(failing)
    assert await flush(database, own) == 1
    async with database.reading() as session:
        assert [row.times for row in (await session.exec(select(OwnAccessRow))).all()] == [2]


def test_every_own_action_has_a_place_of_its_own() -> None:
    own = frozenset(OF_OWN_ACCOUNT.values())
    wanted = {action for action, rule in RULES.items() if rule.capacities & own}
    assert set(BITS) == wanted
    assert sorted(BITS.values()) == list(range(len(BITS)))
    assert max(BITS.values()) < 63


@given(st.sets(st.sampled_from(sorted(BITS))))
def test_bits_say_which_actions_they_are(actions: set[Action]) -> None:
    assert actions_of(sum(1 << BITS[action] for action in actions)) == actions


async def test_at_a_kiosk_the_entry_says_which_machine(database: Database) -> None:
    at_kiosk = replace(make_principal(kind=ActorKind.KIOSK), key_thumbprint="m" * 43)
    phone = replace(make_principal(at_kiosk.person_id), key_thumbprint="p" * 43)
    own = OwnAccesses(SettableClock(NOON))
    for actor in (at_kiosk, phone):
        own.note(actor, Action.READ_POLICY)
    assert await flush(database, own) == 2
    async with database.transaction() as session:
        assert await chain_hours(session, NOON + timedelta(hours=2)) == 2
        found = {entry.capacity: entry.reference for entry in await entries(session)}
    assert found == {Capacity.AT_KIOSK: machine_id_of("m" * 43), Capacity.SELF: None}


@pytest.mark.parametrize("first", [ActorKind.CITIZEN, ActorKind.DEVICE])
async def test_an_hour_in_which_the_person_and_their_device_met_is_the_person_s(
    database: Database, first: ActorKind
) -> None:
    actor = make_principal()
    device = replace(actor, kind=ActorKind.DEVICE)
    own = OwnAccesses(SettableClock(NOON))
    for one in (actor, device) if first is ActorKind.CITIZEN else (device, actor):
        own.note(one, Action.READ_PROFILE)
        assert await flush(database, own) == 1
    async with database.transaction() as session:
        assert await chain_hours(session, NOON + timedelta(hours=2)) == 1
        (entry,) = await entries(session)
    assert (entry.capacity, entry.times) == (Capacity.SELF, 2)


async def test_an_hour_of_everything_has_room(database: Database) -> None:
    """An entry keeps 512 characters of actions: more of them are several entries, and none is forgotten."""
    own, actor = OwnAccesses(SettableClock(NOON)), make_principal()
    for action in BITS:
        own.note(actor, action)
    await flush(database, own)
    async with database.transaction() as session:
        assert await chain_hours(session, NOON + timedelta(hours=1)) == 1
        kept = [entry.actions for entry in await entries(session)]
    assert sorted(word for words in kept for word in words.split(",")) == sorted(action.value for action in BITS)
    assert max(map(len, kept)) <= LONGEST_ACTIONS
    assert len(kept) > 1
