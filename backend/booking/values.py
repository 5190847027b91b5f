"""The words of booking: ids, enums and frozen values."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Generic, NewType, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from backend.booking.states import ActorRole, AppointmentStatus, CancelReason, EventKind, SetStatus
from geo.distance import Point, Surroundings
from identity.principal import PersonId

SpecialtyId = NewType("SpecialtyId", UUID)
ClinicId = NewType("ClinicId", UUID)
DoctorId = NewType("DoctorId", UUID)
SlotId = NewType("SlotId", UUID)
AppointmentId = NewType("AppointmentId", UUID)

T = TypeVar("T")


class Channel(StrEnum):
    """Through which door a slot is taken. Source: domain reference, "Booking", rules."""

    EPGU = "epgu"
    APP = "app"
    CALL_122 = "call_122"
    INFOMAT = "infomat"
    REGISTRY = "registry"

    @property
    def bit(self) -> int:
        """The bit of this channel in the mask of a slot; stored, so the order of the members never changes."""
        return 1 << tuple(Channel).index(self)


def channel_mask(channels: Sequence[Channel]) -> int:
    """Return the mask that a slot stores for `channels`."""
    return sum({channel.bit for channel in channels})


class Registry(StrEnum):
    """Whose word about a clinic's slots counts: the register of record."""

    OWN = "own"
    FER = "fer"


@dataclass(frozen=True, slots=True)
class Specialty:
    """A medical speciality; `direct_booking` when no referral is needed."""

    id: SpecialtyId
    code: str
    name_ru: str
    name_en: str
    direct_booking: bool


@dataclass(frozen=True, slots=True)
class MedicalOrganisation:
    """A legal body that runs clinics; `oid` is its number in НСИ 1.2.643.5.1.13.13.11.1461."""

    id: UUID
    oid: str
    name: str


@dataclass(frozen=True, slots=True)
class Clinic:
    """A building where people are seen; `time_zone` is IANA."""

    id: ClinicId
    oid: str
    name: str
    address: str
    town: str
    latitude: float
    longitude: float
    time_zone: str
    phone: str
    organisation: MedicalOrganisation

    @property
    def point(self) -> Point:
        """Where it stands."""
        return Point(self.latitude, self.longitude)

    def local(self, instant: datetime) -> datetime:
        """Return `instant` by the clinic's own clock."""
        return instant.astimezone(ZoneInfo(self.time_zone))


@dataclass(frozen=True, slots=True)
class Doctor:
    """A doctor as people may see one; never with a SNILS."""

    id: DoctorId
    family_name: str
    given_name: str
    patronymic: str | None

    @property
    def full_name(self) -> str:
        """Family name, given name and patronymic, where there is one."""
        return " ".join(filter(None, (self.family_name, self.given_name, self.patronymic)))


@dataclass(frozen=True, slots=True)
class Slot:
    """A time at a doctor's that one person can take; instants are UTC.

    `as_of` is when an outside registry was last asked about it; None for our own.
    """

    id: SlotId
    starts_at: datetime
    ends_at: datetime
    room: str | None
    clinic: Clinic
    doctor: Doctor
    specialty: Specialty
    as_of: datetime | None = None


@dataclass(frozen=True, slots=True)
class SlotTime:
    """What decides whether a slot may be taken: its times, its channels and whom it is with."""

    id: SlotId
    specialty_id: SpecialtyId
    clinic_id: ClinicId
    doctor_id: DoctorId
    starts_at: datetime
    ends_at: datetime
    channels: int
    schedule_id: UUID
    released_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Claim:
    """An appointment as the rules see it; `replaces_id` is the appointment whose place a hold is meant to take."""

    id: AppointmentId
    slot_id: SlotId
    specialty_id: SpecialtyId
    status: AppointmentStatus
    channel: Channel
    starts_at: datetime
    ends_at: datetime
    hold_expires_at: datetime | None
    extended_at: datetime | None = None
    checked_in_at: datetime | None = None
    replaces_id: UUID | None = None
    referral_id: UUID | None = None
    registry_key: UUID | None = None
    set_id: UUID | None = None
    agreed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Appointment:
    """A person's visit, booked or given up; instants are UTC, `actor_id` is who booked.

    `sequence` counts its moves, `replaces_id` is the appointment whose place it is to take while the clinic is asked,
    `refused_with` the code with which the clinic refused it.
    """

    id: AppointmentId
    person_id: PersonId
    actor_id: UUID
    slot: Slot
    status: AppointmentStatus
    channel: Channel
    created_at: datetime
    hold_expires_at: datetime | None
    confirmed_at: datetime | None
    cancelled_at: datetime | None
    cancel_reason: CancelReason | None
    cancelled_by: UUID | None
    cancelled_as: ActorRole | None = None
    sequence: int = 0
    checked_in_at: datetime | None = None
    replaces_id: UUID | None = None
    refused_with: str | None = None
    set_id: UUID | None = None
    agreed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class AppointmentSet:
    """Appointments that are booked together or not at all, in order of start; `refused_with` says why not."""

    id: UUID
    status: SetStatus
    created_at: datetime
    closed_at: datetime | None
    refused_with: str | None
    appointments: tuple[Appointment, ...] = ()


@dataclass(frozen=True, slots=True)
class AppointmentEvent:
    """One thing that happened to an appointment; a move names the slot it left."""

    id: UUID
    appointment_id: AppointmentId
    kind: EventKind
    at: datetime
    role: ActorRole
    slot_id: SlotId
    from_slot_id: SlotId | None
    reason: CancelReason | None


@dataclass(frozen=True, slots=True)
class SlotHold:
    """A slot kept for a person until `expires_at` (UTC, exclusive); its id is needed to book."""

    id: AppointmentId
    slot: Slot
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class SlotCriteria:
    """Which slots are looked for; what is empty or None does not narrow the search; at most 100 ids of a kind."""

    specialty_code: str | None = None
    specialty_ids: tuple[SpecialtyId, ...] = ()
    clinic_ids: tuple[ClinicId, ...] = ()
    doctor_ids: tuple[DoctorId, ...] = ()
    town: str | None = None
    starts_from: datetime | None = None
    starts_before: datetime | None = None
    channel: Channel = Channel.APP
    near: Surroundings | None = None


@dataclass(frozen=True, slots=True)
class TimeKey:
    """Where a page ended: the last row's start and id."""

    starts_at: datetime
    id: UUID


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page in order; `has_next` when at least one more row stands behind it."""

    items: tuple[T, ...]
    has_next: bool
