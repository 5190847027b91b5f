from datetime import timedelta
from uuid import UUID

import pytest
from uuid_utils.compat import uuid7

from backend.booking.states import AppointmentStatus
from backend.booking.values import SlotId
from backend.database import Database
from graphql_schema.node import encode_id
from identity.principal import Assurance
from tests.factories.booking import DENTIST
from tests.factories.people import NOW, make_principal
from tests.graphql_schema.booking.face import BOOK, CANCEL, HOLD, Face

SOON = NOW + timedelta(hours=3)
HELD, CONFIRMED = AppointmentStatus.HELD, AppointmentStatus.CONFIRMED


def slot_gid(slot_id: UUID) -> str:
    return encode_id("Slot", slot_id)


@pytest.fixture
def face(database: Database) -> Face:
    return Face(database)


async def test_holds_books_and_cancels_by_the_clinics_clock(face: Face) -> None:
    anna = make_principal()
    place = await face.booking.one_place(time_zone="Asia/Kamchatka")
    slot_id = (await face.booking.registry.add_slots(place, [SOON]))[0]

    held, _ = await face.change(anna, HOLD, slotId=slot_gid(slot_id))
    assert held["errors"] == []
    assert held["hold"]["expiresAt"] == "2026-11-22T06:05:00+00:00"
    assert held["hold"]["serverTime"] == "2026-11-22T06:00:00+00:00"
    assert held["hold"]["slot"] == {
        "id": slot_gid(slot_id),
        "startsAt": "2026-11-22T21:00:00+12:00",
        "endsAt": "2026-11-22T21:15:00+12:00",
        "timeZone": "Asia/Kamchatka",
        "room": "12",
        "clinic": {"id": encode_id("Clinic", place.clinic_id), "name": "Поликлиника"},
        "doctor": {"fullName": "Серова Ирина Львовна"},
        "specialty": {"code": "therapist", "name": "«therapist»"},
    }

    booked, answer = await face.change(anna, BOOK, holdId=held["hold"]["id"])
    assert (booked["errors"], answer.codes, answer.extensions) == ([], {}, {})
    assert (booked["appointment"]["status"], booked["appointment"]["channel"]) == ("CONFIRMED", "APP")
    assert booked["appointment"]["slot"] == {"id": slot_gid(slot_id), "startsAt": "2026-11-22T21:00:00+12:00"}

    cancelled, _ = await face.change(anna, CANCEL, appointmentId=booked["appointment"]["id"], reason="PATIENT_DECLINE")
    assert cancelled["errors"] == []
    assert cancelled["appointment"]["status"] == "CANCELLED"
    assert cancelled["appointment"]["cancelReason"] == "PATIENT_DECLINE"
    assert [kind for _, kind in await face.booking.told()] == ["appointment_booked", "appointment_cancelled"]


async def test_a_taken_slot_offers_alternatives_and_a_replay_says_so(face: Face) -> None:
    anna, key = make_principal(), uuid7()
    ids = await face.booking.registry.add_slots(
        await face.booking.one_place(), [SOON + timedelta(minutes=15 * n) for n in range(3)]
    )
    await face.booking.book(make_principal(), ids[0])
    first, answer = await face.change(anna, HOLD, key=key, slotId=slot_gid(ids[0]))
    assert first == {
        "hold": None,
        "errors": [
            {
                "__typename": "SlotTakenError",
                "code": "SLOT_TAKEN",
                "message": "Это время только что заняли. Выберите другое.",
                "path": ["input", "slotId"],
                "alternatives": [{"id": slot_gid(ids[1])}, {"id": slot_gid(ids[2])}],
            }
        ],
    }
    assert answer.extensions == {}
    again, answer = await face.change(anna, HOLD, key=key, slotId=slot_gid(ids[0]))
    assert again == first
    assert answer.extensions == {"replayed": True}
    assert await face.booking.statuses() == [CONFIRMED]


