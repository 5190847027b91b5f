"""A clinic's desk, over real HTTP: it publishes, a citizen books, it cancels the day, and what it offers is taken."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

from tests.journeys.desk import Desk
from tests.journeys.documents import OPERATIONS_OF_APP
from tests.journeys.phone import Phone
from tests.journeys.reception_walks import a_sunday
from tests.journeys.region import Region


async def test_a_published_day_is_cancelled_and_the_citizen_books_what_is_offered(region: Region) -> None:
    doctor = Desk(region, "clinician")
    assert await doctor.sign_in("doctor") is None
    post = await dentist(doctor)
    day = a_sunday(region)
    template = {
        "postId": post["id"],
        "weekday": 7,
        "opens": "09:00",
        "closes": "10:00",
        "slotMinutes": 30,
        "channels": ["APP", "REGISTRY"],
        "validFrom": day.isoformat(),
    }
    assert (await act(doctor, "AddScheduleTemplate", **template))["errors"] == []
    days = {"postId": post["id"], "first": day.isoformat(), "last": day.isoformat()}
    published = await act(doctor, "PublishSchedule", **days)
    assert published["publication"] == {"receptions": 1, "made": 2, "there": 0, "overlapping": 0}

    anna = Phone(region)
    await anna.sign_in("anna")
    window = {"from": f"{day}T00:00:00+03:00", "to": f"{day + timedelta(days=1)}T00:00:00+03:00"}
    found = await anna.ask("SearchSlots", filter={"doctorIds": [post["doctor"]["id"]], **window}, first=5)
    slots = found["slots"]["nodes"]
    assert [slot["startsAt"][11:16] for slot in slots] == ["09:00", "09:30"]
    held = await anna.act("HoldSlot", slotId=slots[0]["id"])
    booked = await anna.act("BookAppointment", holdId=held["hold"]["id"])
    assert booked["errors"] == []

    asked = {"clinicId": post["clinic"]["id"], **window, "cause": "DOCTOR_AWAY"}
    proposal = (await act(doctor, "ProposeCancellation", **asked))["proposal"]
    assert (proposal["appointments"], proposal["freeSlots"], proposal["items"][0]["hasContact"]) == (1, 1, True)
    done = await act(doctor, "ConfirmCancellation", proposalId=proposal["id"])
    assert (done["proposal"]["status"], done["proposal"]["items"][0]["state"]) == ("DONE", "OFFERED")

    (offer,) = (await send(anna, "ReplacementOffers", app="citizen"))["viewer"]["replacementOffers"]
    assert offer["slot"]["id"] == done["proposal"]["items"][0]["replacementSlotId"]
    assert not offer["slot"]["startsAt"].startswith(day.isoformat())
    inbox = (await anna.ask("Inbox"))["viewer"]["inbox"]["nodes"]
    assert inbox[0]["kind"] == "APPOINTMENT_REPLACEMENT_OFFERED"
    taken = await anna.act("BookAppointment", holdId=offer["id"])
    assert (taken["errors"], taken["appointment"]["status"]) == ([], "CONFIRMED")
    assert (await send(anna, "ReplacementOffers", app="citizen"))["viewer"]["replacementOffers"] == []


async def dentist(doctor: Desk) -> dict[str, Any]:
    """Return a post of a dentist, who needs neither referral nor attachment."""
    posts = (await send(doctor, "DeskPosts"))["deskPosts"]
    clinics = {post["clinic"]["name"] for post in posts}
    assert "Поликлиника № 1" in clinics
    assert not {"Поликлиника «Балтика»", "Городская поликлиника"} & clinics
    found: dict[str, Any] = next(
        post for post in posts if post["specialty"]["code"] == "dentist" and post["clinic"]["name"] == "Поликлиника № 1"
    )
    return found


async def send(who: Desk | Phone, name: str, *, app: str = "clinician", **variables: Any) -> dict[str, Any]:
    """Send an operation of an app; return its data."""
    answer = await who.send_document(OPERATIONS_OF_APP[app][name], variables)
    body = answer.json()
    assert "errors" not in body, body
    data: dict[str, Any] = body["data"]
    return data


async def act(doctor: Desk, name: str, **given: Any) -> dict[str, Any]:
    """Send a mutation under a new key; return its payload."""
    data = await send(doctor, name, input={**given, "idempotencyKey": str(uuid4())})
    payload: dict[str, Any] = data[f"{name[0].lower()}{name[1:]}"]
    return payload
