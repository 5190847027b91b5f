"""The search as clients see it: one operation, each wrong input by its code, nothing private."""

from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import col, update
from uuid_utils.compat import uuid7

from backend.booking.profile_tables import ClinicProfileRow, DoctorProfileRow
from backend.booking.profile_values import Access, DoctorCategory
from backend.booking.tables import SlotRow
from backend.database import Database
from graphql_schema.connections import encode_cursor
from graphql_schema.node import encode_id
from mobile_contracts.manifest import HOME
from tests.factories.booking import DENTIST, THERAPIST
from tests.factories.people import NOW, add_person, make_principal
from tests.graphql_schema.booking.face import Face
from tests.graphql_schema.own_corner import Answer

SOON = NOW + timedelta(hours=3)
QUARTER = timedelta(minutes=15)
FIND, MORE = ((HOME / "operations" / "citizen" / f"{name}.graphql").read_text() for name in ("FindSlots", "MoreSlots"))
NEAR = {"latitude": 54.5, "longitude": 36.25}


@pytest.fixture
def face(database: Database) -> Face:
    return Face(database)


async def find(face: Face, order: str = "EARLIEST", **filter_fields: Any) -> dict[str, Any]:
    answer = await face.ask(None, FIND, filter=filter_fields, orderBy=order)
    assert answer.codes == {}
    return dict(answer.data["searchSlots"])


async def test_one_operation_answers_everything(face: Face) -> None:
    kaluga = await face.booking.one_place(latitude=54.51, longitude=36.26)
    obninsk = await face.booking.one_place(town="Обнинск", specialty=DENTIST, latitude=55.10, longitude=36.61)
    ids = await face.booking.registry.add_slots(obninsk, [SOON, SOON + QUARTER])
    ids += await face.booking.registry.add_slots(kaluga, [SOON + 2 * QUARTER])
    first, second, third = (encode_id("Slot", one) for one in ids)
    found = await find(face)
    assert [one["id"] for one in found["slots"]["nodes"]] == [first, second, third]
    assert [one["id"] for one in found["nextAvailable"]] == [first, third]
    assert found["whyNone"] == []
    facets = found["facets"]
    assert (facets["counted"], facets["isComplete"]) == (3, True)
    assert [(one["specialty"]["code"], one["count"]) for one in facets["specialties"]] == [(DENTIST, 2), (THERAPIST, 1)]
    assert [(one["town"], one["count"]) for one in facets["towns"]] == [("Обнинск", 2), ("Калуга", 1)]
    assert facets["days"] == [{"day": "2026-11-22", "count": 3}]
    assert [one["id"] for one in (await find(face, "NEAREST", near=NEAR))["slots"]["nodes"]] == [third, first, second]
    nothing = await find(face, text="паросетамолог")
    assert (nothing["slots"]["nodes"], nothing["nextAvailable"]) == ([], [])
    assert [(one["reason"], one["message"], one["suggestion"]) for one in nothing["whyNone"]] == [
        ("NOTHING_MATCHES", "Такого врача, клиники или специальности не нашлось.", None)
    ]


@pytest.mark.parametrize("order", ["EARLIEST", "NEAREST", "DOCTOR"])
async def test_pages_follow_each_other_in_each_order(face: Face, order: str) -> None:
    clinic_id = await face.booking.registry.add_clinic()
    for name in ("Серова", "Белова"):
        place = await face.booking.registry.add_place(clinic_id, family_name=name)
        await face.booking.registry.add_slots(place, [SOON + n * QUARTER for n in range(3)])
    wanted = {"near": NEAR} if order == "NEAREST" else {}
    whole = (await find(face, order, **wanted))["slots"]["nodes"]
    seen, after = [], None
    for has_next in (True, True, False):
        given: dict[str, Any] = {"filter": wanted, "orderBy": order, "first": 2}
        answer = await face.ask(None, MORE, **given, after=after) if after else await face.ask(None, FIND, **given)
        page = answer.data["searchSlots"]["slots"]
        seen += page["nodes"]
        assert page["pageInfo"]["hasNextPage"] is has_next
        after = page["pageInfo"]["endCursor"]
    assert seen == whole
    names = [one["doctor"]["fullName"].split()[0] for one in whole]
    assert order != "DOCTOR" or names == ["Белова"] * 3 + ["Серова"] * 3


