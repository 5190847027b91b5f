"""What the simulated concentrator knows, and how it decides: the promises that `er_v2_0.wsdl` states.

Nothing here waits, so each call is whole before the next begins.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from backend.clock import Clock
from backend.integrations.fer_registry.wire import (
    CANCEL_TOO_LATE,
    NO_DATA_FOUND,
    PATIENT_NOT_FOUND,
    REFERRAL_NOT_FOUND,
    SESSION_TIMED_OUT,
    ResourceName,
)

_DAYS_KNOWN = 31
"""A slot's name is looked for among the slots of so many days, from yesterday."""


class Misused(Exception):
    """A call that keeps no rule of the interface; answered with a SOAP fault."""


@dataclass(frozen=True, slots=True)
class SimulatedReferral:
    """A referral to a post; the days are inclusive."""

    number: str
    post_id: str
    starts_on: date
    ends_on: date


@dataclass(frozen=True, slots=True)
class SimulatedPatient:
    """Somebody whom the concentrator knows; `attached_oids` are the clinics of the attachment."""

    patient_id: str
    last_name: str
    first_name: str
    birth_date: date
    snils: str
    oms_number: str
    attached_oids: frozenset[str] = frozenset()
    referrals: tuple[SimulatedReferral, ...] = ()


@dataclass(frozen=True, slots=True)
class SimulatedSlot:
    """A time at a resource of a clinic; `sold` when somebody who is not ours has it from the beginning."""

    slot_id: str
    mo_oid: str
    resource: ResourceName
    starts_at: datetime
    ends_at: datetime
    room: str | None
    time_zone: str = "Europe/Moscow"
    needs_referral: bool = False
    needs_attachment: bool = False
    sold: bool = False


@dataclass(frozen=True, slots=True)
class SimulatedBooking:
    """Who has a slot: `session_id` is None for somebody who came by another way."""

    session_id: str | None
    patient_id: str | None
    slot: SimulatedSlot


@dataclass(slots=True)
class _Session:
    patient: SimulatedPatient
    referral: SimulatedReferral | None
    ends_at: datetime


Asked = Mapping[str, str]
"""Patient_Data, by element."""


