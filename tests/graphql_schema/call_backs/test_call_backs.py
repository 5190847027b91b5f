"""From "call me back" to the booked appointment, as the app and the operator's desk ask for it."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from uuid_utils.compat import uuid7

from backend.database import Database
from graphql_schema.node import encode_id
from identity.principal import ActorKind, PersonId
from tests.factories.call_backs import PHONE
from tests.factories.calls import DIGITS, add_insured, make_operator
from tests.factories.people import NOW, add_person, make_principal, snils_for
from tests.graphql_schema.booking.face import BOOK, HOLD, Face
from tests.graphql_schema.calls.test_calls import ANNA, CHOOSE, VERIFY
from tests.graphql_schema.own_corner import Answer

OWN = "callBack { id state reason number beginsAt endsAt timeZone attempts nextCallAt requestedAt endedAt }"
LISTED = "id state isDue reason beginsAt endsAt attempts requestedAt"
TAKEN = "id reason number givenName attempts requestedAt endsAt keptUntil call { id callerNumber isCallerVerified }"


def mutation(name: str, asked: str) -> str:
    """Write a mutation that asks for everything."""
    kind = name[0].upper() + name[1:]
    return f"mutation ($input: {kind}Input!) {{ {name}(input: $input) {{ {asked} errors {{ code message path }} }} }}"


ASK, CANCEL = mutation("requestCallBack", OWN), mutation("cancelCallBack", OWN)
TAKE = mutation("takeCallBack", f"callBack {{ {TAKEN} }}")
SETTLE = mutation("settleCallBack", f"callBack {{ {LISTED} }}")
MINE = f"{{ viewer {{ {OWN.replace('callBack', 'callBacks', 1)} }} }}"
LIST = f"""query ($first: Int, $after: String) {{ callBackList(first: $first, after: $after) {{
  nodes {{ {LISTED} }} edges {{ cursor }} pageInfo {{ hasNextPage endCursor }} }} }}"""
KEPT = f"{{ takenCallBack {{ {TAKEN} }} }}"


@dataclass
class Desk:
    """An operator's desk over the whole graph, and people with their apps."""

    face: Face
    operator: Any = field(default_factory=make_operator)

    async def change(self, what: str, **given: Any) -> tuple[Any, Answer]:
        return await self.face.change(self.operator, what, **given)

    async def ask(self, person: PersonId, **given: Any) -> Any:
        payload, _ = await self.face.change(make_principal(person), ASK, reason="BOOKING", **given)
        assert payload["errors"] == []
        return payload["callBack"]

    async def listed(self) -> list[Any]:
        found: list[Any] = (await self.face.ask(self.operator, LIST)).data["callBackList"]["nodes"]
        return found


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk(Face(database))


def refused(payload: Any) -> tuple[str, list[str] | None]:
    (error,) = payload["errors"]
    assert payload["callBack"] is None
    assert error["message"].endswith(".")
    return error["code"], error["path"]


