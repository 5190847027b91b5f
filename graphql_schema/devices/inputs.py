"""What apps send about the device they run on."""

from enum import Enum
from uuid import UUID

import strawberry

_KEY = "Made by the client for this intention; repeating it returns the first outcome."


@strawberry.enum(description="Who carries pushes to a device.")
class PushProvider(Enum):
    """Provider."""

    FCM = strawberry.enum_value("fcm", description="Firebase Cloud Messaging.")
    RUSTORE = strawberry.enum_value("rustore", description="RuStore.")


@strawberry.enum(description="What the address of a device is. An install has one of the two, never both.")
class PushAddressKind(Enum):
    """Kind of an address."""

    FID = strawberry.enum_value("fid", description="A Firebase installation id; FCM alone has it.")
    TOKEN = strawberry.enum_value("token", description="A registration token.")


@strawberry.input(description="The app and the device it runs on; sent at each start, and when the address changes.")
class RegisterDeviceInput:
    """The input of `registerDevice`."""

    provider: PushProvider = strawberry.field(description="Who carries to it.")
    address_kind: PushAddressKind = strawberry.field(description="What the address is.")
    address: str = strawberry.field(description="As the provider gave it; 4,096 signs at most. It is never shown.")
    app_version: str = strawberry.field(description="Of the app, as 7.4.0; 32 signs at most.")
    locale: str = strawberry.field(description="Language of the device, BCP 47: ru-RU.")
    time_zone: str = strawberry.field(description="Zone of the device, IANA: Asia/Kamchatka.")
    public_key: str | None = strawberry.field(
        default=None,
        description="The device's own public key of P-256, a JWK as JSON text: with it a push says more than an id, "
        "and its provider can read none of it. Never the private part.",
    )
    idempotency_key: UUID = strawberry.field(description=_KEY)


@strawberry.input(description="Which device is to be woken no more.")
class UnregisterDeviceInput:
    """The input of `unregisterDevice`."""

    device_id: strawberry.ID = strawberry.field(description="Global id of a device, as `viewer.devices` gives.")
    idempotency_key: UUID = strawberry.field(description=_KEY)
