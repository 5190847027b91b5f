"""Anna books through Gosuslugi: the portal signs in with its key, books over real HTTP, and she finds all of it."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import jwt
import pytest
from pydantic import HttpUrl

from backend.booking.errors import OutcomeUnknown, SlotTaken
from backend.booking.ports import OutsideSlot, Patient, Resource
from backend.booking.states import CancelReason
from backend.integrations.fer_registry.client import FerRegistryClient
from backend.integrations.fer_registry.endpoint import ENDPOINT_PATH
from backend.integrations.fer_registry.soap import Element, make, read_message, said, write_message
from backend.settings import DatabaseSettings, Executor, FerRegistrySettings
from identity.keys import make_ec_key, public_pem
from tests.journeys.desk import Desk, codes_of
from tests.journeys.phone import Phone
from tests.journeys.region import MONDAY, Region, running_region
from tests.journeys.test_family import demo_people
from tests.journeys.test_outside_registry import as_patient

PORTAL_KEY = make_ec_key()
PORTAL: dict[str, Any] = {
    "client_id": "epgu",
    "ogrn": "1047702026701",
    "name": "Госуслуги",
    "keys": [{"kid": "now", "pem": {"text": public_pem(PORTAL_KEY).decode()}}],
    "must_bind": False,
    "is_portal": True,
}
OTHER = {**PORTAL, "client_id": "registry", "is_portal": False}
LOOK = "query ($id: ID!) { actingFor(personId: $id) { appointments { nodes { id } } } }"
LOG = """{ viewer { accessLog(first: 20) { nodes { role purpose organization { name } actions { code } } } } }"""


@pytest.fixture
async def region(
    seeded_settings: DatabaseSettings, tmp_path: Path, development_keys: Path, executor: Executor
) -> AsyncIterator[Region]:
    """The region of every journey, with a portal and a system that is none."""
    identity = {"systems": [PORTAL, OTHER]}
    async with running_region(
        seeded_settings, tmp_path / "data", development_keys, executor=executor, identity=identity
    ) as running:
        yield running


async def token_of(region: Region, client_id: str) -> str:
    now = int(region.clock().timestamp())
    claims = {"iss": client_id, "sub": client_id, "aud": region.base_url, "jti": str(uuid4()), "exp": now + 60}
    form = {
        "grant_type": "client_credentials",
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "client_assertion": jwt.encode(claims, PORTAL_KEY, algorithm="ES256", headers={"kid": "now"}),
    }
    answer = await region.http.post(f"{region.base_url}/auth/token", data=form)
    assert answer.status_code == 200, answer.text
    token: str = answer.json()["access_token"]
    return token


def client(region: Region, token: str) -> FerRegistryClient:
    url = HttpUrl(region.base_url + ENDPOINT_PATH)
    return FerRegistryClient(FerRegistrySettings(base_url=url, token=token, timeout_seconds=30), clock=region.clock)


async def ask(region: Region, token: str, method: str, *content: Element) -> Element:
    body = write_message(make(f"{method}Request", make("Session_ID", str(uuid4())), *content))
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "text/xml", "SOAPAction": method}
    answer = await region.http.post(region.base_url + ENDPOINT_PATH, content=body, headers=headers)
    assert answer.status_code == 200, answer.text
    return read_message(answer.content)


async def a_dentist(region: Region, token: str) -> Resource:
    """Look for a clinic with a dentist, and for the dentist, as a portal does."""
    clinics = await ask(region, token, "GetMOInfoExtended", make("Booking_Type", "1"), make("Post_Id", "171"))
    oid = said(clinics, "MO_List", "MO", "MO_OID") or ""
    days = [make(name, MONDAY.date().isoformat()) for name in ("Start_Date_Range", "End_Date_Range")]
    asked = (make("Service_Posts", make("Post", make("Post_Id", "171"))), make("MO_OID_List", make("MO_OID", oid)))
    resources = await ask(region, token, "GetMOResourceInfo", *asked, *days)
    specialist = said(resources, "Resources", "Resource", "Specialist", "Specialist_Id") or ""
    return Resource(oid, f"171|id|{specialist}")


async def free_slot(registry: FerRegistryClient, dentist: Resource, region: Region) -> OutsideSlot:
    today = region.clock().date()
    return (await registry.schedule(dentist, first=today, last=today.replace(day=today.day + 1))).slots[-1]


async def booking(
    registry: FerRegistryClient, patient: Patient, dentist: Resource, slot: OutsideSlot, key: Any
) -> None:
    await registry.book(key=key, patient=patient, resource=dentist, slot=slot, referral_number=None)


async def test_anna_books_through_the_portal_and_finds_it_in_the_app(region: Region, anna: Phone) -> None:
    patient = as_patient(demo_people(region)["anna"])
    anna_id = (await anna.ask("HomeScreen"))["viewer"]["person"]["id"]
    token, key = await token_of(region, "epgu"), uuid4()
    async with client(region, token) as registry:
        dentist = await a_dentist(region, token)
        slot = await free_slot(registry, dentist, region)
        await booking(registry, patient, dentist, slot, key)
        await booking(registry, patient, dentist, slot, key)
        boris = as_patient(demo_people(region)["boris"])
        with pytest.raises(SlotTaken):
            await booking(registry, boris, dentist, slot, uuid4())
        [appointment] = (await anna.ask("HomeScreen"))["viewer"]["appointments"]["nodes"]
        assert (appointment["channel"], appointment["status"]) == ("EPGU", "CONFIRMED")
        assert codes_of(await Desk(region, "epgu", token).send(LOOK, id=anna_id)) == {"ACCESS_REFUSED"}
        given_up = {"key": key, "patient": patient, "resource": dentist, "slot": slot}
        await registry.cancel(**given_up, reason=CancelReason.PATIENT_DECLINE)  # type: ignore[arg-type] # by name
    assert (await anna.ask("HomeScreen"))["viewer"]["appointments"]["nodes"] == []
    kinds = [one["kind"] for one in (await anna.ask("Inbox", first=20))["viewer"]["inbox"]["nodes"]]
    assert kinds == ["APPOINTMENT_CANCELLED", "APPOINTMENT_BOOKED"]
    web = Desk(region, "web")
    assert await web.sign_in("anna") is None
    log = (await web.send(LOG))["data"]["viewer"]["accessLog"]["nodes"]
    seen = [one for one in log if one["role"] == "PORTAL"]
    assert {one["organization"]["name"] for one in seen} == {"Госуслуги"}
    assert {each["code"] for one in seen for each in one["actions"]} == {
        "open_portal_session", "hold_slot", "book_appointment", "cancel_appointment",
    }  # fmt: skip


async def test_a_system_that_is_no_portal_books_for_nobody(region: Region, anna: Phone) -> None:
    patient = as_patient(demo_people(region)["anna"])
    token = await token_of(region, "epgu")
    dentist = await a_dentist(region, token)
    async with client(region, token) as registry:
        slot = await free_slot(registry, dentist, region)
    for shown in (await token_of(region, "registry"), anna.access_token, "nothing"):
        async with client(region, shown) as registry:
            with pytest.raises(OutcomeUnknown):
                await booking(registry, patient, dentist, slot, uuid4())
    assert (await anna.ask("HomeScreen"))["viewer"]["appointments"]["nodes"] == []
