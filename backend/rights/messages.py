"""What a person is told about their rights: no fact about them, for a lock screen shows it."""

from uuid import UUID

from notifications.messages import Message, MessageKind


def export_ready(person_id: UUID, export_id: UUID) -> Message:
    """Return the message that a copy can be taken."""
    return _message(MessageKind.EXPORT_READY, person_id, export_id, {})


def export_failed(person_id: UUID, export_id: UUID) -> Message:
    """Return the message that a copy could not be made."""
    return _message(MessageKind.EXPORT_FAILED, person_id, export_id, {})


def erasure_requested(person_id: UUID, erasure_id: UUID, *, days: int) -> Message:
    """Return the message that a request waits, and for how long it can be taken back."""
    return _message(MessageKind.ERASURE_REQUESTED, person_id, erasure_id, {"days": str(days)})


def erasure_cancelled(person_id: UUID, erasure_id: UUID) -> Message:
    """Return the message that a request was taken back."""
    return _message(MessageKind.ERASURE_CANCELLED, person_id, erasure_id, {})


def _message(kind: MessageKind, person_id: UUID, about: UUID, parameters: dict[str, str]) -> Message:
    return Message(kind=kind, person_id=person_id, dedupe_key=f"{kind.value}:{about}", parameters=parameters)
