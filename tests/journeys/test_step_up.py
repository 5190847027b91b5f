"""S31: what lets data out needs a recent proof of who one is; what takes it back does not. Through real HTTP."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

from backend.entrypoints.demo.organisations import HOSPITAL
from tests.journeys.phone import CLIENT_ID, Phone
from tests.journeys.region import Region

TEXT = '{ consentTexts(purpose: "clinician_access") { purpose hash } }'
STALE = ("INSUFFICIENT_USER_AUTHENTICATION", 600)


async def send(phone: Phone, query: str, **variables: Any) -> dict[str, Any]:
    answer = await phone.region.http.post(
        f"{phone.region.base_url}/graphql",
        json={"query": query, "variables": variables},
        headers=phone.credentials(),
    )
    body: dict[str, Any] = answer.json()
    return body


async def act(sender: Phone, name: str, answer: str, **given: Any) -> Any:
    """Send a mutation under a new key; return its payload, or code and age of the one top-level error."""
    kind = f"{name[0].upper()}{name[1:]}Input!"
    query = f"mutation ($input: {kind}) {{ {name}(input: $input) {{ {answer} errors {{ code }} }} }}"
    body = await send(sender, query, input={**given, "idempotencyKey": str(uuid4())})
    if "errors" not in body:
        return body["data"][name]
    [error] = body["errors"]
    return error["extensions"]["code"], error["extensions"]["maxAgeSeconds"]


async def test_who_signed_in_long_ago_takes_back_but_shares_nothing(region: Region, anna: Phone) -> None:
    [text] = (await send(anna, TEXT))["data"]["consentTexts"]
    wish = {"purpose": text["purpose"], "textHash": text["hash"], "recipient": {"ogrn": HOSPITAL.ogrn}}
    given = await act(anna, "giveConsent", "consent { id }", **wish)
    assert given["errors"] == []

    region.clock.advance(timedelta(minutes=11))
    renewed = await anna.post_token(grant_type="refresh_token", client_id=CLIENT_ID, refresh_token=anna.refresh_token)
    anna.access_token = renewed.json()["access_token"]
    until = (region.clock() + timedelta(days=1)).isoformat()
    whom = {"phone": "+79105550200", "birthDate": "1990-07-01", "rights": [{"right": "READ", "until": until}]}
    assert await act(anna, "giveConsent", "consent { id }", **wish) == STALE
    assert await act(anna, "requestExport", "export { id }") == STALE
    assert await act(anna, "grantRepresentation", "code", **whom) == STALE
    withdrawn = await act(anna, "withdrawConsent", "consent { state }", consentId=given["consent"]["id"])
    assert withdrawn == {"consent": {"state": "WITHDRAWN"}, "errors": []}

    await anna.sign_in("anna")
    again = await act(anna, "giveConsent", "consent { id state }", **wish)
    assert (again["errors"], again["consent"]["state"]) == ([], "IN_FORCE")
    assert again["consent"]["id"] != given["consent"]["id"]
