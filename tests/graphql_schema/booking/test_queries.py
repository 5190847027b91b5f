from datetime import timedelta
from typing import Any

import pytest
from uuid_utils.compat import uuid7

from backend.database import Database
from graphql_schema.booking.queries import load_appointment, load_clinic, load_doctor, load_slot
from graphql_schema.connections import encode_cursor
from graphql_schema.node import encode_id
from identity.errors import NotSignedIn
from tests.factories.booking import DENTIST, THERAPIST
from tests.factories.people import NOW, make_principal
from tests.graphql_schema.booking.face import Face

SOON = NOW + timedelta(hours=3)
QUARTER = timedelta(minutes=15)
SEARCH = """query ($filter: SlotFilter!, $first: Int, $after: String) {
  slots(filter: $filter, first: $first, after: $after) {
    nodes { id startsAt } pageInfo { hasNextPage endCursor } totalCount } }"""
MINE = """query ($first: Int, $after: String, $upcomingOnly: Boolean) { viewer {
  appointments(first: $first, after: $after, upcomingOnly: $upcomingOnly) {
    nodes { id status } pageInfo { hasNextPage endCursor } } } }"""


@pytest.fixture
def face(database: Database) -> Face:
    return Face(database)


async def search(face: Face, **filter_fields: Any) -> list[str]:
    answer = await face.ask(None, SEARCH, filter=filter_fields)
    assert answer.codes == {}
    return [node["id"] for node in answer.data["slots"]["nodes"]]


async def test_anybody_searches_by_every_part_of_the_filter(face: Face) -> None:
    kaluga = await face.booking.one_place(latitude=54.51, longitude=36.26)
    obninsk = await face.booking.one_place(town="Обнинск", specialty=DENTIST, latitude=55.10, longitude=36.61)
    ids = await face.booking.registry.add_slots(kaluga, [SOON])
    ids += await face.booking.registry.add_slots(obninsk, [SOON + QUARTER])
    first, second = (encode_id("Slot", one) for one in ids)
    assert await search(face) == [first, second]
    assert await search(face, specialty=DENTIST) == [second]
    assert await search(face, clinicIds=[encode_id("Clinic", kaluga.clinic_id)]) == [first]
    assert await search(face, doctorIds=[encode_id("Doctor", obninsk.doctor_id)]) == [second]
    assert await search(face, town="Обнинск") == [second]
    assert await search(face, **{"from": "2026-11-22T12:15:00+03:00"}) == [second]
    assert await search(face, to="2026-11-22T12:15:00+03:00", channel="EPGU") == [first]
    assert await search(face, near={"latitude": 54.5, "longitude": 36.25}) == [first]
    assert await search(face, near={"latitude": 54.5, "longitude": 36.25}, radiusKm=100) == [first, second]


