"""The family through GraphQL: what a parent of a teenager sees and does, and how adults trust each other (S38)."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from uuid_utils.compat import uuid7

from backend.database import Database
from graphql_schema.node import encode_id
from identity.known_children import record_children
from identity.principal import Assurance, PersonId, Principal
from tests.factories.family import CHILD_SNILS, GRANTEE_BORN, GRANTEE_PHONE, WARD, make_child
from tests.factories.people import NOW, add_person, make_principal, snils_for
from tests.graphql_schema.booking.face import BOOK, CANCEL, HOLD, Face
from tests.graphql_schema.family.documents import (
    ACCEPT,
    CERTIFICATE,
    CONFIRM,
    DECLINE,
    END,
    FAMILY,
    GRANT,
    OPEN,
    REGISTER,
)

SOON = NOW + timedelta(hours=3)
TEENAGER = date(2010, 6, 1)
EVERY_CATEGORY = ["HIV", "NARCOLOGY", "PSYCHIATRY", "REPRODUCTIVE", "STI"]
CHILD_PAGE = """query ($id: ID!) { actingFor(personId: $id) { person { givenName } unreadCount
  appointments { nodes { id status slot { specialty { code } } } } representation { actsFor { id } } } }"""


@pytest.fixture
def face(database: Database) -> Face:
    return Face(database)


async def add(face: Face, number: int, **given: Any) -> Principal:
    facts = {"snils": snils_for(300_000_000 + number), "phone": f"+7911{number:07}", **given}
    return make_principal(await add_person(face.database, **facts))


async def told_of(face: Face, parent: Principal, **child: Any) -> None:
    """Let a sign-in tell of a child."""
    async with face.database.transaction() as session:
        await record_children(session, parent.person_id, [make_child(**child).told], source="esia", as_of=NOW)


async def corner(face: Face, actor: Principal) -> dict[str, Any]:
    answer = await face.ask(actor, FAMILY)
    assert answer.codes == {}
    found: dict[str, Any] = answer.data["viewer"]["representation"]
    return found


async def confirmed(face: Face, parent: Principal, **child: Any) -> dict[str, Any]:
    await told_of(face, parent, **child)
    (candidate,) = (await corner(face, parent))["childCandidates"]
    payload, _ = await face.change(parent, CONFIRM, childId=candidate["id"], certificate=CERTIFICATE)
    assert payload["errors"] == []
    stands: dict[str, Any] = payload["representation"]
    return stands


async def visit(face: Face, actor: Principal, slot_id: UUID, **person: Any) -> Any:
    """Hold and book; return the payload that refused, or the one of the booking."""
    held, _ = await face.change(actor, HOLD, slotId=encode_id("Slot", slot_id), **person)
    if held["errors"]:
        return held
    booked, _ = await face.change(actor, BOOK, holdId=held["hold"]["id"], **person)
    return booked


async def test_a_parent_confirms_a_child_and_opens_the_childs_page(face: Face) -> None:
    parent = await add(face, 1)
    await told_of(face, parent)
    before = await corner(face, parent)
    assert before["actsFor"] == []
    assert [one["birthDate"] for one in before["childCandidates"]] == ["2016-03-05"]
    stands = await confirmed(face, parent)
    assert (stands["capacity"], stands["withheld"]) == ("PARENT_OF_CHILD", [])
    assert (stands["until"], stands["endsAt"]) == ("2031-03-04T21:00:00+00:00", "2034-03-04T21:00:00+00:00")
    after = await corner(face, parent)
    assert (after["actsFor"], after["childCandidates"]) == ([stands], [])
    page = await face.ask(parent, CHILD_PAGE, id=stands["person"]["id"])
    assert page.codes == {"actingFor.representation": "ACCESS_REFUSED"}
    assert page.data["actingFor"]["person"] == {"givenName": "Пётр"}
    assert page.data["actingFor"]["unreadCount"] == 1


async def test_a_parent_of_a_teenager_sees_and_changes_no_withheld_appointment(face: Face) -> None:
    """S38, end to end: shown, held, booked, cancelled."""
    parent = await add(face, 1)
    child = await add(face, 2, birth_date=TEENAGER, snils=CHILD_SNILS, given_name="Соня")
    stands = await confirmed(face, parent, birth_date=TEENAGER)
    assert (stands["capacity"], stands["withheld"]) == ("PARENT_OF_TEENAGER", EVERY_CATEGORY)
    registry = face.booking.registry
    clinic = await registry.add_clinic()
    places = {
        code: await registry.add_place(clinic, specialty=code) for code in ("therapist", "gynaecologist", "narcologist")
    }
    slots = {
        code: (await registry.add_slots(place, [SOON + timedelta(hours=hour)]))[0]
        for hour, (code, place) in enumerate(places.items())
    }
    of_child = {"personId": stands["person"]["id"]}
    secret = await visit(face, child, slots["gynaecologist"])
    assert secret["errors"] == []
    plain = await visit(face, parent, slots["therapist"], **of_child)
    assert plain["errors"] == []

    page = await face.ask(parent, CHILD_PAGE, id=of_child["personId"])
    shown = page.data["actingFor"]["appointments"]["nodes"]
    assert [one["slot"]["specialty"]["code"] for one in shown] == ["therapist"]
    assert page.codes["actingFor.unreadCount"] == "ACCESS_REFUSED"

    refused = await visit(face, parent, slots["narcologist"], **of_child)
    assert [error["code"] for error in refused["errors"]] == ["ACCESS_REFUSED"]
    for appointment_id, code in ((secret["appointment"]["id"], "APPOINTMENT_NOT_FOUND"), (shown[0]["id"], None)):
        cancelled, _ = await face.change(
            parent, CANCEL, appointmentId=appointment_id, reason="PATIENT_DECLINE", **of_child
        )
        assert [error["code"] for error in cancelled["errors"]] == ([code] if code else [])
    own = await face.ask(child, "{ viewer { appointments { nodes { status slot { specialty { code } } } } } }")
    assert [
        (one["slot"]["specialty"]["code"], one["status"]) for one in own.data["viewer"]["appointments"]["nodes"]
    ] == [("gynaecologist", "CONFIRMED")]


@pytest.mark.parametrize(
    ("instant", "capacity"),
    [
        (datetime(2025, 5, 31, 20, 59, tzinfo=UTC), "PARENT_OF_CHILD"),
        (datetime(2025, 5, 31, 21, 0, tzinfo=UTC), "PARENT_OF_TEENAGER"),
        (datetime(2028, 5, 31, 20, 59, tzinfo=UTC), "PARENT_OF_TEENAGER"),
        (datetime(2028, 5, 31, 21, 0, tzinfo=UTC), None),
    ],
)
async def test_the_same_page_closes_by_the_clock(face: Face, instant: datetime, capacity: str | None) -> None:
    parent = await add(face, 1)
    stands = await confirmed(face, parent, birth_date=TEENAGER)
    face.corner.clock.set(instant)
    assert [one["capacity"] for one in (await corner(face, parent))["actsFor"]] == ([capacity] if capacity else [])
    page = await face.ask(parent, CHILD_PAGE, id=stands["person"]["id"])
    if capacity is None:
        assert (page.data["actingFor"], page.codes) == (None, {"actingFor": "ACCESS_REFUSED"})
    else:
        assert ("actingFor.unreadCount" in page.codes) is (capacity == "PARENT_OF_TEENAGER")


async def test_adults_trust_each_other_and_end_it(face: Face) -> None:
    anna, boris = await add(face, 1), await add(face, 2, phone=GRANTEE_PHONE, birth_date=GRANTEE_BORN)
    until = (NOW + timedelta(days=30)).isoformat()
    offer, _ = await face.change(
        anna,
        GRANT,
        phone=GRANTEE_PHONE,
        birthDate=GRANTEE_BORN.isoformat(),
        rights=[{"right": "READ", "until": until}],
    )
    assert (offer["errors"], offer["invitation"]["status"], offer["invitation"]["person"]) == ([], "OFFERED", None)
    opened, _ = await face.change(boris, OPEN, code=offer["code"])
    assert opened["invitation"]["person"] == {"id": encode_id("Person", anna.person_id), "givenName": "Анна"}
    assert opened["invitation"]["rights"] == [{"right": "READ", "until": until}]
    accepted, _ = await face.change(boris, ACCEPT, invitationId=opened["invitation"]["id"])
    stands = accepted["representation"]
    assert (stands["capacity"], stands["rights"]) == ("TRUSTED_ADULT", [{"right": "READ", "until": until}])
    page = await face.ask(boris, CHILD_PAGE, id=stands["person"]["id"])
    assert page.data["actingFor"]["person"] == {"givenName": "Анна"}
    assert page.codes == {
        "actingFor.unreadCount": "ACCESS_REFUSED",
        "actingFor.representation": "ACCESS_REFUSED",
    }
    slot = await face.booking.one_slot()
    refused = await visit(face, boris, slot, personId=stands["person"]["id"])
    assert [error["code"] for error in refused["errors"]] == ["ACCESS_REFUSED"]
    (seen,) = (await corner(face, anna))["actedForBy"]
    assert seen["person"]["id"] == encode_id("Person", boris.person_id)
    ended, _ = await face.change(anna, END, id=seen["id"])
    assert (ended["endedId"], ended["errors"]) == (seen["id"], [])
    page = await face.ask(boris, CHILD_PAGE, id=stands["person"]["id"])
    assert page.codes == {"actingFor": "ACCESS_REFUSED"}


async def test_an_invitation_is_declined_or_taken_back(face: Face) -> None:
    anna, boris = await add(face, 1), await add(face, 2, phone=GRANTEE_PHONE, birth_date=GRANTEE_BORN)
    asked: dict[str, Any] = {
        "phone": GRANTEE_PHONE,
        "birthDate": GRANTEE_BORN.isoformat(),
        "rights": [{"right": "BOOK", "until": (NOW + timedelta(days=1)).isoformat()}],
    }
    first, _ = await face.change(anna, GRANT, **asked)
    opened, _ = await face.change(boris, OPEN, code=first["code"])
    declined, _ = await face.change(boris, DECLINE, invitationId=opened["invitation"]["id"])
    assert (declined["declinedId"], declined["errors"]) == (opened["invitation"]["id"], [])
    second, _ = await face.change(anna, GRANT, **asked)
    ended, _ = await face.change(anna, END, id=second["invitation"]["id"])
    assert ended["endedId"] == second["invitation"]["id"]
    again, _ = await face.change(boris, OPEN, code=second["code"])
    assert [(error["code"], error["path"]) for error in again["errors"]] == [
        ("INVITATION_NOT_FOUND", ["input", "code"])
    ]


async def test_a_guardianship_waits(face: Face) -> None:
    guardian = await add(face, 1)
    payload, _ = await face.change(guardian, REGISTER, **WARD)
    assert (payload["errors"], payload["guardianship"]["status"]) == ([], "WAITING_FOR_CHECK")
    found = await corner(face, guardian)
    assert [one["givenName"] for one in found["guardianships"]] == ["Вера"]
    assert found["actsFor"] == []


async def test_a_replay_says_so(face: Face) -> None:
    anna, key = await add(face, 1), uuid7()
    asked: dict[str, Any] = {
        "snils": "206-130-059 00",
        "birthDate": "1990-01-01",
        "rights": [{"right": "COLLECT", "until": (NOW + timedelta(days=1)).isoformat()}],
    }
    first, _ = await face.change(anna, GRANT, key=key, **asked)
    again, answer = await face.change(anna, GRANT, key=key, **asked)
    assert (again, answer.extensions) == (first, {"replayed": True})


RIGHT = [{"right": "READ", "until": (NOW + timedelta(days=1)).isoformat()}]
WHOM: dict[str, Any] = {"phone": GRANTEE_PHONE, "birthDate": "1990-07-01"}
BAD: list[tuple[str, dict[str, Any], str, str | None]] = [
    (CONFIRM, {"childId": "nonsense", "certificate": CERTIFICATE}, "CHILD_NOT_FOUND", "childId"),
    (CONFIRM, {"childId": encode_id("Person", uuid7()), "certificate": CERTIFICATE}, "CHILD_NOT_FOUND", "childId"),
    (GRANT, {**WHOM, "rights": []}, "GRANT_RIGHTS_INVALID", "rights"),
    (GRANT, {**WHOM, "rights": RIGHT * 2}, "GRANT_RIGHTS_INVALID", "rights"),
    (GRANT, {**WHOM, "rights": [{"right": "READ", "until": NOW.isoformat()}]}, "GRANT_TERM_INVALID", "rights"),
    (GRANT, {**WHOM, "snils": "206-130-059 00", "rights": RIGHT}, "GRANTEE_UNCLEAR", None),
    (GRANT, {"birthDate": "1990-07-01", "rights": RIGHT}, "GRANTEE_UNCLEAR", None),
    (GRANT, {"snils": "112-233-445 96", "birthDate": "1990-07-01", "rights": RIGHT}, "SNILS_INVALID", "snils"),
    (OPEN, {"code": ""}, "INVITATION_NOT_FOUND", "code"),
    (ACCEPT, {"invitationId": "x"}, "INVITATION_NOT_FOUND", None),
    (DECLINE, {"invitationId": encode_id("Representation", uuid7())}, "INVITATION_NOT_FOUND", None),
    (END, {"id": encode_id("Person", uuid7())}, "REPRESENTATION_NOT_FOUND", "id"),
    (END, {"id": "x"}, "REPRESENTATION_NOT_FOUND", "id"),
    (END, {"id": encode_id("RepresentationInvitation", uuid7())}, "INVITATION_NOT_FOUND", "id"),
]


@pytest.mark.parametrize(("mutation", "given", "code", "field"), BAD)
async def test_bad_input_is_refused_with_its_code(
    face: Face, mutation: str, given: dict[str, Any], code: str, field: str | None
) -> None:
    payload, answer = await face.change(await add(face, 1), mutation, **given)
    assert answer.codes == {}
    assert [(error["code"], error["path"]) for error in payload["errors"]] == [
        (code, ["input", field] if field else None)
    ]
    assert await face.booking.told() == []


async def test_nobody_and_an_unconfirmed_account_change_nothing(face: Face) -> None:
    payload, answer = await face.change(None, END, id="x")
    assert (payload, answer.codes) == (None, {"endRepresentation": "UNAUTHENTICATED"})
    standard = make_principal(PersonId(uuid7()), assurance=Assurance.STANDARD)
    refused, _ = await face.change(standard, GRANT, **WHOM, rights=RIGHT)
    assert [error["code"] for error in refused["errors"]] == ["ACCOUNT_NOT_CONFIRMED"]
