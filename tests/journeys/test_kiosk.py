"""Anna begins at a kiosk and goes on at her phone; the kiosk forgets her, and the next one finds nothing of her."""

from typing import Any
from uuid import uuid4

import httpx2

from tests.graphql_schema.talk import talking
from tests.journeys.desk import codes_of
from tests.journeys.machine import Machine
from tests.journeys.phone import Phone
from tests.journeys.region import Region
from tests.plugins.waiting import until

WIPES = '"cache", "cookies", "storage"'
LOOK = "{ viewer { person { givenName } policy { enp } appointments { nodes { id } } } }"
NAME = "{ viewer { person { givenName } } }"
DEVICES = "{ viewer { sessions { appName platform deviceName isCurrent } } }"
CLOSED = "{ viewer { inbox { nodes { id } } accessLog { nodes { id } } consents { nodes { id } } exports { id } } }"
FAMILY = "{ viewer { representation { actsFor { id } } } }"
SLOTS = """{ slots(filter: {specialty: "therapist", town: "Калуга"}, first: 1) { nodes { id } } }"""
EXPORT = "mutation ($input: RequestExportInput!) { requestExport(input: $input) { errors { code } } }"
ACCEPT = """mutation ($input: AcceptHandoverInput!) {
  acceptHandover(input: $input) { about { ... on SlotHold { id } } errors { code } } }"""


async def ask(phone: Phone, query: str, **variables: Any) -> httpx2.Response:
    url = f"{phone.region.base_url}/graphql"
    return await phone.region.http.post(url, json={"query": query, "variables": variables}, headers=phone.credentials())


async def test_from_a_kiosk_to_the_phone(region: Region, anna: Phone) -> None:
    kiosk = Machine(region)
    await kiosk.sign_in("anna")
    seen = await kiosk.send(LOOK)
    assert seen.headers["cache-control"] == "no-store"
    assert seen.json()["data"]["viewer"]["person"] == {"givenName": "Анна"}
    assert len(seen.json()["data"]["viewer"]["policy"]["enp"]) == 16
    for query in (CLOSED, FAMILY):
        assert codes_of((await kiosk.send(query)).json()) == {"ACCESS_REFUSED"}
    export = (await kiosk.send(EXPORT, input={"idempotencyKey": str(uuid4())})).json()
    assert export["data"]["requestExport"]["errors"] == [{"code": "ACCESS_REFUSED"}]

    slot_id = (await kiosk.send(SLOTS)).json()["data"]["slots"]["nodes"][0]["id"]
    held = await kiosk.act("holdSlot", "HoldSlotInput", "hold { id }", slotId=slot_id, channel="INFOMAT")
    assert held["errors"] == []
    made = await kiosk.act("createHandover", "CreateHandoverInput", "handover { code link }", about=held["hold"]["id"])
    page, _, code = made["handover"]["link"].partition("#")
    assert code == made["handover"]["code"]
    shown = await region.http.get(page)
    assert (shown.status_code, "инфомат" in shown.text) == (200, True)

    devices = (await ask(anna, DEVICES)).json()["data"]["viewer"]["sessions"]
    assert devices[0]["deviceName"].startswith("Калужская городская поликлиника")
    assert (devices[0]["appName"], devices[0]["platform"], devices[0]["isCurrent"]) == ("Инфомат", "KIOSK", False)
    boris = Phone(region)
    await boris.sign_in("boris")
    foreign = await ask(boris, ACCEPT, input={"code": code, "idempotencyKey": str(uuid4())})
    assert foreign.json()["data"]["acceptHandover"]["errors"] == [{"code": "HANDOVER_CODE_INVALID"}]
    async with talking(region.base_url) as talk:
        await talk.start(**kiosk.credentials("GET"))
        taken = await ask(anna, ACCEPT, input={"code": code, "idempotencyKey": str(uuid4())})
        assert taken.json()["data"]["acceptHandover"] == {"about": {"id": held["hold"]["id"]}, "errors": []}
        assert await talk.close_code() == 4403
    booked = await anna.act("BookAppointment", holdId=held["hold"]["id"])
    assert (booked["errors"], booked["appointment"]["channel"]) == ([], "INFOMAT")

    async def is_out() -> bool:
        return (await kiosk.send(NAME)).status_code == 401

    await until(is_out, what="the kiosk to be refused")
    assert (await kiosk.send(NAME)).headers["clear-site-data"] == WIPES
    late = await kiosk.post_token(grant_type="refresh_token", refresh_token=kiosk.refresh_token)
    assert (late.json()["code"], late.headers["clear-site-data"]) == ("SESSION_ENDED", WIPES)
    await kiosk.sign_in("boris")
    assert (await kiosk.send(NAME)).json()["data"]["viewer"]["person"] == {"givenName": "Борис"}
    gone = await kiosk.send(
        "mutation ($input: SignOutInput!) { signOut(input: $input) { endedCount } }",
        input={"idempotencyKey": str(uuid4())},
    )
    assert (gone.json()["data"], gone.headers["clear-site-data"]) == ({"signOut": {"endedCount": 1}}, WIPES)
