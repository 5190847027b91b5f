"""One dead part never blanks the home screen, and nobody sees what is not theirs."""

from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import func, select
from uuid_utils.compat import uuid7

from backend.booking.appointment_tables import AppointmentRow
from backend.idempotency import IdempotencyKeyRow
from backend.policy.tables import PolicySnapshotRow
from graphql_schema.node import encode_id
from notifications.tables import NotificationRow
from tests.journeys.phone import OPERATIONS, Phone
from tests.journeys.region import Region
from tests.journeys.test_bad_input import INPUTS
from tests.journeys.test_booking_a_doctor import first_slot

OPEN_TO_ALL = {
    *("Clinics", "ClinicDetails", "ConsentTextToSign", "ConsentTexts", "DoctorDetails", "FindSlots", "MoreSlots"),
    *("ReleaseQueues", "SearchSlots", "SearchSlotsNearby", "SlotSearchForm"),
}
"""What the citizens' apps show before anybody is signed in."""


async def ask_home(phone: Phone) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the viewer and, by section, the code of the error that emptied it."""
    body = (await phone.send("HomeScreen")).json()
    return body["data"]["viewer"], {error["path"][-1]: error["extensions"]["code"] for error in body.get("errors", [])}


@pytest.mark.parametrize(
    ("kind", "patience_with_register"),
    [("slow", 0.5), *((kind, 20) for kind in ("down", "garbage", "truncated", "wrong_person", "unauthorized"))],
)
async def test_a_broken_register_empties_its_section_only(region: Region, anna: Phone, kind: str) -> None:
    """R61: a dead downstream nulls its own section with a code, in both languages."""
    await region.break_simulator("oms", kind=kind, times=20, seconds=3)
    for anna.language, words in (("en", "does not answer now"), ("ru", "сейчас не отвечает")):
        [error] = (await anna.send("HomeScreen")).json()["errors"]
        assert words in error["message"]
    home, codes = await ask_home(anna)
    assert home["policy"] is None
    assert codes == {"policy": "POLICY_SOURCE_UNAVAILABLE"}
    assert home["person"]["givenName"] == "Анна"
    assert home["appointments"]["nodes"] == []
    assert home["unreadCount"] == 0
    async with region.database.reading() as session:
        assert (await session.exec(select(func.count()).select_from(PolicySnapshotRow))).one() == 0


async def test_a_known_policy_is_shown_with_its_time_while_the_register_is_down(region: Region, anna: Phone) -> None:
    first, _ = await ask_home(anna)
    await region.break_simulator("oms", kind="down", times=50)
    region.clock.advance(timedelta(hours=1))
    anna = Phone(region)
    await anna.sign_in("anna")
    later, codes = await ask_home(anna)
    assert codes == {}
    assert later["policy"]["isStale"] is True
    assert later["policy"]["asOf"] == first["policy"]["asOf"]


async def test_an_unconfirmed_account_sees_no_medical_data_and_books_nothing(region: Region, anna: Phone) -> None:
    gleb = Phone(region)
    await gleb.sign_in("gleb")
    home, codes = await ask_home(gleb)
    assert home["person"]["givenName"] == "Глеб"
    sections = ("policy", "appointments", "inbox", "unreadCount")
    assert {section: home[section] for section in sections} == dict.fromkeys(sections)
    assert codes == dict.fromkeys(sections, "ACCOUNT_NOT_CONFIRMED")
    slot = await first_slot(gleb)
    refused = await gleb.act("HoldSlot", slotId=slot["id"])
    assert [error["code"] for error in refused["errors"]] == ["ACCOUNT_NOT_CONFIRMED"]
    assert "Госуслугах" in refused["errors"][0]["message"]
    async with region.database.reading() as session:
        for table in (AppointmentRow, NotificationRow, IdempotencyKeyRow):
            assert (await session.exec(select(func.count()).select_from(table))).one() == 0


async def test_nobody_signed_in_gets_one_clear_code(region: Region) -> None:
    nobody = Phone(region)
    slot = (await nobody.ask("SearchSlots", filter={"specialty": "therapist"}, first=1))["slots"]["nodes"][0]
    key = "018f6f7e-7a3c-7000-8000-000000000001"
    inputs = {
        **{f"{name[0].upper()}{name[1:]}": given for name, given in INPUTS.items()},
        "HoldSlot": {"slotId": slot["id"]},
        "AcceptHandover": {"code": "0000-0000"},
        "GiveConsent": {"purpose": "clinician_access", "textHash": "x"},
        "WithdrawConsent": {"consentId": encode_id("Consent", uuid7())},
        "RequestExport": {},
        "DeleteExport": {"exportId": encode_id("DataExport", uuid7())},
        "RequestErasure": {},
        "CancelErasure": {},
        "SetNotificationPreferences": {"changes": [{"topic": "POLICY", "channel": "SMS", "isOn": False}]},
        "SetQuietHours": {"isOn": False},
        "LiftChannelRefusal": {"channel": "SMS"},
        "CreateCalendarFeed": {},
        "ChangeCalendarFeed": {"detail": "FULL"},
        "RevokeCalendarFeed": {},
        "RequestCallBack": {"reason": "BOOKING"},
        "CancelCallBack": {"callBackId": encode_id("CallBack", uuid7())},
        "AppealNoShow": {"appointmentId": encode_id("Appointment", uuid7()), "text": "Я приходил"},
        "ReportAccess": {"entryId": encode_id("AccessLogEntry", uuid7())},
    }
    nodes = {
        "AppointmentCalendarFile": "Appointment",
        "AppointmentDetails": "Appointment",
        "AppointmentHistory": "Appointment",
        "ConsentDetails": "Consent",
        "MessageDetails": "Notification",
    }
    for name, operation in OPERATIONS.items():
        if name in OPEN_TO_ALL or operation.type == "subscription":
            continue
        given: dict[str, Any] = {
            "personId": slot["id"],
            "id": encode_id(nodes.get(name, "Slot"), uuid7()),
            "detail": "PLAIN",
        }
        if operation.type == "mutation":
            given = {"input": {**inputs[name], "idempotencyKey": key}}
        body = (await nobody.send(name, **given)).json()
        assert [error["extensions"]["code"] for error in body["errors"]] == ["UNAUTHENTICATED"], name
        assert all(value is None for key, value in body["data"].items() if key != "serverTime"), name


async def test_anothers_appointment_answers_as_a_missing_one(region: Region, anna: Phone) -> None:
    """S36: not even the existence of another's appointment is told."""
    slot = await first_slot(anna)
    held = await anna.act("HoldSlot", slotId=slot["id"])
    boris = Phone(region)
    await boris.sign_in("boris")
    foreign = await boris.act("BookAppointment", holdId=held["hold"]["id"])
    missing = await boris.act("BookAppointment", holdId="U2xvdEhvbGQ6AAAAAAAAAAAAAAAAAAAAAA")
    malformed = await boris.act("BookAppointment", holdId="не идентификатор")
    assert foreign == missing == malformed
    assert [error["code"] for error in foreign["errors"]] == ["HOLD_NOT_FOUND"]
    booked = await anna.act("BookAppointment", holdId=held["hold"]["id"])
    appointment_id = booked["appointment"]["id"]
    stolen = await boris.act("CancelAppointment", appointmentId=appointment_id, reason="OTHER_REASONS")
    assert [error["code"] for error in stolen["errors"]] == ["APPOINTMENT_NOT_FOUND"]
    assert [one["id"] for one in (await ask_home(anna))[0]["appointments"]["nodes"]] == [appointment_id]
