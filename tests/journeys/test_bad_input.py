"""Every mutation with every wrong input: its documented code in both languages, and nothing is done."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import jwt
import pytest
from sqlmodel import col, select, update
from uuid_utils.compat import uuid7

from backend.booking.appointment_tables import AppointmentRow
from backend.booking.release_tables import ReleaseQueuePlaceRow
from backend.booking.tables import PostRow, SlotRow
from backend.booking.values import Channel
from graphql_schema.catalogue import ErrorCatalogue
from graphql_schema.node import decode_id, encode_id
from identity.tables import Session
from mobile_contracts.manifest import HOME
from notifications.delivery_tables import DeviceRow
from notifications.tables import NotificationRow
from tests.factories.family import WARD
from tests.graphql_schema.wrong_inputs import TRIED
from tests.journeys.phone import Phone
from tests.journeys.region import Region

CATALOGUE = ErrorCatalogue.parse((HOME / "errors.yaml").read_text())
LANGUAGES = ("ru", "en")
MALFORMED = "не идентификатор"
INPUTS: Mapping[str, Mapping[str, Any]] = {
    "holdSlot": {"slotId": encode_id("Slot", uuid7())},
    "bookAppointment": {"holdId": encode_id("SlotHold", uuid7())},
    "cancelAppointment": {"appointmentId": encode_id("Appointment", uuid7()), "reason": "OTHER_REASONS"},
    "bookAppointments": {"holdIds": [encode_id("SlotHold", uuid7())]},
    "extendHold": {"holdId": encode_id("SlotHold", uuid7())},
    "releaseHold": {"holdId": encode_id("SlotHold", uuid7())},
    "rescheduleAppointment": {
        "appointmentId": encode_id("Appointment", uuid7()),
        "holdId": encode_id("SlotHold", uuid7()),
    },
    "checkIn": {"appointmentId": encode_id("Appointment", uuid7())},
    "confirmChild": {
        "childId": encode_id("ChildCandidate", uuid7()),
        "certificate": {"series": "II-ДМ", "number": "012345"},
    },
    "registerGuardianship": WARD,
    "grantRepresentation": {
        "birthDate": "1990-01-01",
        "rights": [{"right": "READ", "until": "2026-12-01T00:00:00Z"}],
    },
    "openInvitation": {"code": "x"},
    "acceptRepresentation": {"invitationId": encode_id("RepresentationInvitation", uuid7())},
    "declineRepresentation": {"invitationId": encode_id("RepresentationInvitation", uuid7())},
    "endRepresentation": {"id": encode_id("Representation", uuid7())},
    "markNotificationsSeen": {"ids": [encode_id("Notification", uuid7())]},
    "acknowledgeNotifications": {"items": [{"notificationId": encode_id("Notification", uuid7()), "kind": "SEEN"}]},
    "registerDevice": {
        "provider": "FCM",
        "addressKind": "TOKEN",
        "address": "fcm-token:1",
        "appVersion": "7.4.0",
        "locale": "ru-RU",
        "timeZone": "Europe/Moscow",
    },
    "unregisterDevice": {"deviceId": encode_id("Device", uuid7())},
    "joinWaitingList": {"specialty": "therapist", "clinicIds": [encode_id("Clinic", uuid7())]},
    "pauseWaitingListEntry": {"waitingListEntryId": encode_id("WaitingListEntry", uuid7())},
    "resumeWaitingListEntry": {"waitingListEntryId": encode_id("WaitingListEntry", uuid7())},
    "leaveWaitingList": {"waitingListEntryId": encode_id("WaitingListEntry", uuid7())},
    "declineWaitingListOffer": {"waitingListEntryId": encode_id("WaitingListEntry", uuid7())},
    "joinReleaseQueue": {"postId": encode_id("Post", uuid7()), "releasedAt": "2026-11-23T06:00:00Z"},
    "leaveReleaseQueue": {"placeId": encode_id("ReleaseQueuePlace", uuid7())},
    "signOut": {},
    "signOutDevice": {"sessionId": encode_id("Session", uuid7())},
    "signOutEverywhere": {},
}
"""An input of the right form for each mutation tried here; a key is added."""


def test_every_mutation_of_the_schema_is_tried() -> None:
    """Here, or where the staff are whom it needs (`tests/graphql_schema/test_wrong_inputs.py`)."""
    sdl = (HOME / "schema" / "schema.graphql").read_text()
    assert {f"input {name[0].upper()}{name[1:]}Input {{" in sdl for name in {*INPUTS, *TRIED}} == {True}
    assert sdl.count("idempotencyKey: UUID!") == len(INPUTS) + len(TRIED)


async def send(phone: Phone, mutation: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """Send a mutation as text and return the whole answer."""
    name = f"{mutation[0].upper()}{mutation[1:]}Input"
    query = f"mutation ($input: {name}!) {{ {mutation}(input: $input) {{ errors {{ code message path }} }} }}"
    answer = await phone.region.http.post(
        f"{phone.region.base_url}/graphql",
        json={"query": query, "variables": {"input": given}},
        headers={**phone.credentials(), "accept-language": phone.language},
    )
    body: dict[str, Any] = answer.json()
    return body


@dataclass
class Rows:
    """Everything a mutation could change, to be compared."""

    region: Region

    async def read(self) -> list[tuple[object, ...]]:
        """Return the rows of appointments, messages and sessions that tell a change."""
        async with self.region.database.reading() as session:
            claims = await session.exec(
                select(AppointmentRow.id, AppointmentRow.status, AppointmentRow.cancelled_at).order_by(
                    col(AppointmentRow.id)
                )
            )
            told = await session.exec(
                select(NotificationRow.id, NotificationRow.seen_at).order_by(col(NotificationRow.id))
            )
            sessions = await session.exec(select(Session.id, Session.revoked_at).order_by(col(Session.id)))
            devices = await session.exec(select(DeviceRow.id, DeviceRow.retired_at).order_by(col(DeviceRow.id)))
            places = await session.exec(
                select(ReleaseQueuePlaceRow.id, ReleaseQueuePlaceRow.state).order_by(col(ReleaseQueuePlaceRow.id))
            )
            found = (claims, told, sessions, devices, places)
            return [tuple(row) for rows in found for row in rows]


@dataclass
class Scene:
    """Анна and Борис with a hold and a visit each, and whatever else can be named wrongly."""

    region: Region
    anna: Phone
    boris: Phone
    ids: dict[str, str] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)
    starts: dict[str, datetime] = field(default_factory=dict)

    async def hold(self, phone: Phone, name: str, slot: str, *, key: str | None = None) -> None:
        """Hold a slot under a name."""
        held = await phone.act("HoldSlot", slotId=slot, key=key)
        assert held["errors"] == []
        self.ids[name] = held["hold"]["id"]

    async def book(self, phone: Phone, name: str, slot: str, *, key: str | None = None) -> None:
        """Book a slot under a name."""
        await self.hold(phone, name, slot)
        booked = await phone.act("BookAppointment", holdId=self.ids[name], key=key)
        assert booked["errors"] == []
        self.ids[name] = booked["appointment"]["id"]

    async def slots(self, specialty: str) -> list[str]:
        """Return free slots of a specialty for adults, soonest first, none at the same time as another."""
        found = await self.anna.ask("SearchSlots", filter={"specialty": specialty, "town": "Калуга"}, first=100)
        nodes = [slot for slot in found["slots"]["nodes"] if slot["clinic"]["name"] != "Детская поликлиника"]
        by_start = {slot["startsAt"]: slot["id"] for slot in reversed(nodes)}
        self.starts |= {slot_id: datetime.fromisoformat(start) for start, slot_id in by_start.items()}
        return [by_start[start] for start in sorted(by_start)]

    async def copy_slot(self, slot: str, starts_at: datetime, *, channels: int | None = None) -> str:
        """Write the same slot at another time; return its global id."""
        async with self.region.database.transaction() as session:
            pattern = await session.get_one(SlotRow, decode_id(slot, "Slot"))
            given = pattern.model_dump() | {"id": uuid7(), "starts_at": starts_at}
            given |= {"ends_at": starts_at + timedelta(minutes=20), "channels": channels or pattern.channels}
            session.add(SlotRow(**given))
        return encode_id("Slot", given["id"])

    async def open_queue(self) -> None:
        """Let people queue for times of a cardiologist: in a quarter of an hour, and tomorrow."""
        found = await self.anna.ask("SearchSlots", filter={"specialty": "cardiologist", "town": "Калуга"}, first=1)
        [slot] = found["slots"]["nodes"]
        doctor_id, now = decode_id(slot["doctor"]["id"], "Doctor"), self.region.clock()
        async with self.region.database.transaction() as session:
            post = (await session.exec(select(PostRow).where(PostRow.doctor_id == doctor_id))).first()
            assert post is not None
            post.releases_by_queue = True
        self.ids["queue"] = encode_id("Post", post.id)
        for name, days, later in (("released", 3, timedelta(minutes=15)), ("released later", 4, timedelta(days=1))):
            copied = await self.copy_slot(slot["id"], now + timedelta(days=days, minutes=7))
            self.ids[name] = (now + later).isoformat()
            async with self.region.database.transaction() as session:
                (await session.get_one(SlotRow, decode_id(copied, "Slot"))).released_at = now + later


@pytest.fixture
async def scene(region: Region, anna: Phone) -> Scene:
    """Everything that can be named wrongly, made through the API itself."""
    boris = Phone(region)
    await boris.sign_in("boris")
    scene = Scene(region, anna, boris, keys={name: str(uuid4()) for name in INPUTS})
    therapists, dentists, surgeons, cardiologists = [
        await scene.slots(name) for name in ("therapist", "dentist", "surgeon", "cardiologist")
    ]
    await scene.hold(anna, "expired hold", therapists[0])
    region.clock.advance(timedelta(minutes=5))
    await scene.hold(anna, "hold", therapists[1], key=scene.keys["holdSlot"])
    await scene.hold(anna, "hold of a booked specialty", dentists[5])
    await scene.book(anna, "visit", dentists[3], key=scene.keys["bookAppointment"])
    await scene.book(anna, "begun visit", surgeons[7])
    await scene.book(anna, "cancelled visit", cardiologists[9])
    await anna.act(
        "CancelAppointment",
        appointmentId=scene.ids["cancelled visit"],
        reason="PATIENT_DECLINE",
        key=scene.keys["cancelAppointment"],
    )
    await scene.hold(boris, "his hold", therapists[11])
    await scene.book(boris, "his visit", dentists[13])
    now = region.clock()
    scene.ids |= {
        "booked time": await scene.copy_slot(cardiologists[0], scene.starts[dentists[3]] + timedelta(minutes=7)),
        "booked specialty": dentists[15],
        "taken slot": therapists[11],
        "free slot": therapists[-1],
        "past slot": await scene.copy_slot(therapists[0], now - timedelta(days=1)),
        "far slot": await scene.copy_slot(therapists[0], now + timedelta(days=14, minutes=1)),
        "slot of the front desk": await scene.copy_slot(
            therapists[0], now + timedelta(days=4), channels=Channel.REGISTRY.bit
        ),
    }
    async with region.database.transaction() as session:
        begun = decode_id(scene.ids["begun visit"], "Appointment")
        times = {"starts_at": now, "ends_at": now + timedelta(minutes=1)}
        await session.exec(update(AppointmentRow).where(col(AppointmentRow.id) == begun).values(**times))
        for name, person in (("message", "visit"), ("his message", "his visit")):
            about = decode_id(scene.ids[person], "Appointment")
            told = select(NotificationRow.id).where(NotificationRow.subject_id == about)
            scene.ids[name] = encode_id("Notification", (await session.exec(told)).one())
    slot = next(
        one
        for one in (await anna.ask("SearchSlots", filter={"specialty": "dentist", "town": "Калуга"}))["slots"]["nodes"]
        if one["clinic"]["name"] != "Детская поликлиника"
    )
    scene.ids["clinic"] = slot["clinic"]["id"]
    for phone, name in ((anna, "entry"), (boris, "his entry")):
        joined = await phone.act(
            "JoinWaitingList",
            specialty="dentist",
            clinicIds=[slot["clinic"]["id"]],
            key=scene.keys["joinWaitingList"],
        )
        assert joined["errors"] == []
        scene.ids[name] = joined["entry"]["id"]
    await scene.open_queue()
    for phone, name in ((anna, "place"), (boris, "his place")):
        joined = await phone.act(
            "JoinReleaseQueue",
            postId=scene.ids["queue"],
            releasedAt=scene.ids["released"],
            key=scene.keys["joinReleaseQueue"],
        )
        assert joined["errors"] == []
        scene.ids[name] = joined["place"]["id"]
    marked = await send(
        anna, "markNotificationsSeen", {"ids": [], "idempotencyKey": scene.keys["markNotificationsSeen"]}
    )
    assert marked["data"]["markNotificationsSeen"]["errors"] == []
    for mutation, given in (
        ("signOutDevice", INPUTS["signOutDevice"]),
        ("signOutEverywhere", {"exceptThisDevice": True}),
    ):
        await send(anna, mutation, {**given, "idempotencyKey": scene.keys[mutation]})
    claims = jwt.decode(boris.access_token, options={"verify_signature": False})
    scene.ids["his session"] = encode_id("Session", UUID(claims["sid"]))
    return scene


def wrong_inputs(ids: Mapping[str, str], keys: Mapping[str, str]) -> list[tuple[str, dict[str, Any], str]]:
    """Return mutation, input and code of everything that is refused as data."""
    unknown: UUID = uuid7()
    reason = {"reason": "PATIENT_DECLINE"}
    wish = {"specialty": "therapist", "clinicIds": [ids["clinic"]]}
    queue = {"postId": ids["queue"], "releasedAt": ids["released"]}
    holds = [
        *(
            (slot, "SLOT_NOT_FOUND")
            for slot in (encode_id("Slot", unknown), MALFORMED, "", encode_id("Clinic", unknown))
        ),
        (ids["past slot"], "SLOT_IN_PAST"),
        (ids["far slot"], "SLOT_TOO_FAR"),
        (ids["taken slot"], "SLOT_TAKEN"),
        (ids["slot of the front desk"], "CHANNEL_NOT_ALLOWED"),
        (ids["booked time"], "TIME_OVERLAP"),
        (ids["booked specialty"], "DUPLICATE_SPECIALTY"),
    ]
    bookings = [
        *(
            (hold, "HOLD_NOT_FOUND")
            for hold in (encode_id("SlotHold", unknown), ids["his hold"], MALFORMED, "", ids["past slot"], ids["visit"])
        ),
        (encode_id("SlotHold", decode_id(ids["visit"], "Appointment")), "HOLD_NOT_FOUND"),
        (ids["expired hold"], "HOLD_EXPIRED"),
        (ids["hold of a booked specialty"], "DUPLICATE_SPECIALTY"),
    ]
    held = encode_id("Appointment", decode_id(ids["hold"], "SlotHold"))
    cancellations = [
        *(
            (visit, "APPOINTMENT_NOT_FOUND")
            for visit in (encode_id("Appointment", unknown), ids["his visit"], MALFORMED, "", ids["past slot"], held)
        ),
        (ids["cancelled visit"], "ALREADY_CANCELLED"),
        (ids["begun visit"], "CANCEL_TOO_LATE"),
    ]
    wrong_sessions = (encode_id("Session", unknown), ids["his session"], MALFORMED, "", ids["visit"])
    wrong_devices = (encode_id("Device", unknown), ids["his session"], MALFORMED, "")
    wrong_messages = (encode_id("Notification", unknown), ids["his message"], MALFORMED, "", ids["visit"])
    return [
        *(("holdSlot", {"slotId": slot}, code) for slot, code in holds),
        ("holdSlot", {"slotId": ids["past slot"], "channel": "CALL_122"}, "CHANNEL_NOT_ALLOWED"),
        ("holdSlot", {"slotId": ids["far slot"], "idempotencyKey": keys["holdSlot"]}, "IDEMPOTENCY_KEY_REUSED"),
        *(("bookAppointment", {"holdId": hold}, code) for hold, code in bookings),
        (
            "bookAppointment",
            {"holdId": ids["hold"], "idempotencyKey": keys["bookAppointment"]},
            "IDEMPOTENCY_KEY_REUSED",
        ),
        *(("cancelAppointment", {"appointmentId": visit, **reason}, code) for visit, code in cancellations),
        (
            "cancelAppointment",
            {"appointmentId": ids["visit"], **reason, "idempotencyKey": keys["cancelAppointment"]},
            "IDEMPOTENCY_KEY_REUSED",
        ),
        *(
            (mutation, {"holdId": hold}, code)
            for mutation in ("extendHold", "releaseHold")
            for hold, code in bookings
            if code == "HOLD_NOT_FOUND"
        ),
        ("extendHold", {"holdId": ids["expired hold"]}, "HOLD_EXPIRED"),
        *(("bookAppointments", {"holdIds": [ids["hold"], hold]}, code) for hold, code in bookings),
        ("bookAppointments", {"holdIds": []}, "HOLD_NOT_FOUND"),
        ("bookAppointments", {"holdIds": [ids["hold"]] * 21}, "TOO_MANY_IDS"),
        *(("checkIn", {"appointmentId": visit}, code) for visit, code in cancellations[:6]),
        ("checkIn", {"appointmentId": ids["cancelled visit"]}, "APPOINTMENT_NOT_FOUND"),
        ("checkIn", {"appointmentId": ids["visit"]}, "CHECK_IN_CLOSED"),
        *(
            ("rescheduleAppointment", {"appointmentId": visit, "holdId": ids["hold"]}, code)
            for visit, code in cancellations
        ),
        *(
            ("rescheduleAppointment", {"appointmentId": ids["visit"], "holdId": hold}, code)
            for hold, code in (*bookings[:8], (ids["hold"], "HOLD_NOT_FOUND"))
        ),
        ("holdSlot", {"slotId": ids["free slot"], "replacesAppointmentId": ids["visit"]}, "OTHER_SPECIALTY"),
        *(
            ("holdSlot", {"slotId": ids["free slot"], "replacesAppointmentId": visit}, code)
            for visit, code in cancellations
        ),
        *(
            ("holdSlot", {"slotId": ids["free slot"], "referralId": wrong}, "REFERRAL_REQUIRED")
            for wrong in (encode_id("Referral", unknown), MALFORMED, "", ids["visit"])
        ),
        *(("markNotificationsSeen", {"ids": [ids["message"], wrong]}, "NOT_FOUND") for wrong in wrong_messages),
        (
            "markNotificationsSeen",
            {"ids": [encode_id("Notification", uuid7()) for _ in range(101)]},
            "TOO_MANY_NOTIFICATIONS",
        ),
        (
            "markNotificationsSeen",
            {"ids": [ids["message"]], "idempotencyKey": keys["markNotificationsSeen"]},
            "IDEMPOTENCY_KEY_REUSED",
        ),
        (
            "acknowledgeNotifications",
            {"items": [{"notificationId": encode_id("Notification", uuid7()), "kind": "SEEN"} for _ in range(101)]},
            "TOO_MANY_NOTIFICATIONS",
        ),
        *(
            ("registerDevice", {**INPUTS["registerDevice"], part: wrong}, f"DEVICE_{code}_INVALID")
            for part, wrong, code in (
                ("address", "", "ADDRESS"),
                ("address", "a" * 4_097, "ADDRESS"),
                ("appVersion", "", "VERSION"),
                ("locale", "ru_RU", "LOCALE"),
                ("timeZone", "UTC+3", "TIME_ZONE"),
                ("publicKey", "{}", "KEY"),
            )
        ),
        *(("unregisterDevice", {"deviceId": wrong}, "DEVICE_NOT_FOUND") for wrong in wrong_devices),
        *(
            (mutation, {"waitingListEntryId": wrong}, "WAITING_LIST_ENTRY_NOT_FOUND")
            for mutation in (
                "pauseWaitingListEntry",
                "resumeWaitingListEntry",
                "leaveWaitingList",
                "declineWaitingListOffer",
            )
            for wrong in (encode_id("WaitingListEntry", unknown), ids["his entry"], MALFORMED, "", ids["visit"])
        ),
        ("declineWaitingListOffer", {"waitingListEntryId": ids["entry"]}, "WAITING_LIST_OFFER_NOT_FOUND"),
        *(
            ("joinWaitingList", {**wish, "clinicIds": [wrong]}, "WAITING_LIST_WISH_INVALID")
            for wrong in (encode_id("Clinic", unknown), MALFORMED, "", ids["visit"])
        ),
        *(
            ("joinWaitingList", {**wish, part: wrong}, code)
            for part, wrong, code in (
                ("clinicIds", [], "WAITING_LIST_WISH_INVALID"),
                ("specialty", "паросетамолог", "WAITING_LIST_WISH_INVALID"),
                ("doctorId", encode_id("Doctor", unknown), "WAITING_LIST_WISH_INVALID"),
                ("doctorId", MALFORMED, "WAITING_LIST_WISH_INVALID"),
                ("firstDay", "2026-11-01", "WAITING_LIST_WISH_INVALID"),
                ("lastDay", "2026-11-01", "WAITING_LIST_WISH_INVALID"),
                ("lastDay", "2027-11-01", "WAITING_LIST_WISH_INVALID"),
                ("hoursFrom", "25:00", "WAITING_LIST_WISH_INVALID"),
                ("hoursFrom", "9", "WAITING_LIST_WISH_INVALID"),
                ("hoursUntil", "00:00", "WAITING_LIST_WISH_INVALID"),
                ("referralId", encode_id("Referral", unknown), "REFERRAL_REQUIRED"),
                ("referralId", MALFORMED, "REFERRAL_REQUIRED"),
                ("channel", "CALL_122", "CHANNEL_NOT_ALLOWED"),
                ("specialty", "dentist", "WAITING_LIST_ENTRY_EXISTS"),
            )
        ),
        (
            "joinWaitingList",
            {**wish, "idempotencyKey": keys["joinWaitingList"]},
            "IDEMPOTENCY_KEY_REUSED",
        ),
        *(
            ("joinReleaseQueue", {**queue, part: wrong}, code)
            for part, wrong, code in (
                *(("postId", one, "RELEASE_QUEUE_NOT_FOUND") for one in (encode_id("Post", unknown), MALFORMED, "")),
                ("postId", ids["visit"], "RELEASE_QUEUE_NOT_FOUND"),
                ("releasedAt", "2026-11-24T00:00:00Z", "RELEASE_QUEUE_NOT_FOUND"),
                ("releasedAt", ids["released later"], "RELEASE_QUEUE_NOT_OPEN"),
                ("referralId", encode_id("Referral", unknown), "REFERRAL_REQUIRED"),
                ("referralId", MALFORMED, "REFERRAL_REQUIRED"),
                ("channel", "CALL_122", "CHANNEL_NOT_ALLOWED"),
                ("channel", "REGISTRY", "CHANNEL_NOT_ALLOWED"),
                ("channel", "APP", "RELEASE_QUEUE_PLACE_EXISTS"),
            )
        ),
        (
            "joinReleaseQueue",
            {**queue, "channel": "EPGU", "idempotencyKey": keys["joinReleaseQueue"]},
            "IDEMPOTENCY_KEY_REUSED",
        ),
        *(
            ("leaveReleaseQueue", {"placeId": wrong}, "RELEASE_QUEUE_PLACE_NOT_FOUND")
            for wrong in (encode_id("ReleaseQueuePlace", unknown), ids["his place"], MALFORMED, "", ids["visit"])
        ),
        *(("signOutDevice", {"sessionId": wrong}, "SESSION_NOT_FOUND") for wrong in wrong_sessions),
        (
            "signOutDevice",
            {"sessionId": ids["his session"], "idempotencyKey": keys["signOutDevice"]},
            "IDEMPOTENCY_KEY_REUSED",
        ),
        ("signOutEverywhere", {"idempotencyKey": keys["signOutEverywhere"]}, "IDEMPOTENCY_KEY_REUSED"),
    ]


async def test_a_wrong_input_is_refused_with_its_code_and_words_and_nothing_is_done(scene: Scene) -> None:
    rows = Rows(scene.region)
    before = await rows.read()
    for mutation, given, code in wrong_inputs(scene.ids, scene.keys):
        for scene.anna.language in LANGUAGES:
            body = await send(scene.anna, mutation, {"idempotencyKey": str(uuid4()), **given})
            assert "errors" not in body, (mutation, given, body)
            errors = body["data"][mutation]["errors"]
            words = CATALOGUE.message(code, "ru" if scene.anna.language == "ru" else "en")
            assert [(error["code"], error["message"]) for error in errors] == [(code, words)], (mutation, given)
            assert errors[0]["path"][0] == "input"
        assert await rows.read() == before, (mutation, given)


async def test_an_input_without_its_parts_or_of_another_form_does_not_run(region: Region, anna: Phone) -> None:
    rows = Rows(region)
    before = await rows.read()
    for mutation, right in INPUTS.items():
        whole = {**right, "idempotencyKey": str(uuid4())}
        spoilt = [{name: value for name, value in whole.items() if name != left_out} for left_out in whole]
        spoilt += [{**whole, name: None} for name in whole] + [
            {**whole, "idempotencyKey": "1"},
            {**whole, "surplus": 1},
        ]
        for given in spoilt:
            body = await send(anna, mutation, given)
            assert "data" not in body or body["data"] is None, (mutation, given)
            assert {error["extensions"]["code"] for error in body["errors"]} == {"BAD_USER_INPUT"}, (mutation, given)
            assert {error["extensions"]["retryable"] for error in body["errors"]} == {False}
    for language in ("ru", "en"):
        anna.language = language
        [error] = (await send(anna, "holdSlot", {}))["errors"][:1]
        assert error["message"] == CATALOGUE.message("BAD_USER_INPUT", "ru" if language == "ru" else "en")
        assert "slotId" in error["extensions"]["detail"]
    assert await rows.read() == before