async def test_from_the_wish_to_the_booked_appointment(desk: Desk) -> None:
    anna = await add_insured(desk.face.database)
    slot_id = await desk.face.booking.one_slot()
    asked = await desk.ask(anna)
    assert asked == {
        "id": asked["id"],
        "state": "WAITING",
        "reason": "BOOKING",
        "number": PHONE,
        "beginsAt": NOW.isoformat(),
        "endsAt": NOW.replace(hour=17).isoformat(),
        "timeZone": "Europe/Moscow",
        "attempts": 0,
        "nextCallAt": NOW.isoformat(),
        "requestedAt": NOW.isoformat(),
        "endedAt": None,
    }
    (entry,) = await desk.listed()
    assert entry == {
        "id": asked["id"],
        "state": "WAITING",
        "isDue": True,
        **{name: asked[name] for name in ("reason", "beginsAt", "endsAt", "attempts", "requestedAt")},
    }
    taken, _ = await desk.change(TAKE)
    given = taken["callBack"]
    assert (given["number"], given["givenName"], given["call"]["callerNumber"]) == (PHONE, "Анна", PHONE)
    assert (given["keptUntil"], given["call"]["isCallerVerified"]) == ((NOW + timedelta(minutes=15)).isoformat(), False)
    assert (await desk.face.ask(desk.operator, KEPT)).data["takenCallBack"] == given
    call_id = given["call"]["id"]
    said = {name: value for name, value in ANNA.items() if name != "birthDate"}  # found by the number of the line
    verified, _ = await desk.change(VERIFY, callId=call_id, person=said, policyDigits=DIGITS)
    assert verified["call"]["isCallerVerified"] is True
    chosen, _ = await desk.change(CHOOSE, callId=call_id)
    patient = chosen["call"]["patient"]["person"]["id"]
    settled, _ = await desk.change(SETTLE, callBackId=given["id"], outcome="REACHED")
    assert (settled["callBack"]["state"], settled["callBack"]["isDue"]) == ("REACHED", False)
    held, _ = await desk.change(HOLD, slotId=encode_id("Slot", slot_id), channel="CALL_122", personId=patient)
    booked, _ = await desk.change(BOOK, holdId=held["hold"]["id"], personId=patient)
    assert (booked["appointment"]["status"], booked["appointment"]["channel"]) == ("CONFIRMED", "CALL_122")
    (own,) = (await desk.face.ask(make_principal(anna), MINE)).data["viewer"]["callBacks"]
    assert (own["state"], own["endedAt"], own["nextCallAt"]) == ("REACHED", NOW.isoformat(), None)
    log = "{ viewer { accessLog { nodes { actions { code } } } } }"
    seen = (await desk.face.ask(make_principal(anna), log)).data["viewer"]["accessLog"]["nodes"]
    assert [one["actions"][0]["code"] for one in seen].count("handle_call_backs") == 2


async def test_the_inbox_tells_when_and_what_became_of_it(desk: Desk) -> None:
    anna = await add_person(desk.face.database)
    asked = await desk.ask(anna, window={"hoursFrom": "17:00", "hoursUntil": "19:30"})
    assert asked["nextCallAt"] == NOW.replace(hour=14).isoformat()
    assert [one["isDue"] for one in await desk.listed()] == [False]
    desk.face.corner.clock.set(NOW.replace(hour=15))
    taken, _ = await desk.change(TAKE)
    assert refused((await desk.change(SETTLE, callBackId=encode_id("Slot", uuid7()), outcome="REACHED"))[0]) == (
        "CALL_BACK_NOT_TAKEN",
        ["input", "callBackId"],
    )
    settled, _ = await desk.change(SETTLE, callBackId=taken["callBack"]["id"], outcome="WRONG_NUMBER")
    assert settled["callBack"]["state"] == "WRONG_NUMBER"
    inbox = "{ viewer { inbox { nodes { kind title body } } } }"
    last, first = (await desk.face.ask(make_principal(anna), inbox, language="ru")).data["viewer"]["inbox"]["nodes"]
    assert (first["kind"], first["title"]) == ("CALL_BACK_REQUESTED", "Вам перезвонят из 122")
    assert "с 17:00 до 19:30" in first["body"]
    assert (last["kind"], last["title"]) == ("CALL_BACK_UNREACHED", "Обратный звонок из 122 не состоялся")
    in_english = (await desk.face.ask(make_principal(anna), inbox, language="en")).data["viewer"]["inbox"]["nodes"]
    assert "17:00 to 19:30" in in_english[1]["body"]


