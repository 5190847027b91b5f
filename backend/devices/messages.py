"""What people are told about their devices."""

from datetime import datetime
from uuid import UUID

from identity.ports import BegunSession
from notifications.kinds import KINDS
from notifications.messages import Message, MessageKind

_UNNAMED = "—"


def moved(person_id: UUID, device_id: UUID, *, now: datetime, zone: str) -> Message:
    """Tell somebody that a phone wakes for another account from now on; whose, is not said.

    Args:
        person_id: Who had it until now.
        device_id: The device as the other account has it; it makes the message one of its kind.
        now: When; aware.
        zone: IANA name of where the person lives.
    """
    kind, lasts = MessageKind.DEVICE_MOVED, KINDS[MessageKind.DEVICE_MOVED].lasts
    return Message(
        kind=kind,
        person_id=person_id,
        dedupe_key=f"device_moved:{device_id}:{now.isoformat()}",
        parameters={"moved_at": now.isoformat(), "zone": zone},
        severity=KINDS[kind].severity,
        expires_at=None if lasts is None else now + lasts,
    )


def signed_in(begun: BegunSession, *, app_name: str, zone: str) -> Message:
    """Tell somebody that they, or a stranger, signed in on a device that the account did not have.

    Args:
        begun: The session.
        app_name: For people.
        zone: IANA name of where the person lives.
    """
    kind, lasts = MessageKind.SIGN_IN_FROM_NEW_DEVICE, KINDS[MessageKind.SIGN_IN_FROM_NEW_DEVICE].lasts
    device = ", ".join(filter(None, (begun.device_name, app_name))) or _UNNAMED
    return Message(
        kind=kind,
        person_id=begun.person_id,
        dedupe_key=f"signed_in:{begun.session_id}",
        parameters={"device": device, "signed_in_at": begun.at.isoformat(), "zone": zone},
        severity=KINDS[kind].severity,
        expires_at=None if lasts is None else begun.at + lasts,
    )
