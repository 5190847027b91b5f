"""Profiles of doctors and clinics: those of one answer are read together, and only if asked for."""

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any, TypeVar
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

Found = TypeVar("Found")
Written = TypeVar("Written")


class ProfileLoaders:
    """One for each request."""

    def __init__(self, context: Context) -> None:
        """Ask the services of a request, without holding it: it holds these."""
        clinics, principal = context.services.clinics, context.principal

        def find_doctors(ids: list[UUID]) -> Awaitable[Mapping[DoctorId, values.DoctorProfile]]:
            return clinics.doctor_profiles(principal, ids=[DoctorId(one) for one in ids])

        def find_clinics(ids: list[UUID]) -> Awaitable[Mapping[ClinicId, values.ClinicProfile]]:
            return clinics.clinic_profiles(principal, ids=[ClinicId(one) for one in ids])

        self.of_doctors: DataLoader[UUID, DoctorProfile | None] = DataLoader(partial(_load, find_doctors, _doctor))
        self.of_clinics: DataLoader[UUID, ClinicProfile | None] = DataLoader(partial(_load, find_clinics, _clinic))


def loaders_of(context: Context) -> ProfileLoaders:
    """Return the loaders of a request, the same ones each time."""
    made: ProfileLoaders | None = context.loaders.get(ProfileLoaders)
    if made is None:
        made = context.loaders[ProfileLoaders] = ProfileLoaders(context)
    return made


async def _load(
    find: Callable[[list[UUID]], Awaitable[Mapping[Any, Found]]], write: Callable[[Found], Written], ids: list[UUID]
) -> list[Written | None]:
    found = await find(ids)
    return [write(found[one]) if one in found else None for one in ids]


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
