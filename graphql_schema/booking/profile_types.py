"""What people choose a doctor and a clinic by."""

from enum import Enum

import strawberry

from graphql_schema.scalars import PhoneNumber


@strawberry.enum(description="A day of the week, by the clinic's calendar.")
class Weekday(Enum):
    """Weekday; the value is its place in the week."""

    FRIDAY = strawberry.enum_value(4, description="Friday.")
    MONDAY = strawberry.enum_value(0, description="Monday.")
    SATURDAY = strawberry.enum_value(5, description="Saturday.")
    SUNDAY = strawberry.enum_value(6, description="Sunday.")
    THURSDAY = strawberry.enum_value(3, description="Thursday.")
    TUESDAY = strawberry.enum_value(1, description="Tuesday.")
    WEDNESDAY = strawberry.enum_value(2, description="Wednesday.")


@strawberry.enum(description="How a commission has qualified a doctor.")
class DoctorCategory(Enum):
    """Category."""

    FIRST = strawberry.enum_value("first", description="First category.")
    HIGHEST = strawberry.enum_value("highest", description="Highest category.")
    SECOND = strawberry.enum_value("second", description="Second category.")


@strawberry.enum(description="What helps people to get in and about. New ones may appear.")
class ClinicAccess(Enum):
    """Access."""

    INDUCTION_LOOP = strawberry.enum_value("induction_loop", description="An induction loop for hearing aids.")
    LIFT = strawberry.enum_value("lift", description="A lift.")
    PARKING = strawberry.enum_value("parking", description="Parking for people with disabilities.")
    RAMP = strawberry.enum_value("ramp", description="A ramp.")
    SIGN_LANGUAGE = strawberry.enum_value("sign_language", description="Somebody who knows sign language.")
    TACTILE_SIGNS = strawberry.enum_value("tactile_signs", description="Tactile signs.")
    TOILET = strawberry.enum_value("toilet", description="A toilet for wheelchairs.")


@strawberry.type(description="Where a doctor learned what.")
class Education:
    """Education."""

    institution: str = strawberry.field(description="The school.")
    qualification: str = strawberry.field(description="What was learned there.")
    year: int = strawberry.field(description="The year it ended.")


@strawberry.type(description="What a clinic tells of a doctor's training, for choosing; nothing private.")
class DoctorProfile:
    """Profile."""

    category: DoctorCategory | None = strawberry.field(description="The category, where there is one.")
    practising_since: int | None = strawberry.field(description="The year in which practice began, where known.")
    education: list[Education] = strawberry.field(description="Schools and courses, earliest first.")
    languages: list[str] = strawberry.field(description="Languages spoken with patients, as ISO 639 codes.")
    programmes: list[str] = strawberry.field(description="Programmes that the doctor takes part in.")


@strawberry.type(description="When a clinic is open on one day of the week; a day without it is closed.")
class OpeningHours:
    """Hours."""

    weekday: Weekday = strawberry.field(description="Which day.")
    opens: str = strawberry.field(description="HH:MM by the clinic's clock.")
    closes: str = strawberry.field(description="HH:MM by the clinic's clock.")


@strawberry.type(description="A telephone of a clinic.")
class ClinicPhone:
    """Telephone."""

    number: PhoneNumber = strawberry.field(description="The number.")
    purpose: str = strawberry.field(description="What it is for.")


@strawberry.type(description="What a clinic tells of itself, for choosing and for finding it.")
class ClinicProfile:
    """Profile."""

    hours: list[OpeningHours] = strawberry.field(description="When it is open, Monday first.")
    accessibility: list[ClinicAccess] = strawberry.field(description="What helps people to get in and about.")
    directions: str | None = strawberry.field(description="How to get there.")
    phones: list[ClinicPhone] = strawberry.field(description="Telephones beside the front desk's.")
    programmes: list[str] = strawberry.field(description="Programmes of the clinic.")
