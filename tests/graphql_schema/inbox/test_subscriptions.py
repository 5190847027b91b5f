from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from typing import Any, cast

import pytest
from strawberry.types.execution import ExecutionResult, PreExecutionError

from backend.database import Database
from graphql_schema.node import encode_id
from identity.errors import AccountNotConfirmed, NotSignedIn
from identity.principal import Assurance, PersonId, Principal
from identity.representation_tables import RepresentationRow
from identity.representation_values import RepresentationKind
from tests.factories.booking import Booking
from tests.factories.people import NOW, add_person, make_principal
from tests.graphql_schema.own_corner import SCHEMA, OwnCorner

FOLLOW_OTHER = "subscription ($id: ID!) { inboxChanged(personId: $id) { unreadCount } }"
FOLLOW = "subscription { inboxChanged { unreadCount latest { id title } } }"


@pytest.fixture
def corner(database: Database) -> OwnCorner:
    return OwnCorner(database)


async def follow(corner: OwnCorner, actor: Principal | None, text: str = FOLLOW, **given: Any) -> AsyncIterator[Any]:
    started = await SCHEMA.subscribe(text, variable_values=given, context_value=corner.context(actor))
    return cast("AsyncIterator[Any]", started)


async def test_follows_the_own_inbox_and_nobody_elses(corner: OwnCorner) -> None:
    anna = make_principal()
    results = await follow(corner, anna)
    assert (await anext(results)).data == {"inboxChanged": {"unreadCount": 0, "latest": None}}
    await corner.tell(make_principal().person_id)
    told = await corner.tell(anna.person_id)
    assert (await anext(results)).data == {
        "inboxChanged": {
            "unreadCount": 1,
            "latest": {"id": encode_id("Notification", told), "title": "Вы записаны: терапевт"},
        }
    }
    await cast("Any", results).aclose()
    assert corner.signals.watcher_count() == 0


async def test_a_booking_is_told_at_once(corner: OwnCorner) -> None:
    anna = make_principal()
    booking = Booking(corner.database)
    slot_id = await booking.one_slot()
    booking.appointments = corner.services.appointments
    results = await follow(corner, anna)
    await anext(results)
    await booking.book(anna, slot_id)
    update = (await anext(results)).data["inboxChanged"]
    assert (update["unreadCount"], update["latest"]["title"]) == (1, "Вы записаны: «therapist»")
    await cast("Any", results).aclose()


async def test_nobody_and_an_unconfirmed_account_are_refused(corner: OwnCorner) -> None:
    unconfirmed = make_principal(assurance=Assurance.STANDARD)
    for actor, refusal in ((None, NotSignedIn), (unconfirmed, AccountNotConfirmed)):
        (result,) = [result async for result in await follow(corner, actor)]
        assert isinstance(result, ExecutionResult | PreExecutionError)
        assert [type(error.original_error) for error in result.errors or ()] == [refusal]
    assert corner.signals.watcher_count() == 0


async def parent_of(corner: OwnCorner, child_id: PersonId) -> Principal:
    parent = make_principal()
    row = RepresentationRow(
        person_id=child_id,
        representative_id=parent.person_id,
        kind=RepresentationKind.PARENT,
        begun_at=NOW,
        expires_at=NOW,
    )
    async with corner.database.transaction() as session:
        session.add(row)
    return parent


async def test_a_parent_follows_a_childs_inbox_until_the_childs_15th_birthday(corner: OwnCorner) -> None:
    """S38, S39: nothing that comes after the instant is shown, and the stream ends with it."""
    child_id = await add_person(corner.database, birth_date=date(2011, 12, 1))
    results = await follow(corner, await parent_of(corner, child_id), FOLLOW_OTHER, id=encode_id("Person", child_id))
    assert (await anext(results)).data == {"inboxChanged": {"unreadCount": 0}}
    await corner.tell(child_id, "before")
    assert (await anext(results)).data == {"inboxChanged": {"unreadCount": 1}}
    corner.clock.set(datetime(2026, 11, 30, 21, 0, tzinfo=UTC))  # midnight in Moscow
    await corner.tell(child_id, "after")
    last = await anext(results)
    assert ([error.original_error.code for error in last.errors], last.data) == (["ACCESS_REFUSED"], None)
    with pytest.raises(StopAsyncIteration):
        await anext(results)
    assert corner.signals.watcher_count() == 0


async def test_a_strangers_a_missing_and_a_malformed_inbox_answer_alike(corner: OwnCorner) -> None:
    """S36."""
    child_id = await add_person(corner.database)
    for wrong in (encode_id("Person", child_id), encode_id("Person", make_principal().person_id), "x"):
        (result,) = [one async for one in await follow(corner, make_principal(), FOLLOW_OTHER, id=wrong)]
        assert [error.original_error.code for error in result.errors] == ["ACCESS_REFUSED"]
    assert corner.signals.watcher_count() == 0
