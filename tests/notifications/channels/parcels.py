"""Parcels for tests of senders, full of canaries."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from notifications.channels.port import Address, AddressKind, Content, Parcel
from notifications.messages import MessageKind, Severity

NOW = datetime(2026, 11, 28, 12, 0, tzinfo=UTC)
TITLE = "Canary title: Анна Канарейкина"
BODY = "Canary body: кардиолог, 25:61"
"""A log has hours and hexadecimal numbers of its own: this hour is no clock's, those addresses end in other letters."""
ADDRESSES = {
    AddressKind.TOKEN: "canary-token-zq3w",
    AddressKind.FID: "canary-fid-wy7u",
    AddressKind.PHONE: "+79005550142",
    AddressKind.EMAIL: "canary.anna@example.org",
}
CANARIES = ("Canary", "anary", "Анна", "кардиолог", "zq3w", "wy7u", "79005550142", "example.org", "25:61")


def make_parcel(kind: AddressKind = AddressKind.TOKEN, **changed: Any) -> Parcel:
    """Return a parcel; `address`, `public_key` and the parcel's own fields may be given."""
    public_key = changed.pop("public_key", None)
    address = Address(kind, changed.pop("address", ADDRESSES[kind]), public_key)
    usual: dict[str, Any] = {
        "delivery_id": UUID("0194d7a0-0000-7000-8000-00000000d001"),
        "notification_id": UUID("0194d7a0-0000-7000-8000-00000000a001"),
        "kind": MessageKind.APPOINTMENT_BOOKED,
        "severity": Severity.TRANSACTIONAL,
        "content": Content(TITLE, BODY),
    }
    return Parcel(address=address, **usual | changed)
