"""The concentrator's own words, and their parsing into values of booking.

A specialist is named by SNILS in these words, and nowhere else: `PostRow.resource_key` keeps such a name without
knowing what it is. Source: the interface description of ФЭР v2.0; what we rely on stands in `er_v2_0.wsdl`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from types import MappingProxyType
from typing import Literal, Self
from uuid import UUID

from backend.booking.errors import (
    BookingRefusal,
    CancelTooLate,
    DuplicateSpecialty,
    NotAttached,
    PatientNotFound,
    ReferralExpired,
    ReferralRequired,
    SlotTaken,
    SlotWithdrawn,
    TimeOverlap,
)
from backend.booking.ports import OutsideReferral, OutsideSlot, Patient, Resource
from backend.booking.states import CancelReason
from backend.integrations.fer_registry.soap import Element, er, make, said
from backend.profile.values import Sex

SUCCESS = "SUCCESS"
PATIENT_NOT_FOUND = "PATIENT_NOT_FOUND"
REFERRAL_NOT_FOUND = "REFERRAL_NOT_FOUND"
NO_DATA_FOUND = "NO_DATA_FOUND"
SESSION_TIMED_OUT = "SESSION_TIMED_OUT"
CANCEL_TOO_LATE = "CANCEL_TOO_LATE"

SEXES: Mapping[Sex, str] = MappingProxyType({Sex.MALE: "M", Sex.FEMALE: "F"})

REFUSALS: Mapping[str, type[BookingRefusal]] = MappingProxyType(
    {
        PATIENT_NOT_FOUND: PatientNotFound,
        REFERRAL_NOT_FOUND: ReferralRequired,
        NO_DATA_FOUND: SlotWithdrawn,
        "NOT_ATTACHED": NotAttached,
        "REFERRAL_REQUIRED": ReferralRequired,
        "REFERRAL_EXPIRED": ReferralExpired,
        "SLOT_TAKEN": SlotTaken,
        "DUPLICATE_SPECIALTY": DuplicateSpecialty,
        "TIME_OVERLAP": TimeOverlap,
        CANCEL_TOO_LATE: CancelTooLate,
    }
)
"""What each of their refusals is in our words; a code that does not stand here decides nothing."""

_SEPARATOR = "|"
_WORD_OF_KIND: Mapping[Literal["snils", "room", "id"], str] = MappingProxyType(
    {"snils": "Specialist_SNILS", "room": "Room_Id", "id": "Specialist_Id"}
)


class NotAValue(Exception):
    """A message is in order by its schema and still says nothing that can be: the 31st of February, the year 0."""


class Unsayable(Exception):
    """What we have cannot be said in these words; the text never quotes it."""


@dataclass(frozen=True, slots=True)
class ResourceName:
    """What a registry calls a doctor or a room at a post: the post, and a SNILS, a room's id or an opaque id."""

    post_id: str
    kind: Literal["snils", "room", "id"]
    value: str = field(repr=False)

    @classmethod
    def parse(cls, key: str) -> Self:
        """Read a `resource_key`.

        Raises:
            Unsayable: It is not one of ours.
        """
        post_id, kind, value = (*key.split(_SEPARATOR, 2), "", "")[:3]
        known = next((one for one in _WORD_OF_KIND if one == kind), None)
        if not post_id or not value or known is None:
            raise Unsayable
        return cls(post_id, known, value)

    @property
    def key(self) -> str:
        """Return it as a `resource_key`."""
        return _SEPARATOR.join((self.post_id, self.kind, self.value))


def patient_info_request(session: UUID, patient: Patient, *, with_referrals: bool) -> Element:
    """Ask for a patient, which opens a session."""
    passed = make("Pass_referral", "1" if with_referrals else "0")
    return make("GetPatientInfoRequest", make("Session_ID", str(session)), _patient_data(patient), passed)


def referral_info_request(session: UUID, patient: Patient, referral_number: str) -> Element:
    """Ask for a patient's referral, which opens a session for a booking by it."""
    return make(
        "GetReferralInfoRequest",
        make("Session_ID", str(session)),
        _patient_data(patient),
        make("Referral_Number", referral_number),
    )


