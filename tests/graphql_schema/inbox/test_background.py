"""A phone in the background marks what it was sent as seen, and reads nothing."""

from uuid import uuid4

from backend.database import Database
from graphql_schema.node import encode_id
from identity.principal import ActorKind
from tests.factories.people import add_person, make_principal
from tests.graphql_schema.own_corner import OwnCorner

MARK = """mutation ($input: MarkNotificationsSeenInput!) {
  markNotificationsSeen(input: $input) { notifications { title } unreadCount errors { code } } }"""


async def test_a_device_marks_and_reads_nothing(database: Database) -> None:
    corner, anna = OwnCorner(database), await add_person(database)
    given = {"ids": [encode_id("Notification", await corner.tell(anna))], "idempotencyKey": str(uuid4())}
    device = make_principal(anna, kind=ActorKind.DEVICE)
    for _ in range(2):
        marked = await corner.ask(device, MARK, input=given)
        assert marked.data["markNotificationsSeen"] == {"notifications": [], "unreadCount": 0, "errors": []}
    for closed in ("inbox { nodes { id } }", "policy { enp }", "unreadCount"):
        assert set((await corner.ask(device, f"{{ viewer {{ {closed} }} }}")).codes.values()) == {"ACCESS_REFUSED"}
    name = await corner.ask(device, "{ viewer { person { givenName } } }")
    assert (name.data["viewer"]["person"], name.codes) == ({"givenName": "Анна"}, {})
