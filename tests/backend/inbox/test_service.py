import asyncio
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
from uuid_utils.compat import uuid7

from backend.clock import SettableClock
from backend.database import Database
from backend.errors import NotFound, Refusal
from backend.idempotency import IdempotencyKeyReused
from backend.inbox.errors import TooManyNotifications
from backend.inbox.service import InboxService, InboxUpdate
from backend.inbox.topics import inbox_topic
from backend.signals import MemorySignals
from identity.errors import AccessRefused, AccountNotConfirmed, IdentityRefusal, NotSignedIn
from identity.principal import Assurance, PersonId, Principal
from notifications.inbox import InboxPosition
from notifications.outbox import enqueue
from tests.factories.access import access_control
from tests.factories.messages import make_message
from tests.factories.people import NOW, make_principal


class House:
    """The service with all that surrounds it, and one signed-in person."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.clock = SettableClock(NOW)
        self.signals = MemorySignals()
        self.inbox = InboxService(
            database=database,
            access=access_control(database, self.clock),
            clock=self.clock,
            signals=self.signals,
        )
        self.anna = make_principal()
        self.person_id = self.anna.person_id

    async def tell(self, key: str = "a", *, at: datetime = NOW, person_id: PersonId | None = None) -> UUID:
        async with self.database.transaction() as session:
            notification_id = await enqueue(session, make_message(person_id or self.person_id, key), now=at)
        self.signals.publish(inbox_topic(person_id or self.person_id))
        return notification_id

    async def unseen_ids(self) -> set[UUID]:
        page = await self.inbox.list_page(self.anna, self.person_id, limit=100)
        return {item.id for item in page.items if item.seen_at is None}


@pytest.fixture
def house(database: Database) -> House:
    return House(database)


async def test_a_page_says_whether_another_follows(house: House) -> None:
    ids = [await house.tell(str(n), at=NOW + timedelta(seconds=n)) for n in range(3)]
    first = await house.inbox.list_page(house.anna, house.person_id, limit=2)
    last = first.items[-1]
    position = InboxPosition(created_at=last.created_at, id=last.id)
    second = await house.inbox.list_page(house.anna, house.person_id, limit=2, after=position)
    assert ([item.id for item in first.items], first.has_next) == ([ids[2], ids[1]], True)
    assert ([item.id for item in second.items], second.has_next) == ([ids[0]], False)


async def test_marking_is_counted_and_a_repeat_returns_the_first_outcome(house: House) -> None:
    first, second = [await house.tell(key) for key in ("a", "b")]
    key = uuid4()
    outcome = await house.inbox.mark_seen(house.anna, house.person_id, [first, first], idempotency_key=key)
    await house.inbox.mark_seen(house.anna, house.person_id, [second], idempotency_key=uuid4())
    house.clock.advance(timedelta(hours=1))
    again = await house.inbox.mark_seen(house.anna, house.person_id, [first], idempotency_key=key)
    assert (outcome.value, outcome.replayed) == (1, False)
    assert (again.value, again.replayed) == (1, True)
    items = await house.inbox.find_items(house.anna, house.person_id, [first, second])
    assert {item.seen_at for item in items.values()} == {NOW}
    assert await house.inbox.count_unread(house.anna, house.person_id) == 0


async def test_a_key_with_other_messages_is_refused_and_marks_nothing(house: House) -> None:
    first, second = [await house.tell(key) for key in ("a", "b")]
    key = uuid4()
    await house.inbox.mark_seen(house.anna, house.person_id, [first], idempotency_key=key)
    with pytest.raises(IdempotencyKeyReused):
        await house.inbox.mark_seen(house.anna, house.person_id, [second], idempotency_key=key)
    assert await house.unseen_ids() == {second}


async def test_an_unknown_or_foreign_message_refuses_all_of_them(house: House) -> None:
    own = await house.tell()
    foreign = await house.tell(person_id=PersonId(uuid7()))
    for wrong in (foreign, uuid7()):
        key = uuid4()
        for _ in range(2):
            with pytest.raises(NotFound):
                await house.inbox.mark_seen(house.anna, house.person_id, [own, wrong], idempotency_key=key)
    assert await house.unseen_ids() == {own}


async def test_more_than_a_hundred_at_once_are_refused(house: House) -> None:
    own = await house.tell()
    with pytest.raises(TooManyNotifications):
        await house.inbox.mark_seen(
            house.anna, house.person_id, [own, *(uuid7() for _ in range(100))], idempotency_key=uuid4()
        )
    assert await house.unseen_ids() == {own}


async def test_nobody_reads_or_marks_anothers_inbox(house: House) -> None:
    own = await house.tell()
    actors: list[tuple[Principal | None, type[Refusal | IdentityRefusal]]] = [
        (None, NotSignedIn),
        (make_principal(), AccessRefused),
        (make_principal(house.person_id, assurance=Assurance.STANDARD), AccountNotConfirmed),
    ]
    for actor, refusal in actors:
        with pytest.raises(refusal):
            await house.inbox.list_page(actor, house.person_id, limit=1)
        with pytest.raises(refusal):
            await house.inbox.count_unread(actor, house.person_id)
        with pytest.raises(refusal):
            await house.inbox.find_items(actor, house.person_id, [own])
        with pytest.raises(refusal):
            await house.inbox.mark_seen(actor, house.person_id, [own], idempotency_key=uuid4())
        with pytest.raises(refusal):
            await anext(house.inbox.watch(actor, house.person_id))
    assert await house.unseen_ids() == {own}
    assert house.signals.watcher_count() == 0


async def test_a_watch_begins_with_the_present_and_follows_each_change(house: House) -> None:
    updates = house.inbox.watch(house.anna, house.person_id)
    assert await anext(updates) == InboxUpdate(unread_count=0, latest=None)
    told = await house.tell()
    update = await anext(updates)
    assert update.latest is not None
    assert (update.unread_count, update.latest.id) == (1, told)
    await house.inbox.mark_seen(house.anna, house.person_id, [told], idempotency_key=uuid4())
    assert (await anext(updates)).unread_count == 0
    await updates.aclose()
    assert house.signals.watcher_count() == 0


async def test_a_message_told_before_the_first_answer_is_read_is_not_lost(house: House) -> None:
    updates = house.inbox.watch(house.anna, house.person_id)
    await anext(updates)
    told = [await house.tell(str(n)) for n in range(5)]
    update = await anext(updates)
    assert update.unread_count == len(told)
    waiting = asyncio.ensure_future(anext(updates))
    finished, _ = await asyncio.wait({waiting}, timeout=0.05)
    assert finished == set()
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    assert house.signals.watcher_count() == 0
