"""S41: edits, deletions, reorderings and truncations of the audit are each found, on both engines."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession
from uuid_utils.compat import uuid7

from backend.database import Database
from identity.access import Action
from identity.anchors import Anchor, Finding, Flaw, anchor_heads, newest_anchor, verify
from identity.audit import GENESIS, Access, append, hash_of
from identity.audit_tables import AuditAnchoredHeadRow, AuditAnchorRow, AuditEntryRow, AuditHeadRow, AuditOutcome
from identity.capacities import Capacity, Grounds, Mandate
from identity.principal import ActorKind, PersonId
from tests.factories.people import make_principal

NOW = datetime(2026, 11, 28, 9, 0, tzinfo=UTC)
ENTRIES = 5

Tampering = Callable[[AsyncSession, PersonId], Awaitable[None]]


def an_access(person_id: PersonId, place: int = 0, **changes: Any) -> Access:
    given = {
        "actor": make_principal(PersonId(uuid7()), kind=ActorKind.OPERATOR),
        "person_id": person_id,
        "actions": frozenset({Action.READ_POLICY, Action.READ_APPOINTMENTS}),
        "grounds": Grounds(
            Capacity.OPERATOR_ON_CALL,
            Mandate(Capacity.OPERATOR_ON_CALL, reference=uuid7(), on_behalf_of=PersonId(uuid7())),
        ),
        "at": NOW + timedelta(minutes=place),
        "trace_id": f"trace-{place}",
    }
    return Access(**{**given, **changes})


async def write(database: Database, person_id: PersonId, count: int = ENTRIES) -> None:
    for place in range(count):
        async with database.transaction() as session:
            await append(session, [an_access(person_id, place)])


async def findings(database: Database, published: Anchor | None = None) -> list[Finding]:
    async with database.snapshot() as session:
        return [one async for one in verify(session, published) if isinstance(one, Finding)]


async def rows(database: Database) -> list[AuditEntryRow]:
    async with database.reading() as session:
        return list((await session.exec(select(AuditEntryRow).order_by(col(AuditEntryRow.sequence)))).all())


async def test_entries_say_who_did_what_and_follow_one_another(database: Database) -> None:
    person = PersonId(uuid7())
    allowed, denied = an_access(person, 1), an_access(person, 2, grounds=None, actions=frozenset({Action.READ_POLICY}))
    async with database.transaction() as session:
        await append(session, [denied, allowed])
    first, second = await rows(database)
    assert (first.sequence, second.sequence) == (1, 2)
    assert first.previous_hash == GENESIS
    assert second.previous_hash == first.hash
    assert first.actions == "read_appointments,read_policy"
    assert (first.outcome, second.outcome) == (AuditOutcome.ALLOWED, AuditOutcome.DENIED)
    assert (first.capacity, second.capacity) == (Capacity.OPERATOR_ON_CALL, None)
    assert allowed.grounds is not None
    assert allowed.grounds.mandate is not None
    assert first.on_behalf_of == allowed.grounds.mandate.on_behalf_of
    assert first.reference == allowed.grounds.mandate.reference
    assert await findings(database) == []


async def test_an_entry_that_is_rolled_back_leaves_nothing(database: Database) -> None:
    person = PersonId(uuid7())
    with pytest.raises(ZeroDivisionError):
        async with database.transaction() as session:
            await append(session, [an_access(person)])
            _ = 1 // 0
    await write(database, person, 1)
    assert [row.sequence for row in await rows(database)] == [1]
    assert await findings(database) == []


async def _edit(session: AsyncSession, person: PersonId) -> None:
    await session.exec(update(AuditEntryRow).where(col(AuditEntryRow.sequence) == 3).values(actions="read_inbox"))


async def _edit_with_its_hash(session: AsyncSession, person: PersonId) -> None:
    """An insider who computes the hash anew still breaks the entry behind."""
    entry = (await session.exec(select(AuditEntryRow).where(col(AuditEntryRow.sequence) == 3))).one()
    entry.actor_id = uuid7()
    entry.hash = hash_of(entry)
    session.add(entry)


async def _delete(session: AsyncSession, person: PersonId) -> None:
    await session.exec(delete(AuditEntryRow).where(col(AuditEntryRow.sequence) == 3))


async def _reorder(session: AsyncSession, person: PersonId) -> None:
    for old, new in ((2, 99), (3, 2), (99, 3)):
        await session.exec(update(AuditEntryRow).where(col(AuditEntryRow.sequence) == old).values(sequence=new))


async def _truncate(session: AsyncSession, person: PersonId) -> None:
    await session.exec(delete(AuditEntryRow).where(col(AuditEntryRow.sequence) > 3))


async def _truncate_with_its_head(session: AsyncSession, person: PersonId) -> None:
    await _truncate(session, person)
    last = (await session.exec(select(AuditEntryRow).where(col(AuditEntryRow.sequence) == 3))).one()
    await session.exec(update(AuditHeadRow).values(sequence=3, hash=last.hash))


async def _delete_all(session: AsyncSession, person: PersonId) -> None:
    await session.exec(delete(AuditEntryRow))
    await session.exec(delete(AuditHeadRow))
    await session.exec(delete(AuditAnchoredHeadRow))
    await session.exec(delete(AuditAnchorRow))


@pytest.mark.parametrize(
    ("tamper", "flaw", "place"),
    [
        (_edit, Flaw.EDITED, 3),
        (_edit_with_its_hash, Flaw.REORDERED, 4),
        (_delete, Flaw.MISSING, 3),
        (_reorder, Flaw.REORDERED, 2),
        (_truncate, Flaw.TRUNCATED, 4),
        (_truncate_with_its_head, Flaw.TRUNCATED, 4),
    ],
)
async def test_every_tampering_is_found_at_its_place(
    database: Database, tamper: Tampering, flaw: Flaw, place: int
) -> None:
    person, untouched = PersonId(uuid7()), PersonId(uuid7())
    await write(database, person)
    async with database.transaction() as session:
        assert await anchor_heads(session, NOW) == 1
    async with database.transaction() as session:
        await tamper(session, person)
    await write(database, untouched, 2)
    found = await findings(database)
    assert Finding(flaw, person, place) in found
    assert all(finding.person_id == person for finding in found)


async def test_who_deletes_everything_cannot_produce_the_published_anchor(database: Database) -> None:
    person = PersonId(uuid7())
    await write(database, person)
    async with database.transaction() as session:
        await anchor_heads(session, NOW)
        published = await newest_anchor(session)
    assert published is not None
    assert await findings(database, published) == []
    async with database.transaction() as session:
        await _delete_all(session, person)
    assert await findings(database) == []
    assert await findings(database, published) == [Finding(Flaw.ANCHOR_CHANGED, None, 1)]


async def test_anchors_follow_one_another_and_cover_what_moved(database: Database) -> None:
    first, second = PersonId(uuid7()), PersonId(uuid7())
    await write(database, first, 2)
    async with database.transaction() as session:
        assert await anchor_heads(session, NOW) == 1
        assert await anchor_heads(session, NOW) == 0
    await write(database, second, 1)
    await write(database, first, 1)
    async with database.transaction() as session:
        assert await anchor_heads(session, NOW) == 2
    assert await findings(database) == []
    async with database.transaction() as session:
        await session.exec(update(AuditAnchorRow).where(col(AuditAnchorRow.number) == 1).values(heads=2))
    assert await findings(database) == [Finding(Flaw.ANCHOR_CHANGED, None, 1)]


async def test_writers_of_one_person_stand_in_one_line(database: Database) -> None:
    person = PersonId(uuid7())

    async def one(place: int) -> None:
        async with database.transaction() as session:
            await append(session, [an_access(person, place)])

    await asyncio.gather(*(one(place) for place in range(12)))
    assert [row.sequence for row in await rows(database)] == list(range(1, 13))
    assert await findings(database) == []
