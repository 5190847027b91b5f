"""What citizens do, one operation after another, those that read with few rows and with more."""

from datetime import timedelta
from typing import Any

from sqlmodel import select

from backend.booking.tables import PostRow, SlotRow
from backend.rights.tables import DataExportRow
from backend.rights.values import ExportState
from graphql_schema.node import decode_id
from tests.journeys.counting import Counting
from tests.journeys.machine import Machine
from tests.journeys.phone import Phone
from tests.journeys.test_bad_input import INPUTS
from tests.journeys.test_family import demo_people
from tests.plugins.waiting import until

FEW_AND_MANY = (1, 50)
KALUGA = {"latitude": 54.51, "longitude": 36.26}


async def phone_of(nick: str, beside: Counting) -> Counting:
    """Sign in one more phone; what it sends is counted with the rest."""
    phone = Phone(beside.who.region)
    await phone.sign_in(nick)
    counting = Counting(phone, found=beside.found)
    await counting.look("Devices")
    return counting


async def last_slot(someone: Counting, specialty: str, **filter_of: Any) -> str:
    """Return the id of the last free slot of a specialty: nothing booked before is at that time."""
    found = await someone.look("SearchSlots", filter={"specialty": specialty, "town": "Калуга", **filter_of})
    slot_id: str = found["slots"]["nodes"][-1]["id"]
    return slot_id


async def a_first_booking(anna: Counting) -> str:
    """Look for a doctor and book twice; return the id of the second visit."""
    for specialty in ("therapist", "general-practitioner"):
        await anna.ask("HomeScreen")
        await anna.ask("Inbox", first=50)
        wanted = {"specialty": specialty, "town": "Калуга"}
        await anna.ask("SearchSlots", filter=wanted, first=1)
        slots = (await anna.ask("SearchSlots", filter=wanted, first=50))["slots"]["nodes"]
        slot = slots[0 if specialty == "therapist" else -1]
        hold = await anna.act("HoldSlot", slotId=slot["id"])
        booked = await anna.act("BookAppointment", holdId=hold["hold"]["id"])
    await anna.ask("HomeScreen")
    await anna.ask("Inbox", first=50)
    visit: str = booked["appointment"]["id"]
    await anna.act("CancelAppointment", appointmentId=visit, reason="PATIENT_DECLINE")
    return visit


async def a_change_of_mind(anna: Counting) -> None:
    """Hold and let go, book and move, come to a visit that begins soon, and book two visits together."""
    wanted = {"specialty": "general-practitioner", "town": "Калуга"}
    slots = (await anna.look("SearchSlots", filter=wanted, first=100))["slots"]["nodes"]
    today = [slot for slot in slots if slot["startsAt"][:10] == slots[0]["startsAt"][:10]]  # within the norm of waiting
    late = [slot["id"] for slot in today[-2:]]
    soon = next(slot["id"] for slot in slots if slot["startsAt"] > slots[0]["startsAt"])  # beside the first booking
    hold = (await anna.act("HoldSlot", slotId=late[0]))["hold"]["id"]
    await anna.act("ExtendHold", holdId=hold)
    await anna.act("ReleaseHold", holdId=hold)
    hold = (await anna.act("HoldSlot", slotId=late[1]))["hold"]["id"]
    visit = (await anna.act("BookAppointment", holdId=hold))["appointment"]["id"]
    hold = (await anna.act("HoldSlot", slotId=soon, replacesAppointmentId=visit))["hold"]["id"]
    await anna.act("RescheduleAppointment", appointmentId=visit, holdId=hold)
    await anna.act("CheckIn", appointmentId=visit)
    await anna.ask("AppointmentHistory", id=visit)
    await anna.act("CancelAppointment", appointmentId=visit, reason="PATIENT_DECLINE")
    await anna.ask("AppointmentHistory", id=visit)
    await anna.ask("Referrals")
    together = [
        (await anna.act("HoldSlot", slotId=await last_slot(anna, specialty)))["hold"]["id"]
        for specialty in ("neurologist", "cardiologist")
    ]
    found = (await anna.act("BookAppointments", holdIds=together))["appointmentSet"]
    await anna.ask("AppointmentSet", id=found["id"])
    for one in found["appointments"]:
        await anna.act("CancelAppointment", appointmentId=one["id"], reason="PATIENT_DECLINE")


