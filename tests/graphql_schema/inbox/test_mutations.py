from typing import Any
from uuid import UUID, uuid4

import pytest
from uuid_utils.compat import uuid7

from backend.database import Database
from graphql_schema.node import encode_id
from identity.principal import Assurance, Principal
from tests.factories.people import make_principal
from tests.graphql_schema.own_corner import Answer, OwnCorner

MARK = """mutation ($input: MarkNotificationsSeenInput!) { markNotificationsSeen(input: $input) {
  notifications { id seenAt } unreadCount errors { __typename code message path } } }"""
SEEN_AT = "2026-11-22T06:00:00+00:00"


def gid(uuid: UUID) -> str:
    return encode_id("Notification", uuid)


@pytest.fixture
def corner(database: Database) -> OwnCorner:
    return OwnCorner(database)


async def mark(
    corner: OwnCorner, actor: Principal | None, ids: list[str], key: str | None = None, **more: Any
) -> Answer:
    given = {"ids": ids, "idempotencyKey": key or str(uuid4())}
    return await corner.ask(actor, MARK, input=given, **more)


async def unread(corner: OwnCorner, actor: Principal) -> int:
    count: int = (await corner.ask(actor, "{ viewer { unreadCount } }")).data["viewer"]["unreadCount"]
    return count


async def test_marks_and_says_what_is_left(corner: OwnCorner) -> None:
    anna = make_principal()
    first, second = [await corner.tell(anna.person_id, key) for key in ("a", "b")]
    answer = await mark(corner, anna, [gid(first), gid(first)])
    assert answer.codes == {}
    assert answer.data["markNotificationsSeen"] == {
        "notifications": [{"id": gid(first), "seenAt": SEEN_AT}],
        "unreadCount": 1,
        "errors": [],
    }
    assert answer.extensions == {}
    assert await unread(corner, anna) == 1
    assert gid(second) != gid(first)


async def test_a_repeat_is_replayed_and_says_so(corner: OwnCorner) -> None:
    """R56."""
    anna = make_principal()
    told, key = await corner.tell(anna.person_id), str(uuid4())
    first, again = [await mark(corner, anna, [gid(told)], key) for _ in range(2)]
    assert again.data == first.data
    assert (first.extensions, again.extensions) == ({}, {"replayed": True})


async def test_a_key_with_other_messages_is_refused(corner: OwnCorner) -> None:
    anna, key = make_principal(), str(uuid4())
    first, second = [await corner.tell(anna.person_id, name) for name in ("a", "b")]
    await mark(corner, anna, [gid(first)], key)
    payload = (await mark(corner, anna, [gid(second)], key)).data["markNotificationsSeen"]
    assert [error["code"] for error in payload["errors"]] == ["IDEMPOTENCY_KEY_REUSED"]
    assert await unread(corner, anna) == 1


@pytest.mark.parametrize("wrong", ["unknown", "foreign", "malformed", "empty", "of another type"])
async def test_an_id_that_is_not_the_persons_own_refuses_all(corner: OwnCorner, wrong: str) -> None:
    anna, boris = make_principal(), make_principal()
    own, foreign = await corner.tell(anna.person_id), await corner.tell(boris.person_id)
    wrong_id = {
        "unknown": gid(uuid7()),
        "foreign": gid(foreign),
        "malformed": "Notification:1",
        "empty": "",
        "of another type": encode_id("Appointment", own),
    }[wrong]
    payload = (await mark(corner, anna, [gid(own), wrong_id])).data["markNotificationsSeen"]
    assert payload == {
        "notifications": None,
        "unreadCount": None,
        "errors": [
            {
                "__typename": "RefusedError",
                "code": "NOT_FOUND",
                "message": "Ничего не найдено.",
                "path": ["input", "ids"],
            }
        ],
    }
    assert (await unread(corner, anna), await unread(corner, boris)) == (1, 1)


async def test_more_than_a_hundred_are_refused_in_the_readers_language(corner: OwnCorner) -> None:
    anna = make_principal()
    own = await corner.tell(anna.person_id)
    answer = await mark(corner, anna, [gid(own), *(gid(uuid7()) for _ in range(100))], language="en")
    (error,) = answer.data["markNotificationsSeen"]["errors"]
    assert (error["code"], error["message"]) == (
        "TOO_MANY_NOTIFICATIONS",
        "The app sent too many messages at once.",
    )
    assert await unread(corner, anna) == 1


async def test_no_ids_mark_nothing(corner: OwnCorner) -> None:
    anna = make_principal()
    await corner.tell(anna.person_id)
    payload = (await mark(corner, anna, [])).data["markNotificationsSeen"]
    assert payload == {"notifications": [], "unreadCount": 1, "errors": []}


async def test_sign_in_is_asked_for_at_the_top_and_confirmation_in_the_payload(corner: OwnCorner) -> None:
    anna = make_principal()
    own = await corner.tell(anna.person_id)
    nobody = await mark(corner, None, [gid(own)])
    assert (nobody.data, nobody.codes) == (
        {"markNotificationsSeen": None},
        {"markNotificationsSeen": "UNAUTHENTICATED"},
    )
    unconfirmed = make_principal(anna.person_id, assurance=Assurance.STANDARD)
    payload = (await mark(corner, unconfirmed, [gid(own)])).data["markNotificationsSeen"]
    assert [error["code"] for error in payload["errors"]] == ["ACCOUNT_NOT_CONFIRMED"]
    assert await unread(corner, anna) == 1


@pytest.mark.parametrize("given", [{"ids": []}, {"ids": [], "idempotencyKey": "x"}, {"ids": None}, {}])
async def test_an_input_without_its_parts_does_not_run(corner: OwnCorner, given: dict[str, Any]) -> None:
    assert (await corner.ask(make_principal(), MARK, input=given)).data is None
