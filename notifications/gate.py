"""May this delivery go now? Asked when it is taken, since much may have happened since it was planned: pure rules.

First what makes it needless, then what the person does not want, then what only keeps it waiting: so a reason that is
final is never hidden by one that passes. ADR 0028 says why in this order; the cap of campaigns comes last
(`notifications.caps`), because it takes something away from the next message.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from notifications.delivery_tables import DeliveryState, ReceiptKind
from notifications.messages import Severity
from notifications.preference_tables import RefusalReason
from notifications.queue import Claimed, Settlement
from notifications.quiet_hours import QuietHours, may_go_at

PARKED_FOR = timedelta(minutes=5)
"""How long a delivery rests whose text is parked, before somebody looks again."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of the message and the person when a delivery is taken.

    `is_permitted` is asked of campaigns only; `refusal` is what the list of addresses says of this one; `quiet` None
    means that the person has no quiet hours.
    """

    severity: Severity
    zone: ZoneInfo
    is_seen: bool = False
    is_received: bool = False
    is_parked: bool = False
    is_permitted: bool = True
    is_wanted: bool = True
    refusal: RefusalReason | None = None
    quiet: QuietHours | None = None


def stopped(claimed: Claimed, known: Known, *, now: datetime) -> Settlement | None:
    """Return why a delivery does not go now, or None when it may.

    Args:
        claimed: What was taken.
        known: Of its message and its person.
        now: Aware.
    """
    return _needless(claimed, known, now) or _unwanted(claimed, known) or _not_yet(claimed, known, now)


def _needless(claimed: Claimed, known: Known, now: datetime) -> Settlement | None:
    if known.is_seen:
        return Settlement(claimed, DeliveryState.CANCELLED, "seen", counts=False)
    if known.is_received and claimed.unless is ReceiptKind.DEVICE_RECEIVED:
        return Settlement(claimed, DeliveryState.CANCELLED, "received", counts=False)
    if claimed.expires_at is not None and now >= claimed.expires_at:
        return Settlement(claimed, DeliveryState.EXPIRED, "too_late", counts=False)
    return None


def _unwanted(claimed: Claimed, known: Known) -> Settlement | None:
    """What is critical is tried at a listed address all the same: the list may be old, and a vain try costs little."""
    reason = None
    if known.severity is Severity.CAMPAIGN and not known.is_permitted:
        reason = "no_consent"
    elif not known.is_wanted:
        reason = "switched_off"
    elif known.refusal is not None and known.severity is not Severity.CRITICAL:
        reason = f"address_{known.refusal.value}"
    return Settlement(claimed, DeliveryState.SUPPRESSED, reason, counts=False) if reason else None


def _not_yet(claimed: Claimed, known: Known, now: datetime) -> Settlement | None:
    if known.is_parked:
        return Settlement(claimed, DeliveryState.WAITING, "text_parked", due_at=now + PARKED_FOR, counts=False)
    if known.quiet is None or known.severity is Severity.CRITICAL:
        return None
    goes_at = may_go_at(known.quiet, known.zone, now)
    if goes_at <= now:
        return None
    if claimed.expires_at is not None and goes_at >= claimed.expires_at:
        return Settlement(claimed, DeliveryState.EXPIRED, "quiet_past_expiry", counts=False)
    return Settlement(
        claimed, DeliveryState.WAITING, "quiet_hours", due_at=goes_at, provider=claimed.provider, counts=False
    )
