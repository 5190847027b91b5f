"""What a person is told by the desk of a clinic; written in the transaction that changes it."""

from datetime import datetime

from backend.booking.values import Appointment
from notifications.messages import Message, MessageKind


def replacement_offered(cancelled: Appointment, held: Appointment, *, deadline: datetime) -> Message:
    """Return the message that another time is kept for a person in place of the one that the clinic cancelled.

    Args:
        cancelled: What the clinic gave up.
        held: The hold of the time that is offered; the message is about it.
        deadline: Until when it is kept.
    """
    slot, offered = cancelled.slot, held.slot
    return Message(
        kind=MessageKind.APPOINTMENT_REPLACEMENT_OFFERED,
        person_id=cancelled.person_id,
        dedupe_key=f"{MessageKind.APPOINTMENT_REPLACEMENT_OFFERED.value}:{held.id}",
        parameters={
            "doctor": slot.doctor.full_name,
            "specialty_ru": slot.specialty.name_ru,
            "specialty_en": slot.specialty.name_en,
            "clinic": slot.clinic.name,
            "address": slot.clinic.address,
            "starts_at": slot.clinic.local(slot.starts_at).isoformat(),
            "zone": slot.clinic.time_zone,
            "offered_at": offered.clinic.local(offered.starts_at).isoformat(),
            "offered_doctor": offered.doctor.full_name,
            "offered_clinic": offered.clinic.name,
            "offered_address": offered.clinic.address,
            "deadline_at": offered.clinic.local(deadline).isoformat(),
        },
        subject_id=held.id,
    )