async def a_choice_of_doctor(anna: Counting) -> None:
    """Look for a doctor in one's own words, and look at doctor and clinic."""
    wanted = {"text": "терапевту", "town": "Калуга"}
    await anna.look("FindSlots", filter=wanted)  # the first one reads the reference data
    for size in FEW_AND_MANY:
        found = (await anna.ask("FindSlots", filter=wanted, first=size))["searchSlots"]["slots"]
        await anna.ask("MoreSlots", filter=wanted, first=size, after=found["pageInfo"]["endCursor"])
        await anna.ask("DoctorDetails", id=found["nodes"][0]["doctor"]["id"])
        await anna.ask("ClinicDetails", id=found["nodes"][0]["clinic"]["id"])


async def a_look_around(anna: Counting, visit: str) -> None:
    """Look at what surrounds a visit, and at oneself."""
    await anna.ask("SlotSearchForm")
    await anna.ask("Profile")
    await anna.ask("AppointmentDetails", id=visit)
    messages = (await anna.look("Inbox"))["viewer"]["inbox"]["nodes"]
    await anna.ask("MessageDetails", id=messages[0]["id"])
    await anna.follow("InboxChanged")
    for size in FEW_AND_MANY:
        await anna.ask("Clinics", first=size)
        await anna.ask("SearchSlotsNearby", filter={"specialty": "therapist", "near": KALUGA}, near=KALUGA, first=size)
        await anna.ask("Appointments", upcomingOnly=False, first=size)
        await anna.act("MarkNotificationsSeen", ids=[one["id"] for one in messages[:size]])


async def a_choice(anna: Counting) -> None:
    """Say what one wants to be told, and when not."""
    await anna.ask("NotificationPreferences")
    topics = ("CAMPAIGNS", "POLICY", "CHECKUPS")
    for some in (topics[:1], topics):
        changes = [{"topic": topic, "channel": "SMS", "isOn": False} for topic in some]
        await anna.act("SetNotificationPreferences", changes=changes)
    await anna.act("SetQuietHours", isOn=True, startsAt="22:00", endsAt="08:00")
    await anna.act("LiftChannelRefusal", channel="SMS")
    await anna.ask("NotificationPreferences")


async def a_calendar(anna: Counting, visit: str) -> None:
    """Put a visit into a calendar by hand, then let it follow what is booked, tell more, and follow no more."""
    await anna.ask("AppointmentCalendarFile", id=visit, detail="FULL")
    for _ in range(2):
        await anna.act("CreateCalendarFeed")
    await anna.ask("CalendarFeed")
    await anna.act("ChangeCalendarFeed", detail="FULL")
    await anna.act("RevokeCalendarFeed")


async def a_wait(anna: Counting) -> None:
    """Wait for a slot, with a pause; decline what is offered; wait for one that there is not, and give up."""
    slots = (await anna.look("SearchSlots", filter={"specialty": "dentist", "town": "Калуга"}))["slots"]["nodes"]
    clinic = next(slot["clinic"]["id"] for slot in slots if slot["clinic"]["name"] != "Детская поликлиника")
    wish = {"specialty": "dentist", "clinicIds": [clinic]}
    entry = (await anna.act("JoinWaitingList", **wish, hoursFrom="23:00"))["entry"]["id"]
    await anna.ask("WaitingList")
    for act in ("PauseWaitingListEntry", "ResumeWaitingListEntry", "LeaveWaitingList"):
        await anna.act(act, waitingListEntryId=entry)
    entry = (await anna.act("JoinWaitingList", **wish))["entry"]["id"]

    async def is_offered() -> bool:
        found = (await anna.look("WaitingList"))["viewer"]["waitingList"]
        return any(one["state"] == "OFFERED" for one in found)

    await until(is_offered, what="an offer")
    await anna.ask("WaitingList")
    await anna.act("DeclineWaitingListOffer", waitingListEntryId=entry)


