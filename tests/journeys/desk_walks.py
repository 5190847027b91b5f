"""What staff do for a citizen, one operation after another, those that read with few rows and with more."""

from uuid import uuid4

from backend.entrypoints.demo.organisations import HOSPITAL
from tests.journeys.counting import Counting
from tests.journeys.desk import Desk
from tests.journeys.test_family import demo_people
from tests.journeys.walks import FEW_AND_MANY, last_slot

REASON = "без сознания, нужны сведения о лекарствах"


async def desk_of(app: str, nick: str, beside: Counting) -> Counting:
    """Sign in staff at a desk."""
    desk = Desk(beside.who.region, app)
    assert await desk.sign_in(nick) is None
    counting = Counting(desk, app, beside.found)
    await counting.look("Devices")
    return counting


async def a_consent(anna: Counting, anna_id: str) -> None:
    """Let a hospital's doctors see, let one look, and take it back."""
    await anna.ask("ConsentTexts")
    (text,) = (await anna.ask("ConsentTextToSign", purpose="clinician_access"))["consentTexts"]
    wish = {"purpose": text["purpose"], "textHash": text["hash"], "recipient": {"ogrn": HOSPITAL.ogrn}}
    await anna.look("Consents")
    given = await anna.act("GiveConsent", **wish)
    await anna.ask("Consents", first=1)
    doctor = await desk_of("clinician", "doctor", anna)
    for size in FEW_AND_MANY:
        await doctor.ask("Patient", personId=anna_id, appointments=size)
        await doctor.ask("PatientAppointments", personId=anna_id, first=size)
    await anna.ask("ConsentDetails", id=given["consent"]["id"])
    await anna.act("WithdrawConsent", consentId=given["consent"]["id"])
    await anna.ask("Consents", first=50)


async def a_call(anna: Counting, anna_id: str, enp: str) -> None:
    """Call 122: say who one is, let the operator book, and give it up again."""
    operator, who = await desk_of("operator", "operator", anna), demo_people(anna.who.region)["anna"]
    said = {"familyName": who.family_name, "givenName": who.given_name, "birthDate": who.birth_date.isoformat()}
    call = {"callId": (await operator.act("OpenCall", callerNumber=who.phone))["call"]["id"]}
    await operator.act("SendCallerCode", **call, person=said)
    await operator.act("VerifyCaller", **call, person=said, policyDigits=enp[-4:])
    await operator.act("ChoosePatient", **call)
    await operator.ask("CurrentCall")
    for size in FEW_AND_MANY:
        await operator.ask("CallAppointments", upcomingOnly=False, first=size)
    await operator.ask("CallWaitingList")
    await operator.ask("CallReleaseQueuePlaces")
    patient = {"personId": anna_id}
    slot = await last_slot(operator, "surgeon", channel="CALL_122")
    hold = await operator.act("HoldSlot", **patient, slotId=slot, channel="CALL_122")
    await operator.act("CreateCallHandover", **patient, about=hold["hold"]["id"])
    booked = (await operator.act("BookAppointment", **patient, holdId=hold["hold"]["id"]))["appointment"]["id"]
    await an_operators_change(operator, patient, booked)
    await operator.act("CancelAppointment", **patient, appointmentId=booked, reason="PATIENT_DECLINE")
    await operator.act("CloseCall", **call)


