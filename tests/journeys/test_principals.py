"""Each kind of principal signs in as they really would, does one thing they may, and is refused one they may not."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import jwt
import pytest

from backend.entrypoints.demo.organisations import CALL_CENTRE, HOSPITAL, INSURER
from backend.settings import DatabaseSettings, Executor
from identity.keys import make_ec_key, public_pem
from tests.journeys.desk import Desk, codes_of
from tests.journeys.phone import Phone
from tests.journeys.region import Region, running_region
from tests.journeys.test_family import demo_people

SYSTEM_KEY = make_ec_key()
SYSTEM = {
    "client_id": "registry",
    "ogrn": HOSPITAL.ogrn,
    "keys": [{"kid": "now", "pem": {"text": public_pem(SYSTEM_KEY).decode()}}],
    "must_bind": False,
}
LOOK = """query ($id: ID!) { actingFor(personId: $id) { person { familyName } policy { enp }
  appointments { nodes { id } } } }"""
NAME_ONLY = "query ($id: ID!) { actingFor(personId: $id) { person { familyName } } }"
SLOTS = """{ slots(filter: {specialty: "therapist", town: "Калуга"}, first: 1) { nodes { id } } }"""
QUEUE = "{ reviewQueue { nodes { id source personId organization emergency { reason } } } }"
INBOX = "{ viewer { inbox { nodes { id title body } } } }"
POLICY = "{ viewer { policy { enp } } }"
SESSIONS = "{ viewer { sessions { id } } }"
SEEN = """mutation ($input: MarkNotificationsSeenInput!) { markNotificationsSeen(input: $input) {
  notifications { id } unreadCount errors { code } } }"""
HOLD = "mutation ($input: HoldSlotInput!) { holdSlot(input: $input) { errors { code } } }"
REFUSED = {"ACCESS_REFUSED"}


@pytest.fixture
async def region(
    seeded_settings: DatabaseSettings, tmp_path: Path, development_keys: Path, executor: Executor
) -> AsyncIterator[Region]:
    """The region of every journey, with a system that signs in by itself."""
    identity = {"systems": [SYSTEM]}
    folder = tmp_path / "data"
    async with running_region(
        seeded_settings, folder, development_keys, executor=executor, identity=identity
    ) as running:
        yield running


async def at_desk(region: Region, client_id: str, nick: str) -> Desk:
    desk = Desk(region, client_id)
    assert await desk.sign_in(nick) is None
    return desk


async def send_text(phone: Phone, query: str, **variables: Any) -> dict[str, Any]:
    """Send a query as its text, as a development machine may."""
    url = f"{phone.region.base_url}/graphql"
    body = {"query": query, "variables": variables}
    answer: dict[str, Any] = (await phone.region.http.post(url, json=body, headers=phone.credentials())).json()
    return answer


async def id_and_enp(phone: Phone) -> tuple[str, str]:
    """Look at the home screen, by which the register's answer is kept too."""
    viewer = (await phone.ask("HomeScreen"))["viewer"]
    return viewer["person"]["id"], viewer["policy"]["enp"]


async def family_name_seen(desk: Desk, person_id: str, query: str = NAME_ONLY) -> str | None:
    body = await desk.send(query, id=person_id)
    return body["data"]["actingFor"]["person"]["familyName"] if codes_of(body) == set() else None


async def test_an_operator_books_within_a_call_and_sees_nobody_after_it(region: Region, anna: Phone) -> None:
    anna_id, enp = await id_and_enp(anna)
    desk = await at_desk(region, "operator", "operator")
    claims = jwt.decode(desk.access_token, options={"verify_signature": False})
    assert (claims["kind"], claims["org"]) == ("operator", CALL_CENTRE.ogrn)
    assert codes_of(await desk.send(LOOK, id=anna_id)) == REFUSED
    who = demo_people(region)["anna"]
    said = {"familyName": who.family_name, "givenName": who.given_name, "birthDate": who.birth_date.isoformat()}
    opened = await desk.act("openCall", "OpenCallInput", "call { id }", callerNumber=who.phone)
    assert opened["errors"] == []
    call = {"callId": opened["call"]["id"]}
    verified = await desk.act(
        "verifyCaller",
        "VerifyCallerInput",
        "call { isCallerVerified }",
        **call,
        person=said,
        policyDigits=enp[-4:],
    )
    assert (verified["errors"], verified["call"]) == ([], {"isCallerVerified": True})
    chosen = await desk.act("choosePatient", "ChoosePatientInput", "call { isForCaller }", **call)
    assert (chosen["errors"], chosen["call"]) == ([], {"isForCaller": True})
    slot_id = (await desk.send(SLOTS))["data"]["slots"]["nodes"][0]["id"]
    held = await desk.act(
        "holdSlot", "HoldSlotInput", "hold { id }", slotId=slot_id, personId=anna_id, channel="CALL_122"
    )
    assert held["errors"] == []
    booked = await desk.act(
        "bookAppointment", "BookAppointmentInput", "appointment { id }", holdId=held["hold"]["id"], personId=anna_id
    )
    assert booked["errors"] == []
    closed = await desk.act("closeCall", "CloseCallInput", "call { isOpen }", **call)
    assert closed["call"] == {"isOpen": False}
    assert codes_of(await desk.send(LOOK, id=anna_id)) == REFUSED
    home = (await anna.ask("HomeScreen"))["viewer"]
    assert [one["id"] for one in home["appointments"]["nodes"]] == [booked["appointment"]["id"]]
    assert home["appointments"]["nodes"][0]["channel"] == "CALL_122"