async def a_queue(anna: Counting) -> None:
    """Queue for a time of a doctor that is given out soon, and give the place up."""
    region, wanted = anna.who.region, {"specialty": "cardiologist", "town": "Калуга"}
    slot = (await anna.look("SearchSlots", filter=wanted, first=50))["slots"]["nodes"][-1]
    slot_id, doctor_id = decode_id(slot["id"], "Slot"), decode_id(slot["doctor"]["id"], "Doctor")
    async with region.database.transaction() as session:
        for post in (await session.exec(select(PostRow).where(PostRow.doctor_id == doctor_id))).all():
            post.releases_by_queue = True
        (await session.get_one(SlotRow, slot_id)).released_at = region.clock() + timedelta(minutes=20)
    [queue] = (await anna.ask("ReleaseQueues", doctorId=slot["doctor"]["id"]))["releaseQueues"]
    wish = {"postId": queue["postId"], "releasedAt": queue["releasedAt"]}
    place = (await anna.act("JoinReleaseQueue", **wish))["place"]["id"]
    await anna.ask("ReleaseQueuePlaces")
    await anna.act("LeaveReleaseQueue", placeId=place)


async def a_year_of_a_family(anna: Counting) -> None:
    """Act for a child and for somebody who trusts one, and give both up."""
    boris = await phone_of("boris", anna)
    await boris.look("Family")
    (mitya,) = [
        one
        for one in (await anna.ask("Family"))["viewer"]["representation"]["actsFor"]
        if one["capacity"] == "PARENT_OF_CHILD"
    ]
    child = {"personId": mitya["person"]["id"]}
    await anna.look("ActingFor", **child)  # the first one begins the child's audit
    for size in FEW_AND_MANY:
        await anna.ask("ActingFor", **child, appointments=size)
        for page in ("Appointments", "Inbox", "Consents", "AccessLog"):
            await anna.ask(f"ActingFor{page}", **child, first=size)
    await anna.ask("ActingForNotificationPreferences", **child)
    await anna.ask("ActingForCalendarFeed", **child)
    await anna.ask("ActingForWaitingList", **child)
    await anna.ask("ActingForCallBacks", **child)
    await anna.ask("ActingForReleaseQueuePlaces", **child)
    await anna.ask("ActingForExports", **child)
    await anna.ask("ActingForExportDownload", **child)
    await anna.act("EndRepresentation", id=mitya["id"])
    (candidate,) = (await anna.ask("Family"))["viewer"]["representation"]["childCandidates"]
    await anna.act("ConfirmChild", childId=candidate["id"], certificate={"series": "I-ДМ", "number": "000001"})
    ends_at = (anna.who.region.clock() + timedelta(days=30)).isoformat()
    who = demo_people(anna.who.region)["boris"]
    whom = {
        "phone": who.phone,
        "birthDate": who.birth_date.isoformat(),
        "rights": [{"right": "READ", "until": ends_at}],
    }
    offers = [await anna.act("GrantRepresentation", **whom) for _ in range(2)]
    opened = [(await boris.act("OpenInvitation", code=offer["code"]))["invitation"]["id"] for offer in offers]
    await boris.act("DeclineRepresentation", invitationId=opened[0])
    await boris.act("AcceptRepresentation", invitationId=opened[1])
    for _ in range(2):
        await anna.act("RegisterGuardianship", **INPUTS["registerGuardianship"])
    await anna.ask("Family")


