from datetime import datetime, timedelta
from uuid import UUID

import pytest
from uuid_utils.compat import uuid7

from backend.database import Database
from backend.inbox.queries import count_unseen, find_items, list_newest, mark_seen
from notifications.inbox import InboxPosition
from notifications.messages import MessageKind
from notifications.outbox import enqueue
from tests.factories.messages import make_message
from tests.factories.people import NOW


async def add(database: Database, person_id: UUID, key: str, *, at: datetime = NOW) -> UUID:
    async with database.transaction() as session:
        return await enqueue(session, make_message(person_id, key), now=at)


@pytest.mark.parametrize("page_size", [1, 2, 3, 7, 20])
async def test_pages_give_each_message_once_newest_first(database: Database, page_size: int) -> None:
    person_id = uuid7()
    await add(database, uuid7(), "foreign")
    instants = [NOW + timedelta(seconds=second) for second in (0, 0, 0, 1, 2, 2, 3)]
    added = {await add(database, person_id, str(n), at=at): at for n, at in enumerate(instants)}
    seen: list[UUID] = []
    position = None
    while page := await list_newest(database.read, person_id, limit=page_size, after=position):
        assert len(page) <= page_size
        seen += [item.id for item in page]
        position = InboxPosition(created_at=page[-1].created_at, id=page[-1].id)
    assert seen == sorted(added, key=lambda found: (added[found], found), reverse=True)


async def test_a_message_that_comes_between_two_pages_moves_nothing(database: Database) -> None:
    person_id = uuid7()
    ids = [await add(database, person_id, str(n), at=NOW + timedelta(seconds=n)) for n in range(4)]
    first = await list_newest(database.read, person_id, limit=2)
    await add(database, person_id, "late", at=NOW + timedelta(seconds=9))
    position = InboxPosition(created_at=first[-1].created_at, id=first[-1].id)
    second = await list_newest(database.read, person_id, limit=9, after=position)
    assert [item.id for item in first + second] == ids[::-1]


async def test_what_was_seen_keeps_its_first_time(database: Database) -> None:
    person_id = uuid7()
    first, second = [await add(database, person_id, key) for key in ("a", "b")]
    for ids, at in (([first], NOW), ([first, second], NOW + timedelta(hours=1))):
        async with database.transaction() as session:
            await mark_seen(session, person_id, ids, now=at)
    found = await find_items(database.read, person_id, [first, second])
    unseen = await count_unseen(database.read, person_id)
    assert {key: item.seen_at for key, item in found.items()} == {first: NOW, second: NOW + timedelta(hours=1)}
    assert unseen == 0


async def test_another_persons_message_is_neither_found_nor_marked(database: Database) -> None:
    owner, stranger = uuid7(), uuid7()
    notification_id = await add(database, owner, "a")
    async with database.transaction() as session:
        await mark_seen(session, stranger, [notification_id], now=NOW)
    assert await find_items(database.read, stranger, [notification_id]) == {}
    assert await list_newest(database.read, stranger, limit=9) == []
    assert await count_unseen(database.read, stranger) == 0
    assert await count_unseen(database.read, owner) == 1


async def test_an_item_writes_itself_with_the_version_it_was_made_with(database: Database) -> None:
    person_id = uuid7()
    async with database.transaction() as session:
        message = make_message(person_id, kind=MessageKind.WELCOME, parameters={})
        notification_id = await enqueue(session, message, now=NOW)
    item = (await find_items(database.read, person_id, [notification_id]))[notification_id]
    assert item.written_in("ru").title == "Добро пожаловать в «Моё здоровье»"
    assert item.written_in("en").title == "Welcome to My Health"