async def test_an_insurance_representative_sees_whom_the_company_insures(region: Region, anna: Phone) -> None:
    boris = Phone(region)
    await boris.sign_in("boris")
    (anna_id, enp), (boris_id, _) = await id_and_enp(anna), await id_and_enp(boris)
    policy = "query ($id: ID!) { actingFor(personId: $id) { person { familyName } policy { enp } } }"
    for level, nick in ((1, "representative"), (2, "representative2"), (3, "representative3")):
        desk = await at_desk(region, "insurer", nick)
        claims = jwt.decode(desk.access_token, options={"verify_signature": False})
        assert (claims["org"], claims["lvl"]) == (INSURER.ogrn, level)
        seen = await desk.send(policy, id=anna_id)
        assert seen["data"]["actingFor"]["person"] == {"familyName": "Орлова"}
        assert seen["data"]["actingFor"]["policy"] == (None if level == 1 else {"enp": enp})
        assert codes_of(seen) == (REFUSED if level == 1 else set())
        assert codes_of(await desk.send(NAME_ONLY, id=boris_id)) == REFUSED


async def consent_of(phone: Phone) -> dict[str, Any]:
    """Let the demo hospital's clinicians see, as the person's app would."""
    app = Desk(phone.region, "ios", phone.access_token)
    texts = (await app.send('{ consentTexts(purpose: "clinician_access") { purpose hash } }'))["data"]["consentTexts"]
    given = await app.act(
        "giveConsent",
        "GiveConsentInput",
        "consent { id }",
        purpose=texts[0]["purpose"],
        textHash=texts[0]["hash"],
        recipient={"ogrn": HOSPITAL.ogrn},
    )
    assert given["errors"] == []
    consent: dict[str, Any] = given["consent"]
    return consent


async def test_a_clinician_sees_by_consent_and_in_an_emergency(region: Region, anna: Phone) -> None:
    anna_id, _ = await id_and_enp(anna)
    bearer = await at_desk(region, "web", "anna")  # without a key, so that its mutations go by text
    app = Phone(region, access_token=bearer.access_token)
    doctor = await at_desk(region, "clinician", "doctor")
    assert await family_name_seen(doctor, anna_id) is None
    consent = await consent_of(app)
    assert await family_name_seen(doctor, anna_id, LOOK) == "Орлова"
    withdrawn = await bearer.act(
        "withdrawConsent", "WithdrawConsentInput", "consent { state }", consentId=consent["id"]
    )
    assert withdrawn["errors"] == []
    assert codes_of(await doctor.send(LOOK, id=anna_id)) == REFUSED
    opened = await break_glass(doctor, anna_id)
    assert opened["errors"] == []
    assert await family_name_seen(doctor, anna_id, LOOK) == "Орлова"
    kinds = {one["kind"] for one in (await anna.ask("Inbox"))["viewer"]["inbox"]["nodes"]}
    assert "EMERGENCY_ACCESS" in kinds


async def break_glass(desk: Desk, person_id: str) -> dict[str, Any]:
    return await desk.act(
        "openEmergencyAccess",
        "OpenEmergencyAccessInput",
        "emergency { id }",
        personId=person_id,
        category="UNCONSCIOUS",
        reason="без сознания, нужны сведения о лекарствах",
    )


