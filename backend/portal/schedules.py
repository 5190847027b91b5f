"""What of our clinics a portal may look for: public reference data, told by opaque ids."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from backend.booking.given_out import MOST_AT_ONCE
from backend.booking.slots import SlotService
from backend.booking.values import (
    Channel,
    Clinic,
    ClinicId,
    DoctorId,
    Slot,
    SlotCriteria,
    TimeKey,
)
from backend.database import Database
from backend.portal import queries
from backend.portal.values import PortalResource

_PAGE = MOST_AT_ONCE - 1
_MOST_SLOTS = 5_000
_MOST_DAYS = 62
"""Longer than any channel sees."""


class PortalSchedules:
    """Clinics whose times we keep, who sees people there, and when."""

    def __init__(self, *, database: Database, slots: SlotService) -> None:
        """Read from `database`; free times by the one search."""
        self._database = database
        self._slots = slots

    async def clinics(self, specialties: Sequence[str]) -> list[Clinic]:
        """Return the clinics that have one of the specialties (codes), by name."""
        return await queries.clinics(self._database.read, specialties)

    async def specialties_of(self, clinic_id: UUID) -> list[str]:
        """Return the codes of the specialties of a clinic, sorted; none of one that is not ours."""
        return await queries.specialties_of(self._database.read, clinic_id)

    async def resources(self, clinic_oids: Sequence[str], specialties: Sequence[str]) -> list[PortalResource]:
        """Return who sees people as one of the specialties at one of the clinics, by clinic and name."""
        return await queries.resources_at(self._database.read, clinic_oids, specialties)

    async def find(self, resource_id: UUID) -> PortalResource | None:
        """Return one of them by its id."""
        return await queries.find_resource(self._database.read, resource_id)

    async def free(self, resource: PortalResource, *, first: date, last: date) -> list[Slot]:
        """Return the free times of a doctor that the portal's channel gives out, by start.

        Args:
            resource: Who.
            first: The first day, by the clinic's calendar.
            last: The last one, inclusive.
        """
        if last < first:
            return []
        zone = ZoneInfo(resource.clinic.time_zone)
        criteria = SlotCriteria(
            specialty_ids=(resource.specialty.id,),
            clinic_ids=(ClinicId(resource.clinic.id),),
            doctor_ids=(DoctorId(resource.doctor.id),),
            starts_from=_midnight(first, zone),
            starts_before=_midnight(min(last, first + timedelta(days=_MOST_DAYS)) + timedelta(days=1), zone),
            channel=Channel.EPGU,
        )
        found: list[Slot] = []
        after: TimeKey | None = None
        while len(found) < _MOST_SLOTS:
            page = await self._slots.search(None, criteria=criteria, after=after, limit=_PAGE)
            found += page.items
            if not page.has_next:
                break
            after = TimeKey(page.items[-1].starts_at, page.items[-1].id)
        return found


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(0), zone).astimezone(UTC)
