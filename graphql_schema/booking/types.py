"""Clinics, slots and appointments as clients see them; times are by the clinic's own clock."""

from enum import Enum
from typing import Annotated

import strawberry

from backend.booking import values
from backend.calendars.events import write_file
from backend.calendars.values import Detail
from geo.distance import Point, distance_km
from graphql_schema.calendars.types import CalendarDetail
from graphql_schema.context import Info
from graphql_schema.errors import UserError
from graphql_schema.fields import field
from graphql_schema.node import Node
from graphql_schema.scalars import DateTime, GeoPoint, GeoPointInput, PhoneNumber


@strawberry.enum(description="Through which door a slot is taken.")
class BookingChannel(Enum):
    """Channel."""

    APP = strawberry.enum_value("app", description="This application.")
    CALL_122 = strawberry.enum_value("call_122", description="The telephone 122.")
    EPGU = strawberry.enum_value("epgu", description="The portal Госуслуги.")
    INFOMAT = strawberry.enum_value("infomat", description="A terminal in a clinic.")
    REGISTRY = strawberry.enum_value("registry", description="The front desk of a clinic.")


@strawberry.enum(description="Where an appointment stands. New states may appear.")
class AppointmentStatus(Enum):
    """Status."""

    ATTENDED = strawberry.enum_value("attended", description="The person was seen.")
    CANCELLED = strawberry.enum_value("cancelled", description="Given up; the slot is free again.")
    CANCELLING = strawberry.enum_value("cancelling", description="We are telling the clinic that it is given up.")
    CONFIRMED = strawberry.enum_value("confirmed", description="Booked.")
    HELD = strawberry.enum_value("held", description="Kept for a few minutes, not booked.")
    NO_SHOW = strawberry.enum_value("no_show", description="The clinic says that the person did not come.")
    PENDING = strawberry.enum_value("pending", description="We are asking the clinic.")
    REFUSED = strawberry.enum_value("refused", description="The clinic did not book it.")
    RELEASED = strawberry.enum_value("released", description="Kept, but not booked in time.")
    UNKNOWN = strawberry.enum_value(
        "unknown", description="We asked the clinic and have no answer yet; we go on asking, and tell the person."
    )


@strawberry.enum(description="Why an appointment is given up, in the words of the federal registry.")
class CancelReason(Enum):
    """Reason."""

    ERROR_IN_SLOT = strawberry.enum_value("error_in_slot", description="The slot was given out by mistake.")
    INCORRECT_DATA = strawberry.enum_value("incorrect_data", description="It was booked with wrong data.")
    INCORRECT_SERVICE = strawberry.enum_value("incorrect_service", description="It was booked for a wrong service.")
    MO_DECLINE = strawberry.enum_value("mo_decline", description="The clinic cannot see the person.")
    NO_FREE_SPACE = strawberry.enum_value("no_free_space", description="The clinic has no place left.")
    OTHER_REASONS = strawberry.enum_value("other_reasons", description="Another reason.")
    PATIENT_DECLINE = strawberry.enum_value("patient_decline", description="The person does not want to come.")


@strawberry.type(description="A medical speciality.")
class Specialty:
    """Specialty."""

    code: str = strawberry.field(description="The stable code to search by.")
    name: str = strawberry.field(description="The name, in the language of `Accept-Language`.")
    direct_booking: bool = strawberry.field(description="Whether it can be booked without a referral.")


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


@strawberry.type(description="A doctor.")
class Doctor(Node):
    """Doctor."""

    family_name: str = strawberry.field(description="Family name.")
    given_name: str = strawberry.field(description="Given name.")
    patronymic: str | None = strawberry.field(description="Patronymic, where there is one.")
    full_name: str = strawberry.field(description="Family name, given name and patronymic, where there is one.")


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


@strawberry.type(description="A person's visit to a doctor, booked or given up.")
class Appointment(Node):
    """Appointment."""

    slot: Slot = strawberry.field(description="When, where and with whom.")
    status: AppointmentStatus = strawberry.field(description="Where it stands.")
    channel: BookingChannel = strawberry.field(description="Through which door it was booked.")
    created_at: DateTime = strawberry.field(description="When the slot was taken.")
    confirmed_at: DateTime | None = strawberry.field(description="When it was booked.")
    cancelled_at: DateTime | None = strawberry.field(description="When it was given up.")
    cancel_reason: CancelReason | None = strawberry.field(description="Why it was given up.")
    value: strawberry.Private[values.Appointment]

    @field(
        description="A file for the person's calendar (iCalendar, RFC 5545, text/calendar), which takes the event out "
        "again once the appointment is given up; null for a hold. Its words are in the language of `Accept-Language`."
    )
    def calendar_file(
        self,
        info: Info,
        detail: Annotated[CalendarDetail, strawberry.argument(description="How much it tells.")] = CalendarDetail.PLAIN,
    ) -> str | None:
        """Write the file."""
        return write_file(
            self.value,
            detail=Detail(str(detail.value)),
            language=info.context.language,
            domain=info.context.services.calendar_feeds.domain,
        )


@strawberry.type(description="A slot kept for a person while they decide; it ends by itself.")
class SlotHold:
    """Hold."""

    id: strawberry.ID = strawberry.field(description="What `bookAppointment` needs; opaque.")
    slot: Slot = strawberry.field(description="The slot that is kept.")
    expires_at: DateTime = strawberry.field(description="When it ends; from then on it cannot be booked.")
    server_time: DateTime = strawberry.field(description="The server's present time, to count down from.")


@strawberry.type(description="Somebody else keeps the slot.")
class SlotTakenError(UserError):
    """SLOT_TAKEN, with what to offer instead."""

    alternatives: list[Slot] = strawberry.field(
        description="Free slots of the same specialty, best first, 5 at most: nearest in time, the same doctor, "
        "clinic and town before others."
    )


@strawberry.type(description="The hold ended before it was booked.")
class HoldExpiredError(UserError):
    """HOLD_EXPIRED, with what to offer instead."""

    alternatives: list[Slot] = strawberry.field(
        description="Free slots of the same specialty, best first, 5 at most; the lost one itself while it is free."
    )


@strawberry.type(description="What came of holding a slot.")
class HoldSlotPayload:
    """A hold, or why there is none."""

    hold: SlotHold | None = strawberry.field(default=None, description="The hold; null when refused.")
    errors: list[UserError] = strawberry.field(default_factory=list, description="Why; empty when all went well.")


@strawberry.type(description="What came of booking an appointment.")
class BookAppointmentPayload:
    """An appointment, or why there is none."""

    appointment: Appointment | None = strawberry.field(
        default=None, description="The appointment as it stands now; null when refused."
    )
    errors: list[UserError] = strawberry.field(default_factory=list, description="Why; empty when all went well.")


@strawberry.type(description="What came of giving an appointment up.")
class CancelAppointmentPayload:
    """The appointment, or why it stands."""

    appointment: Appointment | None = strawberry.field(
        default=None, description="The appointment as it stands now; null when refused."
    )
    errors: list[UserError] = strawberry.field(default_factory=list, description="Why; empty when all went well.")