async def test_a_crew_breaks_the_glass_and_an_auditor_reads_why(region: Region, anna: Phone) -> None:
    anna_id, _ = await id_and_enp(anna)
    crew, auditor = await at_desk(region, "crew", "crew"), await at_desk(region, "auditor", "auditor")
    assert await family_name_seen(crew, anna_id) is None
    assert codes_of(await crew.send(QUEUE)) == REFUSED
    assert (await break_glass(crew, anna_id))["errors"] == []
    assert await family_name_seen(crew, anna_id, LOOK) == "Орлова"
    [review] = (await auditor.send(QUEUE))["data"]["reviewQueue"]["nodes"]
    assert review["personId"] == anna_id
    assert review["emergency"] == {"reason": "без сознания, нужны сведения о лекарствах"}
    assert codes_of(await auditor.send(LOOK, id=anna_id)) == REFUSED


async def test_a_system_sees_public_data_only(region: Region, anna: Phone) -> None:
    anna_id, _ = await id_and_enp(anna)
    now = int(region.clock().timestamp())
    claims = {"iss": "registry", "sub": "registry", "aud": region.base_url, "jti": str(uuid4()), "exp": now + 60}
    form = {
        "grant_type": "client_credentials",
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "client_assertion": jwt.encode(claims, SYSTEM_KEY, algorithm="ES256", headers={"kid": "now"}),
    }
    answer = await region.http.post(f"{region.base_url}/auth/token", data=form)
    assert answer.status_code == 200, answer.text
    system = Desk(region, "registry", answer.json()["access_token"])
    assert len((await system.send(SLOTS))["data"]["slots"]["nodes"]) == 1
    assert codes_of(await system.send(LOOK, id=anna_id)) == REFUSED
    assert codes_of(await system.send(QUEUE)) == REFUSED


async def test_staff_are_citizens_at_home_and_citizens_are_no_staff(region: Region, anna: Phone) -> None:
    anna_id, _ = await id_and_enp(anna)
    at_home = Phone(region)
    await at_home.sign_in("doctor")
    assert (await at_home.ask("HomeScreen"))["viewer"]["person"]["familyName"] == "Лебедева"
    assert (await Desk(region, "clinician").sign_in("anna")) == "ESIA_EMPLOYEE_UNKNOWN"
    assert (await Desk(region, "auditor").sign_in("doctor")) == "ESIA_EMPLOYEE_UNKNOWN"
    home = await at_desk(region, "web", "doctor")
    assert codes_of(await home.send(LOOK, id=anna_id)) == REFUSED


async def test_a_mother_sees_her_child_and_not_a_stranger(region: Region) -> None:
    mother, boris = await at_desk(region, "web", "anna"), Phone(region)
    await boris.sign_in("boris")
    boris_id, _ = await id_and_enp(boris)
    family = await mother.send("{ viewer { representation { actsFor { person { id givenName } } } } }")
    children = {
        one["person"]["givenName"]: one["person"]["id"] for one in family["data"]["viewer"]["representation"]["actsFor"]
    }
    assert await family_name_seen(mother, children["Дмитрий"]) == "Орлов"
    assert codes_of(await mother.send(LOOK, id=boris_id)) == REFUSED


async def test_a_phone_in_the_background_marks_what_was_seen_and_does_nothing_else(region: Region, anna: Phone) -> None:
    slots = await anna.ask("SearchSlots", filter={"specialty": "therapist"}, first=1)
    hold = (await anna.act("HoldSlot", slotId=slots["slots"]["nodes"][0]["id"]))["hold"]
    assert (await anna.act("BookAppointment", holdId=hold["id"]))["errors"] == []
    [message] = (await anna.ask("HomeScreen"))["viewer"]["inbox"]["nodes"]
    refresh = {"grant_type": "refresh_token", "client_id": "ios"}
    narrowed = (await anna.post_token(**refresh, refresh_token=anna.refresh_token, scope="device")).json()
    assert narrowed["scope"] == "device"
    phone = Phone(region, device_key=anna.key, access_token=narrowed["access_token"])
    given = {"ids": [message["id"]], "idempotencyKey": str(uuid4())}
    marked = (await send_text(phone, SEEN, input=given))["data"]["markNotificationsSeen"]
    assert marked == {"notifications": [], "unreadCount": 0, "errors": []}
    for query in (INBOX, POLICY, SESSIONS):
        assert codes_of(await send_text(phone, query)) == REFUSED
    held = await send_text(phone, HOLD, input={"slotId": hold["slot"]["id"], "idempotencyKey": str(uuid4())})
    assert held["data"]["holdSlot"]["errors"] == [{"code": "ACCESS_REFUSED"}]
    whole = await anna.post_token(**refresh, refresh_token=narrowed["refresh_token"])
    anna.access_token = whole.json()["access_token"]
    assert (await anna.ask("HomeScreen"))["viewer"]["unreadCount"] == 0
