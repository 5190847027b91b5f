"""A call of 122 from its opening to a booked appointment, as the operator's desk asks for it (S37)."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import pytest

from backend.database import Database
from graphql_schema.node import encode_id
from identity.principal import ActorKind, PersonId
from identity.representation_tables import RepresentationRow
from identity.representation_values import RepresentationKind
from tests.factories.calls import DIGITS, NUMBER, add_insured, make_operator
from tests.factories.people import NOW, add_person, make_principal
from tests.graphql_schema.booking.face import BOOK, HOLD, Face
from tests.graphql_schema.own_corner import Answer

CALL = (
    "call { id callerNumber openedAt endsAt isOpen isCallerVerified verifiedBy isForCaller patient { person { id } } }"
)


def mutation(name: str) -> str:
    """Write a mutation that asks for everything."""
    kind = name[0].upper() + name[1:]
    return f"mutation ($input: {kind}Input!) {{ {name}(input: $input) {{ {CALL} errors {{ code message path }} }} }}"


OPEN, SEND, VERIFY, CHOOSE, CLOSE = (
    mutation(name) for name in ("openCall", "sendCallerCode", "verifyCaller", "choosePatient", "closeCall")
)
CURRENT = "{ currentCall { id isOpen isCallerVerified patient { person { familyName } } } }"
SEEN = """query ($id: ID!) { actingFor(personId: $id) {
  person { familyName } policy { enp } appointments { nodes { id } } inbox { nodes { id } } unreadCount } }"""
ANNA: dict[str, Any] = {"familyName": "соколова", "givenName": "АННА", "birthDate": "1984-05-17"}
SON: dict[str, Any] = {"familyName": "Соколов", "givenName": "Пётр", "birthDate": "2016-02-03"}


@dataclass
class Desk:
    """An operator's desk over the whole graph."""

    face: Face
    operator: Any = field(default_factory=make_operator)

    async def change(self, what: str, **given: Any) -> tuple[Any, Answer]:
        return await self.face.change(self.operator, what, **given)

    async def open(self) -> str:
        payload, _ = await self.change(OPEN, callerNumber=NUMBER)
        assert payload["errors"] == []
        call_id: str = payload["call"]["id"]
        return call_id

    async def serve(self) -> str:
        call_id = await self.open()
        await self.change(VERIFY, callId=call_id, person=ANNA, policyDigits=DIGITS)
        payload, _ = await self.change(CHOOSE, callId=call_id)
        assert payload["errors"] == []
        return call_id

    async def see(self, person: PersonId) -> Answer:
        return await self.face.ask(self.operator, SEEN, id=encode_id("Person", person))


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk(Face(database))


def refused(payload: Any) -> tuple[str, list[str] | None]:
    (error,) = payload["errors"]
    assert payload["call"] is None
    assert error["message"].endswith(".")
    return error["code"], error["path"]


async def test_from_the_ring_to_the_booked_appointment(desk: Desk) -> None:
    anna = await add_insured(desk.face.database)
    slot_id = await desk.face.booking.one_slot()
    opened, _ = await desk.change(OPEN, callerNumber=NUMBER)
    call_id = opened["call"]["id"]
    assert opened["call"] == {
        "id": call_id,
        "callerNumber": NUMBER,
        "openedAt": NOW.isoformat(),
        "endsAt": (NOW + timedelta(minutes=15)).isoformat(),
        "isOpen": True,
        "isCallerVerified": False,
        "verifiedBy": None,
        "isForCaller": False,
        "patient": None,
    }
    verified, _ = await desk.change(VERIFY, callId=call_id, person=ANNA, policyDigits=DIGITS)
    assert (verified["call"]["isCallerVerified"], verified["call"]["verifiedBy"]) == (True, "POLICY_DIGITS")
    assert verified["call"]["patient"] is None
    chosen, _ = await desk.change(CHOOSE, callId=call_id)
    assert chosen["call"]["isForCaller"] is True
    patient = chosen["call"]["patient"]["person"]["id"]
    assert patient == encode_id("Person", anna)
    held, _ = await desk.change(HOLD, slotId=encode_id("Slot", slot_id), channel="CALL_122", personId=patient)
    assert held["errors"] == []
    booked, _ = await desk.change(BOOK, holdId=held["hold"]["id"], personId=patient)
    assert booked["appointment"]["status"] == "CONFIRMED"
    assert booked["appointment"]["channel"] == "CALL_122"
    seen = await desk.see(anna)
    assert [one["id"] for one in seen.data["actingFor"]["appointments"]["nodes"]] == [booked["appointment"]["id"]]
    closed, _ = await desk.change(CLOSE, callId=call_id)
    assert (closed["call"]["isOpen"], closed["call"]["patient"]) == (False, None)
    after = await desk.see(anna)
    assert (after.data, after.codes) == ({"actingFor": None}, {"actingFor": "ACCESS_REFUSED"})


async def test_the_operator_sees_what_both_may_and_not_the_inbox(desk: Desk) -> None:
    anna = await add_insured(desk.face.database)
    await desk.serve()
    seen = await desk.see(anna)
    assert seen.data["actingFor"]["person"] == {"familyName": "Соколова"}
    assert seen.data["actingFor"]["policy"] == {"enp": "7756410835001233"}
    assert seen.codes == {"actingFor.inbox": "ACCESS_REFUSED", "actingFor.unreadCount": "ACCESS_REFUSED"}


