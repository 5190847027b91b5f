"""The search over a region of `tests.factories.slot_search` by plain loops: what the real one must agree with."""

from collections import Counter
from datetime import date
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from backend.booking.states import AppointmentStatus
from backend.booking.tables import SlotRow
from backend.slot_search.values import Order, SearchCriteria
from geo.distance import Point, ranking_km
from tests.factories.slot_search import AHEAD, TEXTS, RandomRegion

_FREEING = {AppointmentStatus.CANCELLED, AppointmentStatus.RELEASED, AppointmentStatus.REFUSED}


class Model:
    """Looks at every slot by the rules as they are told."""

    def __init__(self, region: RandomRegion) -> None:
        self.region = region
        now = region.now
        kept = [
            one
            for one in region.appointments
            if one.status not in _FREEING
            and (one.status is not AppointmentStatus.HELD or (one.hold_expires_at or now) > now)
        ]
        self.kept = {one.slot_id for one in kept}
        reception = {slot.id: slot.schedule_id for slot in region.slots}
        self.used = Counter((reception[one.slot_id], one.channel) for one in kept)

    def found(self, criteria: SearchCriteria, order: Order) -> list[UUID]:
        """Return the ids of the slots that can be had, in order."""
        slots = [slot for slot in self.region.slots if self.fits(slot, criteria)]
        return [
            slot.id
            for slot in sorted(slots, key=lambda slot: (*self._rank(slot, criteria, order), slot.starts_at, slot.id))
        ]

    def fits(self, slot: SlotRow, criteria: SearchCriteria) -> bool:
        """Say whether a slot can be had."""
        return self.can_be_had(slot, criteria) and self.is_wanted(slot, criteria) and self.may_be_taken(slot, criteria)

    def local_day(self, slot: SlotRow) -> date:
        """Return the day of a slot by its clinic's calendar."""
        return slot.starts_at.astimezone(ZoneInfo(self.region.clinics[slot.clinic_id].time_zone)).date()

    def can_be_had(self, slot: SlotRow, criteria: SearchCriteria) -> bool:
        through = criteria.channel
        used = self.used[slot.schedule_id, through]
        return (
            self.region.now < slot.starts_at <= self.region.now + AHEAD
            and bool(slot.channels & through.bit)
            and (slot.released_at is None or slot.released_at <= self.region.now)
            and slot.id not in self.kept
            and used < self.region.quotas.get((slot.schedule_id, through), 1_000)
        )

    def is_wanted(self, slot: SlotRow, criteria: SearchCriteria) -> bool:
        region = self.region
        clinic, doctor = region.clinics[slot.clinic_id], region.doctors[slot.doctor_id]
        specialty = region.specialties[slot.specialty_id]
        local = slot.starts_at.astimezone(ZoneInfo(clinic.time_zone))
        point = Point(clinic.latitude, clinic.longitude)
        is_near = criteria.radius_km is None or (
            criteria.near is not None and ranking_km(criteria.near, point) <= criteria.radius_km
        )
        meaning = next((one for one in TEXTS if criteria.text and one[0] == criteria.text.text), None)
        is_meant = (
            meaning is None
            or {
                "family": doctor.family_name.startswith(meaning[2]),
                "code": specialty.code == meaning[2],
                "clinic": meaning[2] in clinic.name,
            }[meaning[1]]
        )
        return (
            is_near
            and is_meant
            and (not criteria.specialty_codes or specialty.code in criteria.specialty_codes)
            and (not criteria.clinic_ids or clinic.id in criteria.clinic_ids)
            and (not criteria.doctor_ids or doctor.id in criteria.doctor_ids)
            and (criteria.town is None or clinic.town == criteria.town)
            and (criteria.starts_from is None or slot.starts_at >= criteria.starts_from)
            and (criteria.starts_before is None or slot.starts_at < criteria.starts_before)
            and criteria.hours.start <= local.hour * 60 + local.minute < criteria.hours.end
            and bool(criteria.weekdays >> local.weekday() & 1)
        )

    def may_be_taken(self, slot: SlotRow, criteria: SearchCriteria) -> bool:
        if criteria.person_id is None:
            return True
        region, person = self.region, self.region.person
        clinic, specialty = region.clinics[slot.clinic_id], region.specialties[slot.specialty_id]
        day = slot.starts_at.astimezone(ZoneInfo(clinic.time_zone)).date()
        born = person.birth_date
        years = day.year - born.year - ((day.month, day.day) < (born.month, born.day))
        is_referred = any(
            one.specialty_id == specialty.id and one.issued_on <= day <= one.expires_on for one in region.referrals
        )
        return (
            all(
                (limits.age_from is None or limits.age_from <= years)
                and (limits.age_until is None or years <= limits.age_until)
                for limits in (clinic, specialty)
            )
            and specialty.sex in {None, person.sex}
            and (not specialty.needs_attachment or region.attached == clinic.organisation_id)
            and (specialty.direct_booking or is_referred)
        )

    def _rank(self, slot: SlotRow, criteria: SearchCriteria, order: Order) -> tuple[Any, ...]:
        clinic, doctor = self.region.clinics[slot.clinic_id], self.region.doctors[slot.doctor_id]
        if order is Order.NEAREST and criteria.near:
            return ranking_km(criteria.near, Point(clinic.latitude, clinic.longitude)), clinic.id
        if order is Order.DOCTOR:
            return doctor.family_name.lower().replace("ё", "е"), doctor.id
        return ()
