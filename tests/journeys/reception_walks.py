"""What the registry desk of a clinic does, one operation after another, those that read with few rows and with more."""

from datetime import date, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from backend.booking.appointment_tables import AppointmentRow
from graphql_schema.node import decode_id
from tests.journeys.counting import Counting
from tests.journeys.desk_walks import desk_of
from tests.journeys.region import Region
from tests.journeys.walks import phone_of

MOSCOW = ZoneInfo("Europe/Moscow")
SPECIALTY = "general-practitioner"


def a_sunday(region: Region) -> date:
    """Return the next Sunday after today, on which the demo's doctors rest, within everybody's horizon."""
    today = region.clock().astimezone(MOSCOW).date()
    return today + timedelta(days=7 - today.isoweekday() or 7)


def window_of(day: date, opens: str, closes: str) -> dict[str, str]:
    """Return the part of a day, by the clock of Moscow."""
    return {"from": f"{day}T{opens}:00+03:00", "to": f"{day}T{closes}:00+03:00"}


async def a_day_at_a_desk(anna: Counting) -> None:
    """Publish a Sunday, let people come or not, close what is left and cancel the rest of the day."""
    doctor = await desk_of("clinician", "doctor", anna)
    posts = (await doctor.ask("DeskPosts"))["deskPosts"]
    post = next(
        one for one in posts if one["specialty"]["code"] == SPECIALTY and one["clinic"]["name"] == "Поликлиника № 1"
    )
    sunday = a_sunday(anna.who.region)
    for is_on in (True, False):
        await doctor.act("SetReleaseQueue", postId=post["id"], isOn=is_on)
    await a_schedule(doctor, post["id"], sunday)
    people = [anna, await phone_of("boris", anna)]
    slots = await slots_of(anna, post, sunday)
    await some_who_did_not_come(doctor, people, slots)
    for one, slot in zip(people, slots[2:], strict=False):
        await book(one, slot)
    await doctor.act("CloseReception", postId=post["id"], **window_of(sunday, "11:00", "12:00"))
    await a_cancelled_day(doctor, people, post, sunday)


async def a_schedule(doctor: Counting, post_id: str, sunday: date) -> None:
    """Say how a post receives on Sundays, look at what comes of it, and publish one and more of them."""
    for opens, closes in (("09:00", "11:00"), ("11:00", "12:00")):
        added = await doctor.act(
            "AddScheduleTemplate",
            postId=post_id,
            weekday=7,
            opens=opens,
            closes=closes,
            slotMinutes=15,
            channels=["APP", "REGISTRY"],
            validFrom=sunday.isoformat(),
        )
        await doctor.ask("ScheduleTemplates", postId=post_id)
        for weeks in (0, 4):
            last = sunday + timedelta(weeks=weeks)
            await doctor.ask("SchedulePreview", postId=post_id, first=sunday.isoformat(), last=last.isoformat())
    for weeks in (0, 1):
        last = sunday + timedelta(weeks=weeks)
        await doctor.act("PublishSchedule", postId=post_id, first=sunday.isoformat(), last=last.isoformat())
    await doctor.act("EndScheduleTemplate", templateId=added["templateId"], last=last.isoformat())


async def slots_of(anna: Counting, post: dict[str, Any], day: date) -> list[str]:
    """Return the ids of the free slots of a day at a doctor's, by start."""
    wanted = {"doctorIds": [post["doctor"]["id"]], **window_of(day, "00:00", "23:00")}
    found = await anna.look("SearchSlots", filter=wanted, first=50)
    return [slot["id"] for slot in found["slots"]["nodes"]]


async def book(someone: Counting, slot: str) -> str:
    """Book a slot beyond the norm of waiting, which is written down too; return the id of the visit."""
    held = await someone.look("HoldSlot", input={"slotId": slot, "idempotencyKey": str(uuid4())})
    hold = held["holdSlot"]["hold"]["id"]
    booked = await someone.look("BookAppointment", input={"holdId": hold, "idempotencyKey": str(uuid4())})
    visit: str = booked["bookAppointment"]["appointment"]["id"]
    return visit


async def some_who_did_not_come(doctor: Counting, people: list[Counting], slots: list[str]) -> None:
    """Write down who did not come; they say that it was otherwise, and are believed or not.

    One appeal waits at a time: whose names are read is in the audit of each of them, at three statements a person.
    """
    for someone, slot, accepted in zip(people, slots, (True, False), strict=False):
        visit = await book(someone, slot)
        await let_it_be_over(someone.who.region, visit)
        word = {"appointmentId": visit, "attended": True, "idempotencyKey": str(uuid4())}
        await doctor.look("CloseVisit", input=word)  # the first one begins the person's audit
        await doctor.act("CloseVisit", appointmentId=visit, attended=False)
        await someone.ask("NoShowRule")
        await someone.act("AppealNoShow", appointmentId=visit, text="Я был на приёме, врач меня принял")
        await doctor.ask("NoShowAppeals")
        await doctor.act("SettleNoShowAppeal", appointmentId=visit, accepted=accepted)


async def let_it_be_over(region: Region, visit: str) -> None:
    """Move a visit into the past, for the present of all parts stands still."""
    async with region.database.transaction() as session:
        row = await session.get_one(AppointmentRow, decode_id(visit, "Appointment"))
        row.starts_at -= timedelta(days=14)
        row.ends_at -= timedelta(days=14)


async def a_cancelled_day(doctor: Counting, people: list[Counting], post: dict[str, Any], day: date) -> None:
    """Cancel one visit after the other, for each has statements of its own; whoever loses one is offered another."""
    for opens, closes in (("09:30", "09:45"), ("09:45", "10:00")):
        asked = {"clinicId": post["clinic"]["id"], "doctorId": post["doctor"]["id"], "cause": "DOCTOR_AWAY"}
        proposal = (await doctor.act("ProposeCancellation", **asked, **window_of(day, opens, closes)))["proposal"]
        await doctor.ask("CancellationProposal", id=proposal["id"])
        await doctor.act("ConfirmCancellation", proposalId=proposal["id"])
    for someone in people:
        await someone.ask("ReplacementOffers")