async def test_a_mothers_call_for_her_son(desk: Desk) -> None:
    anna = await add_insured(desk.face.database)
    son = await add_person(
        desk.face.database,
        family_name="Соколов",
        given_name="Петр",
        birth_date=date(2016, 2, 3),
        snils=None,
    )
    call_id = await desk.serve()
    payload, _ = await desk.change(CHOOSE, callId=call_id, person=SON)
    assert refused(payload) == ("PATIENT_NOT_REPRESENTED", ["input", "person"])
    trust = RepresentationRow(
        person_id=son,
        representative_id=anna,
        kind=RepresentationKind.TRUSTED,
        begun_at=NOW,
        read_until=NOW + timedelta(days=1),
        expires_at=NOW + timedelta(days=1),
    )
    async with desk.face.database.transaction() as session:
        session.add(trust)
    payload, _ = await desk.change(CHOOSE, callId=call_id, person=SON)
    assert (payload["call"]["isForCaller"], payload["errors"]) == (False, [])
    seen = await desk.see(son)
    assert seen.data["actingFor"]["person"] == {"familyName": "Соколов"}
    assert seen.codes["actingFor.inbox"] == "ACCESS_REFUSED"  # an operator may not, whoever calls
    assert "actingFor.appointments" not in seen.codes
    assert (await desk.see(anna)).codes == {"actingFor": "ACCESS_REFUSED"}


async def test_a_code_verifies_and_stands_in_the_persons_inbox(desk: Desk) -> None:
    anna = await add_insured(desk.face.database)
    call_id = await desk.open()
    sent, _ = await desk.change(SEND, callId=call_id, person=ANNA)
    assert sent["errors"] == []
    inbox = await desk.face.ask(
        make_principal(anna), "{ viewer { inbox { nodes { kind title body } } } }", language="ru"
    )
    (message,) = inbox.data["viewer"]["inbox"]["nodes"]
    assert (message["kind"], message["title"]) == ("CALLER_CODE", "Код для оператора 122")
    payload, _ = await desk.change(VERIFY, callId=call_id, person=ANNA, code=message["body"][:6])
    assert payload["call"]["verifiedBy"] == "CODE"


async def test_the_current_call_is_found_again_until_it_ends(desk: Desk) -> None:
    await add_insured(desk.face.database)
    assert (await desk.face.ask(desk.operator, CURRENT)).data == {"currentCall": None}
    call_id = await desk.serve()
    found = (await desk.face.ask(desk.operator, CURRENT)).data["currentCall"]
    assert found == {
        "id": call_id,
        "isOpen": True,
        "isCallerVerified": True,
        "patient": {"person": {"familyName": "Соколова"}},
    }
    desk.face.corner.clock.advance(timedelta(minutes=15))
    assert (await desk.face.ask(desk.operator, CURRENT)).data == {"currentCall": None}


@pytest.mark.parametrize(
    "call_id",
    ["", "?", encode_id("Slot", make_operator().session_id), encode_id("Call", make_operator().session_id)],
    ids=["empty", "malformed", "of a slot", "missing"],
)
async def test_a_malformed_a_foreign_and_a_missing_call_are_one(desk: Desk, call_id: str) -> None:
    for what, given in (
        (SEND, {"person": ANNA}),
        (VERIFY, {"person": ANNA, "code": "123456"}),
        (CHOOSE, {}),
        (CLOSE, {}),
    ):
        payload, _ = await desk.change(what, callId=call_id, **given)
        assert refused(payload) == ("CALL_NOT_OPEN", ["input", "callId"])


async def test_refusals_name_what_was_refused(desk: Desk) -> None:
    await add_insured(desk.face.database)
    call_id = await desk.open()
    for given, expected in (
        ({}, ("CALLER_ANSWER_INVALID", None)),
        ({"policyDigits": "12", "code": None}, ("CALLER_ANSWER_INVALID", None)),
        ({"policyDigits": "0000"}, ("CALLER_NOT_VERIFIED", None)),
    ):
        payload, _ = await desk.change(VERIFY, callId=call_id, person=ANNA, **given)
        assert refused(payload) == expected
    payload, _ = await desk.change(OPEN, callerNumber=NUMBER)
    assert refused(payload) == ("CALL_ALREADY_OPEN", None)


async def test_only_an_operator_has_a_desk(desk: Desk) -> None:
    for kind in (kind for kind in ActorKind if kind is not ActorKind.OPERATOR):
        payload, _ = await desk.face.change(make_principal(kind=kind), OPEN, callerNumber=NUMBER)
        assert refused(payload) == ("ACCESS_REFUSED", None)
        current = await desk.face.ask(make_principal(kind=kind), CURRENT)
        assert (current.data, current.codes) == ({"currentCall": None}, {"currentCall": "ACCESS_REFUSED"})
    _, answer = await desk.face.change(None, OPEN, callerNumber=NUMBER)
    assert answer.codes == {"openCall": "UNAUTHENTICATED"}


async def test_a_repeated_request_says_so(desk: Desk) -> None:
    key = make_operator().session_id
    first, once = await desk.change(OPEN, callerNumber=NUMBER, key=key)
    second, again = await desk.change(OPEN, callerNumber=NUMBER, key=key)
    assert first == second
    assert (once.extensions.get("replayed"), again.extensions.get("replayed")) == (None, True)
