"""Whom a slot is for: age, sex, attachment and referral, as pure decisions.

Source of all: domain reference, §3 "Booking", rules; 323-ФЗ art. 21 (attachment).
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from backend.booking.errors import (
    AgeNotAllowed,
    NotAttached,
    PatientNotFound,
    ReferralExpired,
    ReferralRequired,
    ReferralUsed,
    SexNotAllowed,
)
from backend.booking.values import (
    Registry,
    Slot,
    SlotTime,
    SpecialtyId,
)
from backend.profile.rules import age_in_years
from backend.profile.values import Sex


@dataclass(frozen=True, slots=True)
class SlotTerms:
    """What a slot's clinic and specialty ask of a person; ages are full years, both ends inclusive, None for no limit.

    `kept_by` says whose word about the slot counts, `external_id` and `resource_key` are its names there; `queue_id` is
    the queue for its release, while there is one.
    """

    organisation_id: UUID
    clinic_oid: str
    time_zone: str
    kept_by: Registry
    clinic_age_from: int | None
    clinic_age_until: int | None
    specialty_id: SpecialtyId
    specialty_code: str
    direct_booking: bool
    needs_attachment: bool
    age_from: int | None
    age_until: int | None
    sex: Sex | None
    room: str | None
    external_id: str | None = field(repr=False)
    resource_key: str | None = field(repr=False)
    queue_id: UUID | None = None

    @property
    def asks_who(self) -> bool:
        """Return whether who the person is decides: by age or sex, or because an outside registry looks them up."""
        if self.kept_by is not Registry.OWN:
            return True
        ages = (self.clinic_age_from, self.clinic_age_until, self.age_from, self.age_until)
        return self.sex is not None or any(age is not None for age in ages)


@dataclass(frozen=True, slots=True)
class PatientFacts:
    """What decides about a person, as the profile and the registers say; None where nobody has said.

    `attached_to` is a medical organisation, with all its clinics.
    """

    birth_date: date | None = field(repr=False)
    sex: Sex | None = field(repr=False)
    attached_to: UUID | None = None


@dataclass(frozen=True, slots=True)
class Referral:
    """A doctor's direction to a specialty, for one visit on any day from issue to expiry, both inclusive."""

    id: UUID
    number: str = field(repr=False)
    specialty_id: SpecialtyId
    issued_on: date
    expires_on: date
    used_by: UUID | None = None


def check_person_fits(slot: SlotTime | Slot, terms: SlotTerms, patient: PatientFacts) -> None:
    """Refuse a slot that is not for this person; raises as `check_person_seen` does."""
    check_person_seen(slot.starts_at, terms, patient)


def check_person_seen(starts_at: datetime, terms: SlotTerms, patient: PatientFacts) -> None:
    """Refuse a visit at an instant that is not for this person.

    The age is that of the day of the visit by the clinic's clock: a child who turns 18 before it is an adult there.

    Raises:
        PatientNotFound: Who the person is decides, and nobody has said who they are.
        AgeNotAllowed, SexNotAllowed: The clinic or the specialty does not see such people.
        NotAttached: The specialty sees only people who are attached to the clinic's organisation.
    """
    if terms.asks_who and (patient.birth_date is None or patient.sex is None):
        raise PatientNotFound
    if patient.birth_date is not None:
        age = age_in_years(patient.birth_date, now=starts_at, time_zone=terms.time_zone)
        if not (
            _is_within(age, terms.clinic_age_from, terms.clinic_age_until)
            and _is_within(age, terms.age_from, terms.age_until)
        ):
            raise AgeNotAllowed
    if terms.sex is not None and patient.sex is not terms.sex:
        raise SexNotAllowed
    if terms.needs_attachment and patient.attached_to != terms.organisation_id:
        raise NotAttached


def choose_referral(
    terms: SlotTerms,
    starts_at: datetime,
    referrals: Iterable[Referral],
    *,
    named: UUID | None,
    held_by: frozenset[UUID] = frozenset(),
) -> Referral | None:
    """Return the referral that the visit is booked by; None where none is needed.

    Where one is needed and the person names none, the fitting one that is over soonest is taken.

    Args:
        terms: What the specialty asks.
        starts_at: The beginning of the visit; its day is by the clinic's clock.
        referrals: The person's own, in any order.
        named: Which one the person wants to use.
        held_by: Appointments whose use of a referral does not count: the one that is moved, or the hold itself.

    Raises:
        ReferralRequired: One is needed, and there is none for this specialty; or the named one is not.
        ReferralExpired: There is one, and it is not good on the day of the visit.
        ReferralUsed: There is one, and another appointment stands by it.
    """
    if named is None and terms.direct_booking:
        return None
    mine = [one for one in referrals if one.specialty_id == terms.specialty_id and named in {None, one.id}]
    if not mine:
        raise ReferralRequired
    day = starts_at.astimezone(ZoneInfo(terms.time_zone)).date()
    good = [one for one in mine if one.issued_on <= day <= one.expires_on]
    if not good:
        raise ReferralExpired
    free = [one for one in good if one.used_by is None or one.used_by in held_by]
    if not free:
        raise ReferralUsed
    return min(free, key=lambda one: (one.expires_on, one.id))


def _is_within(age: int, first: int | None, last: int | None) -> bool:
    return (first is None or first <= age) and (last is None or age <= last)
