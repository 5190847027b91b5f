from datetime import timedelta

import pytest
from uuid_utils.compat import uuid7

from backend.database import Database
from graphql_schema.connections import encode_cursor
from graphql_schema.inbox.queries import load_notification
from graphql_schema.inbox.types import NotificationKind, NotificationSeverity
from graphql_schema.node import encode_id
from identity.errors import AccountNotConfirmed, NotSignedIn
from identity.principal import Assurance
from notifications.messages import MessageKind, Severity
from tests.factories.booking import DENTIST, Booking
from tests.factories.people import NOW, make_principal
from tests.graphql_schema.own_corner import OwnCorner

PAGE = """query ($first: Int, $after: String) { viewer { inbox(first: $first, after: $after) {
  totalCount pageInfo { hasNextPage endCursor } edges { cursor node { id } } } } }"""
NODE = "{ viewer { inbox { nodes { id kind severity title body createdAt seenAt } } } }"
SUBJECTS = "{ viewer { inbox { nodes { subject { __typename id ... on Appointment { status } } } } } }"

ANY_ID = "018f6f7e7a3c70008000000000000001"
"""Fixed, so that every worker collects the same tests."""


@pytest.fixture
def corner(database: Database) -> OwnCorner:
    return OwnCorner(database)


async def test_a_message_is_written_in_the_readers_language(corner: OwnCorner) -> None:
    actor = make_principal()
    told = await corner.tell(actor.person_id)
    russian = (await corner.ask(actor, NODE)).data["viewer"]["inbox"]["nodes"]
    english = (await corner.ask(actor, NODE, language="en")).data["viewer"]["inbox"]["nodes"]
    assert english == [
        {
            "id": encode_id("Notification", told),
            "kind": "APPOINTMENT_BOOKED",
            "severity": "TRANSACTIONAL",
            "title": "Appointment booked: general practitioner",
            "body": "Tuesday, November 24, 2026 at 09:30 (Kamchatka local time). "
            "Doctor: Иванова И. И. Поликлиника № 1, ул. Ленина, 1.",
            "createdAt": "2026-11-22T06:00:00+00:00",
            "seenAt": None,
        }
    ]
    assert russian[0]["title"] == "Вы записаны: терапевт"