@dataclass
class SimulatedConcentrator:
    """Patients, slots, sessions and bookings.

    Attributes:
        patients: Everybody whom it knows.
        slots_of: Returns every slot of a day of the clinics' own calendars; always the same ones.
        clock: The present.
        session_life: How long a session stands that nobody uses.
        cancel_until: How long before the visit a booking can still be given up.
        bookings: By Slot_Id, whoever came.
    """

    patients: Iterable[SimulatedPatient]
    slots_of: Callable[[date], Iterable[SimulatedSlot]]
    clock: Clock
    session_life: timedelta = timedelta(minutes=10)
    cancel_until: timedelta = timedelta(hours=1)
    bookings: dict[str, SimulatedBooking] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Begin without sessions."""
        self._sessions: dict[str, _Session] = {}
        self._owners: dict[str, str] = {}
        self._outcomes: dict[tuple[str, str], str | None] = {}
        self._given_up: set[tuple[str, str]] = set()
        self._used_referrals: dict[str, str] = {}
        self._withdrawn: set[tuple[str, str]] = set()
        self._days: dict[date, list[SimulatedSlot]] = {}
        self._slots: dict[str, SimulatedSlot] = {}

    def open_session(
        self, session_id: str, asked: Asked, *, referral_number: str | None = None
    ) -> SimulatedPatient | str:
        """Open a session, or open it anew; return its patient or an error code.

        Raises:
            Misused: The session is somebody else's.
        """
        patient = next((one for one in self.patients if _is_meant(one, asked)), None)
        if patient is None:
            return PATIENT_NOT_FOUND
        if self._owners.setdefault(session_id, patient.patient_id) != patient.patient_id:
            raise Misused
        referral = next((one for one in patient.referrals if one.number == referral_number), None)
        if referral_number is not None and referral is None:
            return REFERRAL_NOT_FOUND
        self._sessions[session_id] = _Session(patient, referral, self.clock() + self.session_life)
        return patient

    def end_sessions(self) -> None:
        """Let every session time out now."""
        self._sessions.clear()

    def free_slots(self, mo_oid: str, resource: ResourceName, *, first: date, last: date) -> list[SimulatedSlot] | None:
        """Return what is free of a resource, by start; None when it has no schedule."""
        days = [first + timedelta(days=ahead) for ahead in range(min((last - first).days, 366) + 1)]
        found = [one for day in days for one in self._slots_of(day) if (one.mo_oid, one.resource) == (mo_oid, resource)]
        if not found or (mo_oid, resource.key) in self._withdrawn:
            return None
        return sorted((one for one in found if self._is_free(one)), key=lambda one: one.starts_at)

    def create(self, session_id: str, slot_id: str) -> str | None:
        """Book; return None for SUCCESS, or an error code. The first outcome of a pair is the last one, too.

        Raises:
            Misused: The session has booked another slot.
        """
        pair = (session_id, slot_id)
        if pair in self._outcomes:
            return self._outcomes[pair]
        session = self._used(session_id)
        if session is None:
            return SESSION_TIMED_OUT
        if any(one.session_id == session_id for one in self.bookings.values()):
            raise Misused
        slot = self._find(slot_id)
        code = NO_DATA_FOUND if slot is None else self._refusal(session, slot)
        self._outcomes[pair] = code
        if slot is not None and code is None:
            self.bookings[slot_id] = SimulatedBooking(session_id, session.patient.patient_id, slot)
            if session.referral is not None:
                self._used_referrals[session.referral.number] = slot_id
        return code

    def cancel(self, session_id: str, slot_id: str) -> str | None:
        """Give a booking up; return None for SUCCESS, or an error code. What is not there never will be."""
        if self._used(session_id) is None:
            return SESSION_TIMED_OUT
        pair, booking = (session_id, slot_id), self.bookings.get(slot_id)
        if pair in self._given_up:
            return None
        if booking is None or booking.session_id != session_id:
            self._outcomes.setdefault(pair, NO_DATA_FOUND)
            return NO_DATA_FOUND
        if booking.slot.starts_at - self.clock() < self.cancel_until:
            return CANCEL_TOO_LATE
        del self.bookings[slot_id]
        self._given_up.add(pair)
        self._used_referrals = {number: used for number, used in self._used_referrals.items() if used != slot_id}
        return None

    def sell(self, slot_id: str) -> None:
        """Let somebody else take a slot, unless it is taken."""
        slot = self._find(slot_id)
        if slot is not None and self._is_free(slot):
            self.bookings[slot_id] = SimulatedBooking(None, None, slot)

    def withdraw(self, mo_oid: str, resource: ResourceName) -> None:
        """Give out nothing of a resource any more; what is booked stays booked."""
        self._withdrawn.add((mo_oid, resource.key))

    def withdraw_of(self, slot_id: str) -> None:
        """The same, for the resource that a slot belongs to."""
        if (slot := self._find(slot_id)) is not None:
            self.withdraw(slot.mo_oid, slot.resource)

    def _used(self, session_id: str) -> _Session | None:
        session, now = self._sessions.get(session_id), self.clock()
        if session is None or session.ends_at <= now:
            return None
        session.ends_at = now + self.session_life
        return session

    def _refusal(self, session: _Session, slot: SimulatedSlot) -> str | None:
        if (slot.mo_oid, slot.resource.key) in self._withdrawn or slot.starts_at <= self.clock():
            return NO_DATA_FOUND
        if not self._is_free(slot):
            return "SLOT_TAKEN"
        if slot.needs_attachment and slot.mo_oid not in session.patient.attached_oids:
            return "NOT_ATTACHED"
        if slot.needs_referral and (code := self._refusal_of_referral(session.referral, slot)):
            return code
        return self._refusal_of_others(session.patient, slot)

    def _refusal_of_referral(self, referral: SimulatedReferral | None, slot: SimulatedSlot) -> str | None:
        if referral is None or referral.post_id != slot.resource.post_id or referral.number in self._used_referrals:
            return "REFERRAL_REQUIRED"
        day = slot.starts_at.astimezone(ZoneInfo(slot.time_zone)).date()
        return None if referral.starts_on <= day <= referral.ends_on else "REFERRAL_EXPIRED"

    def _refusal_of_others(self, patient: SimulatedPatient, slot: SimulatedSlot) -> str | None:
        now = self.clock()
        own = [one.slot for one in self.bookings.values() if one.patient_id == patient.patient_id]
        ahead = [one for one in own if one.ends_at > now]
        if any(one.resource.post_id == slot.resource.post_id for one in ahead):
            return "DUPLICATE_SPECIALTY"
        overlaps = any(one.starts_at < slot.ends_at and slot.starts_at < one.ends_at for one in ahead)
        return "TIME_OVERLAP" if overlaps else None

    def _is_free(self, slot: SimulatedSlot) -> bool:
        return not slot.sold and slot.slot_id not in self.bookings and slot.starts_at > self.clock()

    def _find(self, slot_id: str) -> SimulatedSlot | None:
        if slot_id not in self._slots:
            yesterday = self.clock().date() - timedelta(days=1)
            for ahead in range(_DAYS_KNOWN):
                self._slots_of(yesterday + timedelta(days=ahead))
        return self._slots.get(slot_id)

    def _slots_of(self, day: date) -> list[SimulatedSlot]:
        if day not in self._days:
            self._days[day] = list(self.slots_of(day))
            self._slots |= {one.slot_id: one for one in self._days[day]}
        return self._days[day]


def _is_meant(patient: SimulatedPatient, asked: Asked) -> bool:
    """Known by the strongest number that is given, and always by the day of birth."""
    if asked.get("Birth_Date") != patient.birth_date.isoformat():
        return False
    if "SNILS" in asked:
        return asked["SNILS"] == patient.snils
    if "OMS_Number" in asked:
        return asked["OMS_Number"] == patient.oms_number
    return (asked.get("Last_Name"), asked.get("First_Name")) == (patient.last_name, patient.first_name)
