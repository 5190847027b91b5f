"""Anna's calendar follows her visits, tells what she lets it, and forgets them when she says so; a kiosk prints one."""

from typing import Any
from uuid import uuid4

import httpx2
import pypdfium2
import zxingcpp
from icalendar import Calendar

from tests.journeys.machine import Machine
from tests.journeys.phone import Phone
from tests.journeys.region import Region

SLOTS = """{ slots(filter: {specialty: "therapist", town: "Калуга"}, first: 1) { nodes {
  id doctor { familyName } clinic { name address } specialty { name } } } }"""
FILE = """query ($id: ID!, $detail: CalendarDetail!) {
  node(id: $id) { ... on Appointment { calendarFile(detail: $detail) } } }"""
FEED = "{ viewer { calendarFeed { detail createdAt lastReadAt } } }"
CREATE = """mutation ($input: CreateCalendarFeedInput!) {
  createCalendarFeed(input: $input) { url feed { detail } errors { code } } }"""
CHANGE = """mutation ($input: ChangeCalendarFeedInput!) {
  changeCalendarFeed(input: $input) { feed { detail } errors { code } } }"""
REVOKE = """mutation ($input: RevokeCalendarFeedInput!) {
  revokeCalendarFeed(input: $input) { revokedAt errors { code } } }"""


async def ask(phone: Phone, query: str, *, language: str = "ru", **variables: Any) -> Any:
    """Send an operation by its text; return its data."""
    url, headers = f"{phone.region.base_url}/graphql", {"accept-language": language, **phone.credentials()}
    answer = (await phone.region.http.post(url, json={"query": query, "variables": variables}, headers=headers)).json()
    assert "errors" not in answer, answer
    return answer["data"]


async def act(phone: Phone, query: str, *, language: str = "ru", **given: Any) -> Any:
    """Send a mutation; return its payload."""
    data = await ask(phone, query, language=language, input={"idempotencyKey": str(uuid4()), **given})
    return next(iter(data.values()))


def events(text: str | bytes) -> list[Any]:
    calendar = Calendar.from_ical(text)
    assert isinstance(calendar, Calendar)
    return calendar.events


async def book(anna: Phone) -> tuple[str, dict[str, Any]]:
    """Book the first therapist; return the visit's id and the slot."""
    slot = (await ask(anna, SLOTS))["slots"]["nodes"][0]
    hold = await anna.act("HoldSlot", slotId=slot["id"])
    booked = await anna.act("BookAppointment", holdId=hold["hold"]["id"])
    return booked["appointment"]["id"], slot


async def test_a_calendar_follows_what_it_may_until_it_may_no_more(region: Region, anna: Phone) -> None:
    opened = await act(anna, CREATE)
    assert (opened["errors"], opened["feed"]) == ([], {"detail": "PLAIN"})
    read = await region.http.get(opened["url"])
    assert (read.status_code, events(read.content)) == (200, [])
    visit, slot = await book(anna)
    known = {"if-none-match": read.headers["etag"]}
    read = await region.http.get(opened["url"], headers=known)
    (event,) = events(read.content)
    assert (event["SUMMARY"], event["STATUS"]) == ("Запись", "CONFIRMED")
    secrets = (
        slot["doctor"]["familyName"],
        slot["clinic"]["name"],
        slot["clinic"]["address"],
        slot["specialty"]["name"],
    )
    unfolded = read.text.replace("\r\n ", "").replace("\\,", ",")
    assert [one for one in secrets if one in unfolded] == []
    known = {"if-none-match": read.headers["etag"]}
    assert (await region.http.get(opened["url"], headers=known)).status_code == 304

    assert (await act(anna, CHANGE, detail="FULL"))["feed"] == {"detail": "FULL"}
    read = await region.http.get(opened["url"], headers=known)
    unfolded = read.text.replace("\r\n ", "").replace("\\,", ",")
    assert [one for one in secrets if one not in unfolded] == []
    assert (await ask(anna, FEED))["viewer"]["calendarFeed"]["lastReadAt"] is not None

    await anna.act("CancelAppointment", appointmentId=visit, reason="PATIENT_DECLINE")
    (gone,) = events((await region.http.get(opened["url"])).content)
    assert (gone["UID"], gone["STATUS"], gone["SEQUENCE"]) == (event["UID"], "CANCELLED", 1)

    signed_out = await anna.act("SignOutEverywhere")
    assert signed_out["errors"] == []
    assert (await region.http.get(opened["url"])).status_code == 200  # a consent of its own
    await anna.sign_in("anna")
    assert (await act(anna, REVOKE))["errors"] == []
    assert (await region.http.get(opened["url"])).status_code == 404
    assert (await ask(anna, FEED))["viewer"]["calendarFeed"] is None
    assert (await act(anna, REVOKE))["errors"] == [{"code": "CALENDAR_FEED_NOT_FOUND"}]


async def test_a_visit_goes_into_a_calendar_as_a_file_and_out_again(anna: Phone) -> None:
    visit, slot = await book(anna)
    plain = (await ask(anna, FILE, id=visit, detail="PLAIN"))["node"]["calendarFile"]
    full = (await ask(anna, FILE, language="en", id=visit, detail="FULL"))["node"]["calendarFile"]
    assert slot["doctor"]["familyName"] not in plain
    assert events(full)[0]["SUMMARY"].startswith("Appointment: ")
    assert slot["doctor"]["familyName"] in events(full)[0]["DESCRIPTION"]
    await anna.act("CancelAppointment", appointmentId=visit, reason="PATIENT_DECLINE")
    gone = (await ask(anna, FILE, id=visit, detail="PLAIN"))["node"]["calendarFile"]
    assert "METHOD:CANCEL" in gone
    assert events(gone)[0]["UID"] == events(plain)[0]["UID"]


async def test_a_kiosk_prints_a_slip_of_ones_own(region: Region, anna: Phone) -> None:
    visit, slot = await book(anna)
    kiosk = Machine(region)

    async def get() -> httpx2.Response:
        url = f"{region.base_url}/appointments/{visit}/slip.pdf"
        return await region.http.get(url, headers=kiosk.key.headers("GET", url, kiosk.access_token))

    await kiosk.sign_in("anna")
    page = pypdfium2.PdfDocument((await get()).content)[0]
    text = page.get_textpage().get_text_bounded()
    assert slot["doctor"]["familyName"] in text
    assert "Соколова" not in text
    read = zxingcpp.read_barcodes(page.render(scale=4, grayscale=True).to_numpy())
    assert [one.text for one in read] == [visit]
    await kiosk.sign_in("boris")
    assert (await get()).status_code == 404
