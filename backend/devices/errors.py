"""Refusals about devices."""

from collections.abc import Mapping
from types import MappingProxyType

from backend.errors import Refusal


class DeviceNotFound(Refusal):
    """No such device that can be woken, or another person's: both answer alike (S36)."""

    code = "DEVICE_NOT_FOUND"


class DeviceAddressInvalid(Refusal):
    """Nothing a provider could have given: empty, too long, with spaces, or of a kind that the provider has not."""

    code = "DEVICE_ADDRESS_INVALID"


class DeviceVersionInvalid(Refusal):
    """The version of the app is empty, too long, or has signs that no version has."""

    code = "DEVICE_VERSION_INVALID"


class DeviceLocaleInvalid(Refusal):
    """No well-formed language tag."""

    code = "DEVICE_LOCALE_INVALID"


class DeviceTimeZoneInvalid(Refusal):
    """No zone of the IANA database."""

    code = "DEVICE_TIME_ZONE_INVALID"


class DeviceKeyInvalid(Refusal):
    """No public key of P-256 as a JWK, or one with its private part."""

    code = "DEVICE_KEY_INVALID"


BY_CODE: Mapping[str, type[Refusal]] = MappingProxyType({DeviceNotFound.code: DeviceNotFound})
"""What an earlier request with the same key may have been refused with."""
