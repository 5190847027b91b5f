from collections.abc import AsyncIterator
from typing import Any, cast

import pytest
from strawberry.types.execution import ExecutionResult, PreExecutionError

from backend.database import Database
from graphql_schema.node import encode_id
from identity.errors import AccountNotConfirmed, NotSignedIn
from identity.principal import Assurance, Principal
from tests.factories.booking import Booking
from tests.factories.people import make_principal
from tests.graphql_schema.own_corner import SCHEMA, OwnCorner

FOLLOW = "subscription { inboxChanged { unreadCount latest { id title } } }"


@pytest.fixture
def corner(database: Database) -> OwnCorner:
    return OwnCorner(database)


async def follow(corner: OwnCorner, actor: Principal | None) -> AsyncIterator[Any]:
    started = await SCHEMA.subscribe(FOLLOW, context_value=corner.context(actor))
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