async def test_pages_follow_each_other_by_cursor(corner: OwnCorner) -> None:
    actor = make_principal()
    told = [await corner.tell(actor.person_id, str(n), at=NOW + timedelta(seconds=n // 2)) for n in range(5)]
    seen, after = [], None
    for pages_left in (2, 1, 0):
        page = (await corner.ask(actor, PAGE, first=2, after=after)).data["viewer"]["inbox"]
        seen += [edge["node"]["id"] for edge in page["edges"]]
        after = page["pageInfo"]["endCursor"]
        assert page["pageInfo"]["hasNextPage"] is (pages_left > 0)
        assert after == page["edges"][-1]["cursor"]
        assert page["totalCount"] is None
    assert seen == [encode_id("Notification", uuid) for uuid in reversed(told)]


async def test_an_empty_inbox_is_an_empty_page(corner: OwnCorner) -> None:
    page = (await corner.ask(make_principal(), PAGE)).data["viewer"]["inbox"]
    assert page == {"totalCount": None, "pageInfo": {"hasNextPage": False, "endCursor": None}, "edges": []}


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "garbage",
        encode_cursor("2026-11-22T06:00:00+00:00"),
        encode_cursor("2026-11-22T06:00:00", ANY_ID),
        encode_cursor("0001-01-01T00:00:00+14:00", ANY_ID),
        encode_cursor("tomorrow", ANY_ID),
        encode_cursor("2026-11-22T06:00:00+00:00", "not-a-uuid"),
    ],
)
async def test_a_foreign_cursor_is_a_coded_error(corner: OwnCorner, cursor: str) -> None:
    answer = await corner.ask(make_principal(), PAGE, after=cursor)
    assert (answer.data["viewer"]["inbox"], answer.codes) == (None, {"viewer.inbox": "BAD_CURSOR"})


@pytest.mark.parametrize("first", [-1, 0, 101])
async def test_a_page_out_of_bounds_is_a_coded_error(corner: OwnCorner, first: int) -> None:
    answer = await corner.ask(make_principal(), PAGE, first=first)
    assert (answer.data["viewer"]["inbox"], answer.codes) == (None, {"viewer.inbox": "PAGE_SIZE_REFUSED"})


async def test_a_cursor_of_another_person_shows_only_the_own_messages(corner: OwnCorner) -> None:
    """S35."""
    anna, boris = make_principal(), make_principal()
    await corner.tell(anna.person_id, at=NOW)
    await corner.tell(boris.person_id, at=NOW + timedelta(seconds=1))
    page = (await corner.ask(boris, PAGE)).data["viewer"]["inbox"]
    answer = await corner.ask(boris, PAGE, after=page["pageInfo"]["endCursor"])
    assert answer.data["viewer"]["inbox"]["edges"] == []


async def test_a_foreign_and_a_missing_message_load_alike(corner: OwnCorner) -> None:
    """S36."""
    anna = make_principal()
    own, foreign = await corner.tell(anna.person_id), await corner.tell(make_principal().person_id)
    context = corner.context(anna)
    found = await load_notification(context, own)
    assert found is not None
    assert found.id == encode_id("Notification", own)
    assert await load_notification(context, foreign) is None
    assert await load_notification(context, uuid7()) is None


async def test_loading_asks_for_a_confirmed_sign_in(corner: OwnCorner) -> None:
    anna = make_principal()
    own = await corner.tell(anna.person_id)
    with pytest.raises(NotSignedIn):
        await load_notification(corner.context(None), own)
    with pytest.raises(AccountNotConfirmed):
        await load_notification(corner.context(make_principal(anna.person_id, assurance=Assurance.SIMPLIFIED)), own)


def test_every_value_has_its_public_name() -> None:
    assert [NotificationKind(member.value).name for member in MessageKind] == [member.name for member in MessageKind]
    assert len(NotificationKind) == len(MessageKind)
    assert [NotificationSeverity(member.value).name for member in Severity] == [member.name for member in Severity]
    assert len(NotificationSeverity) == len(Severity)


async def test_a_message_links_to_the_appointment_it_is_about_and_a_page_reads_them_at_once(
    corner: OwnCorner, database: Database
) -> None:
    actor = make_principal()
    booking = Booking(database)
    place = await booking.one_place()
    other = await booking.one_place(specialty=DENTIST)
    slots = [
        *await booking.registry.add_slots(place, [NOW + timedelta(hours=3)]),
        *await booking.registry.add_slots(other, [NOW + timedelta(hours=9)]),
    ]
    booked = [await booking.book(actor, slot_id) for slot_id in slots]
    statements: list[str] = []
    with database.read.observed(lambda statement: statements.append(statement.sql("sqlite").sql)):
        answer = await corner.ask(actor, SUBJECTS)
    assert answer.codes == {}
    assert {node["subject"]["id"] for node in answer.data["viewer"]["inbox"]["nodes"]} == {
        encode_id("Appointment", appointment_id) for appointment_id in booked
    }
    assert answer.data["viewer"]["inbox"]["nodes"][0]["subject"]["status"] == "CONFIRMED"
    assert len([statement for statement in statements if "FROM appointments" in statement]) == 1


async def test_a_message_about_something_that_is_gone_or_foreign_links_to_nothing(corner: OwnCorner) -> None:
    anna, boris = make_principal(), make_principal()
    booking = Booking(corner.database)
    foreign = await booking.book(boris, await booking.one_slot())
    await corner.tell(anna.person_id)
    await corner.tell(anna.person_id, "gone", subject_id=uuid7())
    await corner.tell(anna.person_id, "foreign", subject_id=foreign)
    answer = await corner.ask(anna, SUBJECTS)
    assert (answer.codes, answer.data["viewer"]["inbox"]["nodes"]) == ({}, [{"subject": None}] * 3)
