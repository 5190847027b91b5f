"""Made-up messages."""

from typing import Any
from uuid import UUID

from notifications.messages import Message, MessageKind

VISIT = {
    "doctor": "Иванова И. И",
    "specialty_ru": "терапевт",
    "specialty_en": "general practitioner",
    "clinic": "Поликлиника № 1",
    "address": "ул. Ленина, 1",
    "starts_at": "2026-11-23T21:30:00+00:00",
    "zone": "Asia/Kamchatka",
}


def make_message(person_id: UUID, dedupe_key: str = "booked:1", **given: Any) -> Message:
    """Return the message about a booking unless told otherwise."""
    return Message(
        **{
            "kind": MessageKind.APPOINTMENT_BOOKED,
            "person_id": person_id,
            "dedupe_key": dedupe_key,
            "parameters": VISIT,
            **given,
        }
    )