async def test_hours_and_weekdays_are_the_clinics_own(face: Face) -> None:
    for zone, utc_hour in (("Europe/Kaliningrad", 20), ("Asia/Kamchatka", 20)):
        place = await face.booking.one_place(time_zone=zone)
        await face.booking.registry.add_slots(place, [NOW.replace(hour=utc_hour)])  # Sunday 22:00, and Monday 08:00
    evening = (await find(face, hours={"from": "22:00"}))["slots"]["nodes"]
    assert [(one["timeZone"], one["startsAt"]) for one in evening] == [
        ("Europe/Kaliningrad", "2026-11-22T22:00:00+02:00")
    ]
    monday = (await find(face, weekdays=["MONDAY"]))["slots"]["nodes"]
    assert [(one["timeZone"], one["startsAt"]) for one in monday] == [("Asia/Kamchatka", "2026-11-23T08:00:00+12:00")]
    days = (await find(face))["facets"]["days"]
    assert days == [{"day": "2026-11-22", "count": 1}, {"day": "2026-11-23", "count": 1}]


IDS = [encode_id("Clinic", uuid7()) for _ in range(101)]


@pytest.mark.parametrize(
    ("filter_fields", "order", "code"),
    [
        ({"near": NEAR, "radiusKm": 0}, "EARLIEST", "RADIUS_OUT_OF_RANGE"),
        ({"near": NEAR, "radiusKm": -1}, "EARLIEST", "RADIUS_OUT_OF_RANGE"),
        ({"near": NEAR, "radiusKm": 201}, "EARLIEST", "RADIUS_OUT_OF_RANGE"),
        ({"near": {"latitude": 91, "longitude": 0}}, "EARLIEST", "POINT_OUT_OF_RANGE"),
        ({"radiusKm": 5}, "EARLIEST", "SEARCH_PLACE_MISSING"),
        ({}, "NEAREST", "SEARCH_PLACE_MISSING"),
        ({"clinicIds": IDS}, "EARLIEST", "TOO_MANY_IDS"),
        ({"doctorIds": [encode_id("Doctor", uuid7())] * 101}, "EARLIEST", "TOO_MANY_IDS"),
        ({"specialties": ["x"] * 101}, "EARLIEST", "TOO_MANY_IDS"),
        ({"clinicIds": ["не идентификатор"]}, "EARLIEST", "NOT_FOUND"),
        ({"doctorIds": [IDS[0]]}, "EARLIEST", "NOT_FOUND"),
        ({"hours": {"from": "25:00"}}, "EARLIEST", "SEARCH_HOURS_INVALID"),
        ({"hours": {"from": "8:00"}}, "EARLIEST", "SEARCH_HOURS_INVALID"),
        ({"hours": {"from": "24:00"}}, "EARLIEST", "SEARCH_HOURS_INVALID"),
        ({"hours": {"to": "24:01"}}, "EARLIEST", "SEARCH_HOURS_INVALID"),
        ({"hours": {"from": "12:00", "to": "12:00"}}, "EARLIEST", "SEARCH_HOURS_INVALID"),
        ({"hours": {"from": "٠٨:٠٠"}}, "EARLIEST", "SEARCH_HOURS_INVALID"),
        ({"text": "а" * 10_000}, "EARLIEST", "SEARCH_TEXT_REFUSED"),
        ({"text": "тера\x00певт"}, "EARLIEST", "SEARCH_TEXT_REFUSED"),
        ({"text": "тера\x1bпевт"}, "EARLIEST", "SEARCH_TEXT_REFUSED"),
        ({"personId": encode_id("Person", uuid7())}, "EARLIEST", "UNAUTHENTICATED"),
    ],
)
async def test_wrong_input_is_refused_by_its_code(
    face: Face, filter_fields: dict[str, Any], order: str, code: str
) -> None:
    await face.booking.one_slot()
    answer = await face.ask(None, FIND, filter=filter_fields, orderBy=order)
    assert answer.codes == {"searchSlots": code}
    assert answer.data == {"searchSlots": None}


