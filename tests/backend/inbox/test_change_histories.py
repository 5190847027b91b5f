"""Whatever writers and phones do, in whatever order writers commit, a phone's copy ends as the server's inbox."""

import asyncio
from collections.abc import Coroutine, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlmodel import SQLModel, col, delete, select
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.clock import SettableClock
from backend.database import Database
from backend.inbox.changes import InboxChanges, SyncPoint
from backend.inbox.queries import mark_seen
from backend.settings import DatabaseSettings
from notifications.changes import withdraw
from notifications.outbox import enqueue
from notifications.tables import InboxStateRow, NotificationRow, WithdrawnRow
from tests.factories.access import access_control
from tests.factories.messages import make_message
from tests.factories.people import NOW, make_principal

Copy = dict[UUID, datetime | None]
"""When each message was seen."""

WRITERS = PHONES = range(3)
T = TypeVar("T")


@dataclass
class Writer:
    """An open transaction: `touched` is what others leave alone until it ends, as a lock would have them do."""

    stack: AsyncExitStack
    session: AsyncSession
    touched: set[UUID] = field(default_factory=set)


@dataclass
class Phone:
    """A copy and how far it goes."""

    copy: Copy = field(default_factory=dict)
    point: SyncPoint | None = None


class RolledBack(Exception):
    """Ends a transaction without a commit."""


class Histories(RuleBasedStateMachine):
    """Three writers, of whom only one at a time on SQLite, and three phones."""

    runner: asyncio.Runner
    settings_of: DatabaseSettings

    @initialize()
    def begin(self) -> None:
        self.database = Database(self.settings_of)
        self.anna = make_principal()
        self.changes = InboxChanges(database=self.database, access=access_control(self.database, SettableClock(NOW)))
        self.writers: dict[int, Writer] = {}
        self.phones = [Phone() for _ in PHONES]
        self.told = 0

    @precondition(lambda self: not self.database.is_sqlite)
    @rule(who=st.sampled_from(WRITERS))
    def open(self, who: int) -> None:
        if who not in self.writers:
            self.writers[who] = self._do(self._opened())

    @rule(who=st.sampled_from(WRITERS), count=st.integers(1, 3))
    def tell(self, who: int, count: int) -> None:
        self._write(who, lambda writer: self._tell(writer, count))

    @rule(who=st.sampled_from(WRITERS), place=st.integers(0, 9))
    def see(self, who: int, place: int) -> None:
        self._write(who, lambda writer: self._see(writer, place))

    @rule(who=st.sampled_from(WRITERS), place=st.integers(0, 9))
    def withdraw(self, who: int, place: int) -> None:
        self._write(who, lambda writer: self._withdraw(writer, place))

    @rule(who=st.sampled_from(WRITERS), is_kept=st.booleans())
    def end(self, who: int, is_kept: bool) -> None:  # drawn by hypothesis
        if (writer := self.writers.pop(who, None)) is not None:
            self._do(self._close(writer, is_kept=is_kept))

    @rule(which=st.sampled_from(PHONES), limit=st.integers(1, 4))
    def sync_a_part(self, which: int, limit: int) -> None:
        self._do(self._sync(self.phones[which], limit))

    @rule(which=st.sampled_from(PHONES))
    def sync_to_the_end(self, which: int) -> None:
        phone = self.phones[which]
        self._do(self._sync_all(phone))
        busy = set[UUID]().union(*(writer.touched for writer in self.writers.values()))
        committed = self._do(self._committed())
        assert {one: at for one, at in phone.copy.items() if one not in busy} == {
            one: at for one, at in committed.items() if one not in busy
        }

    @precondition(lambda self: not self.writers)
    @rule(chance=st.integers(0, 14))
    def erase(self, chance: int) -> None:
        if chance == 7:  # seldom, or nothing is ever left to be compared
            self._do(self._erase())

    def teardown(self) -> None:
        if not hasattr(self, "phones"):
            return
        for writer in self.writers.values():
            self._do(self._close(writer, is_kept=True))
        for phone in self.phones:
            self._do(self._sync_all(phone))
            assert phone.copy == self._do(self._committed())
        self._do(self._erase())
        self._do(self.database.close())

    def _do(self, work: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(work)

    def _write(self, who: int, work: Any) -> None:
        """Write in the writer's open transaction, or in one of its own."""
        if who in self.writers:
            self._do(work(self.writers[who]))
            return
        writer = self._do(self._opened())
        self._do(work(writer))
        self._do(self._close(writer, is_kept=True))

    async def _opened(self) -> Writer:
        stack = AsyncExitStack()
        return Writer(stack, await stack.enter_async_context(self.database.transaction()))

    async def _close(self, writer: Writer, *, is_kept: bool) -> None:
        if is_kept:
            await writer.stack.aclose()
            return
        with pytest.raises(RolledBack):
            async with writer.stack:
                raise RolledBack

    async def _tell(self, writer: Writer, count: int) -> None:
        for _ in range(count):
            self.told += 1
            message = make_message(self.anna.person_id, f"a:{self.told}")
            at = NOW - timedelta(seconds=self.told % 3)
            writer.touched.add(await enqueue(writer.session, message, now=at))

    async def _see(self, writer: Writer, place: int) -> None:
        if (chosen := await self._choose(writer, place)) is not None:
            at = NOW + timedelta(minutes=place)
            await mark_seen(writer.session, self.anna.person_id, [chosen], now=at)

    async def _withdraw(self, writer: Writer, place: int) -> None:
        if (chosen := await self._choose(writer, place)) is not None:
            await withdraw(writer.session, self.anna.person_id, chosen, now=NOW)

    async def _choose(self, writer: Writer, place: int) -> UUID | None:
        """Return a message that the writer sees and nobody else is changing."""
        others = set[UUID]().union(*(one.touched for one in self.writers.values() if one is not writer))
        query = select(NotificationRow.id).where(col(NotificationRow.person_id) == self.anna.person_id)
        seen = [one for one in await writer.session.exec(query.order_by(col(NotificationRow.id))) if one not in others]
        if not seen:
            return None
        chosen = seen[place % len(seen)]
        writer.touched.add(chosen)
        return chosen

    async def _committed(self) -> Copy:
        async with self.database.reading() as session:
            query = select(NotificationRow).where(col(NotificationRow.person_id) == self.anna.person_id)
            return {row.id: row.seen_at for row in await session.exec(query)}

    async def _sync(self, phone: Phone, limit: int) -> bool:
        """Take one part; return whether more is known."""
        part = await self.changes.since(self.anna, self.anna.person_id, phone.point, limit=limit)
        if part.point is None:
            phone.copy.clear()
            phone.point = None
            return True
        assert len(part.items) + len(part.withdrawn) <= limit
        phone.copy.update({one.id: one.seen_at for one in part.items})
        for one in part.withdrawn:
            phone.copy.pop(one, None)
        phone.point = part.point
        return part.has_next

    async def _sync_all(self, phone: Phone) -> None:
        while await self._sync(phone, 3):
            pass

    async def _erase(self) -> None:
        tables: tuple[type[SQLModel], ...] = (NotificationRow, WithdrawnRow, InboxStateRow)
        async with self.database.transaction() as session:
            for table in tables:
                await session.exec(delete(table))


@pytest.fixture
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as runner:
        yield runner


def test_any_history_ends_with_equal_copies(database_settings: DatabaseSettings, runner: asyncio.Runner) -> None:
    machine = type("Histories", (Histories,), {"runner": runner, "settings_of": database_settings})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=12,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
        ),
    )
