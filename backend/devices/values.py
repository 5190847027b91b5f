"""What an app says of the device it runs on, read strictly; and a device as its person sees it."""

import re
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import NewType
from uuid import UUID
from zoneinfo import available_timezones

import orjson

from backend.devices.errors import (
    DeviceAddressInvalid,
    DeviceKeyInvalid,
    DeviceLocaleInvalid,
    DeviceTimeZoneInvalid,
    DeviceVersionInvalid,
)
from identity.device_keys import device_key
from identity.jws import JwsRefused
from notifications.channels.port import AddressKind, Provider

DeviceId = NewType("DeviceId", UUID)

LONGEST_ADDRESS = 4_096
_LONGEST_KEY = 1_000
_LONGEST_LOCALE = 35  # RFC 5646 §4.4.1
_KINDS = {Provider.FCM: (AddressKind.TOKEN, AddressKind.FID), Provider.RUSTORE: (AddressKind.TOKEN,)}
_ADDRESS = re.compile(r"[\x21-\x7e]+")
_VERSION = re.compile(r"[0-9A-Za-z][0-9A-Za-z.+_-]{0,31}")
_LOCALE = re.compile(
    r"[A-Za-z]{2,3}(-[A-Za-z]{4})?(-([A-Za-z]{2}|[0-9]{3}))?(-([0-9A-Za-z]{5,8}|[0-9][0-9A-Za-z]{3}))*"
    r"(-[0-9A-WY-Za-wy-z](-[0-9A-Za-z]{2,8})+)*(-[Xx](-[0-9A-Za-z]{1,8})+)?"
)
"""Source: RFC 5646 §2.1, without extended and grandfathered languages."""


@dataclass(frozen=True, slots=True)
class Install:
    """An app on a device as it tells of itself; wrong parts are refused at construction.

    Attributes:
        provider: Who carries to it: FCM or RuStore.
        address_kind: A token, or a Firebase installation id.
        address: What the provider gave.
        app_version: Of the app.
        locale: BCP 47.
        time_zone: IANA.
        public_key: The device's own key of P-256, a JWK as JSON in canonical form; None: pushes carry ids alone.

    Raises:
        DeviceAddressInvalid, DeviceVersionInvalid, DeviceLocaleInvalid, DeviceTimeZoneInvalid, DeviceKeyInvalid: The
            first part that cannot be so.
    """

    provider: Provider
    address_kind: AddressKind
    address: str = field(repr=False)
    app_version: str
    locale: str
    time_zone: str
    public_key: str | None = field(repr=False)

    def __post_init__(self) -> None:
        """Look at each part."""
        if self.address_kind not in _KINDS.get(self.provider, ()):
            raise DeviceAddressInvalid
        if len(self.address) > LONGEST_ADDRESS or not _ADDRESS.fullmatch(self.address):
            raise DeviceAddressInvalid
        if not _VERSION.fullmatch(self.app_version):
            raise DeviceVersionInvalid
        if len(self.locale) > _LONGEST_LOCALE or not _LOCALE.fullmatch(self.locale):
            raise DeviceLocaleInvalid
        if self.time_zone not in _zones():
            raise DeviceTimeZoneInvalid
        if self.public_key is not None:
            object.__setattr__(self, "public_key", _canonical(self.public_key))


@dataclass(frozen=True, slots=True)
class Device:
    """A device as its person sees it: never the address. Instants are aware UTC, `last_seen_at` is to the hour."""

    id: DeviceId
    session_id: UUID
    provider: Provider
    app: str
    app_version: str
    locale: str
    time_zone: str
    is_encrypted: bool
    registered_at: datetime
    last_seen_at: datetime


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def _canonical(text: str) -> str:
    """Return a public key of P-256 with its necessary members alone.

    Raises:
        DeviceKeyInvalid: Another key, one that is not on the curve, or one with a private part.
    """
    if len(text) > _LONGEST_KEY:
        raise DeviceKeyInvalid
    try:
        jwk = orjson.loads(text)
        device_key(jwk, "ES256")
    except (ValueError, JwsRefused) as error:
        raise DeviceKeyInvalid from error
    return orjson.dumps({name: jwk[name] for name in ("crv", "kty", "x", "y")}).decode()
