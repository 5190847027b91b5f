"""Appointments and holds as clients see them, and what came of asking for one; times are by the clinic's own clock."""

from enum import Enum
from typing import Annotated
from uuid import UUID

import strawberry
from strawberry.dataloader import DataLoader

from backend.booking import values
from backend.booking.states import AppointmentStatus as BookedAs
from backend.booking.terms import BookingTerms
from backend.calendars.events import write_file
from backend.calendars.values import Detail
from graphql_schema.booking.types import BookingChannel, Slot, Specialty
from graphql_schema.calendars.types import CalendarDetail
from graphql_schema.context import Info
from graphql_schema.error_codes import UserErrorCode
from graphql_schema.fields import field
from graphql_schema.node import Node
from graphql_schema.scalars import Date, DateTime
from identity.principal import PersonId


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


@strawberry.enum(description="Where appointments stand that are booked together or not at all.")
class AppointmentSetStatus(Enum):
    """Status of a set."""

    BOOKED = strawberry.enum_value("booked", description="All are booked.")
    PENDING = strawberry.enum_value("pending", description="Clinics are being asked; the places are kept.")
    REFUSED = strawberry.enum_value(
        "refused", description="A clinic has said no; what others had agreed to is given up again."
    )


@strawberry.enum(description="On whose side something was done. New ones may appear.")
class ActorRole(Enum):
    """Role."""

    CLINIC = strawberry.enum_value("clinic", description="The clinic.")
    OPERATOR = strawberry.enum_value("operator", description="An operator of 122.")
    PATIENT = strawberry.enum_value("patient", description="The person.")
    REPRESENTATIVE = strawberry.enum_value("representative", description="Somebody who acts for the person.")
    SYSTEM = strawberry.enum_value("system", description="This service by itself.")


@strawberry.enum(description="What happened to an appointment. New kinds may appear.")
class AppointmentEventKind(Enum):
    """Kind."""

    AGREED = strawberry.enum_value("agreed", description="Its clinic has agreed, and the others of the set are asked.")
    APPEALED = strawberry.enum_value("appealed", description="The person says that they did come.")
    APPEAL_SETTLED = strawberry.enum_value("appeal_settled", description="The clinic has looked into it.")
    ASKED = strawberry.enum_value("asked", description="The clinic was asked.")
    ATTENDED = strawberry.enum_value("attended", description="The clinic says that the person was seen.")
    BOOKED = strawberry.enum_value("booked", description="It was booked.")
    CANCELLED = strawberry.enum_value("cancelled", description="It was given up.")
    CHECKED_IN = strawberry.enum_value("checked_in", description="The person said that they are there.")
    EXTENDED = strawberry.enum_value("extended", description="The hold was extended.")
    HELD = strawberry.enum_value("held", description="The slot was kept.")
    MOVED = strawberry.enum_value("moved", description="It has another place.")
    NO_SHOW = strawberry.enum_value("no_show", description="The clinic says that the person did not come.")
    REFUSED = strawberry.enum_value("refused", description="The clinic said no to what it was asked.")
    RELEASED = strawberry.enum_value("released", description="The hold was let go.")


@strawberry.type(description="One thing that happened to an appointment.")
class AppointmentEvent:
    """Event."""

    kind: AppointmentEventKind = strawberry.field(description="What.")
    at: DateTime = strawberry.field(description="When.")
    role: ActorRole = strawberry.field(description="On whose side.")
    slot_id: strawberry.ID = strawberry.field(description="Global id of the slot it then had.")
    from_slot_id: strawberry.ID | None = strawberry.field(description="Global id of the slot that a move left.")
    reason: CancelReason | None = strawberry.field(description="Why it was given up.")


@strawberry.type(description="When one can say that one is there, by the clinic's clock.")
class CheckIn:
    """Check-in."""

    opens_at: DateTime = strawberry.field(description="From when.")
    closes_at: DateTime = strawberry.field(description="Until when, inclusive.")
    checked_in_at: DateTime | None = strawberry.field(description="When the person said so.")


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
    cancelled_as: ActorRole | None = strawberry.field(description="On whose side it was given up.")
    sequence: int = strawberry.field(description="How often it was moved; calendars tell versions by it.")
    replaces_id: strawberry.ID | None = strawberry.field(
        description="Global id of the appointment that keeps its place until the clinic has confirmed this one."
    )
    refused_with: UserErrorCode | None = strawberry.field(description="Why the clinic did not book it.")
    agreed_at: DateTime | None = strawberry.field(
        description="When its clinic agreed, of one that is booked together with others."
    )
    person_id: strawberry.Private[PersonId]
    uuid: strawberry.Private[UUID]
    value: strawberry.Private[values.Appointment]
    histories: strawberry.Private["DataLoader[tuple[PersonId, UUID], list[AppointmentEvent]]"]

    @field(description="When one can say that one is there; null unless it is booked and not over.")
    def check_in(self, info: Info) -> CheckIn | None:
        """Tell by the terms of this region."""
        return _check_in_of(self.value, info.context.services.appointments.terms)

    @field(description="What happened to it, first to last; empty for what was booked before histories were kept.")
    async def history(self) -> list[AppointmentEvent] | None:
        """Return the history, read together with those of the other appointments of the answer."""
        told: list[AppointmentEvent] = await self.histories.load((self.person_id, self.uuid))
        return told

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


@strawberry.type(description="Appointments that are booked together or not at all.")
class AppointmentSet:
    """Set."""

    id: strawberry.ID = strawberry.field(description="What `appointmentSet` takes; opaque.")
    status: AppointmentSetStatus = strawberry.field(description="Where the whole stands.")
    created_at: DateTime = strawberry.field(description="When it was asked for.")
    closed_at: DateTime | None = strawberry.field(description="When it was booked or refused.")
    refused_with: UserErrorCode | None = strawberry.field(description="Why it was refused.")
    appointments: list[Appointment] = strawberry.field(
        description="Each as it stands, by start: PENDING with `agreedAt` when its own clinic has agreed."
    )


@strawberry.type(description="A referral: a doctor's direction to a specialty, for one visit.")
class Referral:
    """Referral."""

    id: strawberry.ID = strawberry.field(description="What `holdSlot` takes; opaque.")
    specialty: Specialty = strawberry.field(description="To which specialty.")
    issued_on: Date = strawberry.field(description="From which day it is good.")
    expires_on: Date = strawberry.field(description="To which day, inclusive.")
    is_used: bool = strawberry.field(description="Whether an appointment stands by it.")


@strawberry.type(description="A slot kept for a person while they decide; it ends by itself.")
class SlotHold:
    """Hold."""

    id: strawberry.ID = strawberry.field(description="What `bookAppointment` needs; opaque.")
    slot: Slot = strawberry.field(description="The slot that is kept.")
    expires_at: DateTime = strawberry.field(description="When it ends; from then on it cannot be booked.")
    server_time: DateTime = strawberry.field(description="The server's present time, to count down from.")


def _check_in_of(appointment: values.Appointment, terms: BookingTerms) -> CheckIn | None:
    if appointment.status is not BookedAs.CONFIRMED:
        return None
    clinic, starts_at = appointment.slot.clinic, appointment.slot.starts_at
    return CheckIn(
        opens_at=clinic.local(starts_at - terms.check_in_before),
        closes_at=clinic.local(starts_at + terms.check_in_after),
        checked_in_at=appointment.checked_in_at,
    )
