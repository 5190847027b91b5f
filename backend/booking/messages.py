"""What a person is told about an appointment; written in the transaction that changes it."""

from backend.booking.values import Appointment, CancelReason
from notifications.messages import Message, MessageKind


def booked(appointment: Appointment) -> Message:
    """Return the message that an appointment is booked; it is told once."""
    return _message(MessageKind.APPOINTMENT_BOOKED, appointment, {})


def cancelled(appointment: Appointment, reason: CancelReason) -> Message:
    """Return the message that an appointment is given up, and why; it is told once."""
    return _message(MessageKind.APPOINTMENT_CANCELLED, appointment, {"reason": reason.value})


def _message(kind: MessageKind, appointment: Appointment, more: dict[str, str]) -> Message:
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
    )
