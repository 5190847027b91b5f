"""`zdorovye audit …`, as somebody at a terminal runs it (S41): in a process of its own, since it sets up logging."""

import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeAlias

import pytest
from sqlalchemy import ColumnElement
from sqlmodel import col, delete, update
from uuid_utils.compat import uuid7

from backend.database import Database
from identity.anchors import anchor_heads
from identity.audit import append
from identity.audit_tables import AuditEntryRow
from identity.principal import PersonId
from tests.factories.people import NOW
from tests.identity.test_audit import an_access
from tests.plugins.command_line import Ended, run_to_end

Audit: TypeAlias = Callable[..., Awaitable[Ended]]


@pytest.fixture
def audit(database: Database, tmp_path: Path) -> Audit:
    """Return what runs `zdorovye audit` with arguments on this test's database."""
    url = database.engine.url.render_as_string(hide_password=False)
    environment = {**os.environ, "ZDOROVYE_DATABASE__URL": url, "ZDOROVYE_DATA_DIR": str(tmp_path)}

    async def run(*arguments: str) -> Ended:
        return await run_to_end("audit", *arguments, env=environment)

    return run


async def prepare(database: Database) -> None:
    person = PersonId(uuid7())
    async with database.transaction() as session:
        await append(session, [an_access(person, place) for place in range(3)])
        await anchor_heads(session, NOW)


async def test_a_whole_audit_is_said_to_be_whole(database: Database, audit: Audit) -> None:
    await prepare(database)
    shown = await audit("anchor")
    assert shown.exit_code == 0
    number, _, digest = shown.stdout.strip().partition(":")
    assert (number, len(digest)) == ("1", 64)
    done = await audit("verify", "--anchor", shown.stdout.strip())
    assert (done.exit_code, done.stdout) == (0, "3 entries, 0 findings\n")


async def test_each_of_the_four_tamperings_ends_the_command_with_1_and_is_named_with_its_place(
    database: Database, audit: Audit
) -> None:
    edited, deleted, reordered, truncated = people = [PersonId(uuid7()) for _ in range(4)]
    entry, number = AuditEntryRow, col(AuditEntryRow.sequence)
    async with database.transaction() as session:
        await append(session, [an_access(person, place) for person in people for place in range(4)])
        await anchor_heads(session, NOW)

    def of(person: PersonId) -> ColumnElement[bool]:
        return col(AuditEntryRow.person_id) == person

    async with database.transaction() as session:
        await session.exec(update(entry).where(of(edited), number == 2).values(times=2))
        await session.exec(delete(entry).where(of(deleted), number == 2))
        for old, new in ((2, 99), (3, 2), (99, 3)):
            await session.exec(update(entry).where(of(reordered), number == old).values(sequence=new))
        await session.exec(delete(entry).where(of(truncated), number > 2))
    done = await audit("verify")
    assert done.exit_code == 1
    found = {tuple(line.split()) for line in done.stdout.splitlines()[:-1]}
    assert {(flaw, person) for flaw, _, person, *_ in found} - {("edited", str(reordered))} == {
        ("edited", str(edited)),
        ("missing", str(deleted)),
        ("reordered", str(reordered)),
        ("truncated", str(truncated)),
    }
    places = ((edited, 2), (deleted, 2), (reordered, 2), (truncated, 3))
    assert {(str(person), "at", str(place)) for person, place in places} <= {line[2:] for line in found}


@pytest.mark.parametrize("anchor", ["1", "x:abc", ":abc", "1:"])
async def test_an_anchor_that_is_none_is_refused(audit: Audit, anchor: str) -> None:
    done = await audit("verify", "--anchor", anchor)
    assert done.exit_code == 1
    assert "NUMBER:HASH" in done.stderr


async def test_another_anchor_than_the_kept_one_is_found(database: Database, audit: Audit) -> None:
    await prepare(database)
    done = await audit("verify", "--anchor", f"1:{'0' * 64}")
    assert (done.exit_code, done.stdout) == (1, "anchor_changed  anchor at 1\n3 entries, 1 findings\n")
