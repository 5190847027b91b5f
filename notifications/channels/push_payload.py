"""What a push says: which message waits and of what kind, nothing of its text; the same for every push provider."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

import orjson
import structlog

from notifications.channels.port import Address, Parcel
from notifications.channels.sealing import KeyUnusable, seal
from notifications.messages import Severity

_log = structlog.get_logger(__name__)

_TARGET = re.compile(r"[!-~]{1,4096}")
_LONGEST_SECONDS = 28 * 86_400
_LONGEST_DATA_BYTES = 3_800
"""FCM, APNs and RuStore take 4,096 bytes; a phone of Apple's gets 'aps' beside the data."""


@dataclass(frozen=True, slots=True)
class Wake:
    """A call to an app: look for this message."""

    data: Mapping[str, str] = field(repr=False)
    collapse_key: str
    is_urgent: bool
    seconds_to_live: int


def is_possible(address: Address) -> bool:
    """Say whether this can be a phone's address at all: visible ASCII, 4,096 characters at most."""
    return _TARGET.fullmatch(address.value) is not None


def wake_for(parcel: Parcel, *, now: datetime) -> Wake:
    """Write what a push says.

    Args:
        parcel: What is to be told.
        now: Aware.

    Returns:
        Data of `notification_id` and `kind`; `jwe` beside them for a device with a key, unless that would be too long
        or the key is unusable: the app then reads the message in the inbox. It lives until the message expires, 28
        days at most, and 0 s (now or never) when that is over.

    Source: FCM and RuStore, "messages:send": 4,096 bytes, 28 days.
    """
    data = {"notification_id": str(parcel.notification_id), "kind": parcel.kind.value}
    if parcel.address.public_key is not None:
        data |= _sealed(parcel, parcel.address.public_key, _LONGEST_DATA_BYTES - len(orjson.dumps(data)))
    left = _LONGEST_SECONDS if parcel.expires_at is None else int((parcel.expires_at - now).total_seconds())
    return Wake(
        data=data,
        collapse_key=str(parcel.notification_id),
        is_urgent=parcel.severity is Severity.CRITICAL,
        seconds_to_live=max(0, min(left, _LONGEST_SECONDS)),
    )


def _sealed(parcel: Parcel, public_key: str, room_bytes: int) -> Mapping[str, str]:
    try:
        sealed = seal(parcel.content, notification_id=parcel.notification_id, public_key=public_key)
    except KeyUnusable:
        _log.warning("push_not_sealed", reason="key_unusable", delivery_id=str(parcel.delivery_id))
        return {}
    if len(sealed) + len(',"jwe":""') > room_bytes:
        _log.info("push_not_sealed", reason="too_long", delivery_id=str(parcel.delivery_id))
        return {}
    return {"jwe": sealed}
