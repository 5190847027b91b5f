"""What a portal asks of us, read from the interface's words, and our answers in them."""

from collections.abc import Iterable, Mapping
from datetime import date
from types import MappingProxyType
from uuid import UUID
from zoneinfo import ZoneInfo

from backend.booking.eligibility import Referral
from backend.booking.errors import PatientNotFound
from backend.booking.values import Clinic, Slot, Specialty
from backend.integrations.fer_registry import wire
from backend.integrations.fer_registry.soap import Element, local_name, make, said
from backend.portal.values import PortalResource, SaidPatient
from backend.profile.errors import SnilsInvalid
from backend.profile.values import Snils
from identity.names import FullName

_LONGEST = 300
_SEX_OF = MappingProxyType({word: sex for sex, word in wire.SEXES.items()})

WORD_OF: Mapping[str, str] = MappingProxyType(
    {
        "PATIENT_NOT_FOUND": wire.PATIENT_NOT_FOUND,
        "REFERRAL_NOT_FOUND": wire.REFERRAL_NOT_FOUND,
        "PORTAL_SESSION_OVER": wire.SESSION_TIMED_OUT,
        "NOT_ATTACHED": "NOT_ATTACHED",
        "REFERRAL_REQUIRED": "REFERRAL_REQUIRED",
        "REFERRAL_USED": "REFERRAL_REQUIRED",
        "REFERRAL_EXPIRED": "REFERRAL_EXPIRED",
        "SLOT_TAKEN": "SLOT_TAKEN",
        "CHANNEL_QUOTA_USED_UP": "SLOT_TAKEN",
        "HOLD_EXPIRED": "SLOT_TAKEN",
        "HOLD_NOT_FOUND": "SLOT_TAKEN",
        "DUPLICATE_SPECIALTY": "DUPLICATE_SPECIALTY",
        "TIME_OVERLAP": "TIME_OVERLAP",
        "CANCEL_TOO_LATE": wire.CANCEL_TOO_LATE,
        "SLOT_NOT_FOUND": wire.NO_DATA_FOUND,
        "SLOT_IN_PAST": wire.NO_DATA_FOUND,
        "SLOT_TOO_FAR": wire.NO_DATA_FOUND,
        "SLOT_NOT_RELEASED": wire.NO_DATA_FOUND,
        "SLOT_WITHDRAWN": wire.NO_DATA_FOUND,
        "QUEUE_TURN_NEEDED": wire.NO_DATA_FOUND,
        "CHANNEL_NOT_ALLOWED": wire.NO_DATA_FOUND,
        "AGE_NOT_ALLOWED": wire.NO_DATA_FOUND,
        "SEX_NOT_ALLOWED": wire.NO_DATA_FOUND,
        "APPOINTMENT_NOT_FOUND": wire.NO_DATA_FOUND,
    }
)
"""What each of our refusals is in their words, which are fewer; what does not stand here is answered by a fault."""


class Undecided(Exception):
    """A refusal for which the interface has no word; nothing may be read into it."""


def session_id(message: Element) -> UUID:
    """Return the portal's session; the schema has it that it is a UUID."""
    return UUID(said(message, "Session_ID") or "")


def said_patient(message: Element) -> SaidPatient:
    """Return whom a message names.

    Raises:
        PatientNotFound: Without a SNILS, or with one that is none, nobody is known.
    """
    data = "Patient_Data"
    try:
        snils = Snils.parse(said(message, data, "SNILS") or "")
    except SnilsInvalid:
        raise PatientNotFound from None
    return SaidPatient(
        snils,
        FullName(
            said(message, data, "Last_Name") or "",
            said(message, data, "First_Name") or "",
            said(message, data, "Middle_Name"),
        ),
        day(message, data, "Birth_Date"),
        _SEX_OF[said(message, data, "Sex") or ""],
    )


def day(message: Element, *names: str) -> date:
    """Return the day at a path; what the schema lets pass and is none (the year 0) names nobody and nothing.

    Raises:
        NotAValue: So it is.
    """
    try:
        return date.fromisoformat(said(message, *names) or "")
    except ValueError:
        raise wire.NotAValue from None


def uuid_of(text: str | None) -> UUID | None:
    """Return the id of ours that a text is, in the one way we write it; None for what we never told."""
    try:
        found = UUID(text or "")
    except ValueError:
        return None
    return found if str(found) == text else None


def answer(message: Element, *content: Element) -> Element:
    """Answer a request, under its session."""
    name = local_name(message).removesuffix("Request") + "Response"
    return make(name, make("Session_ID", said(message, "Session_ID") or ""), *content)


def refused(message: Element, code: str) -> Element:
    """Answer a request with one of our refusals, in their words; ours stands beside it for people.

    Raises:
        Undecided: They have no word for it.
    """
    if code not in WORD_OF:
        raise Undecided
    return answer(message, make("Error", make("Error_Code", WORD_OF[code]), make("Error_Message", code)))


def outcome(message: Element, code: str | None) -> Element:
    """Answer a request to change something."""
    return answer(message, make("Status_Code", wire.SUCCESS)) if code is None else refused(message, code)


def clinic(one: Clinic) -> Element:
    """Say what a clinic is."""
    return make(
        "MO",
        make("MO_Id", str(one.id)),
        make("MO_OID", one.oid),
        make("MO_Name", _words(one.name)),
        make("MO_Address", _words(one.address)),
        make("MO_Phone", _words(one.phone)),
    )


def post(post_id: str) -> Element:
    """Say which post."""
    return make("Post", make("Post_Id", post_id))


def resource(one: PortalResource, post_id: str, days: Iterable[date]) -> Element:
    """Say who sees people, and on which days; never by SNILS, which we do not keep."""
    doctor = one.doctor
    middle = (make("Middle_Name", _words(doctor.patronymic)),) if doctor.patronymic else ()
    dates = [make("Available_Date", each.isoformat()) for each in days]
    return make(
        "Resource",
        make("MO_OID", one.clinic.oid),
        post(post_id),
        make(
            "Specialist",
            make("Last_Name", _words(doctor.family_name)),
            make("First_Name", _words(doctor.given_name)),
            *middle,
            make("Specialist_Id", str(one.id)),
        ),
        make("Available_Dates", *dates) if dates else make("No_Schedule_Reason", "Нет свободного времени"),
    )


def slot(one: Slot) -> Element:
    """Say when a slot is, by the clinic's clock."""
    visit = one.starts_at.astimezone(ZoneInfo(one.clinic.time_zone)).isoformat(timespec="seconds")
    room = (make("Room", one.room),) if one.room else ()
    return make("Slot", make("Slot_Id", str(one.id)), make("VisitTime", visit), *room)


def referral(one: Referral, specialty: Specialty, posts: Mapping[str, str]) -> Element | None:
    """Say what a referral is; None where the interface has no post for its specialty."""
    if specialty.code not in posts:
        return None
    return make(
        "Referral",
        make("Referral_Number", one.number),
        post(posts[specialty.code]),
        make("Referral_Start_Date", one.issued_on.isoformat()),
        make("Referral_End_Date", one.expires_on.isoformat()),
    )


def _words(text: str) -> str:
    return text[:_LONGEST] or "-"
