"""A citizen asks to be called back; an operator of 122 calls, is answered at the second try, and books (HTTP)."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

from tests.journeys.desk import Desk
from tests.journeys.documents import OPERATIONS_OF_APP
from tests.journeys.phone import Phone
from tests.journeys.region import Region
from tests.journeys.test_family import demo_people


async def ask(operator: Desk, name: str, **variables: Any) -> dict[str, Any]:
    """Send an operation of the operators' app by its id; return its data."""
    answer = await operator.send_document(OPERATIONS_OF_APP["operator"][name], variables)
    body = answer.json()
    assert "errors" not in body, body
    data: dict[str, Any] = body["data"]
    return data


async def act(operator: Desk, name: str, **given: Any) -> dict[str, Any]:
    """Send a mutation under a new key; return its payload."""
    data = await ask(operator, name, input={**given, "idempotencyKey": str(uuid4())})
    payload: dict[str, Any] = next(iter(data.values()))
    return payload


async def test_from_the_wish_to_be_called_to_the_booked_appointment(region: Region, anna: Phone) -> None:
    policy = (await anna.ask("HomeScreen"))["viewer"]["policy"]  # the register's answer is kept
    who = demo_people(region)["anna"]
    asked = await anna.act("RequestCallBack", reason="BOOKING")
    assert (asked["errors"], asked["callBack"]["state"], asked["callBack"]["number"]) == ([], "WAITING", who.phone)
    assert (await anna.ask("Inbox"))["viewer"]["inbox"]["nodes"][0]["kind"] == "CALL_BACK_REQUESTED"

    operator, colleague = Desk(region, "operator"), Desk(region, "operator")
    assert [await one.sign_in("operator") for one in (operator, colleague)] == [None, None]
    (listed,) = (await ask(operator, "CallBackList"))["callBackList"]["nodes"]
    assert (listed["state"], listed["isDue"]) == ("WAITING", True)
    assert who.phone not in str(listed)

    first = (await act(operator, "TakeCallBack"))["callBack"]
    assert (first["number"], first["givenName"]) == (who.phone, who.given_name)
    nobody = await act(colleague, "TakeCallBack")
    assert [error["code"] for error in nobody["errors"]] == ["NO_CALL_BACK_DUE"]
    settled = await act(operator, "SettleCallBack", callBackId=first["id"], outcome="NO_ANSWER")
    assert (settled["callBack"]["state"], settled["callBack"]["attempts"]) == ("WAITING", 1)

    region.clock.advance(timedelta(minutes=30))
    for one in (operator, colleague):
        assert await one.sign_in("operator") is None  # their tokens have ended
    taken = (await act(colleague, "TakeCallBack"))["callBack"]
    call = {"callId": taken["call"]["id"]}
    said = {"familyName": who.family_name, "givenName": who.given_name}
    wrong = await act(colleague, "VerifyCaller", **call, person=said, policyDigits="0000")
    assert [error["code"] for error in wrong["errors"]] == ["CALLER_NOT_VERIFIED"]
    verified = await act(colleague, "VerifyCaller", **call, person=said, policyDigits=policy["enp"][-4:])
    assert verified["call"]["isCallerVerified"] is True
    chosen = await act(colleague, "ChoosePatient", **call)
    assert chosen["errors"] == []
    done = await act(colleague, "SettleCallBack", callBackId=taken["id"], outcome="REACHED")
    assert done["callBack"]["state"] == "REACHED"

    patient = (await ask(colleague, "CurrentCall"))["currentCall"]["patient"]["person"]["id"]
    wish = {"specialty": "surgeon", "town": "Калуга", "channel": "CALL_122"}
    slot = (await ask(colleague, "SearchSlots", filter=wish, first=100))["slots"]["nodes"][-1]["id"]
    hold = (await act(colleague, "HoldSlot", personId=patient, slotId=slot, channel="CALL_122"))["hold"]["id"]
    booked = await act(colleague, "BookAppointment", personId=patient, holdId=hold)
    assert (booked["errors"], booked["appointment"]["status"]) == ([], "CONFIRMED")
    await act(colleague, "CloseCall", **call)

    await anna.sign_in("anna")
    (own,) = (await anna.ask("CallBacks"))["viewer"]["callBacks"]
    assert (own["state"], own["attempts"], own["nextCallAt"]) == ("REACHED", 1, None)
    entries = (await anna.ask("AccessLog", first=50, filter={"othersOnly": True}))["viewer"]["accessLog"]["nodes"]
    codes = [action["code"] for entry in entries for action in entry["actions"]]
    assert codes.count("handle_call_backs") == 4
    assert "book_appointment" in codes
