"""Reading clinics, slots and the own appointments."""

from typing import Annotated, TypeAlias
from uuid import UUID

import strawberry

from backend.booking.errors import AppointmentNotFound
from backend.booking.values import Appointment as AppointmentValue
from backend.booking.values import (
    AppointmentId,
    Channel,
    ClinicId,
    DoctorId,
    Page,
    SlotCriteria,
    SlotId,
    TimeKey,
)
from geo.distance import Point, Surroundings
from graphql_schema.booking.appointment_presentation import AppointmentWriter, to_referral
from graphql_schema.booking.appointment_types import Appointment, AppointmentSet, Referral
from graphql_schema.booking.inputs import SlotFilter
from graphql_schema.booking.presentation import SlotWriter, to_clinic, to_doctor, to_specialty
from graphql_schema.booking.types import Clinic, Doctor, Slot, Specialty
from graphql_schema.connections import (
    Connection,
    connect,
    decode_cursor,
    decode_place,
    encode_cursor,
    encode_place,
    page_size,
)
from graphql_schema.context import Context, Info
from graphql_schema.errors import BadCursor
from graphql_schema.fields import field
from graphql_schema.node import decode_id
from identity.access import Action, require_signed_in
from identity.principal import PersonId

First: TypeAlias = Annotated[int | None, strawberry.argument(description="How many: 20 by default, 100 at most.")]
After: TypeAlias = Annotated[str | None, strawberry.argument(description="`endCursor` of the page before.")]


@strawberry.type(description="Reading clinics and free slots; open to everybody.")
class BookingQueries:
    """Joined into the root of reading."""

    @field(description="Free slots that can be taken now, soonest first.")
    async def slots(
        self,
        info: Info,
        filter: Annotated[SlotFilter, strawberry.argument(description="Which.")],  # noqa: A002 # the public name
        first: First = None,
        after: After = None,
    ) -> Connection[Slot] | None:
        """Return a page of free slots."""
        context = info.context
        page = await context.services.slots.search(
            context.principal, criteria=_criteria(filter), after=_time_key(after), limit=page_size(first)
        )
        writer = SlotWriter(context.language)
        return connect(
            [writer.slot(one) for one in page.items],
            write_cursor=lambda place: encode_place(page.items[place].starts_at, page.items[place].id),
            has_next=page.has_next,
        )

    @field(description="Every specialty, by code.")
    async def specialties(self, info: Info) -> list[Specialty] | None:
        """Return the specialties."""
        found = await info.context.services.clinics.specialties(info.context.principal)
        return [to_specialty(one, info.context.language) for one in found]

    @field(description="The towns that have a clinic, sorted.")
    async def towns(self, info: Info) -> list[str] | None:
        """Return the towns."""
        return await info.context.services.clinics.towns(info.context.principal)

    @field(description="Clinics, by name.")
    async def clinics(
        self,
        info: Info,
        town: Annotated[str | None, strawberry.argument(description="Only in this town.")] = None,
        first: First = None,
        after: After = None,
    ) -> Connection[Clinic] | None:
        """Return a page of clinics."""
        last = ClinicId(_uuid(*decode_cursor(after, 1))) if after is not None else None
        page = await info.context.services.clinics.clinics(
            info.context.principal, town=town, after=last, limit=page_size(first)
        )
        return connect(
            [to_clinic(one) for one in page.items],
            write_cursor=lambda place: encode_cursor(page.items[place].id.hex),
            has_next=page.has_next,
        )


