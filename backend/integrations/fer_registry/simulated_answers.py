"""The simulated concentrator's answers, method by method: a message in, a message out."""

from collections.abc import Callable, Mapping
from datetime import date
from types import MappingProxyType
from zoneinfo import ZoneInfo

from backend.integrations.fer_registry.simulated_concentrator import (
    SimulatedConcentrator,
    SimulatedReferral,
    SimulatedSlot,
)
from backend.integrations.fer_registry.soap import Element, er, local_name, make, said
from backend.integrations.fer_registry.wire import NO_DATA_FOUND, SUCCESS, ResourceName


def _patient_info(concentrator: SimulatedConcentrator, message: Element) -> Element:
    found = concentrator.open_session(_session(message), _patient_data(message))
    if isinstance(found, str):
        return _error(message, found)
    if said(message, "Pass_referral") not in {"1", "true"}:
        return _answer(message, make("Patient_Id", found.patient_id))
    referrals = make("Referrals", *(_referral(one) for one in found.referrals))
    return _answer(message, make("Patient_Id", found.patient_id), referrals)


def _referral_info(concentrator: SimulatedConcentrator, message: Element) -> Element:
    number = said(message, "Referral_Number") or ""
    found = concentrator.open_session(_session(message), _patient_data(message), referral_number=number)
    if isinstance(found, str):
        return _error(message, found)
    referral = next(one for one in found.referrals if one.number == number)
    return _answer(message, make("Patient_Id", found.patient_id), _referral(referral))


def _schedule_info(concentrator: SimulatedConcentrator, message: Element) -> Element:
    snils = said(message, "Specialist_SNILS")
    resource = ResourceName(
        post_id=said(message, "Service_Post", "Post", "Post_Id") or "",
        kind="room" if snils is None else "snils",
        value=snils or said(message, "Room_Id") or "",
    )
    free = concentrator.free_slots(
        said(message, "MO_OID") or "",
        resource,
        first=date.fromisoformat(said(message, "Start_Date_Range") or ""),
        last=date.fromisoformat(said(message, "End_Date_Range") or ""),
    )
    if free is None:
        return _error(message, NO_DATA_FOUND)
    return _answer(message, make("Slots", *(_slot(one) for one in free)))


def _create(concentrator: SimulatedConcentrator, message: Element) -> Element:
    return _outcome(message, concentrator.create(_session(message), said(message, "Slot_Id") or ""))


def _cancel(concentrator: SimulatedConcentrator, message: Element) -> Element:
    return _outcome(message, concentrator.cancel(_session(message), said(message, "Slot_Id") or ""))


METHODS: Mapping[str, Callable[[SimulatedConcentrator, Element], Element]] = MappingProxyType(
    {
        "GetPatientInfoRequest": _patient_info,
        "GetReferralInfoRequest": _referral_info,
        "GetScheduleInfoRequest": _schedule_info,
        "CreateAppointmentRequest": _create,
        "CancelAppointmentRequest": _cancel,
    }
)
"""What answers each request; every one raises `Misused` where a rule of the interface is not kept."""


def _session(message: Element) -> str:
    return said(message, "Session_ID") or ""


def _patient_data(message: Element) -> dict[str, str]:
    return {local_name(one): (one.text or "").strip() for one in message.iterfind(f"{er('Patient_Data')}/*")}


def _answer(message: Element, *content: Element) -> Element:
    name = local_name(message).replace("Request", "Response")
    return make(name, make("Session_ID", _session(message)), *content)


def _error(message: Element, code: str) -> Element:
    return _answer(message, make("Error", make("Error_Code", code)))


def _outcome(message: Element, code: str | None) -> Element:
    return _answer(message, make("Status_Code", SUCCESS)) if code is None else _error(message, code)


def _referral(one: SimulatedReferral) -> Element:
    return make(
        "Referral",
        make("Referral_Number", one.number),
        make("Post", make("Post_Id", one.post_id)),
        make("Referral_Start_Date", one.starts_on.isoformat()),
        make("Referral_End_Date", one.ends_on.isoformat()),
    )


def _slot(one: SimulatedSlot) -> Element:
    visit = one.starts_at.astimezone(ZoneInfo(one.time_zone)).isoformat(timespec="seconds")
    room = () if one.room is None else (make("Room", one.room),)
    return make("Slot", make("Slot_Id", one.slot_id), make("VisitTime", visit), *room)
