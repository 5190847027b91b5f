"""A person takes everything that is held about them, through the real application and its own worker (S44, S51)."""

from typing import Any
from uuid import uuid4

from sqlmodel import select

from backend.rights.tables import DataExportRow
from backend.rights.values import ExportState
from tests.factories.rights import Copy
from tests.journeys.phone import Phone
from tests.journeys.region import Region
from tests.plugins.waiting import until

EXPORTS = "{ viewer { exports { state progressPercent downloadUrl } person { familyName } } }"
REQUEST = "mutation($input: RequestExportInput!) { requestExport(input: $input) { export { state } errors { code } } }"


async def ask(phone: Phone, query: str, **variables: Any) -> dict[str, Any]:
    """Send free text, as a developer may."""
    answer = await phone.region.http.post(
        f"{phone.region.base_url}/graphql",
        json={"query": query, "variables": variables},
        headers=phone.credentials(),
    )
    body: dict[str, Any] = answer.json()
    assert "errors" not in body, body
    data: dict[str, Any] = body["data"]
    return data


async def test_a_person_takes_their_own_data(region: Region, anna: Phone) -> None:
    asked = await ask(anna, REQUEST, input={"idempotencyKey": str(uuid4())})
    assert asked["requestExport"] == {"export": {"state": "QUEUED"}, "errors": []}

    async def is_made() -> bool:
        async with region.database.reading() as session:
            return (await session.exec(select(DataExportRow.state))).one() is ExportState.READY

    await until(is_made, what="the copy")
    viewer = (await ask(anna, EXPORTS))["viewer"]
    url = viewer["exports"][0]["downloadUrl"]
    assert url.startswith(f"{region.base_url}/downloads/")
    answer = await region.http.get(url)
    assert answer.status_code == 200
    copy = Copy(answer.content)
    assert copy.table("persons")["rows"][0]["family_name"] == viewer["person"]["familyName"]
    assert len(copy.table("sessions")["rows"]) == 1
    assert anna.refresh_token not in copy.everything
    boris = Phone(region)
    await boris.sign_in("boris")
    assert (await ask(boris, EXPORTS))["viewer"]["exports"] == []
