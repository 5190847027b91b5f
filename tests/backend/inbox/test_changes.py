"""What a phone is told of an inbox since it last asked."""

import asyncio
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlmodel import col, delete, select

from backend.clock import SettableClock
from backend.database import Database
from backend.inbox.changes import RESYNC, Changes, InboxChanges, SyncPoint
from backend.inbox.queries import mark_seen
from identity.errors import AccessRefused, NotSignedIn
from identity.principal import ActorKind, Principal
from notifications.changes import number_changes, withdraw
from notifications.outbox import enqueue
from notifications.tables import InboxStateRow, NotificationRow, WithdrawnRow
from tests.factories.access import access_control
from tests.factories.messages import make_message
from tests.factories.people import NOW, make_principal


class Inbox:
    """One person's inbox, and a phone that asks."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.anna = make_principal()
        self.changes = InboxChanges(database=database, access=access_control(database, SettableClock(NOW)))
        self.told = 0

    async def tell(self, person_id: UUID | None = None) -> UUID:
        self.told += 1
        message = make_message(person_id or self.anna.person_id, f"a:{self.told}")
        async with self.database.transaction() as session:
            return await enqueue(session, message, now=NOW + timedelta(seconds=self.told))

    async def see(self, *ids: UUID) -> None:
        async with self.database.transaction() as session:
            await mark_seen(session, self.anna.person_id, ids, now=NOW + timedelta(hours=1))

    async def withdraw(self, notification_id: UUID) -> bool:
        async with self.database.transaction() as session:
            return await withdraw(session, self.anna.person_id, notification_id, now=NOW)

    async def ask(self, point: SyncPoint | None = None, limit: int = 20, actor: Principal | None = None) -> Changes:
        return await self.changes.since(actor or self.anna, self.anna.person_id, point, limit=limit)


@pytest.fixture
def inbox(database: Database) -> Inbox:
    return Inbox(database)


def point_of(changes: Changes) -> SyncPoint:
    assert changes.point is not None
    return changes.point


async def test_an_empty_inbox_has_a_point_to_go_on_from(inbox: Inbox) -> None:
    first = await inbox.ask()
    assert (first.items, first.withdrawn, first.has_next, point_of(first).change) == ([], [], False, 0)
    told = await inbox.tell()
    later = await inbox.ask(point_of(first))
    assert [one.id for one in later.items] == [told]


async def test_only_what_changed_comes_again(inbox: Inbox) -> None:
    first, second = [await inbox.tell() for _ in range(2)]
    whole = await inbox.ask()
    assert [(one.id, one.seen_at) for one in whole.items] == [(first, None), (second, None)]
    assert (await inbox.ask(point_of(whole))).items == []
    await inbox.see(first)
    later = await inbox.ask(point_of(whole))
    assert [(one.id, one.seen_at) for one in later.items] == [(first, NOW + timedelta(hours=1))]
    await inbox.see(first)  # seen before: nothing changes
    assert (await inbox.ask(point_of(later))).items == []


async def test_parts_follow_one_another_and_say_whether_more_is_there(inbox: Inbox) -> None:
    told = [await inbox.tell() for _ in range(5)]
    seen: list[UUID] = []
    point, parts = None, []
    for _ in range(3):
        part = await inbox.ask(point, limit=2)
        seen += [one.id for one in part.items]
        parts.append((len(part.items), part.has_next))
        point = point_of(part)
    assert (seen, parts) == (told, [(2, True), (2, True), (1, False)])


async def test_a_withdrawn_message_is_told_to_who_may_have_it(inbox: Inbox) -> None:
    told = [await inbox.tell() for _ in range(2)]
    whole = await inbox.ask()
    assert await inbox.withdraw(told[0])
    assert not await inbox.withdraw(told[0])
    later = await inbox.ask(point_of(whole))
    assert (later.items, later.withdrawn) == ([], [told[0]])
    anew = await inbox.ask()
    assert ([one.id for one in anew.items], anew.withdrawn) == ([told[1]], [told[0]])


async def test_withdrawing_and_telling_stand_in_one_line_of_parts(inbox: Inbox) -> None:
    told = [await inbox.tell() for _ in range(3)]
    whole = await inbox.ask()
    await inbox.withdraw(told[0])
    first = await inbox.ask(point_of(whole), limit=1)  # numbered by now
    last = await inbox.tell()
    await inbox.see(told[1])
    found = [([one.id for one in first.items], list(first.withdrawn))]
    point = point_of(first)
    for _ in range(2):
        part = await inbox.ask(point, limit=1)
        found.append(([one.id for one in part.items], list(part.withdrawn)))
        point = point_of(part)
    assert found == [([], [told[0]]), ([told[1]], []), ([last], [])]


async def test_another_epoch_or_a_number_of_the_future_begins_anew(inbox: Inbox) -> None:
    await inbox.tell()
    point = point_of(await inbox.ask())
    assert await inbox.ask(SyncPoint(uuid4(), point.change)) == RESYNC
    assert await inbox.ask(SyncPoint(point.epoch, point.change + 1)) == RESYNC
    assert await inbox.ask(SyncPoint(point.epoch, point.change)) != RESYNC


async def test_an_erased_inbox_begins_anew(inbox: Inbox) -> None:
    await inbox.tell()
    point = point_of(await inbox.ask())
    async with inbox.database.transaction() as session:
        for table in (NotificationRow, WithdrawnRow, InboxStateRow):
            await session.exec(delete(table))
    assert await inbox.ask(point) == RESYNC
    assert point_of(await inbox.ask()).epoch != point.epoch


async def test_another_persons_point_is_worth_nothing(inbox: Inbox) -> None:
    await inbox.tell()
    boris = make_principal()
    await inbox.tell(boris.person_id)
    foreign = await inbox.changes.since(boris, boris.person_id, None, limit=9)
    assert len(foreign.items) == 1
    assert await inbox.ask(point_of(foreign)) == RESYNC


async def test_who_may_not_read_the_inbox_may_not_sync_it(inbox: Inbox) -> None:
    with pytest.raises(NotSignedIn):
        await inbox.changes.since(None, inbox.anna.person_id, None, limit=9)
    for stranger in (make_principal(), make_principal(inbox.anna.person_id, kind=ActorKind.DEVICE)):
        with pytest.raises(AccessRefused):
            await inbox.ask(actor=stranger)
    async with inbox.database.reading() as session:
        assert (await session.exec(select(InboxStateRow))).all() == []


async def test_many_readers_number_each_change_once(inbox: Inbox) -> None:
    told = {await inbox.tell() for _ in range(30)}
    parts = await asyncio.gather(*(inbox.ask(limit=100) for _ in range(8)))
    assert [{one.id for one in part.items} for part in parts] == [told] * 8
    assert {point_of(part) for part in parts} == {SyncPoint(point_of(parts[0]).epoch, 30)}
    async with inbox.database.reading() as session:
        numbers = (await session.exec(select(NotificationRow.change).order_by(col(NotificationRow.change)))).all()
    assert list(numbers) == list(range(1, 31))


async def test_more_than_one_transaction_numbers_come_whole(inbox: Inbox) -> None:
    access = access_control(inbox.database, SettableClock(NOW))
    inbox.changes = InboxChanges(database=inbox.database, access=access, most_numbered=3)
    told = [await inbox.tell() for _ in range(8)]
    found: list[UUID] = []
    point = None
    while (part := await inbox.ask(point, limit=2)).items or part.has_next:
        found += [one.id for one in part.items]
        point = part.point
    assert found == told


async def test_what_commits_late_is_not_missed(inbox: Inbox) -> None:
    """The trap of sequences: the earlier writer commits after the later one, and after the phone has asked."""
    if inbox.database.is_sqlite:
        return  # its writers follow one another
    async with inbox.database.transaction() as slow:
        late = await enqueue(slow, make_message(inbox.anna.person_id, "late"), now=NOW)
        quick = await inbox.tell()
        before = await inbox.ask()
        assert [one.id for one in before.items] == [quick]
    after = await inbox.ask(point_of(before))
    assert [one.id for one in after.items] == [late]


async def test_numbering_waits_for_no_writer(inbox: Inbox) -> None:
    if inbox.database.is_sqlite:
        return  # its writers follow one another
    held, free = [await inbox.tell() for _ in range(2)]
    async with inbox.database.transaction() as writer:
        await mark_seen(writer, inbox.anna.person_id, [held], now=NOW)
        async with inbox.database.transaction() as session:
            assert await number_changes(session, inbox.anna.person_id) == 1
        meanwhile = await inbox.ask()
        assert [one.id for one in meanwhile.items] == [free]
    after = await inbox.ask(point_of(meanwhile))
    assert [(one.id, one.seen_at) for one in after.items] == [(held, NOW)]


async def test_numbers_of_two_people_are_their_own(inbox: Inbox) -> None:
    boris = make_principal()
    for person_id in (inbox.anna.person_id, boris.person_id) * 2:
        await inbox.tell(person_id)
    own = await inbox.ask()
    other = await inbox.changes.since(boris, boris.person_id, None, limit=9)
    assert [point_of(one).change for one in (own, other)] == [2, 2]
    assert point_of(own).epoch != point_of(other).epoch
