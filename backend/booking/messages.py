"""What a person is told about an appointment; written in the transaction that changes it."""

from backend.booking.values import Appointment, CancelReason
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
    return _message(MessageKind.APPOINTMENT_CANCELLED, appointment, {"reason": told.value})


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