async def a_visit_to_a_kiosk(anna: Counting) -> None:
    """Book at a kiosk and give it up, then begin once more and go on at the phone."""
    machine = Machine(anna.who.region)
    await machine.sign_in("anna")
    kiosk = Counting(machine, "kiosk", anna.found)
    await kiosk.look("KioskScreen")
    await kiosk.ask("KioskScreen")
    slot = await last_slot(kiosk, "cardiologist", channel="INFOMAT")
    hold = await kiosk.act("HoldSlot", slotId=slot, channel="INFOMAT")
    booked = await kiosk.act("BookAppointment", holdId=hold["hold"]["id"])
    await kiosk.ask("KioskScreen")
    given_up = {"appointmentId": booked["appointment"]["id"], "reason": "PATIENT_DECLINE"}
    await kiosk.act("CancelAppointment", **given_up)
    wanted = {"specialty": "neurologist", "town": "Калуга", "channel": "INFOMAT"}
    found = (await kiosk.look("SearchSlots", filter=wanted))["slots"]["nodes"]
    slots = [slot for slot in found if slot["clinic"]["name"] != "Детская поликлиника"]
    soon = next(slot["id"] for slot in slots if slot["startsAt"] > slots[0]["startsAt"])  # beside the first booking
    later = slots[-1]["id"]
    hold = await kiosk.act("HoldSlot", slotId=later, channel="INFOMAT")
    await kiosk.act("ReleaseHold", holdId=hold["hold"]["id"])
    hold = await kiosk.act("HoldSlot", slotId=soon, channel="INFOMAT")
    visit = (await kiosk.act("BookAppointment", holdId=hold["hold"]["id"]))["appointment"]["id"]
    await kiosk.act("CheckIn", appointmentId=visit)
    await kiosk.act("CancelAppointment", appointmentId=visit, reason="PATIENT_DECLINE")
    made = await kiosk.act("CreateHandover")
    await anna.act("AcceptHandover", code=made["handover"]["code"])
    await anna.look("Devices")  # a session of hers has ended: hers are looked at again
    await machine.sign_in("boris")  # the next one in the hall
    await kiosk.look("KioskScreen")
    await kiosk.act("SignOut")


async def a_phone_that_is_woken(anna: Counting) -> None:
    """Register the phone, keep a copy of the inbox, tell what became of its messages, and give it up."""
    registered = await anna.act("RegisterDevice", **INPUTS["registerDevice"])
    await anna.ask("PushDevices")
    await anna.look("SyncNotifications")  # the first one numbers what nobody has asked for
    for size in FEW_AND_MANY:
        copy = (await anna.ask("SyncNotifications", first=size))["viewer"]["notificationChanges"]
        items = [{"notificationId": one["id"], "kind": "RECEIVED"} for one in copy["nodes"]]
        await anna.act("AcknowledgeNotifications", items=items)
    await anna.act("UnregisterDevice", deviceId=registered["device"]["id"])


async def a_lost_phone(anna: Counting) -> None:
    """Sign out by each of the three ways; after each, as after a sign-in, the person's sessions are looked at again."""
    lost, lent, left_behind = [await phone_of("anna", anna) for _ in range(3)]
    for one in (anna, lent):
        await one.look("Devices")
    await anna.ask("Devices")
    await lent.act("SignOut")
    sessions = (await lost.look("Devices"))["viewer"]["sessions"]
    await anna.look("Devices")
    await anna.act("SignOutDevice", sessionId=next(one["id"] for one in sessions if one["isCurrent"]))
    assert len((await left_behind.look("Devices"))["viewer"]["sessions"]) == 2
    await left_behind.ask("Devices")
    await anna.look("Devices")
    await anna.act("SignOutEverywhere", exceptThisDevice=True)


async def an_erasure(anna: Counting) -> None:
    """Ask to be erased, and stay."""
    await anna.ask("ErasurePlan")
    await anna.act("RequestErasure")
    await anna.ask("Erasure")
    await anna.act("CancelErasure")


async def a_copy(anna: Counting) -> None:
    """Take the copy that was asked for, and delete it."""
    region = anna.who.region

    async def is_made() -> bool:
        async with region.database.reading() as session:
            return (await session.exec(select(DataExportRow.state))).one() is ExportState.READY

    await until(is_made, what="the copy")
    (copy,) = (await anna.ask("DataExports"))["viewer"]["exports"]
    await anna.ask("DownloadExport")
    await anna.act("DeleteExport", exportId=copy["id"])