async def test_pages_of_slots_follow_each_other(face: Face) -> None:
    ids = await face.booking.registry.add_slots(await face.booking.one_place(), [SOON + n * QUARTER for n in range(5)])
    seen, after = [], None
    for has_next in (True, True, False):
        answer = await face.ask(None, SEARCH, filter={}, first=2, after=after)
        page = answer.data["slots"]
        seen += [node["id"] for node in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
        assert (page["pageInfo"]["hasNextPage"], page["totalCount"]) == (has_next, None)
    assert seen == [encode_id("Slot", one) for one in ids]


@pytest.mark.parametrize(
    ("variables", "code"),
    [
        ({"filter": {}, "after": "?"}, "BAD_CURSOR"),
        ({"filter": {}, "after": encode_cursor("2026-11-22T06:00:00", uuid7().hex)}, "BAD_CURSOR"),
        ({"filter": {}, "after": encode_cursor("2026-11-22T06:00:00+00:00", "x")}, "BAD_CURSOR"),
        ({"filter": {}, "first": 101}, "PAGE_SIZE_REFUSED"),
        ({"filter": {"near": {"latitude": 91, "longitude": 0}}}, "POINT_OUT_OF_RANGE"),
        ({"filter": {"near": {"latitude": 54, "longitude": 36}, "radiusKm": 201}}, "RADIUS_OUT_OF_RANGE"),
        ({"filter": {"clinicIds": ["?"]}}, "NOT_FOUND"),
        ({"filter": {"clinicIds": [encode_id("Clinic", uuid7()) for _ in range(101)]}}, "TOO_MANY_IDS"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_bad_arguments_are_coded(face: Face, variables: dict[str, Any], code: str) -> None:
    answer = await face.ask(None, SEARCH, **variables)
    assert (answer.data, answer.codes) == ({"slots": None}, {"slots": code})


async def test_reference_data_speaks_the_readers_language(face: Face) -> None:
    await face.booking.one_place(specialty=THERAPIST)
    await face.booking.one_place(specialty=DENTIST, town="Обнинск")
    query = "{ towns specialties { code name directBooking } }"
    russian, english = [await face.ask(None, query, language=language) for language in ("ru", "en")]
    assert russian.data["towns"] == ["Калуга", "Обнинск"]
    assert [one["name"] for one in russian.data["specialties"]] == ["«dentist»", "«therapist»"]
    assert [one["name"] for one in english.data["specialties"]] == ["dentist", "therapist"]


async def test_clinics_page_and_tell_the_distance(face: Face) -> None:
    await face.booking.registry.add_clinic(name="Б", latitude=55.0968, longitude=36.6101)
    await face.booking.registry.add_clinic(name="А", latitude=54.5138, longitude=36.2612)
    query = """query ($after: String, $start: GeoPointInput!) { clinics(first: 1, after: $after) {
      nodes { name timeZone phone coordinates { latitude } organisation { name } distanceKm(from: $start) }
      pageInfo { hasNextPage endCursor } } }"""
    here = {"latitude": 54.5138, "longitude": 36.2612}
    first = (await face.ask(None, query, start=here)).data["clinics"]
    assert first["nodes"][0]["name"] == "А"
    assert first["nodes"][0]["distanceKm"] == 0
    second = (await face.ask(None, query, after=first["pageInfo"]["endCursor"], start=here)).data["clinics"]
    assert second["nodes"][0]["name"] == "Б"
    assert second["nodes"][0]["distanceKm"] == pytest.approx(68.6, abs=0.3)
    assert not second["pageInfo"]["hasNextPage"]
    nowhere = await face.ask(None, query, start={"latitude": 0, "longitude": 181})
    assert nowhere.codes == {"clinics.nodes.0.distanceKm": "POINT_OUT_OF_RANGE"}


async def test_own_appointments_page_in_both_orders(face: Face) -> None:
    anna, booking = make_principal(), face.booking
    booked = [
        await booking.book(anna, await booking.one_slot(at=SOON + n * timedelta(hours=1), specialty=f"s{n}"))
        for n in range(3)
    ]
    await booking.book(make_principal(), await booking.one_slot(at=SOON))
    gids = [encode_id("Appointment", one) for one in booked]
    for upcoming_only, expected in ((True, gids), (False, gids[::-1])):
        first = await face.ask(anna, MINE, first=2, upcomingOnly=upcoming_only)
        page = first.data["viewer"]["appointments"]
        after = page["pageInfo"]["endCursor"]
        rest = await face.ask(anna, MINE, first=2, after=after, upcomingOnly=upcoming_only)
        nodes = page["nodes"] + rest.data["viewer"]["appointments"]["nodes"]
        assert [node["id"] for node in nodes] == expected
    nobody = await face.ask(None, MINE)
    assert nobody.codes == {"viewer": "UNAUTHENTICATED"}


async def test_loaders_find_own_and_public_nodes_only(face: Face) -> None:
    anna, boris = make_principal(), make_principal()
    place = await face.booking.one_place()
    slot_id = (await face.booking.registry.add_slots(place, [SOON]))[0]
    appointment_id = await face.booking.book(anna, slot_id)
    found = [
        await load_clinic(face.context(), place.clinic_id),
        await load_doctor(face.context(), place.doctor_id),
        await load_slot(face.context(), slot_id),
        await load_appointment(face.context(anna), appointment_id),
    ]
    ids = (place.clinic_id, place.doctor_id, slot_id, appointment_id)
    assert [node and node.id for node in found] == [
        encode_id(name, one) for name, one in zip(("Clinic", "Doctor", "Slot", "Appointment"), ids, strict=True)
    ]
    assert await load_appointment(face.context(boris), appointment_id) is None
    for load in (load_clinic, load_doctor, load_slot):
        assert await load(face.context(), uuid7()) is None
    with pytest.raises(NotSignedIn):
        await load_appointment(face.context(), appointment_id)
