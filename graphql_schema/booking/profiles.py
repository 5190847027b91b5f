"""Profiles of doctors and clinics: those of one answer are read together, and only if asked for."""

from uuid import UUID

from strawberry.dataloader import DataLoader

from backend.booking import profile_values as values
from backend.booking.values import ClinicId, DoctorId
from graphql_schema.booking.profile_types import (
    ClinicAccess,
    ClinicPhone,
    ClinicProfile,
    DoctorCategory,
    DoctorProfile,
    Education,
    OpeningHours,
    Weekday,
)
from graphql_schema.context import Context
from graphql_schema.scalars import PhoneNumber


class ProfileLoaders:
    """One for each request."""

    def __init__(self, context: Context) -> None:
        """Ask the services of a request."""
        self._context = context
        self.of_doctors: DataLoader[UUID, DoctorProfile | None] = DataLoader(load_fn=self._doctors)
        self.of_clinics: DataLoader[UUID, ClinicProfile | None] = DataLoader(load_fn=self._clinics)

    async def _doctors(self, ids: list[UUID]) -> list[DoctorProfile | None]:
        context, wanted = self._context, [DoctorId(one) for one in ids]
        found = await context.services.clinics.doctor_profiles(context.principal, ids=wanted)
        return [_doctor(found[one]) if one in found else None for one in wanted]

    async def _clinics(self, ids: list[UUID]) -> list[ClinicProfile | None]:
        context, wanted = self._context, [ClinicId(one) for one in ids]
        found = await context.services.clinics.clinic_profiles(context.principal, ids=wanted)
        return [_clinic(found[one]) if one in found else None for one in wanted]


def loaders_of(context: Context) -> ProfileLoaders:
    """Return the loaders of a request, the same ones each time."""
    made: ProfileLoaders | None = context.loaders.get(ProfileLoaders)
    if made is None:
        made = context.loaders[ProfileLoaders] = ProfileLoaders(context)
    return made


def _doctor(profile: values.DoctorProfile) -> DoctorProfile:
    return DoctorProfile(
        category=DoctorCategory(profile.category.value) if profile.category else None,
        practising_since=profile.practising_since,
        education=[
            Education(institution=one.institution, qualification=one.qualification, year=one.year)
            for one in profile.education
        ],
        languages=list(profile.languages),
        programmes=list(profile.programmes),
    )


def _clinic(profile: values.ClinicProfile) -> ClinicProfile:
    return ClinicProfile(
        hours=[
            OpeningHours(weekday=Weekday(one.weekday), opens=f"{one.opens:%H:%M}", closes=f"{one.closes:%H:%M}")
            for one in profile.hours
        ],
        accessibility=[ClinicAccess(one.value) for one in profile.accessibility],
        directions=profile.directions,
        phones=[ClinicPhone(number=PhoneNumber(one.number), purpose=one.purpose) for one in profile.phones],
        programmes=list(profile.programmes),
    )
