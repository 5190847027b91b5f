"""Our answers to a portal, method by method: a message in, a message out."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TypeAlias
from zoneinfo import ZoneInfo

from backend.booking.errors import BookingRefusal
from backend.booking.states import CancelReason
from backend.integrations.fer_registry import endpoint_words as words
from backend.integrations.fer_registry.soap import Element, er, local_name, make, said
from backend.portal.bookings import PortalBookings
from backend.portal.errors import PortalSessionOver, ReferralNotFound
from backend.portal.schedules import PortalSchedules
from backend.portal.sessions import PortalSessions
from backend.portal.values import Wanted
from identity.principal import Principal

_NOTHING = "SLOT_NOT_FOUND"


@dataclass(frozen=True, slots=True)
class PortalServices:
    """What a portal can ask; `posts` says by the code of a specialty which post (Post_Id) it is."""

    sessions: PortalSessions
    bookings: PortalBookings
    schedules: PortalSchedules
    posts: Mapping[str, str]

    def specialties(self, post_id: str | None) -> list[str]:
        """Return the codes of the specialties of a post; of every one when None."""
        return [code for code, post in self.posts.items() if post_id in {None, post}]


Method: TypeAlias = Callable[[PortalServices, Principal, Element], Awaitable[Element]]


async def answered(services: PortalServices, portal: Principal, message: Element) -> Element:
    """Return the answer to a message of the interface.

    Raises:
        KeyError: It is no request.
        Undecided, NotAValue: There is no answer in the interface's words.
        PortalSessionMisused, AccessRefused: Not this portal's to ask.
        Operational: Not now.
    """
    answering = METHODS[local_name(message)]
    try:
        return await answering(services, portal, message)
    except (BookingRefusal, PortalSessionOver, ReferralNotFound) as refusal:
        return words.refused(message, refusal.code)


async def _patient_info(services: PortalServices, portal: Principal, message: Element) -> Element:
    opened = await services.sessions.open(
        portal, session_id=words.session_id(message), said=words.said_patient(message)
    )
    patient = make("Patient_Id", str(opened.patient_id))
    if said(message, "Pass_referral") not in {"1", "true"}:
        return words.answer(message, patient)
    told = [words.referral(one, specialty, services.posts) for one, specialty in opened.referrals]
    return words.answer(message, patient, make("Referrals", *(one for one in told if one is not None)))


async def _referral_info(services: PortalServices, portal: Principal, message: Element) -> Element:
    opened = await services.sessions.open(
        portal,
        session_id=words.session_id(message),
        said=words.said_patient(message),
        referral_number=said(message, "Referral_Number") or "",
    )
    told = words.referral(*opened.referrals[0], services.posts)
    if told is None:
        raise ReferralNotFound
    return words.answer(message, make("Patient_Id", str(opened.patient_id)), told)


async def _clinics(services: PortalServices, _portal: Principal, message: Element) -> Element:
    found = await services.schedules.clinics(services.specialties(said(message, "Post_Id")))
    return words.answer(message, make("MO_List", *map(words.clinic, found)))


async def _posts(services: PortalServices, _portal: Principal, message: Element) -> Element:
    clinic_id = words.uuid_of(said(message, "MO_Id"))
    codes = [] if clinic_id is None else await services.schedules.specialties_of(clinic_id)
    posts = sorted({services.posts[code] for code in codes if code in services.posts})
    return words.answer(message, make("Service_Posts", *map(words.post, posts)))


async def _resources(services: PortalServices, _portal: Principal, message: Element) -> Element:
    first, last = words.day(message, "Start_Date_Range"), words.day(message, "End_Date_Range")
    asked = [(one.text or "").strip() for one in message.iterfind(er("Service_Posts", "Post", "Post_Id"))]
    oids = [(one.text or "").strip() for one in message.iterfind(er("MO_OID_List", "MO_OID"))]
    codes = [code for post in asked for code in services.specialties(post)]
    told = []
    for one in await services.schedules.resources(oids, codes):
        zone = ZoneInfo(one.clinic.time_zone)
        free = await services.schedules.free(one, first=first, last=last)
        days = sorted({slot.starts_at.astimezone(zone).date() for slot in free})
        told.append(words.resource(one, services.posts[one.specialty.code], days))
    return words.answer(message, make("Resources", *told))


async def _schedule(services: PortalServices, _portal: Principal, message: Element) -> Element:
    first, last = words.day(message, "Start_Date_Range"), words.day(message, "End_Date_Range")
    resource_id = words.uuid_of(said(message, "Specialist_Id"))
    found = None if resource_id is None else await services.schedules.find(resource_id)
    post = said(message, "Service_Post", "Post", "Post_Id")
    if (
        found is None
        or said(message, "MO_OID") != found.clinic.oid
        or post is None
        or services.posts.get(found.specialty.code) != post
    ):
        return words.refused(message, _NOTHING)
    free = await services.schedules.free(found, first=first, last=last)
    return words.answer(message, make("Slots", *map(words.slot, free)))


async def _create(services: PortalServices, portal: Principal, message: Element) -> Element:
    slot_id = words.uuid_of(said(message, "Slot_Id"))
    if slot_id is None:
        return words.refused(message, _NOTHING)  # we never told such a name, and never will
    code = await services.bookings.book(
        portal,
        session_id=words.session_id(message),
        slot_id=slot_id,
        wanted=Wanted(said(message, "MO_OID"), said(message, "Referral_Number")),
    )
    return words.outcome(message, code)


async def _cancel(services: PortalServices, portal: Principal, message: Element) -> Element:
    slot_id = words.uuid_of(said(message, "Slot_Id"))
    if slot_id is None:
        return words.refused(message, _NOTHING)
    code = await services.bookings.cancel(
        portal,
        session_id=words.session_id(message),
        slot_id=slot_id,
        reason=CancelReason(said(message, "Canceled_Reason") or ""),
    )
    return words.outcome(message, code)


METHODS: Mapping[str, Method] = MappingProxyType(
    {
        "GetPatientInfoRequest": _patient_info,
        "GetReferralInfoRequest": _referral_info,
        "GetMOInfoExtendedRequest": _clinics,
        "GetServicePostSpecsInfoRequest": _posts,
        "GetMOResourceInfoRequest": _resources,
        "GetScheduleInfoRequest": _schedule,
        "CreateAppointmentRequest": _create,
        "ReferralAppointmentRequest": _create,
        "CancelAppointmentRequest": _cancel,
    }
)
"""What answers each request."""
