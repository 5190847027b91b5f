"""What people are told of queues for releases; written in the transaction that decides it."""

from datetime import datetime

from backend.release_queue.values import PlaceId, Told
from identity.principal import PersonId
from notifications.messages import Message, MessageKind


def turn_come(person_id: PersonId, place_id: PlaceId, told: Told, until: datetime) -> Message:
    """Return the message that it is the person's turn, and until when; it is told once a place."""
    deadline = {"deadline_at": told.clinic.local(until).isoformat(), "zone": told.clinic.time_zone}
    return _message(MessageKind.RELEASE_QUEUE_TURN, person_id, place_id, told, deadline)


def queue_over(person_id: PersonId, place_id: PlaceId, told: Told) -> Message:
    """Return the message that nothing was left for the person; it is told once a place."""
    return _message(MessageKind.RELEASE_QUEUE_OVER, person_id, place_id, told, {})


def _message(kind: MessageKind, person_id: PersonId, place_id: PlaceId, told: Told, more: dict[str, str]) -> Message:
    return Message(
        kind=kind,
        person_id=person_id,
        dedupe_key=f"{kind.value}:{place_id}",
        parameters={
            "doctor": told.doctor.full_name,
            "specialty_ru": told.specialty.name_ru,
            "specialty_en": told.specialty.name_en,
            "clinic": told.clinic.name,
            **more,
        },
    )
