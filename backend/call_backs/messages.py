"""What a person is told about being called back; written in the transaction that changes it."""

from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from notifications.messages import Message, MessageKind


def requested(
    person_id: UUID, call_back_id: UUID, *, begins_at: datetime, ends_at: datetime, zone: str, own_act: bool
) -> Message:
    """Return the message that somebody is to be called back, and when.

    Args:
        person_id: Whom it is about.
        call_back_id: The request; told once.
        begins_at: Not before.
        ends_at: Not after; then the message is of no use.
        zone: By which clock it is written (IANA).
        own_act: The person asked themself.
    """
    local = ZoneInfo(zone)
    return Message(
        kind=MessageKind.CALL_BACK_REQUESTED,
        person_id=person_id,
        dedupe_key=f"{MessageKind.CALL_BACK_REQUESTED.value}:{call_back_id}",
        parameters={
            "starts_at": begins_at.astimezone(local).isoformat(),
            "deadline_at": ends_at.astimezone(local).isoformat(),
            "zone": zone,
        },
        subject_id=call_back_id,
        own_act=own_act,
    )


def unreached(person_id: UUID, call_back_id: UUID) -> Message:
    """Return the message that nobody was reached, and that there will be no further call; told once."""
    return Message(
        kind=MessageKind.CALL_BACK_UNREACHED,
        person_id=person_id,
        dedupe_key=f"{MessageKind.CALL_BACK_UNREACHED.value}:{call_back_id}",
        parameters={},
        subject_id=call_back_id,
    )
