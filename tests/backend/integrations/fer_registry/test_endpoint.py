"""At the door for portals: what is no call of this interface, by a portal, in time, is a fault and does nothing."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx2
import pytest
from lxml import etree

from backend.booking.values import SlotId
from backend.database import Database
from backend.integrations.fer_registry import wire
from backend.integrations.fer_registry.endpoint import _TOLD, LONGEST_MESSAGE_BYTES
from backend.integrations.fer_registry.endpoint_words import WORD_OF
from backend.integrations.fer_registry.soap import Element, local_name, make, read_message, said, write_message
from tests.factories.people import NOW
from tests.factories.portals import ANNA, BORIS, OTHERS_TOKEN, POST_OF, TOKEN, Door, connected

SOON = NOW + timedelta(hours=3)
HEADERS = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "text/xml; charset=utf-8"}
BOMB = b"""<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">
<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;"><!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;"><!ENTITY e "&d;&d;&d;&d;&d;&d;&d;&d;">]>
<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>&e;</s:Body></s:Envelope>"""
OUTSIDER = BOMB.replace(b'<!ENTITY a "aaaaaaaaaa">', b'<!ENTITY a SYSTEM "file:///etc/hostname">')


@pytest.fixture
async def door(database: Database) -> AsyncIterator[Door]:
    async with connected(database) as door:
        yield door


async def slot(door: Door) -> SlotId:
    return (await door.house.booking.registry.add_slots(door.place, [SOON]))[0]


def patient_info(session: Any, patient: Any = ANNA) -> bytes:
    return write_message(wire.patient_info_request(session, patient, with_referrals=True))


def create(session: Any, slot_id: Any, *more: Element) -> bytes:
    return write_message(
        make("CreateAppointmentRequest", make("Session_ID", str(session)), make("Slot_Id", str(slot_id)), *more)
    )


async def post(door: Door, body: Any, action: str = "GetPatientInfo", **headers: str) -> httpx2.Response:
    return await door.http.post(door.url, content=body, headers={**HEADERS, "SOAPAction": f'"{action}"', **headers})


async def ask(door: Door, body: bytes, action: str) -> Element:
    """Return the answer, which is one."""
    response = await post(door, body, action)
    assert response.status_code == 200, response.text
    return read_message(response.content)


async def ask_of(door: Door, method: str, *content: Element) -> Element:
    return await ask(door, write_message(make(f"{method}Request", make("Session_ID", str(uuid4())), *content)), method)


def fault_of(response: httpx2.Response) -> str:
    """Return the code of a fault, which says nothing of what was sent."""
    assert "Соколова" not in response.text
    code = etree.fromstring(response.content).findtext(".//faultcode")
    assert code is not None
    return code.removeprefix("soapenv:")


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({"Authorization": ""}, 401, "Client.Authentication"),
        ({"Authorization": "Bearer nobody"}, 401, "Client.Authentication"),
        ({"Authorization": "Basic dTpw"}, 401, "Client.Authentication"),
        ({"Authorization": f"Bearer {OTHERS_TOKEN}"}, 403, "Client.NotAllowed"),
        ({"Content-Type": "application/soap+xml"}, 415, "Client.ContentType"),
        ({"Content-Type": "application/json"}, 415, "Client.ContentType"),
        ({"SOAPAction": "DropTables"}, 500, "Client.Action"),
        ({"SOAPAction": ""}, 500, "Client.Action"),
        ({"SOAPAction": "CreateAppointment"}, 500, "Client.Action"),
    ],
)
async def test_a_call_that_may_not_be_is_a_fault(door: Door, headers: dict[str, str], status: int, code: str) -> None:
    response = await post(door, patient_info(uuid4()), **headers)
    assert (response.status_code, fault_of(response)) == (status, code)
    assert response.headers["cache-control"] == "no-store"
    assert ("www-authenticate" in response.headers) is (status == 401)


@pytest.mark.parametrize(
    "spoilt",
    [
        lambda _: b"",
        lambda _: b"{}",
        lambda _: BOMB,
        lambda _: OUTSIDER,
        lambda right: right[:-5],
        lambda right: right * 2,
        lambda right: right.replace(b"1984-05-17", b"1984-02-31"),
        lambda right: right.replace(b"1984-05-17", b"0000-01-01"),
        lambda right: right.replace(b"<er:Sex>F", b"<er:Sex>X"),
        lambda right: right.replace("Анна".encode(), "А".encode() * 400),
        lambda right: right.replace(b"Body>", b"Corpse>"),
        lambda right: right.replace(b"</er:Patient_Data>", b"<er:Extra/></er:Patient_Data>"),
        lambda right: b"<a>" * 20_000 + right,
    ],
)
async def test_a_body_that_is_no_message_is_a_fault_and_opens_nothing(
    door: Door, spoilt: Callable[[bytes], bytes]
) -> None:
    session, slot_id = uuid4(), await slot(door)
    response = await post(door, spoilt(patient_info(session)))
    assert (response.status_code, fault_of(response)) == (500, "Client.Message")
    answer = await ask(door, create(session, slot_id), "CreateAppointment")
    assert wire.error_code(answer) == "SESSION_TIMED_OUT"
    assert await door.house.booking.statuses() == []


async def test_a_message_that_is_too_long_is_refused_however_it_is_sent(door: Door) -> None:
    padded = patient_info(uuid4()) + b" " * LONGEST_MESSAGE_BYTES

    async def in_pieces() -> AsyncIterator[bytes]:
        for start in range(0, len(padded), 50_000):
            yield padded[start : start + 50_000]

    for body in (padded, in_pieces()):
        response = await post(door, body)
        assert (response.status_code, fault_of(response)) == (413, "Client.TooLong")


async def test_a_message_that_does_not_come_is_not_waited_for(database: Database) -> None:
    async with connected(database, body_seconds=0.05) as door:
        address = httpx2.URL(str(door.http.base_url))
        reader, writer = await asyncio.open_connection(address.host, address.port)
        lines = [f"POST {door.url} HTTP/1.1", "Host: x", "Content-Length: 900", 'SOAPAction: "GetPatientInfo"']
        lines += [f"{name}: {value}" for name, value in HEADERS.items()]
        writer.write("\r\n".join([*lines, "", "<s:Envelope"]).encode())
        answer = (await asyncio.wait_for(reader.readuntil(b"</soapenv:Envelope>"), 20)).decode()
        writer.close()
        assert answer.startswith("HTTP/1.1 408 ")
        assert "Client.TooSlow" in answer


async def test_an_answer_that_takes_too_long_is_cut_and_asked_for_again(database: Database) -> None:
    async with connected(database, work_seconds=0) as door:
        response = await post(door, patient_info(uuid4()))
        assert (response.status_code, fault_of(response)) == (503, "Server.Busy")
        assert response.headers["retry-after"] == "1"


async def test_a_session_ends_twenty_minutes_after_its_last_use_and_can_be_opened_anew(door: Door) -> None:
    session, slot_id = uuid4(), await slot(door)
    await ask(door, patient_info(session), "GetPatientInfo")
    door.house.clock.advance(timedelta(minutes=19))
    gone = await ask(door, create(session, uuid4()), "CreateAppointment")
    assert wire.error_code(gone) == "NO_DATA_FOUND"
    door.house.clock.advance(timedelta(minutes=20))
    assert wire.error_code(await ask(door, create(session, slot_id), "CreateAppointment")) == "SESSION_TIMED_OUT"
    assert await door.house.booking.statuses() == []
    await ask(door, patient_info(session), "GetPatientInfo")
    for _ in range(2):
        assert said(await ask(door, create(session, slot_id), "CreateAppointment"), "Status_Code") == "SUCCESS"
        door.house.clock.advance(timedelta(minutes=21))
    assert len(await door.house.booking.statuses()) == 1


async def test_a_session_of_somebody_else_is_a_fault(door: Door) -> None:
    session = uuid4()
    await ask(door, patient_info(session), "GetPatientInfo")
    response = await post(door, patient_info(session, BORIS))
    assert (response.status_code, fault_of(response)) == (500, "Client.Session")


async def test_a_slot_we_never_named_is_none(door: Door) -> None:
    session, slot_id = uuid4(), await slot(door)
    await ask(door, patient_info(session), "GetPatientInfo")
    for name in ("1", "x" * 200, str(slot_id).upper(), slot_id.hex):
        answer = await ask(door, create(session, name), "CreateAppointment")
        assert wire.error_code(answer) == "NO_DATA_FOUND"
    elsewhere = await ask(door, create(session, slot_id, make("MO_OID", "1.2.3")), "CreateAppointment")
    assert wire.error_code(elsewhere) == "NO_DATA_FOUND"
    assert await door.house.booking.statuses() == []


async def test_a_portal_finds_its_way_from_the_clinics_to_a_slot(door: Door) -> None:
    slot_id = await slot(door)
    clinics = await ask_of(door, "GetMOInfoExtended", make("Booking_Type", "1"), make("Post_Id", POST_OF["dentist"]))
    clinic_id, oid = said(clinics, "MO_List", "MO", "MO_Id") or "", said(clinics, "MO_List", "MO", "MO_OID") or ""
    none = await ask_of(door, "GetMOInfoExtended", make("Booking_Type", "1"), make("Post_Id", "999"))
    assert said(none, "MO_List", "MO", "MO_Id") is None
    posts = await ask_of(door, "GetServicePostSpecsInfo", make("MO_Id", clinic_id))
    post_id = said(posts, "Service_Posts", "Post", "Post_Id") or ""
    assert post_id == POST_OF["dentist"]
    day = [make(name, SOON.date().isoformat()) for name in ("Start_Date_Range", "End_Date_Range")]
    resources = await ask_of(
        door,
        "GetMOResourceInfo",
        make("Service_Posts", make("Post", make("Post_Id", post_id))),
        make("MO_OID_List", make("MO_OID", oid)),
        *day,
    )
    assert said(resources, "Resources", "Resource", "Available_Dates", "Available_Date") == SOON.date().isoformat()
    assert said(resources, "Resources", "Resource", "Specialist", "SNILS") is None
    specialist = said(resources, "Resources", "Resource", "Specialist", "Specialist_Id") or ""
    session = uuid4()
    asked = (make("MO_OID", oid), make("Service_Post", make("Post", make("Post_Id", post_id))))
    free = await ask_of(
        door,
        "GetScheduleInfo",
        make("Specialist_Id", specialist),
        *asked,
        *(make(name, SOON.date().isoformat()) for name in ("Start_Date_Range", "End_Date_Range")),
    )
    assert said(free, "Slots", "Slot", "Slot_Id") == str(slot_id)
    assert said(free, "Slots", "Slot", "VisitTime") == "2026-11-22T12:00:00+03:00"
    opened = await ask(door, patient_info(session), "GetPatientInfo")
    assert said(opened, "Patient_Id")
    message = make(
        "ReferralAppointmentRequest",
        make("Session_ID", str(session)),
        make("Referral_Number", "40-nobodys"),
        make("Slot_Id", str(slot_id)),
    )
    refused = await ask(door, write_message(message), "ReferralAppointment")
    assert wire.error_code(refused) == "REFERRAL_REQUIRED"
    assert local_name(refused) == "ReferralAppointmentResponse"


@pytest.mark.parametrize("name", ["Specialist_SNILS", "Room_Id"])
async def test_who_is_not_told_by_our_id_has_no_schedule(door: Door, name: str) -> None:
    answer = await ask_of(
        door,
        "GetScheduleInfo",
        make(name, "11223344595"),
        make("MO_OID", "1.2.643.5.1.13.13.12.2.40.901"),
        make("Service_Post", make("Post", make("Post_Id", POST_OF["dentist"]))),
        make("Start_Date_Range", "2026-11-22"),
        make("End_Date_Range", "2026-11-22"),
    )
    assert wire.error_code(answer) == "NO_DATA_FOUND"


async def test_the_description_is_open_and_the_address_says_how_it_is_used(door: Door) -> None:
    assert (await door.http.get(f"{door.url}?wsdl")).status_code == 200
    assert (await door.http.get(door.url)).status_code == 405


def test_every_word_is_one_of_the_interface_and_every_fault_has_its_text() -> None:
    assert set(WORD_OF.values()) - set(wire.REFUSALS) == {wire.SESSION_TIMED_OUT}
    assert all(text.isascii() for text in _TOLD.values())