async def a_call_back(anna: Counting, anna_id: str, enp: str) -> None:
    """Ask to be called back, give it up and ask again; an operator calls, and asks once more for later."""
    asked = (await anna.act("RequestCallBack", reason="BOOKING"))["callBack"]["id"]
    await anna.ask("CallBacks")
    await anna.act("CancelCallBack", callBackId=asked)
    await anna.act("RequestCallBack", reason="CHANGE")
    await anna.ask("CallBacks")
    operator, who = await desk_of("operator", "operator", anna), demo_people(anna.who.region)["anna"]
    for size in FEW_AND_MANY:
        await operator.ask("CallBackList", first=size)
    taken = (await operator.act("TakeCallBack"))["callBack"]
    await operator.ask("TakenCallBack")
    await operator.act("SettleCallBack", callBackId=taken["id"], outcome="REACHED")
    call, said = {"callId": taken["call"]["id"]}, {"familyName": who.family_name, "givenName": who.given_name}
    await operator.act("VerifyCaller", **call, person=said, policyDigits=enp[-4:])  # by the number of the line
    await operator.act("ChoosePatient", **call)
    await operator.ask("CallCallBacks")
    patient = {"personId": anna_id}
    again = (await operator.act("RequestCallBack", **patient, reason="CUT_OFF"))["callBack"]["id"]
    await operator.act("CancelCallBack", **patient, callBackId=again)
    await operator.act("CloseCall", **call)


async def an_operators_change(operator: Counting, patient: dict[str, str], visit: str) -> None:
    """Move a visit of the caller, hold and let go, and book by the set."""
    by_phone = {**patient, "channel": "CALL_122"}
    other = await last_slot(operator, "surgeon", channel="CALL_122")
    wish = {**by_phone, "slotId": other, "replacesAppointmentId": visit, "idempotencyKey": str(uuid4())}
    hold = (await operator.look("HoldSlot", input=wish))["holdSlot"]["hold"]["id"]  # a statement more than a plain one
    await operator.act("RescheduleAppointment", **patient, appointmentId=visit, holdId=hold)
    slot = await last_slot(operator, "neurologist", channel="CALL_122")
    hold = (await operator.act("HoldSlot", **by_phone, slotId=slot))["hold"]["id"]
    await operator.act("ExtendHold", **patient, holdId=hold)
    await operator.act("ReleaseHold", **patient, holdId=hold)
    hold = (await operator.act("HoldSlot", **by_phone, slotId=slot))["hold"]["id"]
    (booked,) = (await operator.act("BookAppointments", **patient, holdIds=[hold]))["appointmentSet"]["appointments"]
    await operator.act("CancelAppointment", **patient, appointmentId=booked["id"], reason="PATIENT_DECLINE")


async def an_insurers_question(anna: Counting, anna_id: str) -> None:
    """Look at an insured person by two levels."""
    for nick, screen in (("representative", "InsuredPerson"), ("representative2", "InsuredPersonWithPolicy")):
        desk = await desk_of("insurer", nick, anna)
        for _ in range(2):
            await desk.ask(screen, personId=anna_id)


async def an_emergency(anna: Counting, anna_id: str) -> None:
    """Break the glass; the person reads of it and says that it was not right."""
    crew = await desk_of("crew", "crew", anna)
    await crew.act("OpenEmergencyAccess", personId=anna_id, category="UNCONSCIOUS", reason=REASON)
    await crew.ask("Patient", personId=anna_id)
    await anna.ask("OwnAccesses")
    await anna.ask("AccessLog", first=1)
    entries = (await anna.ask("AccessLog", first=50, filter={"othersOnly": True}))["viewer"]["accessLog"]["nodes"]
    await anna.act("ReportAccess", entryId=entries[0]["id"], comment="Скорую никто не вызывал")


async def an_officers_day(anna: Counting) -> None:
    """Settle what waits: a review, and a guardianship, which then ends by law."""
    officer = await desk_of("auditor", "auditor", anna)
    await officer.ask("DeskHeader")
    for size in FEW_AND_MANY:
        reviews = (await officer.ask("ReviewQueue", first=size))["reviewQueue"]["nodes"]
        told = (await officer.ask("GuardianshipQueue", first=size))["guardianshipQueue"]["nodes"]
    await officer.act("SettleReview", reviewId=reviews[0]["id"], verdict="JUSTIFIED", note="Вызов подтверждён")
    check = {"guardianshipId": told[0]["id"], "verdict": "CONFIRMED", "note": "Подлинник предъявлен"}
    settled = (await officer.act("SettleGuardianship", **check))["guardianship"]
    await officer.act("EndRepresentationByLaw", representationId=settled["representationId"], note="Решение суда")
