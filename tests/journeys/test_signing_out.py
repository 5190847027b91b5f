"""Anna has two phones and loses one: she signs it out from the other, and it is out, everywhere (S26, S27, S30)."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx2

from tests.graphql_schema.talk import talking
from tests.journeys.phone import Phone
from tests.journeys.region import Region
from tests.plugins.waiting import until

DEVICES = "{ viewer { sessions { id platform isCurrent isKeyBound } } }"
SIGN_OUT = (
    "mutation($input: SignOutDeviceInput!) { signOutDevice(input: $input) { sessions { isCurrent } errors { code } } }"
)
EVERYWHERE = "mutation($input: SignOutEverywhereInput!) { signOutEverywhere(input: $input) { endedCount } }"


async def ask(phone: Phone, query: str, **variables: Any) -> httpx2.Response:
    url = f"{phone.region.base_url}/graphql"
    body = {"query": query, "variables": variables}
    return await phone.region.http.post(url, json=body, headers=phone.credentials())


async def is_out(phone: Phone) -> bool:
    return (await ask(phone, DEVICES)).status_code == 401


async def test_a_lost_phone_is_signed_out_from_another(region: Region, anna: Phone) -> None:
    lost = Phone(region)
    await lost.sign_in("anna")
    async with talking(region.base_url) as talk:
        await talk.start(**lost.credentials("GET"))
        await talk.subscribe("a", "subscription { inboxChanged { unreadCount } }")
        assert (await talk.hear())["type"] == "next"

        listed = (await ask(anna, DEVICES)).json()["data"]["viewer"]["sessions"]
        assert [(one["platform"], one["isCurrent"], one["isKeyBound"]) for one in listed] == [
            ("IOS", False, True),
            ("IOS", True, True),
        ]
        given = {"sessionId": listed[0]["id"], "idempotencyKey": str(uuid4())}
        payload = (await ask(anna, SIGN_OUT, input=given)).json()["data"]["signOutDevice"]
        assert payload == {"sessions": [{"isCurrent": True}], "errors": []}

        assert await talk.close_code() == 4403
    await until(lambda: is_out(lost), what="the lost phone to be refused")
    renewed = await lost.post_token(grant_type="refresh_token", client_id="ios", refresh_token=lost.refresh_token)
    assert (renewed.status_code, renewed.json()["code"]) == (400, "SESSION_ENDED")
    assert not await is_out(anna)


async def test_a_stolen_token_is_worth_nothing_and_signing_out_everywhere_leaves_nobody(
    region: Region, anna: Phone
) -> None:
    thief = Phone(region, access_token=anna.access_token, refresh_token=anna.refresh_token)
    assert await is_out(thief)  # another device, so another key
    stolen = {"authorization": f"Bearer {anna.access_token}"}
    refused = await region.http.post(f"{region.base_url}/graphql", json={"query": DEVICES}, headers=stolen)
    assert refused.json()["errors"][0]["extensions"]["code"] == "DPOP_REQUIRED"
    taken = await thief.post_token(grant_type="refresh_token", client_id="ios", refresh_token=anna.refresh_token)
    assert taken.json()["code"] == "DPOP_PROOF_INVALID"

    answer = await ask(anna, EVERYWHERE, input={"idempotencyKey": str(uuid4())})
    assert answer.json()["data"] == {"signOutEverywhere": {"endedCount": 1}}
    region.clock.advance(timedelta(seconds=10))
    assert await is_out(anna)
