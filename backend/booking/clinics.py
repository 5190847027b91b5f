"""Clinics, doctors, specialties and towns: public reference data."""

from collections.abc import Sequence

from backend.booking import clinic_queries, profile_queries
from backend.booking.profile_values import ClinicProfile, DoctorProfile
from backend.booking.values import (
    Clinic,
    ClinicId,
    Doctor,
    DoctorId,
    Page,
    Specialty,
    SpecialtyId,
)
from backend.database import Database
from identity.access import Action, require
from identity.principal import Principal


class ClinicService:
    """Where people are seen and by whom."""

    def __init__(self, *, database: Database) -> None:
        """Read from `database`."""
        self._database = database

    async def towns(self, actor: Principal | None) -> list[str]:
        """Return the names of the towns that have a clinic, sorted."""
        require(actor, Action.READ_REFERENCE, None)
        return await clinic_queries.towns(self._database.read)

    async def specialties(self, actor: Principal | None) -> list[Specialty]:
        """Return every specialty, by code."""
        require(actor, Action.READ_REFERENCE, None)
        return await clinic_queries.specialties(self._database.read)

    async def clinics(
        self, actor: Principal | None, *, town: str | None = None, after: ClinicId | None = None, limit: int
    ) -> Page[Clinic]:
        """Return a page of clinics by name.

        Args:
            actor: Anybody.
            town: Only of this town, spelled as `towns` does.
            after: The last clinic of the page before.
            limit: At most so many.
        """
        require(actor, Action.READ_REFERENCE, None)
        found = await clinic_queries.clinics_page(self._database.read, town=town, after=after, limit=limit + 1)
        return Page(tuple(found[:limit]), has_next=len(found) > limit)

    async def clinics_by_ids(self, actor: Principal | None, *, ids: Sequence[ClinicId]) -> dict[ClinicId, Clinic]:
        """Return the clinics that exist, by id."""
        require(actor, Action.READ_REFERENCE, None)
        return {clinic.id: clinic for clinic in await clinic_queries.clinics_by_ids(self._database.read, ids)}

    async def doctors_by_ids(self, actor: Principal | None, *, ids: Sequence[DoctorId]) -> dict[DoctorId, Doctor]:
        """Return the doctors that exist, by id."""
        require(actor, Action.READ_REFERENCE, None)
        return {doctor.id: doctor for doctor in await clinic_queries.doctors_by_ids(self._database.read, ids)}

    async def specialties_by_ids(
        self, actor: Principal | None, *, ids: Sequence[SpecialtyId]
    ) -> dict[SpecialtyId, Specialty]:
        """Return the specialties that exist, by id."""
        require(actor, Action.READ_REFERENCE, None)
        return {
            specialty.id: specialty for specialty in await clinic_queries.specialties_by_ids(self._database.read, ids)
        }

    async def doctor_profiles(
        self, actor: Principal | None, *, ids: Sequence[DoctorId]
    ) -> dict[DoctorId, DoctorProfile]:
        """Return what doctors tell of their training, by id; those who tell nothing are left out."""
        require(actor, Action.READ_REFERENCE, None)
        found = await profile_queries.doctor_profiles(self._database.read, ids)
        return {DoctorId(one.doctor_id): one for one in found}

    async def clinic_profiles(
        self, actor: Principal | None, *, ids: Sequence[ClinicId]
    ) -> dict[ClinicId, ClinicProfile]:
        """Return what clinics tell of themselves, by id; those that tell nothing are left out."""
        require(actor, Action.READ_REFERENCE, None)
        found = await profile_queries.clinic_profiles(self._database.read, ids)
        return {ClinicId(one.clinic_id): one for one in found}