async def test_cursors_of_elsewhere_are_refused(face: Face) -> None:
    await face.booking.one_slot()
    earliest = (await find(face))["slots"]["pageInfo"]["endCursor"]
    by_doctor = (await find(face, "DOCTOR"))["slots"]["pageInfo"]["endCursor"]
    lost = encode_cursor("doctor", uuid7().hex, encode_cursor(SOON.isoformat(), uuid7().hex))

    async def go_on(cursor: str, order: str) -> Answer:
        return await face.ask(None, MORE, filter={}, orderBy=order, after=cursor)

    for cursor, order in ((earliest, "DOCTOR"), (by_doctor, "EARLIEST"), ("!", "EARLIEST"), ("а" * 600, "DOCTOR")):
        assert (await go_on(cursor, order)).codes == {"searchSlots.slots": "BAD_CURSOR"}
    assert (await go_on(lost, "DOCTOR")).codes == {"searchSlots.slots": "SEARCH_PLACE_LOST"}


async def test_a_search_for_somebody_else_is_refused(face: Face) -> None:
    await face.booking.one_slot()
    person_id = encode_id("Person", await add_person(face.database))
    for person in (person_id, "не идентификатор"):
        answer = await face.ask(make_principal(), FIND, filter={"personId": person}, orderBy="EARLIEST")
        assert answer.codes == {"searchSlots": "ACCESS_REFUSED"}


async def test_slots_of_outside_say_when_they_were_seen(face: Face) -> None:
    slot_id = await face.booking.one_slot()
    assert (await find(face))["slots"]["nodes"][0]["asOf"] is None
    async with face.database.transaction() as session:
        await session.exec(update(SlotRow).where(col(SlotRow.id) == slot_id).values(as_of=NOW))
    assert (await find(face))["slots"]["nodes"][0]["asOf"] == NOW.isoformat()


async def test_profiles_are_read_once_for_a_list(face: Face) -> None:
    place = await face.booking.one_place()
    await face.booking.registry.add_slots(place, [SOON + n * QUARTER for n in range(5)])
    silent = await face.booking.one_place()
    await face.booking.registry.add_slots(silent, [SOON + n * QUARTER for n in range(5)])
    doctor = DoctorProfileRow(
        doctor_id=place.doctor_id,
        category=DoctorCategory.HIGHEST,
        practising_since=2001,
        education=[{"institution": "Институт", "qualification": "Терапия", "year": 2000}],
        languages=["ru", "en"],
        programmes=["Школа здоровья"],
    )
    clinic = ClinicProfileRow(
        clinic_id=place.clinic_id,
        hours=[{"weekday": 0, "opens": "08:00", "closes": "20:00"}],
        accessibility=[Access.RAMP],
        directions="Автобус 5",
        phones=[{"number": "+74842000001", "purpose": "Вызов врача на дом"}],
        programmes=["Вакцинация"],
    )
    async with face.database.transaction() as session:
        session.add_all([doctor, clinic])
    query = """{ searchSlots(filter: {}) { slots { nodes {
      doctor { profile { category practisingSince education { institution qualification year } languages programmes } }
      clinic { profile { hours { weekday opens closes } accessibility directions phones { number purpose } programmes }
      } } } } }"""
    await face.ask(None, query)
    statements: list[object] = []
    with face.database.read.observed(statements.append):
        answer = await face.ask(None, query)
    assert len(statements) == 3
    told = [one for one in answer.data["searchSlots"]["slots"]["nodes"] if one["doctor"]["profile"]]
    assert len(told) == 5
    assert told[0] == {
        "doctor": {
            "profile": {
                "category": "HIGHEST",
                "practisingSince": 2001,
                "education": [{"institution": "Институт", "qualification": "Терапия", "year": 2000}],
                "languages": ["ru", "en"],
                "programmes": ["Школа здоровья"],
            }
        },
        "clinic": {
            "profile": {
                "hours": [{"weekday": "MONDAY", "opens": "08:00", "closes": "20:00"}],
                "accessibility": ["RAMP"],
                "directions": "Автобус 5",
                "phones": [{"number": "+74842000001", "purpose": "Вызов врача на дом"}],
                "programmes": ["Вакцинация"],
            }
        },
    }