async def test_the_list_goes_on_page_by_page_and_refuses_a_wrong_cursor(desk: Desk) -> None:
    for number in range(5):
        person = await add_person(desk.face.database, snils=snils_for(112_240_000 + number))
        await desk.ask(person)
        desk.face.corner.clock.advance(timedelta(minutes=1))
    found, after = [], None
    for size in (2, 2, 2):
        page = (await desk.face.ask(desk.operator, LIST, first=size, after=after)).data["callBackList"]
        found += [one["id"] for one in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
    assert page["pageInfo"]["hasNextPage"] is False
    assert found == [one["id"] for one in await desk.listed()]
    assert len(set(found)) == 5
    wrong = await desk.face.ask(desk.operator, LIST, after="x")
    assert wrong.codes == {"callBackList": "BAD_CURSOR"}
    assert (await desk.face.ask(desk.operator, LIST, first=101)).codes != {}


async def test_what_is_refused_names_what_it_is_about(desk: Desk) -> None:
    anna = await add_person(desk.face.database, phone=None)
    app = make_principal(anna)
    for given, expected in (
        ({}, ("CALL_BACK_NUMBER_UNKNOWN", ["input", "number"])),
        ({"number": "+375291234567"}, ("PHONE_INVALID", ["input", "number"])),
        ({"number": PHONE, "window": {"hoursFrom": "9"}}, ("CALL_BACK_WINDOW_INVALID", ["input", "window"])),
        ({"number": PHONE, "window": {"hoursUntil": "08:30"}}, ("CALL_BACK_WINDOW_INVALID", ["input", "window"])),
        ({"number": PHONE, "personId": encode_id("Person", uuid7())}, ("ACCESS_REFUSED", None)),
    ):
        payload, _ = await desk.face.change(app, ASK, reason="OTHER", **given)
        assert refused(payload) == expected
    await desk.ask(anna, number=PHONE)
    payload, _ = await desk.face.change(app, ASK, reason="OTHER", number=PHONE)
    assert refused(payload) == ("CALL_BACK_EXISTS", None)
    for wrong in ("", "?", encode_id("Slot", uuid7()), encode_id("CallBack", uuid7())):
        payload, _ = await desk.face.change(app, CANCEL, callBackId=wrong)
        assert refused(payload) == ("CALL_BACK_NOT_FOUND", ["input", "callBackId"])
        payload, _ = await desk.change(SETTLE, callBackId=wrong, outcome="REACHED")
        assert refused(payload) == ("CALL_BACK_NOT_TAKEN", ["input", "callBackId"])
    await desk.change(TAKE)
    assert refused((await desk.change(TAKE))[0]) == ("CALL_BACK_UNSETTLED", None)
    desk.operator = make_operator()
    assert refused((await desk.change(TAKE))[0]) == ("NO_CALL_BACK_DUE", None)


@pytest.mark.parametrize("number", ["112", "8 910 555 01 17", "tel:+79105550117", ""])
async def test_a_number_of_another_form_never_reaches_the_house(desk: Desk, number: str) -> None:
    anna = await add_person(desk.face.database)
    answer = await desk.face.ask(
        make_principal(anna), ASK, input={"reason": "OTHER", "number": number, "idempotencyKey": str(uuid7())}
    )
    assert "E.164" in str(answer.codes)
    assert await desk.listed() == []


async def test_the_list_is_the_operators_alone(desk: Desk) -> None:
    anna = await add_person(desk.face.database)
    await desk.ask(anna)
    for kind in (kind for kind in ActorKind if kind is not ActorKind.OPERATOR):
        actor = make_principal(anna, kind=kind)
        assert (await desk.face.ask(actor, LIST)).codes == {"callBackList": "ACCESS_REFUSED"}
        assert (await desk.face.ask(actor, KEPT)).codes == {"takenCallBack": "ACCESS_REFUSED"}
        assert refused((await desk.face.change(actor, TAKE))[0]) == ("ACCESS_REFUSED", None)
    assert (await desk.face.ask(None, LIST)).codes == {"callBackList": "UNAUTHENTICATED"}


async def test_a_repeated_request_says_so(desk: Desk) -> None:
    await desk.ask(await add_person(desk.face.database))
    key = uuid7()
    first, once = await desk.change(TAKE, key=key)
    second, again = await desk.change(TAKE, key=key)
    assert first == second
    assert (once.extensions.get("replayed"), again.extensions.get("replayed")) == (None, True)
