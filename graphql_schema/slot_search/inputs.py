"""What clients send to the search."""

from enum import Enum

import strawberry

from graphql_schema.booking.profile_types import Weekday
from graphql_schema.booking.types import BookingChannel
from graphql_schema.scalars import DateTime, GeoPointInput


@strawberry.enum(description="In which order slots are told.")
class SlotOrder(Enum):
    """Order."""

    DOCTOR = strawberry.enum_value("doctor", description="Doctor by doctor, by name; each one's by time.")
    EARLIEST = strawberry.enum_value("earliest", description="Soonest first.")
    NEAREST = strawberry.enum_value("nearest", description="Clinic by clinic, nearest to `near` first; each by time.")


@strawberry.input(
    description="From when until when in the day a slot begins, by the clinic's own clock; SEARCH_HOURS_INVALID where "
    "there is no such time or `to` is not later than `from`."
)
class HoursOfDayInput:
    """Hours of the day."""

    start: str | None = strawberry.field(
        default=None, name="from", description="HH:MM, inclusive; the day's beginning when left out."
    )
    end: str | None = strawberry.field(
        default=None, name="to", description="HH:MM up to 24:00, exclusive; the day's end when left out."
    )


@strawberry.input(description="What slots to look for; what is left out or empty does not narrow the search.")
class SlotSearchFilter:
    """The filter of `searchSlots`."""

    text: str | None = strawberry.field(
        default=None,
        description="In a person's own words: a doctor's name, a specialty or what it is called every day, a clinic, a "
        "town, a street, in any form and with slips; every word counts. Up to 200 characters: SEARCH_TEXT_REFUSED.",
    )
    specialties: list[str] | None = strawberry.field(
        default=None, description="Codes of specialties, as `specialties` gives; 100 at most."
    )
    clinic_ids: list[strawberry.ID] | None = strawberry.field(
        default=None, description="In one of these clinics; 100 at most: TOO_MANY_IDS."
    )
    doctor_ids: list[strawberry.ID] | None = strawberry.field(
        default=None, description="With one of these doctors; 100 at most: TOO_MANY_IDS."
    )
    town: str | None = strawberry.field(default=None, description="In this town, spelled as `towns` does.")
    near: GeoPointInput | None = strawberry.field(
        default=None, description="From where it is near; needed for NEAREST and for `radiusKm`: SEARCH_PLACE_MISSING."
    )
    radius_km: float | None = strawberry.field(
        default=None, description="How far from `near` at most, above 0 and up to 200 km: RADIUS_OUT_OF_RANGE."
    )
    starts_from: DateTime | None = strawberry.field(
        default=None, name="from", description="Beginning at this instant or later."
    )
    starts_before: DateTime | None = strawberry.field(
        default=None, name="to", description="Beginning before this instant."
    )
    hours: HoursOfDayInput | None = strawberry.field(default=None, description="Beginning at these hours of the day.")
    weekdays: list[Weekday] | None = strawberry.field(default=None, description="Beginning on one of these days.")
    channel: BookingChannel = strawberry.field(
        default=BookingChannel.APP, description="Given out through this door, as far ahead as the door sees."
    )
    person_id: strawberry.ID | None = strawberry.field(
        default=None,
        description="Only what this person may take: by age, sex, attachment and referrals on the day of the visit. "
        "The caller may book for them: ACCESS_REFUSED otherwise. Nobody's rules apply when left out.",
    )
