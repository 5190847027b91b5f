"""The sync of an inbox over GraphQL: cursors, and what is none."""

from base64 import urlsafe_b64encode
from typing import Any
from uuid import UUID

import pytest

from backend.database import Database
from graphql_schema.connections import encode_cursor
from graphql_schema.node import encode_id
from identity.principal import ActorKind, Principal
from notifications.changes import withdraw
from tests.factories.people import NOW, make_principal
from tests.graphql_schema.own_corner import OwnCorner

SYNC = """query ($since: SyncCursor, $first: Int) { viewer { notificationChanges(since: $since, first: $first) {
  nodes { id title } tombstones nextCursor hasNext resyncRequired } } }"""
EPOCH = UUID(int=7).hex
AT = "viewer.notificationChanges"


@pytest.fixture
def corner(database: Database) -> OwnCorner:
    return OwnCorner(database)


async def sync(corner: OwnCorner, actor: Principal, **variables: Any) -> dict[str, Any]:
    answer = await corner.ask(actor, SYNC, **variables)
    assert answer.codes == {}
    found: dict[str, Any] = answer.data["viewer"]["notificationChanges"]
    return found


async def test_a_copy_is_begun_and_kept_up(corner: OwnCorner) -> None:
    anna = make_principal()
    ids = [await corner.tell(anna.person_id, key) for key in ("a", "b", "c")]
    first = await sync(corner, anna, first=2)
    assert [one["id"] for one in first["nodes"]] == [encode_id("Notification", one) for one in ids[:2]]
    assert (first["tombstones"], first["hasNext"], first["resyncRequired"]) == ([], True, False)
    assert first["nodes"][0]["title"]
    rest = await sync(corner, anna, since=first["nextCursor"])
    assert ([one["id"] for one in rest["nodes"]], rest["hasNext"]) == ([encode_id("Notification", ids[2])], False)
    async with corner.database.transaction() as session:
        await withdraw(session, anna.person_id, ids[0], now=NOW)
    last = await sync(corner, anna, since=rest["nextCursor"])
    assert (last["nodes"], last["tombstones"]) == ([], [encode_id("Notification", ids[0])])


@pytest.mark.parametrize(
    "garbage",
    [
        "",
        "!",
        "курсор",
        "a" * 600,
        encode_cursor("1"),
        encode_cursor("no-uuid", "1"),
        encode_cursor(EPOCH, "-1"),
        encode_cursor(EPOCH, "1.0"),
        encode_cursor(EPOCH, "٣"),
        encode_cursor(EPOCH, "9" * 19),
        encode_cursor(EPOCH, "1", "2"),
        urlsafe_b64encode(b'{"a": 1}').decode(),
    ],
)
async def test_garbage_is_a_coded_refusal(corner: OwnCorner, garbage: str) -> None:
    assert (await corner.ask(make_principal(), SYNC, since=garbage)).codes == {AT: "BAD_CURSOR"}


@pytest.mark.parametrize("first", [0, -1, 101])
async def test_a_page_has_its_bounds(corner: OwnCorner, first: int) -> None:
    assert (await corner.ask(make_principal(), SYNC, first=first)).codes == {AT: "PAGE_SIZE_REFUSED"}


async def test_a_cursor_of_another_inbox_begins_anew(corner: OwnCorner) -> None:
    anna, boris = make_principal(), make_principal()
    await corner.tell(anna.person_id)
    foreign = (await sync(corner, anna))["nextCursor"]
    assert await sync(corner, boris, since=foreign) == {
        "nodes": [],
        "tombstones": [],
        "nextCursor": None,
        "hasNext": False,
        "resyncRequired": True,
    }


async def test_a_device_in_the_background_reads_nothing(corner: OwnCorner) -> None:
    device = make_principal(kind=ActorKind.DEVICE)
    assert (await corner.ask(device, SYNC)).codes == {AT: "ACCESS_REFUSED"}
