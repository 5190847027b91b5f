"""May this delivery go now? Asked when it is taken, since much may have happened since it was planned: pure rules."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from notifications.delivery_tables import DeliveryState, ReceiptKind
from notifications.queue import Claimed, Settlement

PARKED_FOR = timedelta(minutes=5)
"""How long a delivery rests whose text is parked, before somebody looks again."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of the message when its delivery is taken."""

    is_seen: bool
    is_received: bool
    is_parked: bool


def stopped(claimed: Claimed, known: Known, *, now: datetime) -> Settlement | None:
    """Return why a delivery does not go now, or None when it may.

    Args:
        claimed: What was taken.
        known: Of its message.
        now: Aware.
    """
    if known.is_seen:
        return Settlement(claimed, DeliveryState.CANCELLED, "seen", counts=False)
    if known.is_received and claimed.unless is ReceiptKind.DEVICE_RECEIVED:
        return Settlement(claimed, DeliveryState.CANCELLED, "received", counts=False)
    if claimed.expires_at is not None and now >= claimed.expires_at:
        return Settlement(claimed, DeliveryState.EXPIRED, "too_late", counts=False)
    if known.is_parked:
        return Settlement(claimed, DeliveryState.WAITING, "text_parked", due_at=now + PARKED_FOR, counts=False)
    return None
