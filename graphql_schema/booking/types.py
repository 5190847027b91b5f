"""Clinics, slots and appointments as clients see them; times are by the clinic's own clock."""

from datetime import timedelta
from enum import Enum
from typing import Annotated

import strawberry

from backend.booking.norms import norm_of
from geo.distance import Point, distance_km
from graphql_schema.booking.profile_types import ClinicProfile, DoctorProfile
from graphql_schema.booking.profiles import loaders_of
from graphql_schema.context import Info
from graphql_schema.fields import field
from graphql_schema.node import Node, decode_id
from graphql_schema.scalars import DateTime, GeoPoint, GeoPointInput, PhoneNumber


@strawberry.enum(description="Through which door a slot is taken.")
class BookingChannel(Enum):
    """Channel."""

    APP = strawberry.enum_value("app", description="This application.")
    CALL_122 = strawberry.enum_value("call_122", description="The telephone 122.")
    EPGU = strawberry.enum_value("epgu", description="The portal Госуслуги.")
    INFOMAT = strawberry.enum_value("infomat", description="A terminal in a clinic.")
    REGISTRY = strawberry.enum_value("registry", description="The front desk of a clinic.")


@strawberry.type(description="A medical speciality.")
class Specialty:
    """Specialty."""

    code: str = strawberry.field(description="The stable code to search by.")
    name: str = strawberry.field(description="The name, in the language of `Accept-Language`.")
    direct_booking: bool = strawberry.field(description="Whether it can be booked without a referral.")

    @field(description="Within how many hours of asking one must be seen, by the programme of state guarantees.")
    def waiting_norm_hours(self, info: Info) -> int | None:
        """Return the norm that holds now."""
        norm = norm_of(self.code, now=info.context.clock())
        return norm // timedelta(hours=1) if norm is not None else None


@strawberry.type(description="A legal body that runs clinics.")
class MedicalOrganisation:
    """Organisation."""

    oid: str = strawberry.field(description="Its number in the federal register of medical organisations.")
    name: str = strawberry.field(description="Its name.")


@strawberry.type(description="A building where people are seen.")
class Clinic(Node):
    """Clinic."""

    name: str = strawberry.field(description="Its name.")
    address: str = strawberry.field(description="Its postal address.")
    town: str = strawberry.field(description="The town it stands in.")
    coordinates: GeoPoint = strawberry.field(description="Where it stands.")
    time_zone: str = strawberry.field(description="Its IANA time zone, as Europe/Moscow.")
    phone: PhoneNumber = strawberry.field(description="The telephone of its front desk.")
    organisation: MedicalOrganisation = strawberry.field(description="Who runs it.")

    @field(description="Distance along the Earth's surface from a place, in km; POINT_OUT_OF_RANGE for no place.")
    def distance_km(
        self,
        start: Annotated[GeoPointInput, strawberry.argument(name="from", description="From where.")],
    ) -> float | None:
        """Return the geodesic distance."""
        here = Point(self.coordinates.latitude, self.coordinates.longitude)
        return round(distance_km(Point(start.latitude, start.longitude), here), 3)

    @field(description="Hours, accessibility, how to get there; null where the clinic tells nothing.")
    async def profile(self, info: Info) -> ClinicProfile | None:
        """Return what the clinic tells of itself; those of one answer are read together."""
        return await loaders_of(info.context).of_clinics.load(decode_id(self.id, "Clinic"))


@strawberry.type(description="A doctor.")
class Doctor(Node):
    """Doctor."""

    family_name: str = strawberry.field(description="Family name.")
    given_name: str = strawberry.field(description="Given name.")
    patronymic: str | None = strawberry.field(description="Patronymic, where there is one.")
    full_name: str = strawberry.field(description="Family name, given name and patronymic, where there is one.")

    @field(description="Education, category, languages; null where nothing is told.")
    async def profile(self, info: Info) -> DoctorProfile | None:
        """Return what is told of the doctor's training; those of one answer are read together."""
        return await loaders_of(info.context).of_doctors.load(decode_id(self.id, "Doctor"))


@strawberry.type(description="A time at a doctor's that one person can take.")
class Slot(Node):
    """Slot."""

    starts_at: DateTime = strawberry.field(description="When it begins, by the clinic's clock, with its offset.")
    ends_at: DateTime = strawberry.field(description="When it ends, by the clinic's clock, with its offset.")
    time_zone: str = strawberry.field(description="The clinic's IANA time zone, which the times are in.")
    room: str | None = strawberry.field(description="The room, where known.")
    clinic: Clinic = strawberry.field(description="Where.")
    doctor: Doctor = strawberry.field(description="With whom.")
    specialty: Specialty = strawberry.field(description="As what the doctor sees people here.")
    as_of: DateTime | None = strawberry.field(
        description="When the clinic's own registry was last asked about it, for clinics whose slots live there; it is "
        "asked again when the slot is held. Null for slots of ours, which are as they stand now."
    )