async def test_an_ended_hold_offers_alternatives_in_english(face: Face) -> None:
    anna = make_principal()
    slot_id = await face.booking.one_slot()
    held, _ = await face.change(anna, HOLD, slotId=slot_gid(slot_id))
    face.corner.clock.advance(timedelta(minutes=5))
    refused, _ = await face.change(anna, BOOK, language="en", holdId=held["hold"]["id"])
    assert refused["appointment"] is None
    assert refused["errors"] == [
        {
            "__typename": "HoldExpiredError",
            "code": "HOLD_EXPIRED",
            "message": "The time to confirm is over. Choose a time again.",
            "path": ["input", "holdId"],
            "alternatives": [{"id": slot_gid(slot_id)}],
        }
    ]
    assert (await face.booking.statuses(), await face.booking.told()) == ([HELD], [])


@pytest.mark.parametrize("malformed", ["", "!", "слот", "U2xvdDox", "a" * 500])
async def test_malformed_unknown_foreign_and_mistyped_ids_answer_alike(face: Face, malformed: str) -> None:
    anna, boris = make_principal(), make_principal()
    slot_id = await face.booking.one_slot()
    hold_id = await face.booking.hold(boris, slot_id)
    for bad in (malformed, slot_gid(uuid7()), encode_id("Clinic", slot_id)):
        payload, _ = await face.change(anna, HOLD, slotId=bad)
        assert [error["code"] for error in payload["errors"]] == ["SLOT_NOT_FOUND"]
    for bad in (malformed, encode_id("SlotHold", uuid7()), encode_id("SlotHold", hold_id), slot_gid(slot_id)):
        payload, _ = await face.change(anna, BOOK, holdId=bad)
        assert [error["code"] for error in payload["errors"]] == ["HOLD_NOT_FOUND"]
    await face.booking.book(boris, await face.booking.one_slot(specialty=DENTIST, at=SOON + timedelta(hours=1)))
    for bad in (malformed, encode_id("Appointment", uuid7()), encode_id("Appointment", hold_id)):
        payload, _ = await face.change(anna, CANCEL, appointmentId=bad, reason="OTHER_REASONS")
        assert [error["code"] for error in payload["errors"]] == ["APPOINTMENT_NOT_FOUND"]
    assert await face.booking.statuses() == [CONFIRMED, HELD]


async def test_other_refusals_are_plain_and_name_the_field(face: Face) -> None:
    anna, key = make_principal(), uuid7()
    slot_id = await face.booking.one_slot()
    payload, _ = await face.change(anna, HOLD, slotId=slot_gid(slot_id), channel="REGISTRY")
    assert payload["errors"][0]["__typename"] == "RefusedError"
    assert (payload["errors"][0]["code"], payload["errors"][0]["path"]) == ("CHANNEL_NOT_ALLOWED", ["input", "channel"])
    await face.change(anna, HOLD, key=key, slotId=slot_gid(slot_id))
    payload, _ = await face.change(anna, HOLD, key=key, slotId=slot_gid(SlotId(uuid7())))
    assert payload["errors"][0]["code"] == "IDEMPOTENCY_KEY_REUSED"
    assert payload["errors"][0]["path"] == ["input", "idempotencyKey"]
    assert await face.booking.statuses() == [HELD]


async def test_nobody_is_a_top_level_error_and_unconfirmed_a_refusal(face: Face) -> None:
    slot_id = await face.booking.one_slot()
    payload, answer = await face.change(None, HOLD, slotId=slot_gid(slot_id))
    assert (payload, answer.codes) == (None, {"holdSlot": "UNAUTHENTICATED"})
    unconfirmed = make_principal(assurance=Assurance.STANDARD)
    payload, answer = await face.change(unconfirmed, HOLD, slotId=slot_gid(slot_id))
    assert ([error["code"] for error in payload["errors"]], answer.codes) == (["ACCOUNT_NOT_CONFIRMED"], {})
    assert await face.booking.statuses() == []
