"""A mother acts for her children, trusts another adult for a while, and takes it back: through real HTTP."""

import asyncio
from datetime import timedelta
from typing import Any

from backend.entrypoints.demo.named import NAMED
from backend.entrypoints.demo.people import DemoPerson, generate_people
from backend.entrypoints.demo.plan import Plan
from tests.graphql_schema.talk import talking
from tests.journeys.phone import Phone
from tests.journeys.region import Region


def demo_people(region: Region) -> dict[str, DemoPerson]:
    """Return the named people as the simulators know them."""
    seed, now = region.settings.demo_seed, region.clock()
    today = Plan(people=len(NAMED), seed=seed, now=now, issuer="").today
    return {one.nick or "": one for one in generate_people(len(NAMED), seed=seed, today=today)}


async def family_of(phone: Phone) -> dict[str, Any]:
    found: dict[str, Any] = (await phone.ask("Family"))["viewer"]["representation"]
    return found


async def page_of(phone: Phone, person_id: str) -> tuple[dict[str, Any] | None, set[str]]:
    body = (await phone.send("ActingFor", personId=person_id)).json()
    return body["data"]["actingFor"], {error["extensions"]["code"] for error in body.get("errors", [])}


async def test_a_mother_books_for_her_daughter_and_both_read_about_it(region: Region, anna: Phone) -> None:
    by_name = {one["person"]["givenName"]: one for one in (await family_of(anna))["actsFor"]}
    assert {name: one["capacity"] for name, one in by_name.items()} == {
        "Дмитрий": "PARENT_OF_CHILD",
        "Софья": "PARENT_OF_TEENAGER",
    }
    sonya_id = by_name["Софья"]["person"]["id"]
    found = await anna.ask("SearchSlots", filter={"specialty": "paediatrician", "town": "Калуга"}, first=1)
    slot_id = found["slots"]["nodes"][0]["id"]
    held = await anna.act("HoldSlot", slotId=slot_id, personId=sonya_id)
    booked = await anna.act("BookAppointment", holdId=held["hold"]["id"], personId=sonya_id)
    assert booked["errors"] == []
    sonya = Phone(region)
    await sonya.sign_in("sonya")
    for page in ((await page_of(anna, sonya_id))[0], (await sonya.ask("HomeScreen"))["viewer"]):
        assert page is not None
        assert [one["id"] for one in page["appointments"]["nodes"]] == [booked["appointment"]["id"]]
    assert [one["person"]["givenName"] for one in (await family_of(sonya))["actedForBy"]] == ["Анна"]
    assert (await anna.ask("HomeScreen"))["viewer"]["appointments"]["nodes"] == []


async def test_one_adult_trusts_another_until_they_do_not(region: Region, anna: Phone) -> None:
    boris, people = Phone(region), demo_people(region)
    await boris.sign_in("boris")
    until = (region.clock() + timedelta(days=30)).isoformat()
    offer = await anna.act(
        "GrantRepresentation",
        phone=people["boris"].phone,
        birthDate=people["boris"].birth_date.isoformat(),
        rights=[{"right": "READ", "until": until}],
    )
    opened = await boris.act("OpenInvitation", code=offer["code"])
    accepted = await boris.act("AcceptRepresentation", invitationId=opened["invitation"]["id"])
    assert (accepted["errors"], accepted["representation"]["capacity"]) == ([], "TRUSTED_ADULT")
    anna_id = accepted["representation"]["person"]["id"]
    assert (await page_of(boris, anna_id))[1] == set()
    ended = await anna.act("EndRepresentation", id=accepted["representation"]["id"])
    assert ended["errors"] == []
    assert await page_of(boris, anna_id) == (None, {"ACCESS_REFUSED"})
    kinds = {one["kind"] for one in (await anna.ask("Inbox"))["viewer"]["inbox"]["nodes"]}
    assert kinds == {"REPRESENTATION_OFFERED", "REPRESENTATION_BEGUN", "REPRESENTATION_ENDED"}


async def test_a_child_is_confirmed_anew_by_the_certificate(anna: Phone) -> None:
    (mitya,) = [one for one in (await family_of(anna))["actsFor"] if one["capacity"] == "PARENT_OF_CHILD"]
    mitya_id = mitya["person"]["id"]
    await anna.act("EndRepresentation", id=mitya["id"])
    assert await page_of(anna, mitya_id) == (None, {"ACCESS_REFUSED"})
    (candidate,) = (await family_of(anna))["childCandidates"]
    wrong = await anna.act("ConfirmChild", childId=candidate["id"], certificate={"series": "I-ДМ", "number": "000002"})
    assert [error["code"] for error in wrong["errors"]] == ["CHILD_DOCUMENT_MISMATCH"]
    right = await anna.act("ConfirmChild", childId=candidate["id"], certificate={"series": "I-ДМ", "number": "000001"})
    assert (right["errors"], right["representation"]["person"]["id"]) == ([], mitya_id)
    assert (await page_of(anna, mitya_id))[1] == set()


async def test_a_stream_of_a_childs_inbox_ends_with_the_right_to_read_it(region: Region, anna: Phone) -> None:
    """S39: what was withdrawn in mid-stream ends a subscription and an event stream at their next tick."""
    (mitya,) = [one for one in (await family_of(anna))["actsFor"] if one["capacity"] == "PARENT_OF_CHILD"]
    child_id = mitya["person"]["id"]
    query = f'subscription {{ inboxChanged(personId: "{child_id}") {{ unreadCount latest {{ kind }} }} }}'
    stream = {"accept": "text/event-stream", **anna.credentials()}
    url = f"{region.base_url}/graphql"
    async with (
        talking(region.base_url) as talk,
        region.http.stream("POST", url, json={"query": query}, headers=stream) as events,
    ):
        await talk.start(**anna.credentials("GET"))
        await talk.subscribe("a", query)
        assert (await talk.hear())["payload"]["data"]["inboxChanged"] == {"unreadCount": 0, "latest": None}
        lines = events.aiter_lines()
        assert await anext(lines) == "event: next"

        found = await anna.ask("SearchSlots", filter={"specialty": "paediatrician", "town": "Калуга"}, first=1)
        held = await anna.act("HoldSlot", slotId=found["slots"]["nodes"][0]["id"], personId=child_id)
        await anna.act("BookAppointment", holdId=held["hold"]["id"], personId=child_id)
        told = (await talk.hear())["payload"]["data"]["inboxChanged"]
        assert told == {"unreadCount": 1, "latest": {"kind": "APPOINTMENT_BOOKED"}}

        await anna.act("EndRepresentation", id=mitya["id"])
        refused = await talk.hear()
        async with asyncio.timeout(20):
            rest = [line async for line in lines]
        await talk.subscribe("b", "{ serverTime }")
        assert (await talk.hear())["type"] == "next"  # the connection is not at fault
    assert (refused["type"], refused["payload"][0]["extensions"]["code"]) == ("error", "ACCESS_REFUSED")
    assert '"code":"ACCESS_REFUSED"' in rest[-5]
    assert rest[-3:] == ["event: complete", "data:", ""]
    assert "REPRESENTATION_ENDED" not in "".join(rest)
