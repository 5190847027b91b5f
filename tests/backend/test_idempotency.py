import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select
from sqlmodel.ext.asyncio.session import AsyncSession
from uuid_utils.compat import uuid7

from backend.database import Database
from backend.errors import NotFound, Refusal
from backend.idempotency import (
    KEPT_FOR,
    Facts,
    IdempotencyInFlight,
    IdempotencyKeyReused,
    IdempotencyKeyRow,
    Recorded,
    Request,
    purge,
    run_once,
)
from tests.factories.people import NOW

ACTOR = UUID("0198d7a0-0000-7000-8000-000000000001")


class Work:
    """Counts how often it is done; each time leaves a row that is seen only when it is committed."""

    def __init__(self, *, refuse: bool = False) -> None:
        self.done = 0
        self.refuse = refuse

    async def __call__(self, session: AsyncSession) -> Facts:
        self.done += 1
        session.add(_trace())
        await session.flush()
        if self.refuse:
            raise NotFound
        return {"number": self.done}


def _trace() -> IdempotencyKeyRow:
    return IdempotencyKeyRow(
        actor_id=uuid7(), operation="trace", key=uuid7(), request_hash="", outcome={}, created_at=NOW
    )


def make_request(
    *, actor_id: UUID = ACTOR, operation: str = "doIt", key: UUID = ACTOR, inputs: Mapping[str, Any] | None = None
) -> Request:
    return Request(actor_id=actor_id, operation=operation, key=key, inputs=inputs or {"a": 1, "b": "ё"})


async def ask(database: Database, work: Work, request: Request | None = None, *, now: datetime = NOW) -> Recorded:
    async def explain(_: Refusal) -> Facts:
        return {"because": work.done}

    async with database.transaction() as session:
        return await run_once(session, request or make_request(), now=now, work=lambda: work(session), explain=explain)


async def traces(database: Database) -> int:
    async with database.reading() as session:
        counted = select(func.count()).where(IdempotencyKeyRow.__table__.c.operation == "trace")  # type: ignore[attr-defined] # SQLModel hides it
        return int((await (await session.connection()).execute(counted)).scalar_one())


async def test_a_repeated_key_gives_the_first_outcome_and_does_nothing(database: Database) -> None:
    work = Work()
    first = await ask(database, work)
    again = await ask(database, work, make_request(inputs={"b": "ё", "a": 1}))
    assert (first.facts, first.refused, first.replayed) == ({"number": 1}, None, False)
    assert (again.facts, again.refused, again.replayed) == ({"number": 1}, None, True)
    assert (work.done, await traces(database)) == (1, 1)


async def test_a_refusal_is_undone_recorded_and_given_again(database: Database) -> None:
    work = Work(refuse=True)
    first = await ask(database, work)
    work.refuse = False
    again = await ask(database, work)
    assert (first.refused, first.facts, first.replayed) == ("NOT_FOUND", {"because": 1}, False)
    assert (again.refused, again.facts, again.replayed) == ("NOT_FOUND", {"because": 1}, True)
    assert (work.done, await traces(database)) == (1, 0)


async def test_a_key_with_other_input_is_refused_and_nothing_is_done(database: Database) -> None:
    work = Work()
    await ask(database, work)
    with pytest.raises(IdempotencyKeyReused):
        await ask(database, work, make_request(inputs={"a": 2, "b": "ё"}))
    assert (work.done, await traces(database)) == (1, 1)


async def test_keys_of_other_actors_and_operations_are_their_own(database: Database) -> None:
    work = Work()
    for request in (
        make_request(),
        make_request(actor_id=uuid7()),
        make_request(operation="undoIt"),
        make_request(key=uuid7()),
    ):
        assert not (await ask(database, work, request)).replayed
    assert (work.done, await traces(database)) == (4, 4)


async def test_a_bug_in_the_work_leaves_the_key_free(database: Database) -> None:
    async def fail(_: AsyncSession) -> Facts:
        raise RuntimeError

    work = Work()
    with pytest.raises(RuntimeError):
        async with database.transaction() as session:
            await run_once(session, make_request(), now=NOW, work=lambda: fail(session), explain=explain_nothing)
    assert not (await ask(database, work)).replayed


async def explain_nothing(_: Refusal) -> Facts:
    return {}


async def test_a_key_is_forgotten_after_72_hours(database: Database) -> None:
    work = Work()
    await ask(database, work)
    assert (await ask(database, work, now=NOW + KEPT_FOR - timedelta(seconds=1))).replayed
    later = await ask(database, work, make_request(inputs={"other": True}), now=NOW + KEPT_FOR)
    assert (later.replayed, work.done) == (False, 2)


async def test_purge_deletes_only_what_is_forgotten(database: Database) -> None:
    old, fresh = make_request(key=uuid7()), make_request(key=uuid7())
    await ask(database, Work(), old)
    await ask(database, Work(), fresh, now=NOW + timedelta(hours=1))
    async with database.transaction() as session:
        deleted = await purge(session, NOW + KEPT_FOR)
    assert deleted == 3  # the key and the traces of both pieces of work
    assert (await ask(database, Work(), fresh, now=NOW + KEPT_FOR)).replayed


async def test_a_second_request_while_the_first_is_worked_on_never_does_it_twice(database: Database) -> None:
    work = Work()
    begun, may_end = asyncio.Event(), asyncio.Event()

    async def slow(session: AsyncSession) -> Facts:
        begun.set()
        await may_end.wait()
        return await work(session)

    async def first() -> Recorded:
        async with database.transaction() as session:
            return await run_once(session, make_request(), now=NOW, work=lambda: slow(session), explain=explain_nothing)

    one = asyncio.create_task(first())
    await begun.wait()
    if database.is_sqlite:  # writers follow one another, so the second waits and is told the outcome
        two = asyncio.create_task(ask(database, work))
        may_end.set()
        assert (await two).replayed
    else:
        with pytest.raises(IdempotencyInFlight):
            await ask(database, work)
        may_end.set()
    assert not (await one).replayed
    assert (await ask(database, work)).replayed
    assert (work.done, await traces(database)) == (1, 1)
