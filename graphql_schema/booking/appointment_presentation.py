"""Appointments, holds and referrals turned into what clients see."""

from collections import defaultdict
from functools import partial
from uuid import UUID

from strawberry.dataloader import DataLoader

from backend.booking import values
from backend.booking.eligibility import Referral as ReferralValue
from graphql_schema.booking.appointment_types import (
    ActorRole,
    Appointment,
    AppointmentEvent,
    AppointmentEventKind,
    AppointmentSet,
    AppointmentSetStatus,
    AppointmentStatus,
    CancelReason,
    Referral,
    SlotHold,
)
from graphql_schema.booking.presentation import SlotWriter, to_specialty
from graphql_schema.booking.types import BookingChannel
from graphql_schema.context import Context
from graphql_schema.enums import by_value
from graphql_schema.error_codes import UserErrorCode
from graphql_schema.node import encode_id
from identity.principal import PersonId

_Key = tuple[PersonId, UUID]
_STATUSES, _CHANNELS = by_value(AppointmentStatus), by_value(BookingChannel)


class AppointmentWriter:
    """Writes the appointments of one answer; their histories are read in one call, and only if asked for."""

    def __init__(self, context: Context) -> None:
        """Write for whoever asks in `context`."""
        self._context = context
        self._slots = SlotWriter(context.language)
        self._histories: DataLoader[_Key, list[AppointmentEvent]] = DataLoader(
            load_fn=partial(_load_histories, context)
        )

    def appointment(self, appointment: values.Appointment) -> Appointment:
        """Write an appointment."""
        reason, role = appointment.cancel_reason, appointment.cancelled_as
        replaces, refused = appointment.replaces_id, appointment.refused_with
        return Appointment(
            id=encode_id("Appointment", appointment.id),
            slot=self._slots.slot(appointment.slot),
            status=_STATUSES[appointment.status],
            channel=_CHANNELS[appointment.channel],
            created_at=appointment.created_at,
            confirmed_at=appointment.confirmed_at,
            cancelled_at=appointment.cancelled_at,
            cancel_reason=CancelReason(reason.value) if reason else None,
            cancelled_as=ActorRole(role.value) if role else None,
            sequence=appointment.sequence,
            replaces_id=encode_id("Appointment", replaces) if replaces else None,
            refused_with=UserErrorCode(refused) if refused else None,
            agreed_at=appointment.agreed_at,
            person_id=appointment.person_id,
            uuid=appointment.id,
            value=appointment,
            histories=self._histories,
        )

    def appointment_set(self, found: values.AppointmentSet) -> AppointmentSet:
        """Write a set."""
        return AppointmentSet(
            id=encode_id("AppointmentSet", found.id),
            status=AppointmentSetStatus(found.status.value),
            created_at=found.created_at,
            closed_at=found.closed_at,
            refused_with=UserErrorCode(found.refused_with) if found.refused_with else None,
            appointments=[self.appointment(one) for one in found.appointments],
        )

    def hold(self, hold: values.SlotHold) -> SlotHold:
        """Write a hold."""
        return SlotHold(
            id=encode_id("SlotHold", hold.id),
            slot=self._slots.slot(hold.slot),
            expires_at=hold.expires_at,
            server_time=self._context.clock(),
        )


async def _load_histories(context: Context, keys: list[_Key]) -> list[list[AppointmentEvent]]:
    """Return what happened to each, in the order of `keys`."""
    of_person: dict[PersonId, list[values.AppointmentId]] = defaultdict(list)
    for person_id, uuid in keys:
        of_person[person_id].append(values.AppointmentId(uuid))
    told: dict[UUID, list[AppointmentEvent]] = {}
    for person_id, ids in of_person.items():
        found = await context.services.appointments.events(context.principal, person_id=person_id, ids=ids)
        told |= {uuid: [to_event(event) for event in events] for uuid, events in found.items()}
    return [told.get(uuid, []) for _, uuid in keys]


def to_event(event: values.AppointmentEvent) -> AppointmentEvent:
    """Write one thing that happened."""
    return AppointmentEvent(
        kind=AppointmentEventKind(event.kind.value),
        at=event.at,
        role=ActorRole(event.role.value),
        slot_id=encode_id("Slot", event.slot_id),
        from_slot_id=encode_id("Slot", event.from_slot_id) if event.from_slot_id else None,
        reason=CancelReason(event.reason.value) if event.reason else None,
    )


def to_referral(referral: ReferralValue, specialty: values.Specialty, context: Context) -> Referral:
    """Write a referral; its number stays with us."""
    return Referral(
        id=encode_id("Referral", referral.id),
        specialty=to_specialty(specialty, context.language),
        issued_on=referral.issued_on,
        expires_on=referral.expires_on,
        is_used=referral.used_by is not None,
    )
