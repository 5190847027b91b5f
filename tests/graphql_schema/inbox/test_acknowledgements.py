"""Acknowledging messages over GraphQL."""

from typing import Any
from uuid import uuid4

import pytest
from uuid_utils.compat import uuid7

from backend.database import Database
from graphql_schema.node import encode_id
from identity.principal import ActorKind, Principal
from tests.factories.people import make_principal
from tests.graphql_schema.own_corner import OwnCorner

ACKNOWLEDGE = """mutation ($input: AcknowledgeNotificationsInput!) {
  acknowledgeNotifications(input: $input) { unreadCount unknownIds errors { code path } } }"""
SEEN_AT = "{ viewer { inbox { nodes { id seenAt } } } }"


@pytest.fixture
def corner(database: Database) -> OwnCorner:
    return OwnCorner(database)


async def acknowledge(corner: OwnCorner, actor: Principal | None, *items: tuple[str, str]) -> Any:
    given = [{"notificationId": one, "kind": kind} for one, kind in items]
    answer = await corner.ask(actor, ACKNOWLEDGE, input={"items": given, "idempotencyKey": str(uuid4())})
    return answer.codes or answer.data["acknowledgeNotifications"]


async def test_a_phone_in_the_background_tells_and_the_inbox_shows_it(corner: OwnCorner) -> None:
    anna = make_principal()
    first, second = [encode_id("Notification", await corner.tell(anna.person_id, key)) for key in ("a", "b")]
    background = make_principal(anna.person_id, kind=ActorKind.DEVICE)
    told = await acknowledge(corner, background, (first, "RECEIVED"), (first, "SEEN"), (second, "RECEIVED"))
    assert told == {"unreadCount": 1, "unknownIds": [], "errors": []}
    nodes = (await corner.ask(anna, SEEN_AT)).data["viewer"]["inbox"]["nodes"]
    assert {one["id"]: one["seenAt"] for one in nodes} == {first: "2026-11-22T06:00:00+00:00", second: None}


async def test_what_is_unknown_is_said_in_the_order_of_the_input(corner: OwnCorner) -> None:
    """S36: foreign, missing and malformed ids answer alike."""
    anna, boris = make_principal(), make_principal()
    own = await corner.tell(anna.person_id)
    wrong = [
        "Notification:1",
        encode_id("Notification", await corner.tell(boris.person_id)),
        encode_id("Notification", uuid7()),
        encode_id("Appointment", own),
        "",
    ]
    items = [(one, "SEEN") for one in [*wrong[:2], encode_id("Notification", own), *wrong[2:]]]
    assert await acknowledge(corner, anna, *items) == {"unreadCount": 0, "unknownIds": wrong, "errors": []}
    assert (await corner.ask(boris, "{ viewer { unreadCount } }")).data == {"viewer": {"unreadCount": 1}}


async def test_too_many_are_refused(corner: OwnCorner) -> None:
    items = [(encode_id("Notification", uuid7()), "SEEN") for _ in range(101)]
    assert await acknowledge(corner, make_principal(), *items) == {
        "unreadCount": None,
        "unknownIds": None,
        "errors": [{"code": "TOO_MANY_NOTIFICATIONS", "path": ["input", "items"]}],
    }


async def test_nobody_and_staff_are_refused(corner: OwnCorner) -> None:
    assert await acknowledge(corner, None) == {"acknowledgeNotifications": "UNAUTHENTICATED"}
    officer = make_principal(kind=ActorKind.AUDITOR)
    assert (await acknowledge(corner, officer))["errors"] == [{"code": "ACCESS_REFUSED", "path": None}]
