"""What a person is told about an appointment; written in the transaction that changes it."""

from dataclasses import replace
from datetime import datetime

from backend.booking.states import CancelReason
from backend.booking.values import Appointment
from notifications.messages import Message, MessageKind


def booked(appointment: Appointment) -> Message:
    """Return the message that an appointment is booked; it is told once."""
    return _message(MessageKind.APPOINTMENT_BOOKED, appointment, {})


def cancelled(appointment: Appointment, reason: CancelReason) -> Message:
    """Return the message that an appointment is given up, and why; it is told once.

    Whoever gave it up themself is told so, whatever reason they chose: not that the clinic did.
    """
    by_the_person = appointment.cancelled_by == appointment.person_id
    told = CancelReason.PATIENT_DECLINE if by_the_person else reason
    return _message(MessageKind.APPOINTMENT_CANCELLED, appointment, {"reason": told.value}, own_act=by_the_person)


def moved(appointment: Appointment, earlier: Appointment) -> Message:
    """Return the message that an appointment has another time or place; it is told once for each move."""
    clinic = earlier.slot.clinic
    more = {"earlier_at": clinic.local(earlier.slot.starts_at).isoformat()}
    message = _message(MessageKind.APPOINTMENT_MOVED, appointment, more)
    return replace(message, dedupe_key=f"{message.dedupe_key}:{appointment.sequence}")


def not_confirmed(appointment: Appointment) -> Message:
    """Return the message that the clinic has not booked what it was asked for; it is told once."""
    return _message(MessageKind.APPOINTMENT_NOT_CONFIRMED, appointment, {})


def offered(held: Appointment, until: datetime) -> Message:
    """Return the message that a slot is kept for somebody who waits, and until when; it is told once for each hold."""
    deadline = held.slot.clinic.local(until).isoformat()
    return _message(MessageKind.WAITING_LIST_OFFERED, held, {"deadline_at": deadline})


def reminder(appointment: Appointment) -> Message:
    """Return the message that an appointment comes near; it is told once for each time that it is planned at."""
    message = _message(MessageKind.APPOINTMENT_REMINDER, appointment, {})
    return replace(message, dedupe_key=f"{message.dedupe_key}:{appointment.slot.starts_at:%Y%m%dT%H%M}")


def _message(kind: MessageKind, appointment: Appointment, more: dict[str, str], *, own_act: bool = False) -> Message:
    slot = appointment.slot
    return Message(
        kind=kind,
        person_id=appointment.person_id,
        dedupe_key=f"{kind.value}:{appointment.id}",
        parameters={
            "doctor": slot.doctor.full_name,
            "specialty_ru": slot.specialty.name_ru,
            "specialty_en": slot.specialty.name_en,
            "clinic": slot.clinic.name,
            "address": slot.clinic.address,
            "starts_at": slot.clinic.local(slot.starts_at).isoformat(),
            "zone": slot.clinic.time_zone,
            **more,
        },
        subject_id=appointment.id,
        own_act=own_act,
    )