@strawberry.type(description="A person's own appointments.")
class AppointmentsOfViewer:
    """Joined into the viewer."""

    person_id: strawberry.Private[PersonId]

    @field(
        description="The own appointments: the coming ones, soonest first; with `upcomingOnly: false` all of them, "
        "past and given up ones too, latest first. A cursor serves the order that gave it."
    )
    async def appointments(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        upcoming_only: Annotated[bool, strawberry.argument(description="Only booked ones that are not over.")] = True,
    ) -> Connection[Appointment] | None:
        """Return a page of the own appointments."""
        page = await _appointments(info.context, self.person_id, first=first, after=after, upcoming_only=upcoming_only)
        writer = AppointmentWriter(info.context)
        return connect(
            [writer.appointment(one) for one in page.items],
            write_cursor=lambda place: encode_place(page.items[place].slot.starts_at, page.items[place].id),
            has_next=page.has_next,
        )

    @field(
        description="Appointments that are booked together, each as it stands; APPOINTMENT_NOT_FOUND for no set of the "
        "person's own."
    )
    async def appointment_set(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="As `bookAppointments` gave.")],  # noqa: A002
    ) -> AppointmentSet | None:
        """Return an own set."""
        context = info.context
        try:
            set_id = decode_id(id, "AppointmentSet", missing=AppointmentNotFound)
        except AppointmentNotFound:
            set_id = UUID(int=0)  # nobody's: who may not look is told that first
        service = context.services.appointments
        found = await service.appointment_set(context.principal, person_id=self.person_id, set_id=set_id)
        return AppointmentWriter(context).appointment_set(found)

    @field(description="The own referrals that are not over, the one that ends first first.")
    async def referrals(self, info: Info) -> list[Referral] | None:
        """Return the own referrals."""
        context = info.context
        found = await context.services.appointments.referrals(context.principal, person_id=self.person_id)
        return [to_referral(referral, specialty, context) for referral, specialty in found]


async def _appointments(
    context: Context, person_id: PersonId, *, first: int | None, after: str | None, upcoming_only: bool
) -> Page[AppointmentValue]:
    service = context.services.appointments
    read = service.upcoming if upcoming_only else service.history
    return await read(context.principal, person_id=person_id, after=_time_key(after), limit=page_size(first))


async def load_clinic(context: Context, uuid: UUID) -> Clinic | None:
    """Return a clinic by the UUID of the global id, or None."""
    found = await context.services.clinics.clinics_by_ids(context.principal, ids=[ClinicId(uuid)])
    return next((to_clinic(one) for one in found.values()), None)


async def load_doctor(context: Context, uuid: UUID) -> Doctor | None:
    """Return a doctor by the UUID of the global id, or None."""
    found = await context.services.clinics.doctors_by_ids(context.principal, ids=[DoctorId(uuid)])
    return next((to_doctor(one) for one in found.values()), None)


async def load_slot(context: Context, uuid: UUID) -> Slot | None:
    """Return a slot, free or not, by the UUID of the global id, or None."""
    found = await context.services.slots.by_ids(context.principal, ids=[SlotId(uuid)])
    return next((SlotWriter(context.language).slot(one) for one in found.values()), None)


async def load_appointment(context: Context, uuid: UUID) -> Appointment | None:
    """Return an own appointment by the UUID of the global id; None for a missing one and another's alike (S36).

    Raises:
        NotSignedIn: Nobody is signed in.
        AccountNotConfirmed: The account is not confirmed.
        AccessRefused: Not in this capacity.
    """
    actor = require_signed_in(context.principal, Action.READ_APPOINTMENTS)
    service = context.services.appointments
    found = await service.by_ids(actor, person_id=actor.person_id, ids=[AppointmentId(uuid)])
    return next((AppointmentWriter(context).appointment(one) for one in found.values()), None)


def _criteria(given: SlotFilter) -> SlotCriteria:
    near = given.near
    return SlotCriteria(
        specialty_code=given.specialty,
        clinic_ids=tuple(ClinicId(decode_id(one, "Clinic")) for one in given.clinic_ids or ()),
        doctor_ids=tuple(DoctorId(decode_id(one, "Doctor")) for one in given.doctor_ids or ()),
        town=given.town,
        starts_from=given.starts_from,
        starts_before=given.starts_before,
        channel=Channel(str(given.channel.value)),
        near=Surroundings(Point(near.latitude, near.longitude), given.radius_km) if near else None,
    )


def _time_key(cursor: str | None) -> TimeKey | None:
    return TimeKey(*decode_place(cursor)) if cursor is not None else None


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise BadCursor from error
