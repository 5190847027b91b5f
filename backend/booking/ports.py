"""What booking asks of a registry that is not ours: the register of record of some clinics.

Whoever implements it says three things only: done, surely not done, or not known. What is not known stays so until the
same question under the same key is answered (R57).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol
from uuid import UUID

from backend.booking.states import CancelReason
from backend.profile.values import Phone, Sex, Snils


@dataclass(frozen=True, slots=True)
class Patient:
    """For whom an outside registry is asked: what it knows people by. No part of it is ever shown or logged."""

    family_name: str = field(repr=False)
    given_name: str = field(repr=False)
    patronymic: str | None = field(repr=False)
    birth_date: date = field(repr=False)
    sex: Sex = field(repr=False)
    snils: Snils | None = field(repr=False)
    policy_number: str | None = field(default=None, repr=False)
    phone: Phone | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Resource:
    """Whose times are asked for, in the registry's words.

    Attributes:
        clinic_oid: The clinic's OID.
        resource_key: Opaque; what the registry calls this doctor or room at this post, as `PostRow.resource_key` keeps.
    """

    clinic_oid: str
    resource_key: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class OutsideSlot:
    """A free time of an outside registry; `external_id` is its own, opaque, instants are UTC."""

    external_id: str
    starts_at: datetime
    ends_at: datetime
    room: str | None


@dataclass(frozen=True, slots=True)
class OutsideSchedule:
    """The free times of a resource, by start, as they stood at `as_of` (UTC)."""

    slots: Sequence[OutsideSlot]
    as_of: datetime


@dataclass(frozen=True, slots=True)
class OutsideReferral:
    """A referral that an outside registry knows of a person; the days are inclusive."""

    number: str = field(repr=False)
    specialty_code: str
    issued_on: date
    expires_on: date


class OutsideRegistry(Protocol):
    """One register of record outside; every call ends within its own time-out and is made outside any transaction.

    A call under a key that was used before for the same slot gives the outcome of the first one: nothing is done twice.
    """

    async def schedule(self, resource: Resource, *, first: date, last: date) -> OutsideSchedule:
        """Return the free times of a resource between two days of the clinic's calendar, inclusive.

        Raises:
            RegistryUnavailable: It cannot be told now; that is never "none".
        """

    async def referrals(self, patient: Patient) -> Sequence[OutsideReferral]:
        """Return the referrals of a person, newest first.

        Raises:
            RegistryUnavailable: It cannot be told now.
            PatientNotFound: It does not know the person.
        """

    async def book(
        self, *, key: UUID, patient: Patient, resource: Resource, slot: OutsideSlot, referral_number: str | None
    ) -> None:
        """Book a time; returning means that it is booked.

        Args:
            key: The same for every try of one booking; another for every other.
            patient: For whom.
            resource: With whom.
            slot: Which time.
            referral_number: By which referral, where one is needed.

        Raises:
            BookingRefusal: It is surely not booked, and why: SlotTaken, PatientNotFound, NotAttached, ReferralRequired,
                ReferralExpired, DuplicateSpecialty, TimeOverlap, …
            OutcomeUnknown: It may be booked or not; ask again under the same key.
        """

    async def cancel(
        self, *, key: UUID, patient: Patient, resource: Resource, slot: OutsideSlot, reason: CancelReason
    ) -> None:
        """Give a booking up; returning means that it is given up, by this call or an earlier one.

        Args:
            key: That of the booking.
            patient: For whom it is.
            resource: With whom.
            slot: Which time.
            reason: Why.

        Raises:
            CancelTooLate: It surely stands: it can be given up no more.
            OutcomeUnknown: It may stand or not; ask again under the same key.
        """
