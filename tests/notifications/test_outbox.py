import asyncio
from datetime import timedelta
from itertools import product
from uuid import UUID

import pytest
from sqlmodel import select
from uuid_utils.compat import uuid7

from backend.database import Database
from notifications.channels.port import Channel
from notifications.escalation import STEPS
from notifications.examples import example_of
from notifications.messages import Message, MessageKind, Severity
from notifications.outbox import enqueue
from notifications.tables import NotificationRow
from notifications.templates import LANGUAGES, templates
from tests.factories.deliveries import Post
from tests.factories.messages import VISIT, make_message
from tests.factories.people import NOW


async def rows(database: Database) -> list[NotificationRow]:
    async with database.reading() as session:
        return list(await session.exec(select(NotificationRow).order_by(NotificationRow.dedupe_key)))


async def enqueue_one(database: Database, message: Message) -> UUID:
    async with database.transaction() as session:
        return await enqueue(session, message, now=NOW)


async def test_a_message_is_kept_whole(database: Database) -> None:
    person_id, subject_id = uuid7(), uuid7()
    message = make_message(
        person_id, subject_id=subject_id, severity=Severity.CRITICAL, expires_at=NOW + timedelta(hours=1)
    )
    notification_id = await enqueue_one(database, message)
    (row,) = await rows(database)
    assert row.model_dump() == {
        "id": notification_id,
        "person_id": person_id,
        "dedupe_key": "booked:1",
        "kind": MessageKind.APPOINTMENT_BOOKED,
        "severity": Severity.CRITICAL,
        "parameters": VISIT,
        "template_version": 1,
        "subject_id": subject_id,
        "created_at": NOW,
        "expires_at": NOW + timedelta(hours=1),
        "seen_at": None,
    }


async def test_a_repeated_key_tells_nothing_new(database: Database) -> None:
    person_id = uuid7()
    first = await enqueue_one(database, make_message(person_id))
    again = await enqueue_one(database, make_message(person_id, kind=MessageKind.WELCOME, parameters={}))
    assert first == again
    assert [row.kind for row in await rows(database)] == [MessageKind.APPOINTMENT_BOOKED]


async def test_two_people_may_have_the_same_key(database: Database) -> None:
    ids = {await enqueue_one(database, make_message(uuid7())) for _ in range(2)}
    assert {row.id for row in await rows(database)} == ids
    assert len(ids) == 2


async def test_a_race_of_one_key_leaves_one_message(database: Database) -> None:
    person_id = uuid7()
    ids = await asyncio.gather(*(enqueue_one(database, make_message(person_id)) for _ in range(12)))
    assert len(set(ids)) == 1
    assert len(await rows(database)) == 1


async def test_a_message_goes_with_the_transaction_of_its_event(database: Database) -> None:
    with pytest.raises(RuntimeError):
        async with database.transaction() as session:
            await enqueue(session, make_message(uuid7()), now=NOW)
            raise RuntimeError
    assert await rows(database) == []


async def test_a_missing_parameter_is_found_before_anything_is_written(database: Database) -> None:
    async with database.transaction() as session:
        with pytest.raises(ValueError, match="welcome: parameters missing or unknown"):
            await enqueue(session, make_message(uuid7(), kind=MessageKind.WELCOME), now=NOW)
    assert await rows(database) == []


async def test_what_waits_for_a_device_goes_at_once_where_there_is_none(database: Database) -> None:
    post = Post(database)
    with_device, without = uuid7(), uuid7()
    await post.add_device(with_device)
    for person in (with_device, without):
        await post.tell(person, kind=MessageKind.APPOINTMENT_REMINDER, parameters=VISIT)
    due = {row.person_id: row.due_at - NOW for row in await post.rows()}
    assert due == {with_device: timedelta(hours=2), without: timedelta(0)}
    assert [row.person_id for row in await post.rows(Channel.PUSH)] == [with_device]


async def test_what_the_person_did_calls_nobody(database: Database) -> None:
    post = Post(database)
    await post.tell(kind=MessageKind.APPOINTMENT_REMINDER, parameters=VISIT, own_act=True)
    assert await post.rows() == []


def test_every_step_has_its_form_in_every_language() -> None:
    """Nothing is planned over a channel for which nothing is written."""
    for kind, steps in STEPS.items():
        parameters = example_of(kind)
        version = templates().check(kind, parameters)
        for language, step in product(LANGUAGES, steps):
            assert templates().content(step.channel, kind, version, parameters, language=language), (kind, step.channel)