def schedule_request(session: UUID, resource: Resource, *, first: date, last: date) -> Element:
    """Ask for the free times of a resource.

    Raises:
        Unsayable: The resource's key is not one of ours.
    """
    name = ResourceName.parse(resource.resource_key)
    return make(
        "GetScheduleInfoRequest",
        make("Session_ID", str(session)),
        make(_WORD_OF_KIND[name.kind], name.value),
        make("MO_OID", resource.clinic_oid),
        make("Service_Post", make("Post", make("Post_Id", name.post_id))),
        make("Start_Date_Range", first.isoformat()),
        make("End_Date_Range", last.isoformat()),
    )


def create_request(session: UUID, slot: OutsideSlot, resource: Resource) -> Element:
    """Ask for a booking."""
    return make(
        "CreateAppointmentRequest",
        make("Session_ID", str(session)),
        make("Slot_Id", slot.external_id),
        make("MO_OID", resource.clinic_oid),
    )


def cancel_request(session: UUID, slot: OutsideSlot, reason: CancelReason) -> Element:
    """Ask to give a booking up; our words for the reasons are theirs."""
    return make(
        "CancelAppointmentRequest",
        make("Session_ID", str(session)),
        make("Slot_Id", slot.external_id),
        make("Canceled_Reason", reason.value),
    )


def error_code(answer: Element) -> str | None:
    """Return which error an answer tells, None when it tells none."""
    return said(answer, "Error", "Error_Code")


def read_slots(answer: Element, *, longest: timedelta) -> list[OutsideSlot]:
    """Read the free times of a resource, by start.

    The interface names no end. A resource sees one person after another, so the shortest way from one start to the
    next is taken as the length, and `longest` at most.

    Raises:
        NotAValue: A time is none.
    """
    found = [
        (_instant(said(one, "VisitTime")), said(one, "Slot_Id") or "", said(one, "Room"))
        for one in answer.iterfind(er("Slots", "Slot"))
    ]
    starts = sorted({start for start, _, _ in found})
    length = min((later - start for start, later in pairwise(starts)), default=longest)
    length = min(length, longest)
    ordered = sorted(found, key=lambda one: one[:2])
    return [OutsideSlot(external_id, start, start + length, room) for start, external_id, room in ordered]


def read_referrals(answer: Element, *, specialties: Mapping[str, str]) -> Sequence[OutsideReferral]:
    """Read a person's referrals, newest first; those to a post that is no specialty of ours are left out.

    Raises:
        NotAValue: A day is none.
    """
    found = [
        OutsideReferral(
            number=said(one, "Referral_Number") or "",
            specialty_code=specialty,
            issued_on=_day(said(one, "Referral_Start_Date")),
            expires_on=_day(said(one, "Referral_End_Date")),
        )
        for one in answer.iterfind(er("Referrals", "Referral"))
        if (specialty := specialties.get(said(one, "Post", "Post_Id") or "")) is not None
    ]
    return sorted(found, key=lambda one: (one.issued_on, one.number), reverse=True)


def _patient_data(patient: Patient) -> Element:
    """Say who it is; what is not known is left out."""
    try:
        return make("Patient_Data", *(one for one in _known_of(patient) if one is not None))
    except ValueError:
        raise Unsayable from None  # a character that XML has no place for


def _known_of(patient: Patient) -> Iterator[Element | None]:
    yield make("OMS_Number", patient.policy_number) if patient.policy_number else None
    yield make("SNILS", patient.snils.digits) if patient.snils else None
    yield make("First_Name", patient.given_name)
    yield make("Last_Name", patient.family_name)
    yield make("Middle_Name", patient.patronymic) if patient.patronymic else None
    yield make("Birth_Date", patient.birth_date.isoformat())
    yield make("Sex", SEXES[patient.sex])
    yield make("Phone", patient.phone.e164) if patient.phone else None


def _instant(text: str | None) -> datetime:
    try:
        return datetime.fromisoformat(text or "").astimezone(UTC)
    except (ValueError, OverflowError):
        raise NotAValue from None


def _day(text: str | None) -> date:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        raise NotAValue from None
